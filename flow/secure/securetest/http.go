package securetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// http: the engines of HTTP/1.1 understand each other, under both drivers at
// both ends.
func (p Pair) http(t *testing.T) {
	for _, a := range awkward {
		for _, f := range forms {
			t.Run(a.name+"/"+f.name, func(t *testing.T) {
				client := newFetcher()
				if f.serverPolls {
					p.servePoll(t, a.flows, f, client)
				} else {
					p.serveGroup(t, a.flows, f, client)
				}
			})
		}
	}
}

// engines makes those of the server: a response's content is the target, and
// many octets.
func engines() loop.NewEngine {
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, content(string(x.Target()))) // the client may have gone
	}))})
	return func(f any) engine.Engine {
		if f.(flow.Negotiated).ALPN() != ALPN {
			return nil
		}
		return service.NewServer(nil)
	}
}

func content(target string) []byte {
	return append([]byte(target), bytes.Repeat([]byte(" and so on"), 500)...)
}

// servePoll serves with a Loop.
func (p Pair) servePoll(t *testing.T, o mem.Options, f form, c *fetcher) {
	l, stop := newLoop(t)
	listener := mem.ListenPoll(o)
	if err := l.Listen(p.Server.ListenPoll(listener), engines()); err != nil {
		t.Fatal(err)
	}
	if f.clientPolls {
		below, err := listener.DialPoll()
		p.fetchPoll(t, c, below, err, stop)
		return
	}
	below, err := listener.Dial()
	p.fetchFlow(t, c, below, err, stop)
}

// serveGroup serves with a goroutine for the connection.
func (p Pair) serveGroup(t *testing.T, o mem.Options, f form, c *fetcher) {
	var polling *mem.Poll
	if !f.clientPolls && o.BufferOctets > 0 {
		o.BufferOctets = max(o.BufferOctets, 1000) // see connect
	}
	near, far := mem.Pipe(o)
	if f.clientPolls {
		far, polling = mem.MixedPipe(o)
	}
	g := loop.NewGroup(loop.Options{})
	ended := make(chan error, 1)
	l := &listener{flows: make(chan flow.Flow, 1), closed: make(chan struct{})}
	l.flows <- far
	go func() { ended <- g.Serve(p.Server.Listen(l), engines()) }()
	stop := func() {
		if err := g.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the Group ended with %v", err)
		}
	}
	if f.clientPolls {
		p.fetchPoll(t, c, polling, nil, stop)
	} else {
		p.fetchFlow(t, c, near, nil, stop)
	}
}

// listener gives flows that are there.
type listener struct {
	flows   chan flow.Flow
	closed  chan struct{}
	closing sync.Once
}

// Accept implements flow.Listener.
func (l *listener) Accept() (flow.Flow, error) {
	select {
	case f := <-l.flows:
		return f, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements flow.Listener.
func (l *listener) Close() error {
	l.closing.Do(func() { close(l.closed) })
	return nil
}

// Addr implements flow.Listener.
func (l *listener) Addr() string { return "mem" }

// fetcher is an engine of a client, and a channel that tells that it is ready.
type fetcher struct {
	engine *h1.Client
	ready  chan struct{}
}

func newFetcher() *fetcher {
	c := &fetcher{ready: make(chan struct{})}
	c.engine = h1.NewClient(h1.ClientOptions{OnReady: func(*h1.Client) { close(c.ready) }})
	return c
}

// fetchPoll fetches over a Poll in a Loop, and then stops the server.
func (p Pair) fetchPoll(t *testing.T, c *fetcher, below *mem.Poll, err error, stop func()) {
	if err != nil {
		t.Fatal(err)
	}
	l, stopClient := newLoop(t)
	if err := l.Add(p.Client.Poll(below), c.engine); err != nil {
		t.Fatal(err)
	}
	c.fetch(t)
	stop()
	stopClient()
}

// fetchFlow is the same over a Flow, with loop.Run.
func (p Pair) fetchFlow(t *testing.T, c *fetcher, below *mem.Flow, err error, stop func()) {
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- loop.Run(context.Background(), p.Client.Flow(below), c.engine, loop.Options{}) }()
	c.fetch(t)
	stop()
	if err := <-ended; err != nil {
		t.Errorf("the client's connection ended with %v", err)
	}
}

// newLoop runs a Loop until it is stopped, gracefully.
func newLoop(t *testing.T) (l *loop.Loop, stop func()) {
	l, err := loop.New(loop.Options{Poller: loop.NewQueue()})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- l.Run() }()
	return l, func() {
		if err := l.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Errorf("the Loop ended with %v", err)
		}
	}
}

// fetch fetches some targets on one connection.
func (c *fetcher) fetch(t *testing.T) {
	<-c.ready
	for _, target := range []string{"/a", "/b", "/c"} {
		got, err := c.get(target)
		if err != nil || !bytes.Equal(got, content(target)) {
			t.Errorf("%s: %d octets, %v", target, len(got), err)
		}
	}
}

func (c *fetcher) get(target string) ([]byte, error) {
	x, err := c.engine.Begin(&message.RequestHead{Target: target, Authority: Name})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	if err := x.Await(); err != nil {
		return nil, fmt.Errorf("awaiting the response: %w", err)
	}
	var got []byte
	for b := make([]byte, 1000); ; {
		n, err := x.Read(b)
		got = append(got, b[:n]...)
		if errors.Is(err, message.ErrEnd) {
			return got, nil
		}
		if err != nil {
			return got, err
		}
	}
}
