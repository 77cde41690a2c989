//go:build !race

package h1_test

import (
	"runtime"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// What an idle connection costs the program in memory of Go's, its flow and its
// engine included, after a request.
func TestIdleConnectionIsSmall(t *testing.T) {
	if h1.Invariants {
		t.Skip("with the tag invariants windows are copied")
	}
	const warm, connections, octetsMax = 500, 1000, 750
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, []byte("hello"))
	}))})
	for _, s := range looptest.Setups() {
		if s.Name != "poll/tcp" {
			continue
		}
		server := s.Serve(t, func(any) engine.Engine { return service.NewServer(nil) }, loop.Options{})
		clients := make([]flow.Poll, 0, warm+connections)
		defer func() {
			for _, c := range clients {
				c.Close()
			}
		}()
		request, answer := [][]byte{[]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")}, make([]byte, 1000)
		dial := func(n int) {
			for range n {
				c, err := tcp.DialPoll(server.Addr)
				if err != nil {
					t.Skip(err)
				}
				clients = append(clients, c)
				retry(t, func() (int, error) { return c.TryWrite(request) })
				retry(t, func() (int, error) { return c.TryRead(answer) })
			}
		}
		dial(warm) // buffers, and what is kept of workspaces
		least := memory()
		looptest.Eventually(t, "connections rest", func() bool {
			now := memory()
			defer func() { least = min(least, now) }()
			return now >= least
		})
		dial(connections) // the clients are counted too: 64 octets each
		each := 0
		looptest.Eventually(t, "connections rest", func() bool {
			each = (memory() - least) / connections
			return each <= octetsMax
		})
		t.Logf("%d octets for each connection", each)
	}
}

// retry calls f until it wouldn't block.
func retry(t *testing.T, f func() (int, error)) {
	t.Helper()
	for {
		_, err := f()
		if err == nil {
			return
		}
		if err != flow.ErrWouldBlock {
			t.Fatal(err)
		}
		runtime.Gosched()
	}
}

// memory is what the program's objects and stacks take.
func memory() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}
