package h1

import (
	"testing"

	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// pump writes and asks to be called when that is flushed, for ever. It counts
// how often it is called.
func pump(calls *int) func(message.Exchange) {
	var again func(message.Exchange, error)
	again = func(x message.Exchange, _ error) {
		*calls++
		_, _ = x.Write([]byte("data: x\n\n"))
		x.OnFlushed(again)
	}
	return func(x message.Exchange) {
		_ = x.Start(message.StatusOK, nil, -1)
		x.OnFlushed(again)
	}
}

// What is flushed at once because it isn't sent doesn't keep a turn from
// ending. The next calls have turns of their own.
func TestCallbacksThatAskForEver(t *testing.T) {
	for _, request := range []string{"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HEAD / HTTP/1.0\r\n\r\n"} {
		calls := 0
		c := newTestConn(t, inline(pump(&calls))).feed(request)
		for turn := range 5 {
			before := calls
			due := c.s.Deadline()
			if due == 0 || due > c.h.mono+1 || before == 0 {
				t.Fatalf("turn %d: the deadline is %d at %d, after %d calls", turn, due, c.h.mono, before)
			}
			c.h.mono = due
			c.h.Lock()
			c.s.Expire()
			c.h.Unlock()
			if n := calls - before; n == 0 || n > 2*transit.ChainedMax {
				t.Fatalf("turn %d had %d calls", turn, n)
			}
		}
		c.h.Lock()
		c.s.ReportError(message.ErrReset)
		c.h.Unlock()
		c.wantClosed("the flow is broken")
		if d := c.s.Deadline(); d != 0 {
			t.Errorf("the deadline of a connection that is over is %d", d)
		}
	}
}

// A deadline that has passed meanwhile is kept beside calls that are left.
func TestCallsAreLeftBesideADeadline(t *testing.T) {
	calls := 0
	o := inline(pump(&calls))
	o.ContentOctetsPerSecondMin, o.ContentGraceNs = 1000, second
	c := newTestConn(t, o).feed("HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
	if d := c.s.Deadline(); d != c.h.mono+1 {
		t.Fatalf("the deadline is %d, want that of the calls", d)
	}
	c.h.mono += 2 * second
	c.h.Lock()
	c.s.Expire()
	c.h.Unlock()
	c.look()
	if c.s.requests.Fault() == nil {
		t.Error("the content isn't refused that comes too slowly")
	}
}

// OnPanic that panics takes nothing down.
func TestOnPanicPanics(t *testing.T) {
	o := inline(func(message.Exchange) { panic("a handler") })
	o.OnPanic = func(v any) { panic(v) }
	newTestConn(t, o).feed(get).look().wantStatuses("the handler's panic is answered", 500)
	o = inline(hello)
	o.ErrorHandler = func(message.Exchange, *ErrorResponse) { panic("an error handler") }
	o.OnPanic = func(v any) { panic(v) }
	newTestConn(t, o).feed("\x00").wantStatuses("an error handler's panic is left out", 400)
}
