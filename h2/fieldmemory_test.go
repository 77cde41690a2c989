package h2

import (
	"runtime"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// A connection that has sent or received a large section doesn't hold its memory.
func TestLargeSectionsAreLetGo(t *testing.T) {
	client, server := testConns()
	h := &message.RequestHead{Authority: "a", Fields: []message.Field{{Name: "x", Value: strings.Repeat("a", 30000)}}}
	for range 100 {
		h.Fields = append(h.Fields, message.Field{Name: "y", Value: "z"})
	}
	out, _, err := client.AppendRequest(client.AppendPending(nil), h, "http", true)
	if err != nil {
		t.Fatal(err)
	}
	isRead := false
	receiveAll(server, out, func(e Event) { isRead = isRead || e == EventHead })
	if !isRead {
		t.Fatalf("the server doesn't take it: %v", server.Fault)
	}
	for _, c := range []*Conn{client, server} {
		c.trim()
		s := &c.section
		if n := cap(s.Arena) + cap(s.Lines) + cap(c.encoded); n > 3*arenaOctetsKept {
			t.Errorf("%d octets are kept: arena %d, lines %d, encoded %d", n, cap(s.Arena), cap(s.Lines), cap(c.encoded))
		}
	}
}

// What the tables of a connection take, fresh and after the requests of a browser
// and their responses.
func TestHPACKMemory(t *testing.T) {
	const conns = 1000
	measure := func(use func(*wire)) float64 {
		var before, after runtime.MemStats
		kept := make([]*wire, conns)
		runtime.GC()
		runtime.ReadMemStats(&before)
		for i := range kept {
			kept[i] = newWire()
			use(kept[i])
			kept[i].s, kept[i].e.checker = FieldSection{}, nil
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(kept)
		return float64(after.HeapAlloc-before.HeapAlloc) / conns
	}
	fresh := measure(func(*wire) {})
	used := measure(func(w *wire) {
		for range 3 {
			b, err := w.e.appendRequest(nil, &browser, "https", "")
			if err != nil {
				t.Fatal(err)
			}
			w.read(t, sectionRequest, b)
		}
	})
	full := measure(func(w *wire) {
		var b []byte
		for i := range 1000 {
			b = w.e.append(b[:0], "a", strings.Repeat("b", 1+i%7)+strings.Repeat("c", i%100), indexed)
			if err := w.d.decode(b); err != nil {
				t.Fatal(err)
			}
			if err := w.d.close(); err != nil {
				t.Fatal(err)
			}
		}
	})
	t.Logf("octets of an encoder and a decoder: %.0f fresh, %.0f after the requests of a browser, %.0f full", fresh, used, full)
	if full > 64<<10 {
		t.Errorf("%.0f octets", full)
	}
}
