package h2

import (
	"testing"

	"github.com/specht-http/specht/message"
)

// Each exchange ends with its connection, or with its input, also if the
// application, when it is told of one, ends another: one whose stream is next in the
// same bucket.
func TestEndsOfOthers(t *testing.T) {
	ends := []struct {
		name string
		end  func(s *Server)
	}{
		{"error", func(s *Server) { s.ReportError(engineError{}) }},
		{"end of input", func(s *Server) { s.ReadEOF(nil) }},
	}
	for _, test := range ends {
		t.Run(test.name, func(t *testing.T) { endOthers(t, test.end) })
	}
}

// endOthers has three requests under way when end is called.
func endOthers(t *testing.T, end func(s *Server)) {
	var xs []message.Exchange
	over := 0
	o := inline(func(x message.Exchange) {
		xs = append(xs, x)
		x.OnOver(func(message.Exchange, error) { over++ })
		_ = x.OnContent(func(message.Exchange, []byte, error) int { return 0 })
	})
	o.OnEnd = func(x message.Exchange, _ message.Summary) {
		if x == xs[2] {
			xs[1].Reset()
		}
	}
	p := serve(t, o)
	for id := uint32(3); id < 40; id += 16 {
		p.last = id - 2
		p.ask(false, asking("POST", "/")...)
	}
	p.h.Lock()
	end(p.s)
	p.h.Unlock()
	if over != 3 || p.s.open != 0 {
		t.Errorf("of 3 exchanges %d are over, and %d are open", over, p.s.open)
	}
}
