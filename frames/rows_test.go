package frames_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// rowsOf are the rows of all tables of a kind, each as its cells by column.
func rowsOf(t *testing.T, kind spec.Kind) (rows []map[string]string) {
	t.Helper()
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	set.Tables(kind, func(_ *spec.Document, table *spec.Table) {
		for _, r := range table.Rows {
			cells := map[string]string{}
			for i, h := range table.Header {
				cells[h.Text] = r.Cells[i].Text
			}
			rows = append(rows, cells)
		}
	})
	if len(rows) == 0 {
		t.Fatal("no rows")
	}
	return rows
}

// said is an error in the words of the documents; empty for none.
func said(scope frames.Scope, code frames.ErrorCode) string {
	if scope == frames.ScopeNone {
		return ""
	}
	return fmt.Sprintf("%v: %v", scope, code)
}

// TestCheckIsItsRows asks the table of validity, as a person reads it, and the code
// that was made of it: every type, flag and stream, with all short lengths and those
// around the limit.
func TestCheckIsItsRows(t *testing.T) {
	const most = 16384
	rows := rowsOf(t, spec.KindFrameValidity)
	lengths := []uint32{most - 1, most, most + 1, 16386, 1<<24 - 1}
	for n := range uint32(25) {
		lengths = append(lengths, n)
	}
	used := make([]bool, len(rows))
	for kind := range 256 {
		for flag := range 9 {
			for _, stream := range []uint32{0, 1, 1<<31 - 1} {
				for _, length := range lengths {
					h := frames.Header{Length: length, Type: frames.Type(kind), Flags: frames.Flags(1 << flag), StreamID: stream}
					i := rowOf(rows, h)
					used[i] = true
					scope, code, rule := h.Check(most)
					if got, want := said(scope, code), judged(t, rows[i], h, most); got != want || (rule == "") != (want == "") {
						t.Fatalf("%v: %q (%s), want %q of %v", h, got, rule, want, rows[i])
					}
				}
			}
		}
	}
	for i := range rows {
		if !used[i] {
			t.Errorf("the row %v is for no frame", rows[i])
		}
	}
}

// rowOf is the one row for a frame: that with its flag, if there is one.
func rowOf(rows []map[string]string, h frames.Header) int {
	stream := "not 0"
	if h.StreamID == 0 {
		stream = "0"
	}
	at := func(frame string) int {
		return slices.IndexFunc(rows, func(r map[string]string) bool { return r["frame validity"] == frame && r["stream"] == stream })
	}
	name := h.Type.String()
	if h.Flags.Has(frames.FlagAck) && at(name+" with ACK") >= 0 {
		name += " with ACK"
	}
	if at(name) < 0 {
		name = "other"
	}
	return at(name)
}

// judged is what a row says of a frame.
func judged(t *testing.T, row map[string]string, h frames.Header, most uint32) string {
	t.Helper()
	length := row["length"]
	number := func(prefix string) uint32 {
		n, err := strconv.Atoi(strings.TrimPrefix(length, prefix))
		if err != nil {
			t.Fatalf("the length %q", length)
		}
		return uint32(n)
	}
	isRight := false
	switch {
	case length == "none":
		return row["otherwise"]
	case h.Length > most:
		return row["too long"]
	case length == "any":
		isRight = true
	case strings.HasPrefix(length, "at least "):
		isRight = h.Length >= number("at least ")
	case strings.HasPrefix(length, "multiple of "):
		isRight = h.Length%number("multiple of ") == 0
	default:
		isRight = h.Length == number("")
	}
	if isRight {
		return ""
	}
	return row["otherwise"]
}

// TestSettingsAreTheirRows does the same for settings, whose values are tried where
// ranges begin and end.
func TestSettingsAreTheirRows(t *testing.T) {
	initial := reflect.ValueOf(frames.DefaultSettings())
	for _, row := range rowsOf(t, spec.KindSettingRange) {
		number := func(column string) uint64 {
			n, err := strconv.ParseUint(row[column], 10, 32)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		id := frames.SettingID(number("identifier"))
		if id.String() != row["setting"] {
			t.Errorf("%d is called %v, want %s", id, id, row["setting"])
		}
		if got := initial.FieldByName(row["into"]).Uint(); got != number("initial") {
			t.Errorf("%v is %d at first, want %s", id, got, row["initial"])
		}
		for _, v := range []uint32{0, 1, 2, 16383, 16384, 1<<24 - 1, 1 << 24, 1<<31 - 1, 1 << 31, 1<<32 - 1} {
			want := ""
			if uint64(v) < number("least") || uint64(v) > number("most") {
				want = row["otherwise"]
			}
			scope, code, _ := frames.Setting{Identifier: id, Value: v}.Check()
			if got := said(scope, code); got != want {
				t.Errorf("%v=%d: %q, want %q", id, v, got, want)
			}
		}
	}
}

// TestErrorCodesAreTheirRows compares names and values.
func TestErrorCodesAreTheirRows(t *testing.T) {
	rows := rowsOf(t, spec.KindErrorCode)
	for _, row := range rows {
		v, err := strconv.ParseUint(row["value"], 10, 32)
		if err != nil || frames.ErrorCode(v).String() != row["error code"] {
			t.Errorf("%d is %v, want %s (%v)", v, frames.ErrorCode(v), row["error code"], err)
		}
	}
	if got := frames.ErrorCode(len(rows)).String(); got != "unknown" {
		t.Errorf("%d is %s", len(rows), got)
	}
}

// appenders are the generated appenders, by the name of their layout.
var appenders = map[string]func(frames.Flags, any) []byte{
	"DATA":            func(f frames.Flags, x any) []byte { return frames.AppendData(nil, f, x.(frames.Data)) },
	"HEADERS":         func(f frames.Flags, x any) []byte { return frames.AppendHeaders(nil, f, x.(frames.Headers)) },
	"PRIORITY":        func(_ frames.Flags, x any) []byte { return frames.AppendPriority(nil, x.(frames.Priority)) },
	"RST_STREAM":      func(_ frames.Flags, x any) []byte { return frames.AppendRSTStream(nil, x.(frames.RSTStream)) },
	"Setting":         func(_ frames.Flags, x any) []byte { return frames.AppendSetting(nil, x.(frames.Setting)) },
	"PUSH_PROMISE":    func(f frames.Flags, x any) []byte { return frames.AppendPushPromise(nil, f, x.(frames.PushPromise)) },
	"PING":            func(_ frames.Flags, x any) []byte { return frames.AppendPing(nil, x.(frames.Ping)) },
	"GOAWAY":          func(_ frames.Flags, x any) []byte { return frames.AppendGoAway(nil, x.(frames.GoAway)) },
	"WINDOW_UPDATE":   func(_ frames.Flags, x any) []byte { return frames.AppendWindowUpdate(nil, x.(frames.WindowUpdate)) },
	"PRIORITY_UPDATE": func(_ frames.Flags, x any) []byte { return frames.AppendPriorityUpdate(nil, x.(frames.PriorityUpdate)) },
}

// TestAppendersAreTheLayouts reads random octets, and appends what was read: the same
// bits must come out, but for reserved ones, which the layout says are 0, and as many
// octets as the layout has.
func TestAppendersAreTheLayouts(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	seen := 0
	for _, l := range model(t).Layouts {
		if appenders[l.Name] == nil {
			continue
		}
		seen++
		for range 2000 {
			b := make([]byte, 16)
			for i := range b {
				b[i] = byte(random.Uint32())
			}
			flags := frames.Flags(random.Uint32())
			want := sent(l, uint8(flags), b)
			if got := appenders[l.Name](flags, readers[l.Name](flags, b)); string(got) != string(want) {
				t.Fatalf("%s: %x is appended as %x with flags %#x, want %x", l.Name, b, got, flags, want)
			}
		}
	}
	if seen != len(readers) {
		t.Errorf("%d of %d layouts", seen, len(readers))
	}
}

// sent is what b begins with, a layout's fixed fields, with reserved bits 0.
func sent(l *gen.Layout, flags uint8, b []byte) []byte {
	b = slices.Clone(b)
	at := 0
	for _, f := range l.Fields {
		if f.IsVariable() || f.IsRepeated {
			break
		}
		isThere := f.With == ""
		for _, flag := range l.Flags {
			isThere = isThere || flag.Name == f.With && flags&flag.Bit != 0
		}
		for range f.Bits {
			if !isThere {
				break
			}
			if f.IsReserved {
				b[at/8] &^= 1 << (7 - at%8)
			}
			at++
		}
	}
	return b[:at/8]
}

// TestHeaderIsTheLayout does both for the frame header.
func TestHeaderIsTheLayout(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	l := model(t).Layout("HTTP")
	for range 2000 {
		b := make([]byte, frames.HeaderOctets)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		h := frames.ReadHeader(b)
		got := map[string]uint64{"Length": uint64(h.Length), "Type": uint64(h.Type), "Flags": uint64(h.Flags), "StreamIdentifier": uint64(h.StreamID)}
		if want := bitByBit(l, 0, b); !reflect.DeepEqual(got, want) {
			t.Fatalf("%x is read as %v, want %v", b, got, want)
		}
		if again, want := frames.AppendHeader(nil, h), sent(l, 0, b); string(again) != string(want) {
			t.Fatalf("%x is appended as %x, want %x", b, again, want)
		}
	}
}
