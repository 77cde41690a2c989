package h2

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
	"github.com/specht-http/specht/spec"
)

// TestLimits compares the engine's options with spec/http2limits.md: every one
// that is a number has a row, and begins with its value.
func TestLimits(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]reflect.Value{
		"h2.Options": reflect.ValueOf(Options{Handler: message.Inline(message.HandlerFunc(func(message.Exchange) {}))}.withDefaults()),
		"h2.Credits": reflect.ValueOf(Credits{}.withDefaults()),

		"h2.ClientOptions": reflect.ValueOf(ClientOptions{}.withDefaults()),
	}
	rows := map[string]bool{}
	set.Tables(spec.KindSetting, func(_ *spec.Document, table *spec.Table) {
		if !strings.HasPrefix(table.Name, "h2.") {
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
				t.Errorf("%s.%s has no row in spec/http2limits.md", name, field.Name)
			}
		}
	}
}
