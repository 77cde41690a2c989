package loop_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// newQueueLoop is a Loop over flows in memory, for Step.
func newQueueLoop(tb testing.TB, o loop.Options) *loop.Loop {
	tb.Helper()
	o.Poller = loop.NewQueue()
	l, err := loop.New(o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { l.Close() })
	return l
}

// wantNoAllocs fails the test if f allocates.
func wantNoAllocs(t *testing.T, f func()) {
	t.Helper()
	if loop.Invariants {
		t.Skip("with the tag invariants windows are copied")
	}
	if n := testing.AllocsPerRun(1000, f); n != 0 {
		t.Errorf("%v allocations a turn", n)
	}
}

func TestLoopTurnDoesNotAllocate(t *testing.T) {
	l := newQueueLoop(t, loop.Options{})
	client, server := mem.PollPipe(mem.Options{})
	if err := l.Add(server, &echoEngine{}); err != nil {
		t.Fatal(err)
	}
	line, answer := [][]byte{[]byte("hello, world\n")}, make([]byte, 100)
	wantNoAllocs(t, func() {
		if _, err := client.TryWrite(line); err != nil {
			t.Fatal(err)
		}
		for l.Step() > 0 {
		}
		if n, err := client.TryRead(answer); n != len(line[0]) {
			t.Fatal(n, err)
		}
	})
}

func TestLoopWakeDoesNotAllocate(t *testing.T) {
	l := newQueueLoop(t, loop.Options{})
	client, server := mem.PollPipe(mem.Options{})
	line, answer := []byte("hello, world\n"), make([]byte, 100)
	e := &pushEngine{line: line}
	if err := l.Add(server, e); err != nil {
		t.Fatal(err)
	}
	l.Step()
	wantNoAllocs(t, func() {
		e.push()
		for l.Step() > 0 {
		}
		if n, err := client.TryRead(answer); n != len(line) {
			t.Fatal(n, err)
		}
	})
}

func TestRunTurnDoesNotAllocate(t *testing.T) {
	for _, s := range looptest.Setups() {
		t.Run(s.Name, func(t *testing.T) {
			client := s.Start(t, &echoEngine{})
			line, answer := []byte("hello, world\n"), make([]byte, 13)
			wantNoAllocs(t, func() {
				if _, err := client.Write(line); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(client, answer); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestHandlerOnAGoroutineDoesNotAllocate(t *testing.T) {
	for _, s := range looptest.Setups() {
		t.Run(s.Name, func(t *testing.T) {
			client := s.Start(t, &handlerEngine{executor: newWorkers(t)})
			octet := []byte("x")
			wantNoAllocs(t, func() {
				if _, err := client.Write(octet); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(client, octet); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func TestRunWakeDoesNotAllocate(t *testing.T) {
	for _, s := range looptest.Setups() {
		t.Run(s.Name, func(t *testing.T) {
			line, answer := []byte("hello, world\n"), make([]byte, 13)
			attached := make(chan struct{})
			e := &pushEngine{line: line, echoEngine: echoEngine{attached: attached}}
			client := s.Start(t, e)
			<-attached
			wantNoAllocs(t, func() {
				e.push()
				if _, err := io.ReadFull(client, answer); err != nil {
					t.Fatal(err)
				}
			})
		})
	}
}

func BenchmarkEcho(b *testing.B) {
	b.Run("step", func(b *testing.B) {
		l := newQueueLoop(b, loop.Options{})
		client, server := mem.PollPipe(mem.Options{})
		l.Add(server, &echoEngine{})
		line, answer := [][]byte{[]byte("hello, world\n")}, make([]byte, 100)
		b.ReportAllocs()
		for b.Loop() {
			client.TryWrite(line)
			for l.Step() > 0 {
			}
			client.TryRead(answer)
		}
	})
	for _, s := range looptest.Setups() {
		b.Run(s.Name, func(b *testing.B) {
			benchmarkEcho(b, s.Start(b, &echoEngine{}))
		})
	}
	for _, s := range looptest.Setups() {
		if strings.HasSuffix(s.Name, "/mem") || strings.HasSuffix(s.Name, "/tcp") {
			b.Run(s.Name+" by a handler on a goroutine", func(b *testing.B) {
				benchmarkEcho(b, s.Start(b, &handlerEngine{executor: newWorkers(b)}))
			})
		}
	}
	b.Run("package net alone", func(b *testing.B) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			buffer := make([]byte, 4096)
			for {
				n, err := c.Read(buffer)
				if err != nil {
					return
				}
				c.Write(buffer[:n])
			}
		}()
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		benchmarkEcho(b, c)
	})
}

// benchmarkEcho sends lines one after the other.
func benchmarkEcho(b *testing.B, client io.ReadWriter) {
	line, answer := []byte("hello, world\n"), make([]byte, 13)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Write(line); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(client, answer); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, server := mem.Pipe(mem.Options{})
	e := newLineEngine(nil)
	done := make(chan error)
	go func() { done <- loop.Run(ctx, server, e, loop.Options{}) }()
	<-e.attached
	cancel()
	if err := <-done; err != context.Canceled {
		t.Errorf("Run returned %v", err)
	}
	if len(e.errors) != 1 || e.errors[0] != context.Canceled {
		t.Errorf("the engine was told %v", e.errors)
	}
}
