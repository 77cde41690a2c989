package loop_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// An engine that consumes nothing of a full window is told that it has a bug.
func TestWindowIsBounded(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := newLineEngine(nil)
		client, server := s.StartOptions(t, e, loop.Options{WindowOctetsMax: 3000})
		send(t, client, strings.Repeat("x", 2999)+"\n")
		want(t, client, strings.Repeat("x", 2999)+"\n")
		go io.WriteString(client, strings.Repeat("x", 10_000))
		looptest.Eventually(t, "the connection ends", func() bool { return server.Stats().Connections == 0 })
		e.look(func() {
			if len(e.errors) != 1 || !strings.Contains(e.errors[0].Error(), "window of 3000 octets") {
				t.Errorf("the engine was told %v", e.errors)
			}
			if len(e.left) != 3000 {
				t.Errorf("the engine was offered %d octets", len(e.left))
			}
		})
	})
}

// Windows that grow beyond what one read takes stay contiguous.
func TestLargeWindow(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		n := 300_000
		if s.IsMem && !strings.HasSuffix(s.Name, "/mem") {
			n = 3_000
		}
		client, _ := s.StartOptions(t, newLineEngine(nil), loop.Options{ReadOctets: 4096})
		line := string(counted(n)) + "\n"
		go io.WriteString(client, "a\n"+line+"b\n"+line)
		want(t, client, "a\n"+line+"b\n"+line)
		end(t, client)
	})
}

// One connection that always has something to read doesn't keep another
// waiting for longer than its budget.
func TestBusyConnectionLeavesTurnsToOthers(t *testing.T) {
	l := newQueueLoop(t, loop.Options{TurnsMax: 4, ReadOctets: 16})
	busy, a := mem.PollPipe(mem.Options{})
	calm, b := mem.PollPipe(mem.Options{})
	for _, f := range []flow.Poll{a, b} {
		if err := l.Add(f, newLineEngine(nil)); err != nil {
			t.Fatal(err)
		}
	}
	for l.Step() > 0 {
	}
	busy.TryWrite([][]byte{[]byte(strings.Repeat("a line of some length\n", 1000))})
	calm.TryWrite([][]byte{[]byte("hello\n")})
	l.Step()
	answer := make([]byte, 100)
	if n, err := calm.TryRead(answer); n != 6 {
		t.Errorf("%d octets (%v) while another connection is busy", n, err)
	}
	if n := l.Stats().Reads; n > 6 {
		t.Errorf("%d reads in one pass", n)
	}
	for l.Step() > 0 {
	}
	if n := l.Stats().Reads; n < 20 {
		t.Errorf("%d reads at the end, want many", n)
	}
}

// A connection that has many small requests read at once, whose answers fill
// many writes, has its turn over after some of them, as if it had sent less at a
// time; one that sends a request now and then waits for as much, and not for all.
func TestTurnsAreMeasuredInOctets(t *testing.T) {
	const line = "a line of some length\n"
	sent := strings.Repeat(line, 20_000)
	for _, readOctets := range []int{4 << 10, 64 << 10} {
		l := newQueueLoop(t, loop.Options{ReadOctets: readOctets})
		busy, a := mem.PollPipe(mem.Options{BufferOctets: 1 << 20})
		calm, b := mem.PollPipe(mem.Options{})
		for _, f := range []flow.Poll{a, b} {
			if err := l.Add(f, newLineEngine(nil)); err != nil {
				t.Fatal(err)
			}
		}
		for l.Step() > 0 {
		}
		if _, err := busy.TryWrite([][]byte{[]byte(sent)}); err != nil {
			t.Fatal(err)
		}
		answer := make([]byte, 1<<20)
		most, all := 0, 0
		for all < len(sent) {
			if _, err := calm.TryWrite([][]byte{[]byte("hello\n")}); err != nil {
				t.Fatal(err)
			}
			l.Step()
			if n, err := calm.TryRead(answer); n != len("hello\n") {
				t.Fatalf("reading %d octets at once: %d octets (%v) while another connection is busy", readOctets, n, err)
			}
			n, _ := busy.TryRead(answer)
			most, all = max(most, n), all+n
		}
		// A read and a write each may go beyond what is left of the budget.
		if most > 128<<10 {
			t.Errorf("reading %d octets at once: %d octets were answered while another connection waited", readOctets, most)
		}
	}
}

// A request and its answer cost one read and one write, and none that would
// have blocked.
func TestOneReadAndOneWrite(t *testing.T) {
	for _, s := range looptest.Setups() {
		if strings.Contains(s.Name, "one octet") || strings.Contains(s.Name, "block") || strings.Contains(s.Name, "buffer") {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			client, server := s.StartOptions(t, newLineEngine(nil), loop.Options{})
			for range 100 {
				send(t, client, "one\ntwo\nthree\n")
				want(t, client, "one\ntwo\nthree\n")
			}
			end(t, client)
			n := server.Stats()
			if n.Reads != 100 || n.Writes != 101 || n.ReadsEmpty != 0 || n.WritesFull != 0 {
				t.Errorf("%+v, want 100 reads and 101 writes", n)
			}
		})
	}
}

// A broken flow is told with its error.
func TestReset(t *testing.T) {
	for _, s := range looptest.Mem() {
		t.Run(s.Name, func(t *testing.T) {
			e := newLineEngine(nil)
			client, server := s.StartOptions(t, e, loop.Options{})
			send(t, client, "hello\n")
			want(t, client, "hello\n")
			client.(*mem.Flow).Reset()
			looptest.Eventually(t, "the connection ends", func() bool { return server.Stats().Connections == 0 })
			if len(e.errors) != 1 || !errors.Is(e.errors[0], syscall.EPIPE) {
				t.Errorf("the engine was told %v", e.errors)
			}
		})
	}
}

// An engine that goes on reading after a failed write gets the peer's last
// words.
func TestReadsAfterAFailedWrite(t *testing.T) {
	for _, s := range looptest.Mem() {
		t.Run(s.Name, func(t *testing.T) {
			e := newLineEngine(nil)
			client, server := s.StartOptions(t, e, loop.Options{})
			send(t, client, "hold\n")
			looptest.Eventually(t, "the engine yields", func() (does bool) {
				e.look(func() { does = e.holding > 0 })
				return does
			})
			client.(*mem.Flow).CloseRead()
			e.push("nobody hears this\n")
			looptest.Eventually(t, "the write fails", func() (has bool) {
				e.look(func() { has = len(e.errors) == 1 })
				return has
			})
			e.release()
			send(t, client, "last words\n")
			client.CloseWrite()
			looptest.Eventually(t, "the connection ends", func() bool { return server.Stats().Connections == 0 })
			if e.received != len("hold\nlast words\n") || e.eofs != 1 {
				t.Errorf("received %d octets and %d ends", e.received, e.eofs)
			}
		})
	}
}

// Run needs no more of a flow than io.ReadWriteCloser.
func TestRunOverAnything(t *testing.T) {
	client, server := net.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- loop.Run(t.Context(), struct{ io.ReadWriteCloser }{server}, newLineEngine(newWorkers(t)), loop.Options{})
	}()
	send(t, client, "hello\nlater x\n")
	want(t, client, "hello\nx\n")
	send(t, client, "count 50000\n")
	want(t, client, string(counted(50_000)))
	send(t, client, "half\n")
	send(t, client, "quit\n")
	wantEnd(t, client)
	if err := <-done; err != nil {
		t.Errorf("Run returned %v", err)
	}
}

// A reader that nobody needs any more is told so before the flow is closed.
func TestReaderIsUnblocked(t *testing.T) {
	client, server := mem.Pipe(mem.Options{})
	e := newLineEngine(newWorkers(t))
	spy := &spyFlow{Flow: server, reading: make(chan struct{}, 10), returned: make(chan struct{}, 10)}
	done := make(chan error, 1)
	go func() { done <- loop.Run(t.Context(), spy, e, loop.Options{}) }()
	<-spy.reading
	e.look(func() { e.readOver = true })
	e.host.Wake()
	<-spy.returned
	e.push("and so on\n")
	want(t, client, "and so on\n")
	e.look(func() { e.writeOver = true })
	e.host.Wake()
	wantEnd(t, client)
	if err := <-done; err != nil {
		t.Errorf("Run returned %v", err)
	}
}

// spyFlow tells when it is read.
type spyFlow struct {
	*mem.Flow
	reading, returned chan struct{}
}

func (f *spyFlow) Read(b []byte) (int, error) {
	f.reading <- struct{}{}
	defer func() { f.returned <- struct{}{} }()
	return f.Flow.Read(b)
}

// empty says Write and lends nothing.
type empty struct{ echoEngine }

func (e *empty) NextWrite() (engine.Op, [][]byte) { return engine.Write, [][]byte{nil} }

func TestAnEngineThatLendsNothingHasABug(t *testing.T) {
	var told any
	defer func() {
		if v := recover(); v != nil && loop.Invariants { // which contain nothing
			told = v
		}
		if s, _ := told.(string); !strings.HasPrefix(s, "loop: bug: ") {
			t.Errorf("the panic is %v", told)
		}
	}()
	l, err := loop.New(loop.Options{Poller: loop.NewQueue(), OnPanic: func(_, v any) { told = v }})
	if err != nil {
		t.Fatal(err)
	}
	_, f := mem.PollPipe(mem.Options{})
	if err := l.Add(f, &empty{}); err != nil {
		t.Fatal(err)
	}
	l.Step()
}

// A flow that is neither described nor announcing can't be polled, and its
// engine is told.
func TestLoopRefusesWhatItCannotPoll(t *testing.T) {
	l := newQueueLoop(t, loop.Options{})
	_, f := mem.PollPipe(mem.Options{})
	for _, f := range []flow.Poll{struct{ flow.Poll }{f}, described{f}} {
		e := newLineEngine(nil)
		if err := l.Add(f, e); err != nil {
			t.Fatal(err)
		}
		l.Step()
		if len(e.errors) != 1 {
			t.Errorf("the engine was told %v", e.errors)
		}
	}
	err := l.Serve(describedListener{mem.ListenPoll(mem.Options{})}, newEcho)
	if !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Serve returned %v", err)
	}
}

type described struct{ flow.Poll }

func (described) Descriptor() int { return -1 }

type describedListener struct{ flow.PollListener }

func (describedListener) Descriptor() int { return -1 }

// Above ConnectionsMax listeners aren't accepted from; a connection that ends
// makes room for another.
func TestConnectionsMax(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		if s.Layers > 0 {
			t.Skip("a client that isn't accepted waits for its handshake")
		}
		server := s.Serve(t, func(any) engine.Engine { return newLineEngine(nil) }, loop.Options{ConnectionsMax: 2})
		most := 2 * max(1, s.Loops)
		var clients []looptest.Client
		for range most {
			c := server.Dial()
			clients = append(clients, c)
			send(t, c, "hello\n")
			want(t, c, "hello\n")
		}
		third := server.Dial()
		send(t, third, "third\n")
		for range 3 { // the driver has had its turns
			send(t, clients[1], "hello\n")
			want(t, clients[1], "hello\n")
		}
		if n := server.Stats().Connections; n != int64(most) {
			t.Errorf("%d connections are driven, of at most %d", n, most)
		}
		clients[0].Close()
		want(t, third, "third\n")
	})
}
