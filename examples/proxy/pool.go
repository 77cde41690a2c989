package main

import (
	"errors"
	"slices"
	"sync"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// pool is connections to the server, each of which carries one exchange at a
// time. What is sent just when the server closes one is answered by 502: to try
// again, where message.UnansweredError says that it may be, is left out here.
type pool struct {
	dial  func() (flow.Flow, error)
	group *loop.Group

	mu   sync.Mutex
	idle []*h1.Client
}

// begin begins a request on a connection that is idle, or on a new one. set is
// called in the same turn. What the exchange is to do when it is over is give
// the connection back.
func (p *pool) begin(h *message.RequestHead, set func(message.ClientExchange)) (x message.ClientExchange, err error) {
	for {
		c, isNew, err := p.get()
		if err != nil {
			return nil, err
		}
		c.Turn(func() {
			if x, err = c.BeginInTurn(h); err == nil {
				set(x)
				x.OnOver(func(message.ClientExchange, error) { p.put(c) })
				x = x.Detach()
			}
		})
		isClosed := errors.Is(err, message.ErrOver) || errors.Is(err, message.ErrClosing)
		if err != nil && !isClosed {
			p.put(c) // the request can't be sent on any connection
		}
		if !isClosed || isNew { // one that was idle may have been closed meanwhile
			return x, err
		}
	}
}

// get takes a connection.
func (p *pool) get() (c *h1.Client, isNew bool, err error) {
	if c := p.take(); c != nil {
		return c, false, nil
	}
	f, err := p.dial()
	if err != nil {
		return nil, false, err
	}
	ready := make(chan struct{})
	c = h1.NewClient(h1.ClientOptions{OnReady: func(*h1.Client) { close(ready) }})
	if err := p.group.Add(f, c); err != nil {
		f.Close()
		return nil, false, err
	}
	<-ready
	return c, true, nil
}

// take takes the idle connection that was used last; nil if there is none. Those
// that have ended are dropped: a server closes the ones that were used first, so
// these are looked at, too.
func (p *pool) take() *h1.Client {
	p.mu.Lock()
	defer p.mu.Unlock()
	ended := 0
	for ended < len(p.idle) && p.idle[ended].Err() != nil {
		ended++
	}
	p.idle = slices.Delete(p.idle, 0, ended)
	for k := len(p.idle) - 1; k >= 0; k-- {
		c := p.idle[k]
		p.idle = slices.Delete(p.idle, k, k+1)
		if c.Err() == nil {
			return c
		}
	}
	return nil
}

// put gives a connection back. It may be called in a turn of that connection,
// so whether it has ended is for take to ask.
func (p *pool) put(c *h1.Client) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, c)
}
