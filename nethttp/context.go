package nethttp

import (
	"context"
	"sync"

	"github.com/specht-http/specht/message"
)

// requestContext is the context of a request: the base one's values, done when
// the peer has gone or the handler has returned. It begins to look for the peer
// when somebody asks, which most handlers don't.
type requestContext struct {
	context.Context // the base
	gate            *gate

	mu        sync.Mutex
	done      chan struct{}
	err       error
	after     []*afterFunc
	stop      func() bool // of the base
	isWatched bool
}

// afterFunc is a function that AfterFunc has been given.
type afterFunc struct{ f func() }

// Done implements context.Context.
func (c *requestContext) Done() <-chan struct{} {
	c.watch()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
	}
	return c.done
}

// Err implements context.Context.
func (c *requestContext) Err() error {
	c.watch()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// AfterFunc is what package context asks for, so that contexts made of this one
// need no goroutine. f runs on one of its own.
func (c *requestContext) AfterFunc(f func()) (stop func() bool) {
	c.watch()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		go f()
		return func() bool { return false }
	}
	a := &afterFunc{f}
	c.after = append(c.after, a)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		wasThere := a.f != nil && c.err == nil
		a.f = nil
		return wasThere
	}
}

// watch begins to look for what cancels it.
func (c *requestContext) watch() {
	c.mu.Lock()
	isWatched := c.isWatched || c.err != nil
	c.isWatched = true
	c.mu.Unlock()
	if isWatched {
		return
	}
	if c.Context.Done() != nil {
		stop := context.AfterFunc(c.Context, func() { c.cancel(c.Context.Err()) })
		c.mu.Lock()
		c.stop = stop
		if c.err != nil { // meanwhile, when there was nothing to stop
			stop()
		}
		c.mu.Unlock()
	}
	if x := c.gate.enter(); x != nil {
		x.OnOver(c.over)
		c.gate.leave()
	}
}

// over is a callback of the exchange. That the response is complete is no reason:
// the handler may go on, with a connection that it has hijacked for example.
func (c *requestContext) over(_ message.Exchange, err error) {
	if err != message.ErrOver {
		c.cancel(context.Canceled)
	}
}

// cancel makes it done because of err, once.
func (c *requestContext) cancel(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	c.err = err
	if c.done != nil {
		close(c.done)
	}
	for _, a := range c.after {
		if a.f != nil {
			go a.f()
		}
	}
	c.after = nil
	if c.stop != nil {
		c.stop()
	}
}
