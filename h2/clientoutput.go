package h2

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/internal/transit"
)

// clientOutput is what a client sends: requests and their content, framed in
// turn, one frame of each that has something to send and room for it.
type clientOutput struct {
	host engine.Host
	conn *Conn
	out  transit.Outbound

	firstReady, lastReady *clientExchange
}

// flushPending queues what the protocol itself has to say.
func (c *Client) flushPending() {
	n := c.conn.Pending()
	switch {
	case n == 0 || c.host == nil:
	case c.isWriteOver:
		c.conn.pending = c.conn.pending[:0]
	default:
		b := c.conn.AppendPending(c.out.Tail(c.host, n))
		c.out.Commit(c.host, b)
	}
}

// ready is that x may have something to send.
func (o *clientOutput) ready(x *clientExchange) {
	if x.isReady || x.stream == nil || x.isEnded || x.isWaiting || !x.isSending() {
		return
	}
	x.isReady = true
	if o.lastReady == nil {
		o.firstReady = x
	} else {
		o.lastReady.nextReady = x
	}
	o.lastReady = x
}

// popReady takes off whose turn it is; nil if nobody is ready.
func (o *clientOutput) popReady() *clientExchange {
	x := o.firstReady
	if x == nil {
		return nil
	}
	if o.firstReady = x.nextReady; o.firstReady == nil {
		o.lastReady = nil
	}
	x.nextReady, x.isReady = nil, false
	return x
}

// unready takes x off, wherever it is.
func (o *clientOutput) unready(x *clientExchange) {
	if !x.isReady {
		return
	}
	var before *clientExchange
	for at := o.firstReady; at != x; at = at.nextReady {
		before = at
	}
	if before == nil {
		o.firstReady = x.nextReady
	} else {
		before.nextReady = x.nextReady
	}
	if o.lastReady == x {
		o.lastReady = before
	}
	x.nextReady, x.isReady = nil, false
}

// fillOutput frames what is queued, as long as there is not much ahead of the
// flow.
func (c *Client) fillOutput() {
	for c.out.Size() < outputOctets {
		x := c.popReady()
		if x == nil {
			return
		}
		if c.sendFrame(x) {
			c.ready(x)
		}
	}
}

// sendFrame frames the next content of x, or its end. It is false if x waits for
// a window: it is ready again when that opens.
func (c *Client) sendFrame(x *clientExchange) bool {
	n := min(x.queue.Size(), frameOctets, c.conn.Room(x.stream))
	isLast := x.isEnding && n == x.queue.Size()
	if n == 0 && !isLast {
		return false
	}
	if n > 0 || len(x.trailers) == 0 {
		b := c.conn.AppendData(c.out.Tail(c.host, n+frameRoom), x.stream, n, isLast && len(x.trailers) == 0)
		for left := n; left > 0; {
			front := x.queue.Front()
			k := min(left, len(front))
			b = append(b, front[:k]...)
			x.queue.Take(c.host, k, c.framed)
			left -= k
		}
		c.out.Commit(c.host, b)
	}
	if isLast && len(x.trailers) > 0 {
		c.sendTrailers(x)
	}
	x.framedAt = c.out.In
	if isLast {
		x.isEnding = false
		x.onSent()
	}
	return true
}

// sendTrailers sends the trailers of x, whose content is all framed.
func (c *Client) sendTrailers(x *clientExchange) {
	b := c.out.Tail(c.host, c.conn.blockOctets(fieldsOctets(x.trailers), len(x.trailers)))
	b, err := c.conn.AppendTrailers(b, x.stream, x.trailers)
	c.out.Commit(c.host, b)
	if err != nil {
		panic("h2: bug: trailers that were checked can't be sent: " + err.Error())
	}
	x.trailers = nil
}

// onWindow is that more content can be sent: of one stream, or of all.
func (c *Client) onWindow(stream *Stream) {
	if stream != nil {
		if x, ok := stream.Owner.(*clientExchange); ok {
			c.ready(x)
		}
		return
	}
	for x := c.first; x != c.waiting; x = x.next {
		c.ready(x)
	}
}
