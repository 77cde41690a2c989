package h2

import (
	"testing"

	"github.com/specht-http/specht/message"
)

// Each exchange ends with its connection, also if the application, when it is told
// of one, ends another: one whose stream is next in the same bucket.
func TestEndsOfOthers(t *testing.T) {
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
	p.s.ReportError(engineError{})
	p.h.Unlock()
	if over != 3 || p.s.open != 0 {
		t.Errorf("of 3 exchanges %d are over, and %d are open", over, p.s.open)
	}
}
