package h2

import (
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// weakHost is a host at which the end of a turn panics, as in an engine with a bug.
type weakHost struct {
	engine.Host
	isWoken bool
}

func (h *weakHost) Signal() { panic("a bug") }

func (h *weakHost) Wake() { h.isWoken = true }

// wantLeft has f panic in the engine on another goroutine than the driver's, and the
// lock left all the same, and the driver told.
func (h *weakHost) wantLeft(t *testing.T, tryLock func() bool, f func()) {
	t.Helper()
	defer func() {
		if recover() == nil {
			t.Error("nothing has panicked")
		}
		if !tryLock() {
			t.Error("the lock is held for ever")
		}
		if !h.isWoken {
			t.Error("the driver isn't told")
		}
	}()
	f()
}

// An engine that panics at the end of a turn of a handler, or of who asks, doesn't
// keep the lock: the driver would wait for it, with all its connections.
func TestPanicOfAnotherTurnLeavesTheLock(t *testing.T) {
	var x message.Exchange
	p := serve(t, inline(func(y message.Exchange) { x = y.Detach() }))
	p.kept = 1
	p.get("/")
	h := &weakHost{Host: p.h}
	p.s.host, p.s.waiters = h, 1
	h.wantLeft(t, p.h.mu.TryLock, func() { _ = x.Flush() })
	p.s.host, p.s.waiters = p.h, 0
	p.h.mu.Unlock()
	x.Reset()

	k := talk(t, ClientOptions{})
	h = &weakHost{Host: k.h}
	k.c.host, k.c.waiters = h, 1
	h.wantLeft(t, k.h.mu.TryLock, func() { _, _ = k.c.Begin(&message.RequestHead{Method: "GET", Authority: "a.example"}) })
	k.c.host, k.c.waiters = k.h, 0
	k.h.mu.Unlock()
}
