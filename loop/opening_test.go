package loop_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop"
)

// knock opens a flow when its peer has sent an octet: o if it may be opened.
type knock struct {
	flow.Poll
	isOpen bool
}

var errTurnedAway = errors.New("turned away")

func (k *knock) Open() error {
	if k.isOpen {
		return nil
	}
	var b [1]byte
	switch _, err := k.TryRead(b[:]); {
	case err != nil:
		return err
	case b[0] != 'o':
		return errTurnedAway
	}
	k.isOpen = true
	return nil
}

func (k *knock) Announce(to flow.Notifier, token uint64) {
	k.Poll.(flow.Announcing).Announce(to, token)
}

// knockFlow is a knock that blocks.
type knockFlow struct{ flow.Flow }

func (k knockFlow) Open() error {
	var b [1]byte
	if _, err := k.Read(b[:]); err != nil {
		return err
	}
	if b[0] != 'o' {
		return errTurnedAway
	}
	return nil
}

type (
	knockListener struct{ *mem.Listener }
	knockPolls    struct{ *mem.PollListener }
)

func (l knockListener) Accept() (flow.Flow, error) {
	f, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return knockFlow{f}, nil
}

func (l knockPolls) TryAccept() (flow.Poll, error) {
	f, err := l.PollListener.TryAccept()
	if err != nil {
		return nil, err
	}
	return &knock{Poll: f}, nil
}

// openErrors are what Options.OnOpenError was told.
type openErrors struct {
	mu     sync.Mutex
	errors []error
}

func (o *openErrors) note(_ any, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.errors = append(o.errors, err)
}

func (o *openErrors) count(target error) (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, err := range o.errors {
		if errors.Is(err, target) {
			n++
		}
	}
	return n
}

// openingDriver is a driver that serves flows that must be opened.
type openingDriver struct {
	dial     func() (*mem.Flow, error)
	stats    func() loop.Stats
	shutdown func(context.Context) error
}

// eachOpening runs a test with both drivers, in a bubble.
func eachOpening(t *testing.T, o loop.Options, newEngine loop.NewEngine, test func(*testing.T, openingDriver)) {
	t.Run("poll", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o.Poller = loop.NewQueue()
			l, err := loop.New(o)
			if err != nil {
				t.Fatal(err)
			}
			pl := mem.ListenPoll(mem.Options{})
			done := make(chan error, 1)
			go func() { done <- l.Serve(knockPolls{pl}, newEngine) }()
			test(t, openingDriver{pl.Dial, l.Stats, l.Shutdown})
			l.Close()
			if err := <-done; err != nil {
				t.Errorf("Serve returned %v", err)
			}
		})
	})
	t.Run("goroutine", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := loop.NewWorkers(loop.WorkersOptions{})
			defer w.Close(context.Background())
			o.Helpers = w
			g := loop.NewGroup(o)
			fl := mem.Listen(mem.Options{})
			done := make(chan error, 1)
			go func() { done <- g.Serve(knockListener{fl}, newEngine) }()
			test(t, openingDriver{fl.Dial, g.Stats, g.Shutdown})
			g.Close()
			if err := <-done; err != nil {
				t.Errorf("Serve returned %v", err)
			}
		})
	})
}

// A flow gets its engine when it is open; one that can't be opened is told of
// and closed, one that takes too long as well.
func TestOpening(t *testing.T) {
	made := 0
	engines := func(f any) engine.Engine {
		made++
		return newLineEngine(nil)
	}
	var told openErrors
	eachOpening(t, loop.Options{OpenTimeout: time.Second, OnOpenError: told.note}, engines, func(t *testing.T, d openingDriver) {
		made, told.errors = 0, nil
		dial := func() *mem.Flow {
			c, err := d.dial()
			if err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			return c
		}
		opened, refused, silent, gone := dial(), dial(), dial(), dial()
		if made != 0 {
			t.Errorf("%d engines were made for flows that aren't open", made)
		}
		send(t, opened, "ohello\n")
		want(t, opened, "hello\n")
		send(t, refused, "x")
		wantEnd(t, refused)
		gone.Close()
		time.Sleep(2 * time.Second)
		wantEnd(t, silent)
		synctest.Wait()
		if n := told.count(errTurnedAway); n != 1 {
			t.Errorf("%d were turned away, want 1", n)
		}
		if n := told.count(loop.ErrOpenTimeout); n != 1 {
			t.Errorf("%d were too late, want 1", n)
		}
		s := d.stats()
		if s.Connections != 1 || s.OpenErrors != 3 || made != 1 {
			t.Errorf("%+v, %d engines were made; want 1 connection, 3 errors, 1 engine", s, made)
		}
		send(t, opened, "again\n")
		want(t, opened, "again\n")
		opened.Close()
	})
}

// At the cap, whoever has been opening for longest makes room.
func TestOpeningMax(t *testing.T) {
	var told openErrors
	eachOpening(t, loop.Options{OpeningMax: 2, OnOpenError: told.note}, lineEngines(nil), func(t *testing.T, d openingDriver) {
		told.errors = nil
		var clients []*mem.Flow
		for range 5 {
			c, err := d.dial()
			if err != nil {
				t.Fatal(err)
			}
			clients = append(clients, c)
			synctest.Wait()
		}
		for _, c := range clients[:3] {
			wantEnd(t, c)
		}
		for _, c := range clients[3:] {
			send(t, c, "ohello\n")
			want(t, c, "hello\n")
			c.Close()
		}
		if n := told.count(loop.ErrOpenCrowded); n != 3 {
			t.Errorf("%d had to make room, want 3", n)
		}
	})
}

// What is opening when a driver is closed ends with it, and what is opening
// when one is shut down may go on.
func TestOpeningAtTheEnd(t *testing.T) {
	eachOpening(t, loop.Options{OpenTimeout: -1}, lineEngines(nil), func(t *testing.T, d openingDriver) {
		late, err := d.dial()
		if err != nil {
			t.Fatal(err)
		}
		never, err := d.dial()
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		ctx, cut := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.shutdown(ctx) }()
		synctest.Wait()
		send(t, late, "o")
		want(t, late, "goodbye\n")
		wantEnd(t, late)
		cut()
		wantEnd(t, never)
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown returned %v", err)
		}
	})
}

// A connection that nobody has an engine for is closed.
func TestNoEngine(t *testing.T) {
	eachOpening(t, loop.Options{}, func(any) engine.Engine { return nil }, func(t *testing.T, d openingDriver) {
		c, err := d.dial()
		if err != nil {
			t.Fatal(err)
		}
		send(t, c, "o")
		wantEnd(t, c)
		synctest.Wait()
		if s := d.stats(); s.Connections != 0 || s.OpenErrors != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// An engine whose flow can't be opened is told so, under either driver.
func TestAddOfAFlowThatNeverOpens(t *testing.T) {
	check := func(name string, e *lineEngine, s loop.Stats) {
		t.Helper()
		if len(e.errors) != 1 || e.errors[0] != errTurnedAway || s.Connections != 0 || s.OpenErrors != 1 {
			t.Errorf("%s: the engine was told %v; %+v", name, e.errors, s)
		}
	}
	l := newQueueLoop(t, loop.Options{})
	client, poll := mem.PollPipe(mem.Options{})
	_, _ = client.TryWrite([][]byte{[]byte("x")})
	e := newLineEngine(nil)
	if err := l.Add(&knock{Poll: poll}, e); err != nil {
		t.Fatal(err)
	}
	stepAll(l)
	check("Loop", e, l.Stats())

	g := loop.NewGroup(loop.Options{})
	peer, block := mem.Pipe(mem.Options{})
	send(t, peer, "x")
	e = newLineEngine(nil)
	if err := g.Add(knockFlow{block}, e); err != nil {
		t.Fatal(err)
	}
	wantEnd(t, peer)
	g.Close()
	check("Group", e, g.Stats())
}
