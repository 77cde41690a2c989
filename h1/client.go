package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// Client is the engine of one connection of a client: the other end of a
// Server. Begin begins a request; the other methods but Err are those of
// engine.Engine: the driver calls them, one at a time.
//
//	Begin ──> Request ──> out ──> NextWrite
//	             │
//	        clientExchange
//	             │
//	Read ──> Responses ──> callbacks, store
//
// Exchanges are in a list, in the order of Begin. The first of them is the one
// whose response comes next (RFC 9112, Section 9.2). Those up to opened have
// their octets in out; the ones behind it keep them until it is their turn:
//
//	first           opened           last
//	[ sent ][ sent ][ being sent ][ waits ][ waits ]
//
// At the end of each turn, settle brings the list to where the states say, by
// the table coupling.
type Client struct {
	options ClientOptions
	host    engine.Host

	responses *Responses // nil before the first octet
	checker   *RequestMessage
	trailers  *fieldChecker
	out       transit.Outbound

	first, opened, last *clientExchange
	free                *clientExchange
	count, openCount    int
	freeCount           int

	callbacks transit.Callbacks

	// How the connection ends: see clientclosing.go.
	isLast      bool // no further request is taken
	isEnded     bool // the peer has closed its side
	hasRest     bool // the driver holds content that there was no room for
	isWriteOver bool // nothing more is written
	isOver      bool // nothing more is read, either
	isGone      bool // the flow is broken
	isLeft      bool // the driver has been told that both directions are over
	cause       error

	version  Version // of the responses
	serial   int64   // of the exchange that was begun last; the first has 1
	expected int64   // that of the exchange whose response is read
	waiters  int32
	timer    clientTimer
}

var _ engine.Engine = (*Client)(nil)

// Attach implements engine.Engine.
func (c *Client) Attach(h engine.Host) {
	if c.host != nil {
		panic("h1: bug: Attach of an engine that is attached")
	}
	c.host = h
	if c.options.OnReady != nil {
		c.ready()
	}
	c.endTurn()
}

// ready calls OnReady.
func (c *Client) ready() {
	defer func() {
		if v := recover(); v != nil {
			c.tellPanic(v)
		}
	}()
	c.options.OnReady(c)
}

// NextRead implements engine.Engine. It is Read while no request is under way,
// too: that is how a peer that goes is noticed.
func (c *Client) NextRead() engine.Op {
	switch x := c.first; {
	case c.isOver && c.callbacks.Due != 0:
		return engine.Yield
	case c.isOver:
		return engine.Close
	case x != nil && x.isTunnel:
		if x.successor != nil && c.out.Size() == 0 && c.callbacks.Due == 0 {
			return engine.Upgrade
		}
		return engine.Yield
	case x != nil && x.direction == ResponseDirectionContent && x.room() <= 0:
		return engine.Yield
	}
	return engine.Read
}

// Read implements engine.Engine.
func (c *Client) Read(b []byte) (n int) {
	if op := c.NextRead(); op != engine.Read {
		panic("h1: bug: Read, but NextRead is " + op.String())
	}
	for {
		n += c.receive(b[n:])
		c.endTurn()
		// What a callback has made room for isn't offered again by the driver.
		if n == len(b) || !c.hasRest || c.NextRead() != engine.Read {
			return n
		}
	}
}

// ReadEOF implements engine.Engine.
func (c *Client) ReadEOF(b []byte) (n int) {
	if c.isOver {
		return len(b)
	}
	c.isEnded = true
	if len(b) > 0 {
		n = c.receive(b)
	}
	c.endInput(b[n:])
	c.endTurn()
	return len(b)
}

// endTurn does what follows from a turn: until nothing does, or until callbacks
// have gone on asking for callbacks for long enough.
func (c *Client) endTurn() {
	c.settle()
	c.callbacks.Run(c.settle)
	c.callbacks.Leave(c.host, c.isDone())
	c.rearm()
	c.signal()
}

// leaveTurn ends a turn of another goroutine than the driver's. It leaves the
// calls that are due to the driver, as long as there is one: who calls in may
// hold locks that callbacks want, as a proxy does.
func (c *Client) leaveTurn() {
	c.settle()
	c.callbacks.Sweep()
	c.callbacks.Leave(c.host, c.isLeft || c.isGone)
	c.rearm()
}

// signal has those look again that wait.
func (c *Client) signal() {
	if c.waiters > 0 {
		c.host.Signal()
	}
}

// settle brings the exchanges to where their states say.
func (c *Client) settle() {
	for c.first != nil && !c.isOver {
		c.open()
		x := c.first
		if x.isTunnel && x.cause == nil {
			return
		}
		x.checkDiscarded()
		switch DecideCoupling(x.request.Direction, x.direction, x.persistence, RestOfRequestNone) {
		case CouplingKeep, CouplingDiscard: // the latter: the rest of the request is still to be sent
			return
		case CouplingNext:
			c.pop()
		case CouplingClose:
			c.pop()
			c.close(nil)
		}
	}
	if c.first == nil && c.isLast {
		c.close(nil)
	}
}

// NextWrite implements engine.Engine.
func (c *Client) NextWrite() (engine.Op, [][]byte) {
	switch {
	case c.isGone:
		return engine.Close, nil
	case c.out.Size() > 0 && c.isOver: // nobody waits for it
		return engine.Abort, nil
	case c.out.Size() > 0:
		return engine.Write, c.out.Offer()
	case c.isLeaving() && c.callbacks.Due == 0:
		return engine.Upgrade, nil
	case c.isWriteOver && c.callbacks.Due == 0:
		c.isLeft = c.isOver
		return engine.Close, nil
	}
	return engine.Yield, nil
}

// ReportWrite implements engine.Engine.
func (c *Client) ReportWrite(n int, err error) {
	c.out.Report(c.host, n, c.callbacks.Returned)
	if err != nil {
		c.breakWrites(err)
	}
	c.endTurn()
}

// Err says whether a request can be begun: nil if so; otherwise
// message.ErrBusy, message.ErrClosing, or a *message.GoneError. Any goroutine
// may call it, but no callback of this connection.
func (c *Client) Err() error {
	c.host.Lock()
	defer c.host.Unlock()
	return c.refusal()
}

// refusal is Err in a turn.
func (c *Client) refusal() error {
	switch {
	case c.isOver:
		return c.gone()
	case c.isLast:
		return message.ErrClosing
	case c.count >= c.options.WaitingMax:
		return message.ErrBusy
	}
	return nil
}
