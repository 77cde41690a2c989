package loop_test

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// recorder makes engines and remembers them.
type recorder struct {
	mu      sync.Mutex
	engines []*lineEngine
	workers *loop.Workers
}

func (r *recorder) newEngine(any) engine.Engine {
	e := newLineEngine(r.workers)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.engines = append(r.engines, e)
	return e
}

func TestShutdownIsGraceful(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		r := &recorder{workers: newWorkers(t)}
		server := s.Serve(t, r.newEngine, loop.Options{})
		var clients []looptest.Client
		for range 5 {
			c := server.Dial()
			send(t, c, "hello\n")
			want(t, c, "hello\n")
			clients = append(clients, c)
		}
		send(t, clients[0], "later last words\n")
		want(t, clients[0], "last words\n")
		ended := make(chan error, 1)
		go func() { ended <- server.Shutdown(context.Background()) }()
		for _, c := range clients {
			want(t, c, "goodbye\n")
			wantEnd(t, c)
		}
		if err := <-ended; err != nil {
			t.Errorf("Shutdown returned %v", err)
		}
		if err := <-server.Done; err != nil {
			t.Errorf("Serve returned %v", err)
		}
		for _, e := range r.engines {
			if len(e.errors) > 0 {
				t.Errorf("an engine was told %v", e.errors)
			}
		}
		if c, err := server.TryDial(); err == nil {
			if _, err := c.Read(make([]byte, 1)); err == nil {
				t.Error("a connection is served after Shutdown")
			}
		}
	})
}

// What has been connected when Shutdown is called is served: a listener that
// is closed would reset it.
func TestShutdownAcceptsWhatIsConnected(t *testing.T) {
	l := newQueueLoop(t, loop.Options{})
	pl := mem.ListenPoll(mem.Options{})
	if err := l.Listen(pl, lineEngines(nil)); err != nil {
		t.Fatal(err)
	}
	var clients []*mem.Flow
	for range 100 { // more than are accepted at once
		c, err := pl.Dial()
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, "hello\n")
		clients = append(clients, c)
	}
	if err := l.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range clients {
		want(t, c, "hello\ngoodbye\n")
		wantEnd(t, c)
	}
}

// stubborn is an engine that doesn't end when it is asked to.
type stubborn struct{ lineEngine }

func (e *stubborn) Shutdown() {}

func TestShutdownEndsWithItsContext(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := &stubborn{}
		e.attached = make(chan struct{})
		client, server := s.StartOptions(t, e, loop.Options{})
		send(t, client, "hello\n")
		want(t, client, "hello\n")
		ctx, cancel := context.WithCancelCause(context.Background())
		enough := errors.New("enough")
		ended := make(chan error, 1)
		go func() { ended <- server.Shutdown(ctx) }()
		cancel(enough)
		if err := <-ended; err != enough {
			t.Errorf("Shutdown returned %v", err)
		}
		e.look(func() {
			if len(e.errors) != 1 || e.errors[0] != loop.ErrClosed {
				t.Errorf("the engine was told %v", e.errors)
			}
		})
	})
}

// Without listeners and connections there is nothing that could wake a Loop.
func TestShutdownOfAnEmptyLoop(t *testing.T) {
	for _, isRunning := range []bool{false, true} {
		l, err := loop.New(loop.Options{Poller: loop.NewQueue()})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		if isRunning {
			go func() { ended <- l.Run() }()
		} else {
			ended <- nil
		}
		if err := l.Shutdown(context.Background()); err != nil {
			t.Errorf("running: %v: Shutdown returned %v", isRunning, err)
		}
		if err := <-ended; err != nil && !errors.Is(err, loop.ErrClosed) {
			t.Errorf("running: %v: Run returned %v", isRunning, err)
		}
	}
}

func TestCloseTellsTheEngines(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := newLineEngine(newWorkers(t))
		client, server := s.StartOptions(t, e, loop.Options{})
		send(t, client, "hold\n")
		looptest.Eventually(t, "the engine yields", func() (does bool) {
			e.look(func() { does = e.holding > 0 })
			return does
		})
		server.Close()
		server.Close()
		e.look(func() {
			if len(e.errors) != 1 || e.errors[0] != loop.ErrClosed {
				t.Errorf("the engine was told %v", e.errors)
			}
		})
		if n := server.Stats().Connections; n != 0 {
			t.Errorf("%d connections are left", n)
		}
		if err := <-server.Done; err != nil {
			t.Errorf("Serve returned %v", err)
		}
	})
}

// A driver whose write blocks gives the engine its loan back before it tells
// it the end.
func TestCloseWhileAWriteBlocks(t *testing.T) {
	each(t, func(t *testing.T, s looptest.Setup) {
		e := newLineEngine(newWorkers(t))
		client, server := s.StartOptions(t, e, loop.Options{})
		if s.IsMem {
			send(t, client, "count 200000\n")
		} else {
			send(t, client, "count 4000000\n") // systems buffer a lot
		}
		want(t, client, string(counted(1)))
		server.Close()
		e.look(func() {
			if len(e.errors) == 0 || e.errors[len(e.errors)-1] != loop.ErrClosed {
				t.Errorf("the engine was told %v", e.errors)
			}
		})
	})
}

func TestAddAfterClose(t *testing.T) {
	l := newQueueLoop(t, loop.Options{})
	l.Close()
	_, poll := mem.PollPipe(mem.Options{})
	if err := l.Add(poll, &echoEngine{}); err != loop.ErrClosed {
		t.Errorf("Loop.Add: %v", err)
	}
	if err := l.Run(); err != loop.ErrClosed {
		t.Errorf("Loop.Run: %v", err)
	}
	g := loop.NewGroup(loop.Options{})
	g.Close()
	_, block := mem.Pipe(mem.Options{})
	if err := g.Add(block, &echoEngine{}); err != loop.ErrClosed {
		t.Errorf("Group.Add: %v", err)
	}
}

// descriptors is how many file descriptors the program has open.
func descriptors(t *testing.T) int {
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Skip(err)
	}
	return len(d)
}

// It must not run in parallel with others: it counts what the program has.
func TestNothingIsLeftBehind(t *testing.T) {
	for _, s := range looptest.Setups() {
		t.Run(s.Name, func(t *testing.T) {
			// What a program keeps for ever after its first use of it.
			t.Run("warm up", func(t *testing.T) { leave(t, s) })
			fds, goroutines := descriptors(t), runtime.NumGoroutine()
			t.Run("leave", func(t *testing.T) { leave(t, s) })
			looptest.Eventually(t, "all goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines })
			looptest.Eventually(t, "all descriptors are closed", func() bool { return descriptors(t) <= fds })
		})
	}
}

// leave has connections that end in every way there is.
func leave(t *testing.T, s looptest.Setup) {
	server := s.Serve(t, lineEngines(newWorkers(t)), loop.Options{})
	for _, lines := range []string{"quit\n", "half\n", "hold\n", "count 1000000\n", "later x\n", ""} {
		c := server.Dial()
		send(t, c, lines)
		c.Close()
		c = server.Dial()
		send(t, c, "hello\n")
		want(t, c, "hello\n")
		send(t, c, lines)
	}
}

// An idle connection costs one goroutine where each has its own, and none in
// a Loop.
func TestIdleConnectionsHoldNothing(t *testing.T) {
	for _, s := range looptest.Setups() {
		t.Run(s.Name, func(t *testing.T) {
			const connections = 20
			helpers := newWorkers(t)
			server := s.Serve(t, lineEngines(newWorkers(t)), loop.Options{Helpers: helpers})
			count := func() int { // those that wait for whoever needs help are no connection's
				n := runtime.NumGoroutine()
				_, idle := helpers.Count()
				return n - idle
			}
			var clients []looptest.Client
			dial := func() {
				c := server.Dial()
				send(t, c, "hello\n")
				want(t, c, "hello\n")
				clients = append(clients, c)
			}
			dial()
			before := count()
			for range connections {
				dial()
			}
			max := before
			if !s.IsPoll || s.IsPump {
				max += connections
			}
			looptest.Eventually(t, "idle connections cost no more goroutines than they must", func() bool {
				if count() <= max {
					return true
				}
				for _, c := range clients { // a goroutine that helped may have stayed to read
					send(t, c, "hello\n")
					want(t, c, "hello\n")
				}
				return false
			})
		})
	}
}
