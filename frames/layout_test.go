package frames_test

import (
	"math/rand/v2"
	"reflect"
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
