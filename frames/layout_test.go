package frames_test

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// model is the documents, understood.
func model(t *testing.T) *gen.Model {
	t.Helper()
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := gen.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// readers are the generated readers, by the name of their layout.
var readers = map[string]func(frames.Flags, []byte) any{
	"DATA":            func(f frames.Flags, b []byte) any { return frames.ReadData(f, b) },
	"HEADERS":         func(f frames.Flags, b []byte) any { return frames.ReadHeaders(f, b) },
	"PRIORITY":        func(_ frames.Flags, b []byte) any { return frames.ReadPriority(b) },
	"RST_STREAM":      func(_ frames.Flags, b []byte) any { return frames.ReadRSTStream(b) },
	"Setting":         func(_ frames.Flags, b []byte) any { return frames.ReadSetting(b) },
	"PUSH_PROMISE":    func(f frames.Flags, b []byte) any { return frames.ReadPushPromise(f, b) },
	"PING":            func(_ frames.Flags, b []byte) any { return frames.ReadPing(b) },
	"GOAWAY":          func(_ frames.Flags, b []byte) any { return frames.ReadGoAway(b) },
	"WINDOW_UPDATE":   func(_ frames.Flags, b []byte) any { return frames.ReadWindowUpdate(b) },
	"PRIORITY_UPDATE": func(_ frames.Flags, b []byte) any { return frames.ReadPriorityUpdate(b) },
}

// TestReadersAreTheLayouts reads random octets by the generated code, and by the
// layouts themselves, a bit at a time.
func TestReadersAreTheLayouts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	seen := 0
	for _, l := range model(t).Layouts {
		read, ok := readers[l.Name]
		if !ok {
			if l.Name != "HTTP" && l.Name != "SETTINGS" && l.Name != "CONTINUATION" {
				t.Errorf("%s has no reader here", l.Name)
			}
			continue
		}
		seen++
		for range 2000 {
			b := make([]byte, 16)
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			flags := frames.Flags(random.Uint32())
			got := reflect.ValueOf(read(flags, b))
			for name, want := range bitByBit(l, uint8(flags), b) {
				if v := got.FieldByName(name); !isValue(v, want) {
					t.Fatalf("%s: %s of %x with flags %#x is %v, want %x", l.Name, name, b, flags, v, want)
				}
			}
		}
	}
	if seen != len(readers) {
		t.Errorf("%d of %d readers have a layout", seen, len(readers))
	}
}

// bitByBit reads the fixed fields of a layout.
func bitByBit(l *gen.Layout, flags uint8, b []byte) map[string]uint64 {
	values := map[string]uint64{}
	at := 0
	for _, f := range l.Fields {
		if f.IsVariable() || f.IsRepeated {
			break
		}
		isThere := f.With == ""
		for _, flag := range l.Flags {
			isThere = isThere || flag.Name == f.With && flags&flag.Bit != 0
		}
		v := uint64(0)
		for range f.Bits {
			if isThere {
				v = v<<1 | uint64(b[at/8]>>(7-at%8)&1)
				at++
			}
		}
		if !f.IsReserved {
			values[f.Into] = v
		}
	}
	return values
}

func isValue(v reflect.Value, want uint64) bool {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool() == (want == 1)
	case reflect.Array:
		for i := range v.Len() {
			if v.Index(i).Uint() != want>>(8*(v.Len()-1-i))&0xff {
				return false
			}
		}
		return true
	}
	return v.IsValid() && v.Uint() == want
}

// TestLayoutsAreThoseOfTheRFCs compares the layouts with the RFCs' own text, which
// is not a part of the module.
func TestLayoutsAreThoseOfTheRFCs(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	n := 0
	for _, d := range set.Documents {
		for _, l := range d.Layouts {
			if _, ok := texts[l.Namespace]; !ok {
				b, err := os.ReadFile("../../shared/rfc/" + l.Namespace + ".txt")
				if errors.Is(err, fs.ErrNotExist) {
					t.Skipf("../../shared/rfc/%s.txt isn't there: it is no part of the module", l.Namespace)
				}
				if err != nil {
					t.Fatal(err)
				}
				texts[l.Namespace] = squeezed(string(b))
			}
			for _, one := range strings.SplitAfter(l.Text, "}\n") {
				if one = squeezed(one); one == "" {
					continue
				}
				n++
				if !strings.Contains(texts[l.Namespace], one) {
					t.Errorf("%s: this layout isn't one of %s:\n%s", l.Pos, l.Namespace, one)
				}
			}
		}
	}
	if n < 13 {
		t.Errorf("%d layouts", n)
	}
}

// squeezed is text without white space that means nothing, and without the feet
// and heads of pages.
func squeezed(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "RFC 9") && !strings.Contains(line, "Standards Track") {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}
