package loop_test

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/unix"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// busyListener accepts nothing before somebody sets its deadline.
type busyListener struct {
	flow.Listener
	once  sync.Once
	asked chan struct{} // it has been asked
	set   chan struct{}
}

func (l *busyListener) Accept() (flow.Flow, error) {
	l.asked <- struct{}{}
	<-l.set
	return l.Listener.Accept()
}

func (l *busyListener) SetAcceptDeadline(t time.Time) error {
	defer l.once.Do(func() { close(l.set) })
	return l.Listener.(flow.AcceptDeadliner).SetAcceptDeadline(t)
}

// backlogKind is a listener and how to reach it.
type backlogKind struct {
	name   string
	listen func(t *testing.T) flow.Listener
	dial   func(l flow.Listener) (looptest.Client, error)
}

var backlogKinds = []backlogKind{
	{"tcp", func(t *testing.T) flow.Listener {
		l, err := tcp.Listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}, func(l flow.Listener) (looptest.Client, error) {
		return tcp.Dial(context.Background(), l.Addr())
	}},
	{"unix", func(t *testing.T) flow.Listener {
		l, err := unix.Listen(t.TempDir() + "/s")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}, func(l flow.Listener) (looptest.Client, error) {
		return unix.Dial(context.Background(), l.Addr())
	}},
	{"mem", func(*testing.T) flow.Listener {
		return mem.Listen(mem.Options{})
	}, func(l flow.Listener) (looptest.Client, error) {
		return l.(*mem.Listener).Dial()
	}},
}

// A Group that shuts down accepts what has been connected, answers what has
// arrived, and closes; who has sent nothing is told, too.
func TestGroupShutdownAcceptsTheBacklog(t *testing.T) {
	for _, kind := range backlogKinds {
		t.Run(kind.name, func(t *testing.T) {
			g := loop.NewGroup(loop.Options{})
			l := kind.listen(t)
			done := make(chan error, 1)
			busy := &busyListener{Listener: l, asked: make(chan struct{}, 100), set: make(chan struct{})}
			go func() { done <- g.Serve(busy, lineEngines(nil)) }()
			var clients []looptest.Client
			for i := range 40 {
				c, err := kind.dial(l)
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if i%2 == 0 {
					send(t, c, "hello\n")
				}
				clients = append(clients, c)
			}
			<-busy.asked
			if err := g.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if err := <-done; err != nil {
				t.Errorf("Serve returned %v", err)
			}
			for i, c := range clients {
				if i%2 == 0 {
					want(t, c, "hello\n")
				}
				want(t, c, "goodbye\n")
				wantEnd(t, c)
			}
			if c, err := kind.dial(l); err == nil {
				c.Close()
				t.Error("somebody still listens")
			}
			if s := g.Stats(); s.Accepted != 40 || s.Connections != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
}

// Past its cap on connections a Group accepts none when it shuts down.
func TestGroupShutdownMindsItsCap(t *testing.T) {
	g := loop.NewGroup(loop.Options{ConnectionsMax: 1})
	l := mem.Listen(mem.Options{})
	done := make(chan error, 1)
	go func() { done <- g.Serve(l, lineEngines(nil)) }()
	var clients []*mem.Flow
	for range 3 {
		c, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
	}
	send(t, clients[0], "hold\n") // it goes on
	looptest.Eventually(t, "the first is driven", func() bool { return g.Stats().Connections == 1 })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- g.Shutdown(ctx) }()
	if b := make([]byte, 10); true {
		if _, err := clients[2].Read(b); err == nil {
			t.Error("the third was accepted")
		}
	}
	cancel()
	<-ended
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// A listener that can't be emptied is closed, as before.
func TestGroupShutdownClosesOtherListeners(t *testing.T) {
	g := loop.NewGroup(loop.Options{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- g.Serve(plainListener{l}, lineEngines(nil)) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	send(t, c, "hello\n")
	want(t, c, "hello\n")
	if err := g.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// plainListener is a listener of package net without a deadline.
type plainListener struct{ l net.Listener }

func (l plainListener) Accept() (flow.Flow, error) { return l.l.Accept() }
func (l plainListener) Close() error               { return l.l.Close() }
func (l plainListener) Addr() string               { return l.l.Addr().String() }
