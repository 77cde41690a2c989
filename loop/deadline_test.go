package loop_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

func TestDeadline(t *testing.T) {
	for _, s := range looptest.Mem() {
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newLineEngine(nil)
				e.idleNs = int64(time.Minute)
				client := s.Start(t, e)
				begin := time.Now()
				for range 3 { // each line moves the deadline
					time.Sleep(40 * time.Second)
					send(t, client, "a\n")
					want(t, client, "a\n")
				}
				want(t, client, "expired\n")
				wantEnd(t, client)
				if d := time.Since(begin); d < 180*time.Second || d > 181*time.Second {
					t.Errorf("expired after %v, want 3m0s", d)
				}
				if e.expired != 1 {
					t.Errorf("expired %d times", e.expired)
				}
			})
		})
	}
}

// A peer that reads nothing doesn't keep a connection for ever; one that reads
// slowly does.
func TestWriteStall(t *testing.T) {
	for _, s := range looptest.Mem() {
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newLineEngine(nil)
				client, server := s.StartOptions(t, e, loop.Options{WriteStall: time.Second, WriteOctetsPerSecondMin: 100})
				send(t, client, "count 200000\n")
				for i := range 10 {
					time.Sleep(900 * time.Millisecond)
					want(t, client, string(counted(2000)[200*i:200*(i+1)]))
				}
				e.look(func() {
					if len(e.errors) > 0 {
						t.Errorf("the engine was told %v while its peer reads", e.errors)
					}
				})
				time.Sleep(3 * time.Second)
				e.look(func() {
					if len(e.errors) == 0 || !errors.Is(e.errors[len(e.errors)-1], loop.ErrWriteStalled) {
						t.Errorf("the engine was told %v", e.errors)
					}
				})
				if n := server.Stats().Connections; n != 0 {
					t.Errorf("%d connections are left", n)
				}
				if got, err := io.ReadAll(client); err == nil {
					t.Errorf("what was cut looks complete after %d octets more", len(got))
				}
			})
		})
	}
}

// One that reads a few octets in each stretch, and fewer than it must, doesn't
// keep it either.
func TestWriteRate(t *testing.T) {
	for _, s := range looptest.Mem() {
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := newLineEngine(nil)
				client, server := s.StartOptions(t, e, loop.Options{WriteStall: 10 * time.Second, WriteOctetsPerSecondMin: 100})
				send(t, client, "count 200000\n")
				for range 6 {
					time.Sleep(9 * time.Second)
					_, _ = io.ReadFull(client, make([]byte, 500))
				}
				e.look(func() {
					if len(e.errors) == 0 || !errors.Is(e.errors[len(e.errors)-1], loop.ErrWriteStalled) {
						t.Errorf("the engine was told %v", e.errors)
					}
				})
				if n := server.Stats().Connections; n != 0 {
					t.Errorf("%d connections are left", n)
				}
			})
		})
	}
}

// fakeClock is a time that passes when it is told to.
type fakeClock struct{ mono int64 }

func (c *fakeClock) Now() (mono, unix int64) { return c.mono, c.mono / 1e9 }

func TestDeadlineByStep(t *testing.T) {
	const ms = int64(time.Millisecond) // what a Loop's timers tell apart
	clock := &fakeClock{mono: ms}
	l := newQueueLoop(t, loop.Options{Clock: clock})
	var engines []*lineEngine
	for i := range 100 {
		e := newLineEngine(nil)
		e.idleNs = int64(1+i*37%100) * ms
		_, server := mem.PollPipe(mem.Options{})
		if err := l.Add(server, e); err != nil {
			t.Fatal(err)
		}
		engines = append(engines, e)
	}
	for l.Step() > 0 {
	}
	for clock.mono < 102*ms {
		clock.mono += ms
		for l.Step() > 0 {
		}
		for i, e := range engines {
			if want := clock.mono > e.idleNs; (e.expired == 1) != want {
				t.Fatalf("at %d ns: engine %d, due at %d, expired %d times", clock.mono, i, ms+e.idleNs, e.expired)
			}
		}
	}
	if n := l.Stats().Expired; n != 100 {
		t.Errorf("%d deadlines were counted", n)
	}
}

// Two runs of the same do the same.
func TestStepIsDeterministic(t *testing.T) {
	run := func() (trace []int) {
		l := newQueueLoop(t, loop.Options{Clock: &fakeClock{mono: 1}})
		var clients []*mem.Poll
		for range 10 {
			client, server := mem.PollPipe(mem.Options{ReadMax: 3, WriteMax: 2})
			if err := l.Add(server, newLineEngine(nil)); err != nil {
				t.Fatal(err)
			}
			clients = append(clients, client)
		}
		b := make([]byte, 100)
		for round := range 50 {
			clients[round*7%10].TryWrite([][]byte{[]byte("some line\n")})
			trace = append(trace, l.Step())
			n, _ := clients[round*3%10].TryRead(b)
			trace = append(trace, n)
		}
		return trace
	}
	a, b := run(), run()
	for i := range a {
		if a[i] != b[i] {
			t.Fatalf("step %d: %d and %d", i, a[i], b[i])
		}
	}
}

// failing is a listener that has no descriptors for a while.
type failing struct {
	*mem.PollListener
	failures int
}

var errShort = errors.Join(errors.New("no descriptors"), syscall.EMFILE)

func (l *failing) TryAccept() (flow.Poll, error) {
	if l.failures > 0 {
		l.failures--
		return nil, errShort
	}
	return l.PollListener.TryAccept()
}

type failingBlocking struct {
	*mem.Listener
	failures int
}

func (l *failingBlocking) Accept() (flow.Flow, error) {
	if l.failures > 0 {
		l.failures--
		return nil, errShort
	}
	return l.Listener.Accept()
}

func TestAcceptGoesOnAfterAnError(t *testing.T) {
	t.Run("poll", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			l := newQueueLoop(t, loop.Options{})
			pl := &failing{PollListener: mem.ListenPoll(mem.Options{}), failures: 10}
			done := make(chan error, 1)
			go func() { done <- l.Serve(pl, newEcho) }()
			checkEcho(t, pl.Dial)
			if n := l.Stats().AcceptErrors; n != 10 {
				t.Errorf("%d errors were counted", n)
			}
			l.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("goroutine", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			g := loop.NewGroup(loop.Options{})
			fl := &failingBlocking{Listener: mem.Listen(mem.Options{}), failures: 10}
			done := make(chan error, 1)
			go func() { done <- g.Serve(fl, newEcho) }()
			checkEcho(t, fl.Dial)
			if n := g.Stats().AcceptErrors; n != 10 {
				t.Errorf("%d errors were counted", n)
			}
			g.Close()
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	})
}

func newEcho(any) engine.Engine { return &echoEngine{} }

// checkEcho has one connection.
func checkEcho(t *testing.T, dial func() (*mem.Flow, error)) {
	c, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	send(t, c, "hello\n")
	want(t, c, "hello\n")
	c.CloseWrite()
	wantEnd(t, c)
}

// A listener that is closed under a Group ends its Serve with an error.
func TestListenerIsClosedUnderTheGroup(t *testing.T) {
	g := loop.NewGroup(loop.Options{})
	fl := mem.Listen(mem.Options{})
	fl.Close()
	if err := g.Serve(fl, newEcho); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve returned %v", err)
	}
}
