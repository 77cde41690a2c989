package looptest

import (
	"runtime"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/loop"
)

// WantIdle fails unless an idle connection costs the program octetsMax octets of
// memory at most, its flow and its engine included, soon after its peer has sent
// this and has been answered. It is for what is polled over TCP.
func (s Setup) WantIdle(t *testing.T, newEngine loop.NewEngine, request []byte, octetsMax int) {
	t.Helper()
	const warm, connections = 500, 1000
	server := s.Serve(t, newEngine, loop.Options{})
	clients := make([]flow.Poll, 0, warm+connections)
	defer func() {
		for _, c := range clients {
			c.Close()
		}
	}()
	vector, answer := [][]byte{request}, make([]byte, 1000)
	dial := func(n int) {
		for range n {
			c, err := tcp.DialPoll(server.Addr)
			if err != nil {
				t.Skip(err)
			}
			clients = append(clients, c)
			insist(t, func() (int, error) { return c.TryWrite(vector) })
			insist(t, func() (int, error) { return c.TryRead(answer) })
		}
	}
	dial(warm) // buffers, and what is kept for whoever wakes
	least := memory()
	Eventually(t, "connections rest", func() bool {
		now := memory()
		defer func() { least = min(least, now) }()
		return now >= least
	})
	dial(connections) // the clients are counted too: 64 octets each
	each := 0
	defer func() { t.Logf("%d octets for each connection, at most %d are wanted", each, octetsMax) }()
	Eventually(t, "connections take little", func() bool {
		each = (memory() - least) / connections
		return each <= octetsMax
	})
}

// insist calls f until it wouldn't block.
func insist(t *testing.T, f func() (int, error)) {
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
