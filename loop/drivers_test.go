package loop_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// newWorkers are goroutines for handlers, that end with the test.
func newWorkers(tb testing.TB) *loop.Workers {
	w := loop.NewWorkers(loop.WorkersOptions{})
	tb.Cleanup(func() { w.Close(context.Background()) })
	return w
}

// each runs f under every driver and over every kind of flow.
func each(t *testing.T, f func(t *testing.T, s looptest.Setup)) {
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			f(t, s)
		})
	}
}

// send writes without waiting for what comes back.
func send(tb testing.TB, c io.Writer, octets string) {
	tb.Helper()
	if _, err := io.WriteString(c, octets); err != nil {
		tb.Fatalf("sending %.20q: %v", octets, err)
	}
}

// want reads what must come next.
func want(tb testing.TB, c io.Reader, octets string) {
	tb.Helper()
	b := make([]byte, len(octets))
	n, err := io.ReadFull(c, b)
	if string(b[:n]) != octets {
		tb.Fatalf("received %.60q, want %.60q (%v)", b[:n], octets, err)
	}
}

// wantEnd reads the end.
func wantEnd(tb testing.TB, c io.Reader) {
	tb.Helper()
	b, err := io.ReadAll(c)
	if len(b) > 0 || err != nil {
		tb.Fatalf("received %.60q and %v, want the end", b, err)
	}
}

// end finishes a connection from the client's side.
func end(tb testing.TB, c looptest.Client) {
	tb.Helper()
	_ = c.CloseWrite() // fails where the engine, which has read the end, has closed already
	want(tb, c, "end of \"\"\n")
	wantEnd(tb, c)
}

func TestConversations(t *testing.T) {
	conversations := []struct{ name, sent, received string }{
		{"one line", "hello\n", "hello\nend of \"\"\n"},
		{"nothing", "", "end of \"\"\n"},
		{"many lines at once", strings.Repeat("a\nbc\n", 100), strings.Repeat("a\nbc\n", 100) + "end of \"\"\n"},
		{"a line that doesn't end", "a\nbc", "a\nend of \"bc\"\n"},
		{"a long line", strings.Repeat("x", 8_000) + "\n", strings.Repeat("x", 8_000) + "\nend of \"\"\n"},
		{"answers from another goroutine, in order", "later a\nb\nlater c\nd\nlater e\n", "a\nb\nc\nd\ne\nend of \"\"\n"},
		{"an answer from another goroutine, then a line that doesn't end", "later a\nb", "a\nend of \"b\"\n"},
		{"large and small slices", "count 8000\n", string(counted(8_000)) + "end of \"\"\n"},
		{"half closed, then more lines", "a\nhalf\nb\nc\n", "a\n"},
		{"quit", "a\nquit\n", "a\n"},
	}
	each(t, func(t *testing.T, s looptest.Setup) {
		w := newWorkers(t)
		for _, c := range conversations {
			t.Run(c.name, func(t *testing.T) {
				got := s.Talk(t, newLineEngine(w), c.sent)
				if got != c.received {
					t.Errorf("received %d octets %.200q, want %d %.200q", len(got), got, len(c.received), c.received)
				}
			})
		}
	})
}

func TestManyAnswersInTurn(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		client := s.Start(t, newLineEngine(newWorkers(t)))
		for i := range 200 {
			line := fmt.Sprintf("line %d\n", i)
			send(t, client, line)
			want(t, client, line)
		}
		end(t, client)
	})
}

// The peer sends all that it has before it reads anything, and the buffers
// between don't hold the answers: the driver must go on reading while its
// write blocks.
func TestReadsWhileAWriteBlocks(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := newLineEngine(newWorkers(t))
		client := s.Start(t, e)
		n := 4 << 20
		if s.IsMem {
			n = 10_000
			if s.Name == "goroutine/mem" || s.Name == "poll/mem" {
				n = 200_000
			}
		}
		send(t, client, fmt.Sprintf("count %d\n", n))
		want(t, client, string(counted(n)[:10]))
		sent := strings.Repeat("a line\n", 100)
		send(t, client, sent)
		looptest.Eventually(t, "the engine receives what comes while its write blocks", func() (has bool) {
			e.look(func() { has = e.received > len(sent) })
			return has
		})
		got := make([]byte, n-10)
		if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, counted(n)[10:]) {
			t.Fatalf("the long answer is damaged (%v)", err)
		}
		want(t, client, sent)
		end(t, client)
	})
}

// While the engine yields, the driver doesn't read: the peer's octets fill
// the buffers between, and its write blocks.
func TestYieldStopsReading(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := newLineEngine(newWorkers(t))
		client := s.Start(t, e)
		send(t, client, "hold\n")
		looptest.Eventually(t, "the engine yields", func() (does bool) {
			e.look(func() { does = e.holding > 0 })
			return does
		})
		const line = "0123456789abcde\n"
		lines := strings.Repeat(line, 1000)
		sent := make(chan error, 1)
		go func() {
			_, err := io.WriteString(client, lines)
			sent <- err
		}()
		e.look(func() {
			if e.received != len("hold\n") {
				t.Errorf("the engine received %d octets while it yielded", e.received)
			}
		})
		e.release()
		want(t, client, lines)
		if err := <-sent; err != nil {
			t.Error(err)
		}
		end(t, client)
	})
}

// Octets that another goroutine queues are written though the driver has
// nothing to read, each time.
func TestWake(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := newLineEngine(newWorkers(t))
		client := s.Start(t, e)
		send(t, client, "hello\n")
		want(t, client, "hello\n")
		rounds := 2000
		if testing.Short() {
			rounds = 200
		}
		for range rounds {
			e.push("push\n")
			want(t, client, "push\n")
		}
		end(t, client)
	})
}

// Wakes cross with octets of the peer and with each other.
func TestWakeCrossings(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := newLineEngine(newWorkers(t))
		client := s.Start(t, e)
		send(t, client, "hello\n")
		want(t, client, "hello\n")
		const goroutines, rounds = 4, 250
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				for range rounds {
					e.push(fmt.Sprintf("push %d\n", g))
				}
			})
		}
		wg.Go(func() {
			for range rounds {
				io.WriteString(client, "later echo\n")
			}
		})
		got := map[string]int{}
		lines := bufio.NewScanner(client)
		for i := 0; i < (goroutines+1)*rounds && lines.Scan(); i++ {
			got[lines.Text()]++
		}
		wg.Wait()
		for g := range goroutines {
			if n := got[fmt.Sprintf("push %d", g)]; n != rounds {
				t.Errorf("goroutine %d pushed %d lines, %d arrived", g, rounds, n)
			}
		}
		if got["echo"] != rounds {
			t.Errorf("%d of %d lines were echoed", got["echo"], rounds)
		}
		end(t, client)
	})
}

func TestPeerCloses(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := newLineEngine(newWorkers(t))
		client, server := s.StartOptions(t, e, loop.Options{})
		send(t, client, "hello\n")
		want(t, client, "hello\n")
		client.Close()
		looptest.Eventually(t, "the connection ends", func() bool { return server.Stats().Connections == 0 })
	})
}

// An engine of the toy protocol for each connection.
func lineEngines(w *loop.Workers) loop.NewEngine {
	return func(any) engine.Engine { return newLineEngine(w) }
}
