package h1

import (
	"errors"
	"runtime"
	"strings"
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

// A request that is taken back in the turn that begins it leaves nothing of it to
// the one that uses its memory again: that one used to lose its content.
func TestClientTakesBack(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	c.in(func() {
		_, _ = c.client.BeginInTurn(&message.RequestHead{Authority: "a"})
		x, err := c.client.BeginInTurn(&message.RequestHead{Authority: "a"})
		if err != nil {
			t.Fatal(err)
		}
		x.Close()
	})
	c.feed("HTTP/1.1 204 \r\n\r\n")
	c.begin(message.RequestHead{Authority: "a"})
	c.begin(message.RequestHead{Authority: "a"})
	c.log = nil
	c.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
	c.feed("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nho")
	got := strings.Join(c.log, "\n")
	if !strings.Contains(got, `content "hi"`) || !strings.Contains(got, `content "ho"`) {
		t.Errorf("told was %s", got)
	}
}
