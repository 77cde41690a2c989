package h2

import (
	"strconv"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// How a connection of a client ends. It has no stages: behind the last response
// there is nothing to wait for.
//
//	isLast       one side said GOAWAY, or the client is shut down: no further
//	             request is taken
//	isWriteOver  NextWrite is Close behind what is queued; answers may come yet
//	isOver       NextRead is Close, too
//	isGone       the flow is broken

// GoAwayError is why a connection ends: its peer has said GOAWAY (RFC 9113,
// Section 6.8).
type GoAwayError struct {
	Code  frames.ErrorCode
	Debug string // what else it said, if anything, and as it said it
}

// Error implements error.
func (e *GoAwayError) Error() string {
	s := "h2: the peer takes no more streams: GOAWAY with " + e.Code.String()
	if e.Debug != "" {
		s += ", and " + strconv.Quote(e.Debug)
	}
	return s
}

// close ends the connection, and says so. err is why; nil if it is at its end.
func (c *Client) close(err error) {
	if c.isOver {
		return
	}
	c.isLast, c.isOver = true, true
	if c.cause == nil {
		c.cause = err
	}
	if c.first != nil { // what isn't under way is of no use
		c.out.Cut(c.host, c.callbacks.Lost)
	}
	if e, ok := err.(*Error); ok { // what the peer did is no reason to ask again
		c.abandon(e)
	} else {
		c.abandon(c.gone())
	}
	c.conn.GoAway(frames.CodeNoError)
	c.flushPending()
	c.isWriteOver = true
	c.pings.fail(c)
}

// abandon gives up all exchanges. Their streams go with the connection.
func (c *Client) abandon(err error) {
	for x := c.first; x != nil; x = c.first {
		x.pins++
		x.lose(err)
		if x.stream != nil {
			c.conn.Abandon(x.stream)
		}
		x.end()
		x.pins--
		x.release()
	}
}

// endInput is that the peer has closed its side.
func (c *Client) endInput() {
	if c.cause == nil && c.first != nil {
		c.cause = errEndOfInput
	}
	c.close(nil)
}

// breakWrites is that the flow takes nothing more. What it has taken may be
// answered yet.
func (c *Client) breakWrites(err error) {
	if c.cause == nil {
		c.cause = err
	}
	c.isLast, c.isWriteOver = true, true
	c.out.Break(c.host, c.callbacks.Lost)
	for x := c.first; x != nil; {
		next := x.next
		c.remove(&x.sending)
		if x.stream == nil || x.said != HTTP2MessageDone || x.isSending() {
			x.fail(c.gone(), frames.CodeCancel)
		}
		x = next
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
	c.abandon(c.gone())
	c.out.Break(c.host, c.callbacks.Lost)
	c.pings.fail(c)
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
	c.callbacks.Trim()
	c.out.Trim()
}
