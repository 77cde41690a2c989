package specht

import (
	"container/list"
	"context"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// clientConn is a connection of a Client.
type clientConn struct {
	carrier
	origin *origin
	known  Conn
	cancel context.CancelCauseFunc // ends it, and waits for nothing

	// Under the pool's lock:
	active    int           // exchanges
	isUsed    bool          // it has had one
	isOpen    bool          // the pool knows that it is there
	isOpening bool          // and counts it as one that is being opened: it isn't settled
	isRetired bool          // it gets no further one
	isEvicted bool          // it has been cut while it was idle
	idle      *list.Element // in the pool's list
}

// carrier is the engine of a connection, as the client uses it. That of
// HTTP/1.1 carries one exchange at a time; one that carries many is shared by
// as many requests.
type carrier interface {
	engine.Engine
	// exchangesMax is how many exchanges it may have at once. It takes no lock.
	exchangesMax() int
	// isShared says whether it may be more than one, and isSettled whether it is
	// known. Neither takes a lock.
	isShared() bool
	isSettled() bool
	// isLeaving says whether its peer takes no further request. It takes no lock.
	isLeaving() bool
	// begin begins a request, calls set in the same turn, and gives the
	// exchange as those in turns have it. The caller takes it by Detach.
	begin(h *message.RequestHead, set func(inTurn message.ClientExchange)) error
	// isGood says whether another request can be begun, behind one that has ended
	// with err. It is asked in a turn.
	isGood(err error) bool
	// use says what is to be called when exchangesMax has changed, or is known,
	// and when isLeaving has.
	use(onChange func())
	// turn runs f in a turn.
	turn(f func())
	// ready is closed when requests can be begun.
	ready() <-chan struct{}
}

// carrier1 is that of HTTP/1.1. It doesn't pipeline: a request that waits for
// the response to another one is held up by it, and lost with it.
type carrier1 struct {
	*h1.Client
	isReady chan struct{}
}

func newCarrier1(o h1.ClientOptions) *carrier1 {
	c := &carrier1{isReady: make(chan struct{})}
	o.OnReady = func(*h1.Client) { close(c.isReady) }
	c.Client = h1.NewClient(o)
	return c
}

func (*carrier1) exchangesMax() int        { return 1 }
func (*carrier1) isShared() bool           { return false }
func (*carrier1) isSettled() bool          { return true }
func (*carrier1) isLeaving() bool          { return false } // which its last exchange tells
func (c *carrier1) isGood(err error) bool  { return err == message.ErrOver && c.ErrInTurn() == nil }
func (*carrier1) use(func())               {}
func (c *carrier1) turn(f func())          { c.Turn(f) }
func (c *carrier1) ready() <-chan struct{} { return c.isReady }

func (c *carrier1) begin(h *message.RequestHead, set func(message.ClientExchange)) (err error) {
	c.Turn(func() {
		var x message.ClientExchange
		if x, err = c.BeginInTurn(h); err == nil {
			set(x)
		}
	})
	return err
}

// connect opens a connection to o, which the pool has given leave for. It has
// its first exchange then.
func (c *Client) connect(ctx context.Context, o *origin) (*clientConn, error) {
	f, err := c.open(ctx, o.address)
	if err != nil {
		c.pool.failed(o, ctx.Err() != nil)
		return nil, err
	}
	e, err := c.engines.NewEngine(f, c.Version)
	if err != nil {
		_ = f.Close() // nobody can use it
		c.pool.failed(o, false)
		return nil, err
	}
	conn := &clientConn{carrier: e, origin: o, known: &serverConn{flow: f}}
	e.use(func() { c.pool.changed(conn) })
	running, cancel := context.WithCancelCause(c.ctx)
	conn.cancel = cancel
	go c.run(running, f, conn)
	<-e.ready()
	c.pool.opened(conn)
	return conn, nil
}

// run drives a connection to its end.
func (c *Client) run(ctx context.Context, f flow.Flow, conn *clientConn) {
	_ = loop.Run(ctx, f, conn.carrier, c.loop) // exchanges are told
	conn.cancel(nil)
	c.pool.gone(conn)
}
