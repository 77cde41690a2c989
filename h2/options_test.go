package h2

import (
	"reflect"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/http2"

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

// Tables of fields that are off have no room, and a field section always has a limit:
// none of these options means that there is none.
func TestOptionsOff(t *testing.T) {
	o := inline(hello)
	o.HeaderTableOctets, o.EncoderTableOctets = -1, -1
	p := serveWithoutAck(t, NewService(o).NewServer(nil))
	if ours := p.s.conn.ours.HeaderTableSize; ours != 0 {
		t.Errorf("the peer may use a table of %d octets", ours)
	}
	p.enc.SetMaxDynamicTableSize(0)
	p.say(func(fr *http2.Framer) { _ = fr.WriteSettingsAck() })
	p.get("/")
	p.want("without tables", "HEADERS 1 :status=200 content-length=5", `DATA 1 END_STREAM "hello"`)
	if n := p.s.conn.encoder.hpack.MaxDynamicTableSize(); n != 0 {
		t.Errorf("we use a table of %d octets", n)
	}
	k := talk(t, ClientOptions{HeaderTableOctets: -1, EncoderTableOctets: -1, PushesMax: -1, OnPush: func(*Push) {}})
	if ours := k.c.conn.ours; ours.HeaderTableSize != 0 || ours.MaxConcurrentStreams != 0 {
		t.Errorf("the server has a table of %d octets, and %d streams", ours.HeaderTableSize, ours.MaxConcurrentStreams)
	}

	for _, test := range []func(o *Options, c *ClientOptions){
		func(o *Options, c *ClientOptions) { o.FieldSectionOctets, c.FieldSectionOctets = -1, -1 },
		func(o *Options, c *ClientOptions) { o.FieldLines, c.FieldLines = -1, -1 },
		func(o *Options, c *ClientOptions) { o.FieldBlockOctets, c.FieldBlockOctets = -1, -1 },
		func(o *Options, c *ClientOptions) { o.ContinuationsMax, c.ContinuationsMax = -1, -1 },
	} {
		o, c := inline(hello), ClientOptions{}
		test(&o, &c)
		for name, f := range map[string]func(){"server": func() { NewService(o) }, "client": func() { NewClient(c) }} {
			func() {
				defer func() {
					if v, _ := recover().(string); !strings.Contains(v, noSections) {
						t.Errorf("%s: %+v: it panics with %q", name, c, v)
					}
				}()
				f()
			}()
		}
	}
}
