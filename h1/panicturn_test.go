package h1

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
	c := newTestConn(t, inline(func(y message.Exchange) { x = y.Detach() }))
	c.feed(get)
	h := &weakHost{Host: c.h}
	c.s.host, c.s.waiters = h, 1
	h.wantLeft(t, c.h.mu.TryLock, func() { _ = x.Flush() })
	c.s.host, c.s.waiters = c.h, 0
	c.h.mu.Unlock()
	x.Reset()

	k := newTestClient(t, ClientOptions{})
	h = &weakHost{Host: k.h}
	k.client.host, k.client.waiters = h, 1
	h.wantLeft(t, k.h.mu.TryLock, func() { _, _ = k.client.Begin(&message.RequestHead{Method: "GET", Authority: "a.example"}) })
	k.client.host, k.client.waiters = k.h, 0
	k.h.mu.Unlock()
}
