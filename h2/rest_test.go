package h2

import "testing"

// A connection that is idle gives up what it doesn't need, and serves on.
func TestRest(t *testing.T) {
	p := serve(t, inline(hello))
	for range 3 {
		for range 20 {
			p.get("/a")
		}
		p.frames()
		s := p.s
		if s.free == nil || s.conn.buckets == nil {
			t.Error("nothing is kept for the next request")
		}
		p.pass(restNs)
		if s.free != nil || s.conn.buckets != nil || s.conn.section.Arena != nil || s.conn.encoded != nil {
			t.Error("an idle connection holds on to its memory")
		}
		p.pass(restNs)
		p.wantOpen("it is idle for two seconds")
	}
}
