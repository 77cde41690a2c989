//go:build !race

package loop_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// What an idle connection costs the program in memory of Go's, its flow
// included and its engine not.
func TestIdleConnectionIsSmall(t *testing.T) {
	if loop.Invariants {
		t.Skip("with the tag invariants windows are copied")
	}
	for _, s := range looptest.Setups() {
		if !strings.HasSuffix(s.Name, "/tcp") {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			const connections = 1000
			octetsMax := 500
			if !s.IsPoll {
				octetsMax = 7 << 10 // a stack, of 2 or 4 KiB, and a net.TCPConn
			}
			if s.IsPump {
				octetsMax = 10 << 10 // a stack, a net.TCPConn, and two buffers of 2 KiB
			}
			server := s.Serve(t, newEcho, loop.Options{})
			warm := server.Dial()
			send(t, warm, "hello\n")
			want(t, warm, "hello\n")
			var clients []flow.Poll
			defer func() {
				for _, c := range clients {
					c.Close()
				}
			}()
			clients = make([]flow.Poll, 0, connections)
			before := memory() // the clients are counted too: 64 octets each
			for range connections {
				c, err := tcp.DialPoll(server.Addr)
				if err != nil {
					t.Skip(err)
				}
				clients = append(clients, c)
			}
			line, answer := [][]byte{[]byte("hello\n")}, make([]byte, 10)
			for _, c := range clients {
				if _, err := retry(func() (int, error) { return c.TryWrite(line) }); err != nil {
					t.Fatal(err)
				}
				if _, err := retry(func() (int, error) { return c.TryRead(answer) }); err != nil {
					t.Fatal(err)
				}
			}
			each := (memory() - before) / connections
			t.Logf("%d octets for each connection", each)
			if each > octetsMax {
				t.Errorf("%d octets for each connection, want %d at most", each, octetsMax)
			}
		})
	}
}

// A goroutine that waits for octets holds no buffer: the one that it read into
// is back in the pool.
func TestWaitingHoldsNoBuffer(t *testing.T) {
	for _, s := range looptest.Setups() {
		if s.IsPoll || !strings.HasSuffix(s.Name, "/tcp") && !strings.HasSuffix(s.Name, "/unix") {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			pool := loop.NewPool(0)
			server := s.Serve(t, newEcho, loop.Options{Pool: pool})
			c := server.Dial()
			send(t, c, "hello\n")
			want(t, c, "hello\n")
			looptest.Eventually(t, "the buffer is back", func() bool { return pool.Retained() >= 2<<10 })
		})
	}
}

// retry calls f until it wouldn't block.
func retry(f func() (int, error)) (int, error) {
	for {
		if n, err := f(); err != flow.ErrWouldBlock {
			return n, err
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
