package h1

import "github.com/specht-http/specht/message"

// How a connection of a client ends. It has no stages: behind the last
// response there is nothing to wait for.
//
//	isLast       one side said close, or the client is shut down: no further
//	             request is taken
//	isWriteOver  NextWrite is Close behind what is lent; an answer may come yet
//	isOver       NextRead is Close, too
//	isGone       the flow is broken

// close ends the connection. err is why; nil if it is at its end.
func (c *Client) close(err error) {
	if c.isOver {
		return
	}
	c.isLast, c.isOver = true, true
	if c.cause == nil {
		c.cause = err
	}
	c.abandon()
	c.stopWrites()
}

// stopWrites drops all that the driver hasn't been lent, and lets nothing
// follow it.
func (c *Client) stopWrites() {
	c.isLast, c.isWriteOver = true, true
	c.out.Cut(c.host, c.callbacks.Lost)
}

// abandon gives up all exchanges.
func (c *Client) abandon() {
	for c.first != nil {
		c.first.fail(c.gone())
		c.pop()
	}
}

// breakWrites is that the flow takes nothing more. What it has taken may be
// answered yet.
func (c *Client) breakWrites(err error) {
	if c.cause == nil {
		c.cause = err
	}
	c.stopWrites()
	for x := c.first; x != nil; x = x.next {
		if x.isOffered() {
			x.request.Abort()
			x.isDropped = true
			x.out.Clear(c.host, c.callbacks.Lost)
		} else {
			x.fail(c.gone())
		}
	}
	if c.first == nil {
		c.close(nil)
	}
}

// breakUp is that the flow has no more octets, and takes none.
func (c *Client) breakUp(err error) {
	if c.isGone {
		return
	}
	if c.cause == nil && !c.isOver {
		c.cause = err
	}
	c.isLast, c.isWriteOver, c.isOver, c.isGone = true, true, true, true
	c.abandon()
	c.out.Break(c.host, c.callbacks.Lost)
	c.free, c.freeCount = nil, 0
}

// gone is why the connection can't be used.
func (c *Client) gone() error { return &message.GoneError{Cause: c.cause} }

// ReportError implements engine.Engine.
func (c *Client) ReportError(err error) {
	c.breakUp(err)
	c.endTurn()
}

// Closed implements engine.Engine.
func (c *Client) Closed() bool { return c.isDone() }

// isDone says whether both directions are finished.
func (c *Client) isDone() bool {
	return c.isGone || c.isOver && c.out.Size() == 0
}

// Shutdown implements engine.Engine: the requests that were begun are finished,
// and a connection without one closes at once.
func (c *Client) Shutdown() {
	c.isLast = true
	c.endTurn()
}

// trim lets all memory go that an idle connection doesn't need.
func (c *Client) trim() {
	c.free, c.freeCount = nil, 0
	c.checker, c.trailers = nil, nil
	if c.responses != nil {
		c.responses.release()
	}
	c.callbacks.Trim()
	c.out.Trim()
}
