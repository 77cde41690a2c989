//go:build invariants

package h1

import (
	"bytes"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// What is kept of a request after its exchange shows, with a host that doesn't
// overwrite anything itself.
func TestKeptSlices(t *testing.T) {
	var kept []byte
	s := steadyServer(inline(func(x message.Exchange) {
		kept = x.Target()
		respond(x)
	}))
	turn(s, []byte(get))
	if !bytes.Equal(kept, []byte{0xDB}) {
		t.Errorf("the request-target is %q after the exchange", kept)
	}
}

// wantPanic is that f panics with a text that has want in it.
func wantPanic(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if v, _ := recover().(string); !strings.Contains(v, want) {
			t.Errorf("the panic is %q, want %q", v, want)
		}
	}()
	f()
}

func TestWatchdog(t *testing.T) {
	var c *testConn
	o := inline(func(x message.Exchange) { c.h.mono += 2 * second; hello(x) })
	c = newTestConn(t, o)
	wantPanic(t, "took longer than Options.InlineNs", func() { c.feed(get) })
}

func TestUseAfterReturn(t *testing.T) {
	g := new(goroutines)
	var kept message.Exchange
	c := newTestConn(t, Options{Executor: g, Handler: message.HandlerFunc(func(x message.Exchange) { kept = x; hello(x) })})
	c.feed(get)
	g.wg.Wait()
	wantPanic(t, "after its handler has returned", func() { _ = kept.Err() })
}
