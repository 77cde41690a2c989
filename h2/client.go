package h2

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// Client is the engine of one connection of a client: the other end of a
// Server. Begin begins a request; the other methods but Err, ExchangesMax and
// Ping are those of engine.Engine: the driver calls them, one at a time.
//
//	Begin ──> clientExchange ──> out ──> NextWrite
//	                │
//	Read ──> Conn ──┴──> callbacks, store
//
// Exchanges are in a list, in the order of Begin. Those in front have streams;
// from waiting on they wait for a place among the concurrent streams, of which
// the peer has a limit and so have we:
//
//	first            waiting      last
//	[ 1 ][ 3 ][ 5 ]  [ - ][ - ][ - ]
type Client struct {
	options ClientOptions
	output

	first, waiting, last *clientExchange
	waitingCount         int
	free                 *clientExchange
	freeCount            int
	pings                pings
	times                clientTimes

	// How the connection ends: see clientclosing.go.
	isLast      bool // no further request is taken
	isWriteOver bool // nothing more is written
	isOver      bool // nothing more is read, either
	isGone      bool // the flow is broken
	isLeft      bool // the driver has been told that both directions are over
	hasSettings bool // the peer has sent its own
	cause       error
}

var _ engine.Engine = (*Client)(nil)

// NewClient is the engine of one connection of a client. It panics for options
// that nothing can be done with.
func NewClient(o ClientOptions) *Client {
	o.check()
	o = o.withDefaults()
	c := &Client{options: o}
	c.conn, c.schedule = NewClientConn(o.conn()), new(schedule)
	return c
}

// Attach implements engine.Engine.
func (c *Client) Attach(h engine.Host) {
	if c.host != nil {
		panic("h2: bug: Attach of an engine that is attached")
	}
	c.host = h
	c.flushPending()
	if c.options.OnReady != nil {
		c.contained(func() { c.options.OnReady(c) })
	}
	c.endTurn()
}

// NextRead implements engine.Engine. It is Read while no request is under way,
// too.
func (c *Client) NextRead() engine.Op {
	switch {
	case c.isOver && c.callbacks.Due != 0 && !c.isGone: // left to the driver
		return engine.Yield
	case c.isOver:
		return engine.Close
	}
	return engine.Read
}

// Read implements engine.Engine.
func (c *Client) Read(b []byte) (n int) {
	if op := c.NextRead(); op != engine.Read {
		panic("h2: bug: Read, but NextRead is " + op.String())
	}
	n = c.receive(b)
	c.endTurn()
	return n
}

// ReadEOF implements engine.Engine.
func (c *Client) ReadEOF(b []byte) (n int) {
	if c.isOver {
		return len(b)
	}
	if len(b) > 0 {
		c.receive(b)
	}
	c.endInput()
	c.endTurn()
	return len(b)
}

// endTurn does what follows from a turn, and tells who waits.
func (c *Client) endTurn() {
	c.settle()
	c.callbacks.Run(c.settle)
	c.callbacks.Leave(c.host, c.isDone())
	c.conn.trim()
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

// flushPending queues what the protocol itself has to say, if somebody hears it.
func (c *Client) flushPending() {
	if c.host != nil {
		c.sayPending(!c.isWriteOver)
	}
}

// settle begins what has a place, frames what can be sent, and ends what is over.
func (c *Client) settle() {
	c.openWaiting()
	if !c.isWriteOver {
		c.fill()
	}
	c.flushPending()
	if c.isLast && c.first == nil && !c.isOver {
		c.close(nil)
	}
}

// NextWrite implements engine.Engine.
func (c *Client) NextWrite() (engine.Op, [][]byte) {
	switch {
	case c.isGone:
		return engine.Close, nil
	case c.out.Size() > 0:
		return engine.Write, c.out.Offer()
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
	case c.waitingCount >= c.options.WaitingMax && !c.hasPlace():
		return message.ErrBusy
	}
	return nil
}

// ExchangesMax is how many requests can be under way at once, without waiting: as
// many as the peer and ClientOptions.StreamsMax let. Before the peer has said it,
// that is a guess (RFC 9113, Section 6.5.2). Any goroutine may call it, but no
// callback of this connection.
func (c *Client) ExchangesMax() int {
	c.host.Lock()
	defer c.host.Unlock()
	return c.places()
}

// ExchangesMaxInTurn is ExchangesMax for who is in a turn already.
func (c *Client) ExchangesMaxInTurn() int { return c.places() }

// placesGuess is how many streams a peer is taken to let before it says so.
const placesGuess = 100

func (c *Client) places() int {
	if !c.hasSettings {
		return min(c.options.StreamsMax, placesGuess)
	}
	return int(min(int64(c.options.StreamsMax), int64(c.conn.Peer().MaxConcurrentStreams)))
}

// hasPlace says whether a request that is begun now has a stream at once.
func (c *Client) hasPlace() bool {
	return c.waiting == nil && c.conn.Own() < c.places()
}
