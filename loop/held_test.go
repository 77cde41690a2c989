package loop_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// hoarder keeps everything that it reads, in buffers of its host, until
// somebody makes it let go.
type hoarder struct {
	host   engine.Host
	stored [][]byte
	total  int // octets that it has read
	over   bool
}

func (e *hoarder) Attach(h engine.Host) { e.host = h }

func (e *hoarder) NextRead() engine.Op {
	if e.over {
		return engine.Close
	}
	return engine.Read
}

func (e *hoarder) Read(b []byte) int {
	e.stored = append(e.stored, append(e.host.Get(len(b)), b...))
	e.total += len(b)
	return len(b)
}

func (e *hoarder) ReadEOF([]byte) int { e.over = true; return 0 }

func (e *hoarder) NextWrite() (engine.Op, [][]byte) {
	if e.over {
		return engine.Close, nil
	}
	return engine.Yield, nil
}

func (e *hoarder) ReportWrite(int, error) {}
func (e *hoarder) Deadline() int64        { return 0 }
func (e *hoarder) Expire()                {}
func (e *hoarder) ReportError(error)      { e.over = true }
func (e *hoarder) Closed() bool           { return e.over }
func (e *hoarder) Shutdown()              { e.over = true }

// letGo gives back what is stored, as any goroutine may, and wakes nobody.
func (e *hoarder) letGo() (read int) {
	e.host.Lock()
	defer e.host.Unlock()
	for _, b := range e.stored {
		e.host.Put(b[:0])
	}
	e.stored = nil
	return e.total
}

// What connections hold together is bounded. Who holds nothing is read all the
// same, and nobody waits for ever.
func TestHeldOctetsMax(t *testing.T) {
	const connections, each, max, least = 1000, 64 << 10, 1 << 20, 4 << 10
	l := newQueueLoop(t, loop.Options{HeldOctetsMax: max})
	var engines []*hoarder
	for range connections {
		client, f := mem.PollPipe(mem.Options{})
		e := &hoarder{}
		if err := l.Add(f, e); err != nil {
			t.Fatal(err)
		}
		if n, err := client.TryWrite([][]byte{make([]byte, each)}); n != each {
			t.Fatal(n, err)
		}
		engines = append(engines, e)
	}
	stepAll(l)
	bound := func() {
		t.Helper()
		if n := l.Stats().HeldOctets; n < max || n > max+connections*least+each {
			t.Fatalf("%d octets are held, want %d at most", n, max+connections*least+each)
		}
	}
	bound()
	for i, e := range engines {
		if e.total == 0 {
			t.Fatalf("connection %d was not read at all", i)
		}
	}
	if n := l.Stats().HeldBack; n < connections-max/each {
		t.Errorf("%d connections have waited", n)
	}

	client, f := mem.PollPipe(mem.Options{})
	if err := l.Add(f, newLineEngine(nil)); err != nil {
		t.Fatal(err)
	}
	client.TryWrite([][]byte{[]byte("hello\n")})
	stepAll(l)
	answer := make([]byte, 10)
	if n, err := client.TryRead(answer); string(answer[:n]) != "hello\n" {
		t.Errorf("a connection that holds nothing received %q (%v)", answer[:n], err)
	}

	for round, done := 0, 0; done < connections; round++ {
		if round > 2*connections*each/max {
			t.Fatalf("%d connections of %d have been read after %d rounds", done, connections, round)
		}
		done = 0
		for _, e := range engines {
			if e.letGo() == each {
				done++
			}
		}
		stepAll(l)
		if done < connections-2*max/each {
			bound()
		}
	}
	if n := l.Stats().HeldOctets; n != 0 {
		t.Errorf("%d octets are held at the end", n)
	}
}

// What a connection holds that has ended doesn't count, also when it is given
// back later, and it waits no longer.
func TestHeldOctetsOfAnEndedConnection(t *testing.T) {
	l := newQueueLoop(t, loop.Options{HeldOctetsMax: 1 << 10, ReadOctets: 8 << 10})
	var engines []*hoarder
	var clients []*mem.Poll
	for range 3 {
		client, f := mem.PollPipe(mem.Options{})
		e := &hoarder{}
		if err := l.Add(f, e); err != nil {
			t.Fatal(err)
		}
		client.TryWrite([][]byte{make([]byte, 8<<10)})
		engines, clients = append(engines, e), append(clients, client)
	}
	stepAll(l)
	if n := l.Stats().HeldOctets; n != 3*4<<10 {
		t.Errorf("%d octets are held", n)
	}
	for i, e := range engines[:2] {
		e.host.Lock()
		e.over = true
		e.host.Unlock()
		e.host.Wake()
		stepAll(l)
		if n, want := l.Stats().HeldOctets, int64(2-i)*4<<10; n != want {
			t.Errorf("%d octets are held, want %d", n, want)
		}
		e.letGo()
		if n, want := l.Stats().HeldOctets, int64(2-i)*4<<10; n != want {
			t.Errorf("%d octets are held, want %d", n, want)
		}
	}
	if n := engines[2].letGo(); n != 4<<10 {
		t.Errorf("the last has read %d octets", n)
	}
	stepAll(l)
	if n := engines[2].letGo(); n != 8<<10 {
		t.Errorf("the last has read %d octets, and there is room", n)
	}
	clients[2].Close()
	stepAll(l)
	if s := l.Stats(); s.HeldOctets != 0 || s.Connections != 0 {
		t.Errorf("%+v", s)
	}
}

// Room that other goroutines make, without waking the Loop, is not lost on those
// that wait for it.
func TestHeldOctetsCrossings(t *testing.T) {
	l := newQueueLoop(t, loop.Options{HeldOctetsMax: 8 << 10, ReadOctets: 8 << 10})
	const connections, each = 4, 2 << 20
	var engines []*hoarder
	var sending sync.WaitGroup
	for range connections {
		client, f := mem.MixedPipe(mem.Options{})
		e := &hoarder{}
		if err := l.Add(f, e); err != nil {
			t.Fatal(err)
		}
		engines = append(engines, e)
		sending.Go(func() {
			if n, err := client.Write(make([]byte, each)); err != nil {
				t.Error(n, err)
			}
		})
	}
	l.Step() // so that they have their hosts
	done := make(chan error, 1)
	go func() { done <- l.Run() }()
	looptest.Eventually(t, "everything has been read", func() bool {
		all := 0
		for _, e := range engines {
			all += e.letGo()
		}
		return all == connections*each
	})
	sending.Wait()
	l.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A thousand uploads to handlers that take nothing stay within the cap, and all
// are answered when the handlers take them.
func TestHeldOctetsOfUploads(t *testing.T) {
	const connections, each, max = 1000, 100_000, 2 << 20
	synctest.Test(t, func(t *testing.T) {
		l := newQueueLoop(t, loop.Options{HeldOctetsMax: max})
		w := newWorkers(t)
		take := make(chan struct{})
		service := h1.NewService(h1.Options{Executor: w, Handler: message.HandlerFunc(func(x message.Exchange) {
			<-take
			n, b := 0, make([]byte, 10_000)
			for {
				k, err := x.Read(b)
				n += k
				if err != nil {
					_ = x.Respond(message.StatusOK, nil, fmt.Appendf(nil, "%d octets, %v", n, err == message.ErrEnd))
					return
				}
			}
		})})
		pl := mem.ListenPoll(mem.Options{})
		done := make(chan error, 1)
		go func() { done <- l.Serve(pl, func(any) engine.Engine { return service.NewServer(nil) }) }()
		answered := make(chan string, connections)
		for range connections {
			go func() {
				c, err := pl.Dial()
				if err != nil {
					answered <- err.Error()
					return
				}
				defer c.Close()
				fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\nConnection: close\r\n\r\n", each)
				_, _ = c.Write(make([]byte, each)) // what fails shows in the answer
				b, _ := io.ReadAll(c)
				answered <- string(b)
			}()
		}
		synctest.Wait()
		if s := l.Stats(); s.HeldOctets < max || s.HeldOctets > max+connections*(8<<10) || s.Connections != connections {
			t.Errorf("%+v", s)
		}
		close(take)
		for range connections {
			if a := <-answered; !strings.Contains(a, fmt.Sprintf("%d octets, true", each)) {
				t.Fatalf("an upload was answered by %q", a)
			}
		}
		if err := l.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if s := l.Stats(); s.HeldOctets != 0 {
			t.Errorf("%+v", s)
		}
		<-done
	})
}
