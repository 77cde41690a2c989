package h1

import (
	"errors"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// OnOver calls once, when the response is complete, or never will be, or the
// peer has closed its side.
func TestOnOver(t *testing.T) {
	type told struct {
		errs []error
		x    message.Exchange
	}
	watch := func(d *told) func(x message.Exchange) {
		return func(x message.Exchange) {
			d.x = x.Detach()
			for range 2 {
				x.OnOver(func(_ message.Exchange, err error) { d.errs = append(d.errs, err) })
			}
		}
	}
	want := func(name string, d *told, want error) {
		t.Helper()
		if len(d.errs) != 2 || !errors.Is(d.errs[0], want) || !errors.Is(d.errs[1], want) {
			t.Errorf("%s: told %v, want %v twice", name, d.errs, want)
		}
	}
	start := func() (*testConn, *told) {
		d := new(told)
		c := newTestConn(t, inline(watch(d))).feed(get)
		if len(d.errs) > 0 {
			t.Fatalf("told %v too early", d.errs)
		}
		return c, d
	}

	c, d := start()
	hello(d.x)
	if len(d.errs) > 0 {
		t.Error("a callback is called by who uses a handle")
	}
	c.look().want("", ok5)
	want("answered", d, message.ErrOver)
	d.x.OnOver(func(_ message.Exchange, err error) { d.errs = append(d.errs, err) })
	if c.look(); len(d.errs) != 3 || d.errs[2] != message.ErrOver {
		t.Errorf("when it is over already: %v", d.errs)
	}
	c.end()
	if len(d.errs) != 3 {
		t.Errorf("told again: %v", d.errs)
	}

	c, d = start()
	c.end()
	want("half-closed", d, message.ErrHalfClosed)
	hello(d.x)
	c.look().want("the answer may still be read", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")

	c, d = start()
	d.x.Reset()
	c.wantOps("the callbacks are due", engine.Yield, true)
	c.look().wantOps("reset", engine.Close, true)
	want("reset", d, message.ErrReset)

	c, d = start()
	broken := errors.New("broken")
	c.h.Lock()
	c.s.ReportError(broken)
	c.h.Unlock()
	want("gone", d, broken)
}

// Whoever only waits for the end doesn't owe the response.
func TestOnOverIsNoDebt(t *testing.T) {
	var err error
	newTestConn(t, inline(func(x message.Exchange) {
		x.OnOver(func(_ message.Exchange, e error) { err = e })
	})).feed(get+get).wantStatuses("the handler returned", 500, 500)
	if !errors.Is(err, ErrUnanswered) {
		t.Errorf("told %v", err)
	}
}

// OnOver asked for again and again by its own callback doesn't hold a turn.
func TestOnOverForEver(t *testing.T) {
	calls := 0
	var again func(message.Exchange, error)
	again = func(x message.Exchange, _ error) { calls++; x.OnOver(again) }
	c := newTestConn(t, inline(func(x message.Exchange) { x.OnOver(again); hello(x) }))
	c.feed(get).want("", ok5)
	if calls == 0 || calls > 2*(transit.ChainedMax+1) { // in two turns: Read and ReportWrite
		t.Errorf("%d calls in two turns", calls)
	}
	c.h.Lock()
	c.s.ReportError(errAborted)
	c.h.Unlock()
	c.wantClosed("broken")
}

// A response whose end is that of the connection, and which is cut short, must
// not look complete.
func TestAbort(t *testing.T) {
	cut := func(request string, length int64) *testConn {
		return newTestConn(t, inline(func(x message.Exchange) {
			_ = x.Start(200, nil, length)
			_, _ = x.Write([]byte("hell"))
		})).feed(request)
	}
	if c := cut("GET / HTTP/1.0\r\n\r\n", -1).wantClosed("until close"); !c.aborted {
		t.Error("a plain end would look complete")
	}
	if c := cut(get, -1).wantClosed("chunked"); c.aborted {
		t.Error("a chunked response is incomplete without its last chunk")
	}
	if c := cut("GET / HTTP/1.0\r\n\r\n", 5).wantClosed("declared"); c.aborted {
		t.Error("a declared length says enough")
	}
}

// So it is when the flow breaks under it; one that says itself that it is
// incomplete needs no more than an end.
func TestErrorCuts(t *testing.T) {
	ask := func(request string, length int64) engine.Op {
		c := newTestConn(t, inline(func(x message.Exchange) {
			_ = x.Start(200, nil, length)
			_, _ = x.Write([]byte("hell"))
			x.Detach()
		})).feed(request)
		c.h.Lock()
		defer c.h.Unlock()
		c.s.ReportError(errAborted)
		op, _ := c.s.NextWrite()
		return op
	}
	if op := ask("GET / HTTP/1.0\r\n\r\n", -1); op != engine.Abort {
		t.Errorf("until close: NextWrite is %v behind an error: a plain end would look complete", op)
	}
	if a, b := ask(get, -1), ask("GET / HTTP/1.0\r\n\r\n", 5); a != engine.Close || b != engine.Close {
		t.Errorf("chunked: %v, declared: %v", a, b)
	}
}

// When both directions are finished, the driver has no further turns: who asks
// afterwards is told at once.
func TestOnOverAfterTheDriver(t *testing.T) {
	var x message.Exchange
	c := newTestConn(t, inline(func(y message.Exchange) { x = y.Detach() }))
	c.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel").end()
	c.wantStatuses("cut short", 400).wantOps("the peer has gone", engine.Close, true)
	var told []error
	x.OnOver(func(_ message.Exchange, err error) { told = append(told, err) })
	var fault *message.Fault
	if len(told) != 1 || !errors.As(told[0], &fault) {
		t.Errorf("told %v", told)
	}
}

// Who asks for callbacks on a connection that has gone is called, though it has no
// driver any more: also when one asks for another.
func TestCallbacksOfWhatHasGone(t *testing.T) {
	d := new(handed)
	c := newTestConn(t, inline(d.serve))
	c.most = -1
	c.feed(get)
	_ = d.xs[0].Start(message.StatusOK, nil, -1)
	broken := errors.New("broken")
	c.h.Lock()
	c.s.ReportError(broken)
	c.h.Unlock()
	told := ""
	d.xs[0].OnFlushed(func(x message.Exchange, err error) {
		told += "flushed "
		x.OnOver(func(_ message.Exchange, err error) { told += "over" })
		if !errors.Is(err, broken) {
			t.Errorf("OnFlushed: %v", err)
		}
	})
	if told != "flushed over" {
		t.Errorf("told %q", told)
	}

	k := newTestClient(t, ClientOptions{})
	y, err := k.client.Begin(&getA)
	if err != nil {
		t.Fatal(err)
	}
	told = ""
	k.h.Lock()
	k.client.ReportError(broken)
	k.h.Unlock()
	y.OnFlushed(func(_ message.ClientExchange, err error) {
		told += "flushed"
		if !errors.Is(err, broken) {
			t.Errorf("OnFlushed of a client: %v", err)
		}
	})
	if y.Close(); told != "flushed" {
		t.Errorf("a client told %q", told)
	}
}
