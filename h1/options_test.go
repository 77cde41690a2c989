package h1

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
	"github.com/specht-http/specht/spec"
)

// TestLimits compares the engine's options with spec/limits.md: every one that
// is a number has a row, and begins with its value.
func TestLimits(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]reflect.Value{
		"Options":       reflect.ValueOf(Options{Handler: message.Inline(message.HandlerFunc(hello))}.withDefaults()),
		"ClientOptions": reflect.ValueOf(ClientOptions{}.withDefaults()),
	}
	rows := map[string]bool{}
	set.Tables(spec.KindSetting, func(_ *spec.Document, table *spec.Table) {
		if strings.HasPrefix(table.Name, "h2.") {
			return
		}
		v, ok := options[table.Name]
		if !ok {
			t.Fatalf("%s: there are no options %s", table.Pos, table.Name)
		}
		for _, r := range table.Rows {
			name, want := r.Cells[0].Text, table.Cell(r, "default").Text
			rows[table.Name+"."+name] = true
			field := v.FieldByName(name)
			if !field.IsValid() {
				t.Errorf("%s: there is no option %s", r.Pos, name)
				continue
			}
			if got := field.Int(); strconv.FormatInt(got, 10) != want && (want != "off" || got >= 0) {
				t.Errorf("%s: the engine begins with %d", r.Pos, got)
			}
			unit := table.Cell(r, "unit").Text
			if strings.HasSuffix(name, "Ns") != (unit == "ns") || strings.HasSuffix(name, "Octets") != (unit == "octets") {
				t.Errorf("%s: the name doesn't say %s", r.Pos, unit)
			}
		}
	})
	for name, v := range options {
		for _, field := range reflect.VisibleFields(v.Type()) {
			if k := field.Type.Kind(); (k == reflect.Int || k == reflect.Int64) && !rows[name+"."+field.Name] {
				t.Errorf("%s.%s has no row in spec/limits.md", name, field.Name)
			}
		}
	}
}

// Every limit of a machine is one of the options of a reader of messages.
func TestMachineLimits(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	defaults := map[string]uint64{}
	for _, v := range []any{DefaultRequestMessageLimits(), DefaultResponseMessageLimits()} {
		v := reflect.ValueOf(v)
		for _, field := range reflect.VisibleFields(v.Type()) {
			if field.Type.Kind() == reflect.Uint32 {
				defaults[field.Name] = v.FieldByIndex(field.Index).Uint()
			}
		}
	}
	set.Tables(spec.KindLimit, func(_ *spec.Document, table *spec.Table) {
		for _, r := range table.Rows {
			name := r.Cells[0].Text
			if got, ok := defaults[name]; !ok || strconv.FormatUint(got, 10) != table.Cell(r, "default").Text {
				t.Errorf("%s: the reader of messages begins with %d", r.Pos, got)
			}
			delete(defaults, name)
		}
	})
	for name := range defaults {
		t.Errorf("the limit %s has no row", name)
	}
}
