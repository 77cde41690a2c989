package h1

import (
	"runtime"
	"testing"

	"github.com/specht-http/specht/message"
)

// waitCounter is a host that counts how often somebody begins to wait.
type waitCounter struct {
	*testHost
	waits int
}

func (h *waitCounter) Wait() { h.waits++; h.testHost.Wait() }

// Two handlers of one connection that wait at the same time rest until
// something happens: each used to wake the other by saying that it waits on.
func TestWaitersRest(t *testing.T) {
	g := new(goroutines)
	c := newTestConn(t, Options{Executor: g, Handler: message.HandlerFunc(func(x message.Exchange) {
		if err := x.Wait(); err != message.ErrHalfClosed {
			t.Errorf("Wait: %v", err)
		}
		hello(x)
	})})
	h := &waitCounter{testHost: c.h}
	c.s.host = h
	c.feed("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
	c.until(func() bool { return c.s.waiters == 2 })
	for range 1000 {
		runtime.Gosched() // they would go on meanwhile
		c.look()
	}
	c.h.Lock()
	if h.waits > 4 {
		t.Errorf("two handlers have begun to wait %d times", h.waits)
	}
	c.h.Unlock()
	c.end()
	g.wg.Wait()
	c.look().wantStatuses("both have waited for the end", 200, 200)
}
