package h1

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/specht-http/specht/message"
)

// What a handle makes due is called by the driver, and not by the call: who
// calls may hold locks that callbacks want.
func TestClientHandleCallsNothing(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	x, err := c.client.Begin(&getA)
	if err != nil {
		t.Fatal(err)
	}
	c.look().feed(okHello)
	called := ""
	x.OnResponse(func(message.ClientExchange, error) { called += "response " })
	if err := x.OnContent(func(_ message.ClientExchange, p []byte, err error) int { called += string(p); return len(p) }); err != nil {
		t.Fatal(err)
	}
	x.OnOver(func(message.ClientExchange, error) { called += " over" })
	if called != "" {
		t.Errorf("called by the handle's calls: %q", called)
	}
	if c.after(1); called != "response hello over" {
		t.Errorf("called by the driver: %q", called)
	}
	x.Close()
	c.wantNoBuffers("closed")
}

// Exchanges that wait don't wake each other for nothing.
func TestClientWaitersRest(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	var wg sync.WaitGroup
	for range 3 {
		x, err := c.client.Begin(&getA)
		if err != nil {
			t.Fatal(err)
		}
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer x.Close()
			if err := x.Await(); err != nil {
				t.Error(err)
			}
			var p [9]byte
			for n := 0; n < 5; {
				k, err := x.Read(p[:])
				if n += k; err != nil {
					t.Error(err)
					return
				}
			}
			if _, err := x.Read(p[:]); !errors.Is(err, message.ErrEnd) {
				t.Errorf("behind the content: %v", err)
			}
		}()
	}
	c.until(func() bool { return c.client.waiters == 3 })
	for range 1000 {
		runtime.Gosched() // they would go on meanwhile
	}
	if waits := c.waits(); waits > 12 { // each turn of one may wake the others once
		t.Errorf("three have begun to wait %d times", waits)
	}
	for range 3 {
		c.feed(okHello)
	}
	c.until(func() bool { return c.client.first == nil })
	wg.Wait()
	c.look().wantNoBuffers("closed")
}

// waits is how often somebody has begun to wait.
func (c *testClient) waits() int {
	c.h.Lock()
	defer c.h.Unlock()
	return c.h.waits
}
