package loop_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/unix"
	"github.com/specht-http/specht/loop"
)

// queueLoops are n Loops that wait with queues, as one, and each by itself.
func queueLoops(t *testing.T, n int, o loop.Options) (*loop.Loops, []*loop.Loop) {
	var each []*loop.Loop
	for range n {
		each = append(each, newQueueLoop(t, o))
	}
	return loop.Together(each...), each
}

// connections are how many each Loop has.
func connections(each []*loop.Loop) (all []int64) {
	for _, l := range each {
		all = append(all, l.Stats().Connections)
	}
	return all
}

// dialMem opens a connection to a listener in memory.
func dialMem(t *testing.T, pl *mem.PollListener) *mem.Flow {
	t.Helper()
	c, err := pl.Dial()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stepAll steps until there is nothing to do.
func stepAll(l interface{ Step() int }) {
	for l.Step() > 0 {
	}
}

// One Loop accepts, and the one with the fewest connections gets each.
func TestLoopsDealOut(t *testing.T) {
	l, each := queueLoops(t, 3, loop.Options{})
	pl := mem.ListenPoll(mem.Options{})
	if err := l.Listen(pl, lineEngines(nil)); err != nil {
		t.Fatal(err)
	}
	var clients []*mem.Flow
	for range 30 {
		clients = append(clients, dialMem(t, pl))
	}
	stepAll(l)
	if got := connections(each); !slices.Equal(got, []int64{10, 10, 10}) {
		t.Fatalf("the Loops have %v connections", got)
	}
	for _, c := range clients {
		send(t, c, "hello\n")
	}
	stepAll(l)
	for i, c := range clients {
		want(t, c, "hello\n")
		if i%3 == 0 {
			c.Close()
		}
	}
	stepAll(l)
	for range 10 {
		dialMem(t, pl)
	}
	_, polling := mem.PollPipe(mem.Options{})
	if err := l.Add(polling, newLineEngine(nil)); err != nil {
		t.Fatal(err)
	}
	stepAll(l)
	got := connections(each)
	if slices.Sort(got); !slices.Equal(got, []int64{10, 10, 11}) {
		t.Errorf("the Loops have %v connections", got)
	}
	if s := l.Stats(); s.Connections != 31 || s.Accepted != 40 {
		t.Errorf("%+v", s)
	}
}

// Whoever accepts waits while all Loops have what they may have, and goes on
// when any of them has room.
func TestLoopsConnectionsMax(t *testing.T) {
	l, each := queueLoops(t, 3, loop.Options{ConnectionsMax: 2})
	pl := mem.ListenPoll(mem.Options{})
	if err := l.Listen(pl, lineEngines(nil)); err != nil {
		t.Fatal(err)
	}
	var clients []*mem.Flow
	for range 10 {
		clients = append(clients, dialMem(t, pl))
	}
	stepAll(l)
	if got := connections(each); !slices.Equal(got, []int64{2, 2, 2}) {
		t.Fatalf("the Loops have %v connections", got)
	}
	for i, c := range clients {
		send(t, c, "hello\n")
		stepAll(l)
		want(t, c, "hello\n")
		c.Close()
		stepAll(l)
		if got, want := l.Stats().Connections, min(6, int64(len(clients)-i-1)); got != want {
			t.Errorf("%d connections after %d have ended, want %d", got, i+1, want)
		}
	}
}

// A connection that comes while the Loops end is driven by the one that accepts
// it, and every Loop ends.
func TestLoopsShutdown(t *testing.T) {
	l, _ := queueLoops(t, 3, loop.Options{})
	pl := mem.ListenPoll(mem.Options{})
	done := make(chan error, 1)
	go func() { done <- l.Serve(pl, lineEngines(nil)) }()
	var clients []*mem.Flow
	for i := range 100 {
		c := dialMem(t, pl)
		send(t, c, "hello\n")
		clients = append(clients, c)
		if i < 3 { // so each Loop is driven
			want(t, c, "hello\n")
			send(t, c, "hello\n")
		}
	}
	if err := l.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Errorf("Serve returned %v", err)
	}
	for _, c := range clients {
		want(t, c, "hello\ngoodbye\n")
		wantEnd(t, c)
	}
	if s := l.Stats(); s.Connections != 0 || s.Accepted != 100 {
		t.Errorf("%+v", s)
	}
}

// failingPoller fails when it is asked to wait.
type failingPoller struct{ loop.Poller }

var errPoller = errors.New("the poller is broken")

func (failingPoller) Wait([]loop.Event, int64, bool) (int, error) { return 0, errPoller }

// When one of the Loops fails, the others end.
func TestLoopsFail(t *testing.T) {
	broken, err := loop.New(loop.Options{Poller: failingPoller{loop.NewQueue()}})
	if err != nil {
		t.Fatal(err)
	}
	l := loop.Together(newQueueLoop(t, loop.Options{}), broken, newQueueLoop(t, loop.Options{}))
	if err := l.Run(); !errors.Is(err, errPoller) {
		t.Errorf("Run returned %v", err)
	}
}

// A second Run is a mistake, which ends nothing.
func TestLoopsRunTwice(t *testing.T) {
	l, _ := queueLoops(t, 2, loop.Options{})
	pl := mem.ListenPoll(mem.Options{})
	done := make(chan error, 1)
	go func() { done <- l.Serve(pl, lineEngines(nil)) }()
	c := dialMem(t, pl)
	for _, c := range []*mem.Flow{c, dialMem(t, pl)} { // one for each Loop
		send(t, c, "hello\n")
		want(t, c, "hello\n")
	}
	second := make(chan error, 1)
	go func() { second <- l.Run() }()
	send(t, c, "hello\n")
	want(t, c, "hello\n")
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-second; err == nil {
		t.Error("the second Run returned nil")
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A Poller can't be shared.
func TestNewLoopsRefusesAPoller(t *testing.T) {
	if _, err := loop.NewLoops(2, loop.Options{Poller: loop.NewQueue()}); err == nil {
		t.Error("there is no error")
	}
	l, err := loop.NewLoops(1, loop.Options{Poller: loop.NewQueue()})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.ListenEach(nil, lineEngines(nil)); err == nil {
		t.Error("no listener for a Loop, and no error")
	}
}

// Each Loop has its own listener of one port, and the system deals.
func TestListenEach(t *testing.T) {
	l, err := loop.NewLoops(3, loop.Options{})
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	pls, err := tcp.ListenPollShared("127.0.0.1:0", l.Len())
	if err != nil {
		t.Skip(err)
	}
	if err := l.ListenEach(pls, lineEngines(nil)); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- l.Run() }()
	var clients []*tcp.Flow
	for range 100 {
		c, err := tcp.Dial(t.Context(), pls[0].Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients = append(clients, c)
	}
	for _, c := range clients {
		send(t, c, "hello\n")
		want(t, c, "hello\n")
	}
	if n := l.Stats().Connections; n != 100 {
		t.Errorf("%d connections", n)
	}
	l.Unlisten(pls...)
	if _, err := tcp.Dial(t.Context(), pls[0].Addr()); err == nil {
		t.Error("somebody still listens")
	}
	for _, c := range clients {
		send(t, c, "still here\n")
		want(t, c, "still here\n")
		c.Close()
	}
	if err := l.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// What is Lent stays open, with what waits to be accepted, for whoever comes
// next.
func TestLent(t *testing.T) {
	pl := mem.ListenPoll(mem.Options{})
	var last *mem.Flow
	for i := range 3 {
		l := newQueueLoop(t, loop.Options{})
		one := loop.Lent(pl)
		if err := l.Listen(one, lineEngines(nil)); err != nil {
			t.Fatal(err)
		}
		c := last
		if c == nil {
			c = dialMem(t, pl)
		}
		send(t, c, "hello\n")
		stepAll(l)
		want(t, c, "hello\n")
		if i == 1 {
			unlisten(l, one)
		}
		last = dialMem(t, pl)
		if err := l.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		want(t, c, "goodbye\n")
	}
	if err := pl.Close(); err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(last); err == nil {
		t.Error("what waited has not been reset")
	}
}

// unlisten is Unlisten for a Loop that the caller steps.
func unlisten(l *loop.Loop, pl flow.PollListener) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Unlisten(pl)
	}()
	for {
		select {
		case <-done:
			return
		default:
			l.Step()
		}
	}
}

// A listener of package net can be lent to Loops, and taken back, while it
// stays its owner's.
func TestListenerOfTheCaller(t *testing.T) {
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			l, err := loop.NewLoops(2, loop.Options{})
			if err != nil {
				t.Skip(err)
			}
			defer l.Close()
			own, pl := ownListener(t, network)
			done := make(chan error, 1)
			go func() { done <- l.Run() }()
			for i := range 3 {
				one := loop.Lent(pl)
				if err := l.Listen(one, lineEngines(nil)); err != nil {
					t.Fatal(err)
				}
				c, err := net.Dial(network, own.Addr().String())
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				line := fmt.Sprintf("hello %d\n", i)
				send(t, c, line)
				want(t, c, line)
				l.Unlisten(one)
			}
			c, err := net.Dial(network, own.Addr().String())
			if err != nil {
				t.Fatalf("the caller's listener is closed: %v", err)
			}
			defer c.Close()
			accepted, err := own.Accept()
			if err != nil {
				t.Fatal(err)
			}
			accepted.Close()
			if err := l.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Error(err)
			}
		})
	}
}

// ownListener is a listener of package net, and a polling one of its socket.
func ownListener(t *testing.T, network string) (net.Listener, flow.PollListener) {
	t.Helper()
	at := "127.0.0.1:0"
	if network == "unix" {
		at = t.TempDir() + "/s"
	}
	own, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { own.Close() })
	var pl flow.PollListener
	switch o := own.(type) {
	case *net.TCPListener:
		pl, err = tcp.PollListenerOf(o)
	case *net.UnixListener:
		pl, err = unix.PollListenerOf(o)
	}
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pl.Close() })
	if pl.Addr() != own.Addr().String() {
		t.Errorf("the address is %s, want %s", pl.Addr(), own.Addr())
	}
	return own, pl
}
