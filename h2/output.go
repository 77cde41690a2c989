package h2

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/internal/transit"
)

// output is what a connection sends, of a server or a client: what the protocol
// itself says, and the content of exchanges, framed in turn as windows let it. It
// has what an engine consists of besides.
type output struct {
	host      engine.Host
	conn      *Conn
	out       transit.Outbound
	callbacks transit.Callbacks
	*schedule // nil at rest
	waiters   int32
}

// sender is an exchange whose content is framed.
type sender interface {
	outgoing() *sending
	// onSent is that all of it has been framed.
	onSent()
	// onBlocked is that it waits for a window. It is false if it is given up.
	onBlocked() bool
}

// frameOctets is how much content a frame has at most, so that others have their
// turn soon, and outputOctets how much is framed ahead of the flow.
const (
	frameOctets  = 16 << 10
	outputOctets = 64 << 10
)

// frameRoom is what a frame takes besides its payload.
const frameRoom = 9

// sayPending queues what the protocol itself has to say, if somebody hears it.
func (o *output) sayPending(isHeard bool) {
	n := o.conn.Pending()
	switch {
	case n == 0:
	case !isHeard:
		o.conn.pending = o.conn.pending[:0]
	default:
		b := o.conn.AppendPending(o.out.Tail(o.host, n))
		o.out.Commit(o.host, b)
	}
}

// ready is that x may have something to send.
func (o *output) ready(x *sending) {
	if x.isSending() && !x.isReady && !x.isWaiting && x.stream != nil {
		o.push(x, false)
	}
}

// push makes x the last of its urgency, or the first. A server has no say in what
// a client sends first.
func (o *output) push(x *sending, isFirst bool) {
	switch {
	case x.isReady:
	case o.conn.isServer:
		o.enter(x, x.stream.Priority.Urgency&7, isFirst)
	default:
		o.enter(x, DefaultPriority.Urgency, false)
	}
}

// fill frames what is queued, as long as there is not much ahead of the flow.
func (o *output) fill() {
	for o.out.Size() < outputOctets {
		x := o.pop()
		if x == nil {
			return
		}
		switch {
		case o.sendFrame(x):
			if x.isSending() {
				o.push(x, x.stream.IsPrioritized && !x.stream.Priority.IsIncremental)
			}
		case x.queue.Size() > 0 && x.owner.onBlocked() && o.conn.IsBlocked():
			o.enter(x, blockedQueue, false)
		}
	}
}

// sendFrame frames the next content of x, or its end. It is false if x waits for
// a window: it is ready again when that opens, its own or the connection's.
func (o *output) sendFrame(x *sending) bool {
	n := min(x.queue.Size(), frameOctets, o.conn.Room(x.stream))
	isLast := x.isEnding && n == x.queue.Size()
	if n == 0 && (x.queue.Size() > 0 || !isLast) {
		return false
	}
	if n > 0 || len(x.trailers) == 0 {
		b := o.conn.AppendData(o.out.Tail(o.host, n+frameRoom), x.stream, n, isLast && len(x.trailers) == 0)
		for left := n; left > 0; {
			front := x.queue.Front()
			k := min(left, len(front))
			b = append(b, front[:k]...)
			x.queue.Take(o.host, k, o.framed)
			left -= k
		}
		o.out.Commit(o.host, b)
		o.held -= n
	}
	if isLast && len(x.trailers) > 0 {
		o.sendTrailers(x)
	}
	x.framedAt = o.out.In
	if isLast {
		x.isEnding = false
		x.owner.onSent()
	}
	return true
}

// sendTrailers sends the trailers of x, whose content is all framed.
func (o *output) sendTrailers(x *sending) {
	b := o.out.Tail(o.host, o.conn.blockOctets(fieldsOctets(x.trailers), len(x.trailers)))
	b, err := o.conn.AppendTrailers(b, x.stream, x.trailers)
	o.out.Commit(o.host, b)
	if err != nil {
		panic("h2: bug: trailers that were checked can't be sent: " + err.Error())
	}
	x.trailers = nil
}

// framed is for segments of content that have been framed: whoever lent them has
// them back when the flow has taken the frame.
func (o *output) framed(g *transit.Segment) { o.callbacks.AwaitTaken(g, 0) }

// dropQueue gives up what is queued of x and not framed.
func (o *output) dropQueue(x *sending) {
	o.remove(x)
	o.held -= x.queue.Size()
	x.queue.Clear(o.host, o.callbacks.Lost)
	x.isEnding, x.trailers = false, nil
}

// onWindow is that more content can be sent: on one stream, or with nil on all of
// them together.
func (o *output) onWindow(stream *Stream) {
	if stream != nil {
		if x, ok := stream.Owner.(sender); ok {
			o.ready(x.outgoing())
		}
		return
	}
	for x := o.queues[blockedQueue].pop(); x != nil; x = o.queues[blockedQueue].pop() {
		o.push(x, false)
	}
}

// onWindows is that the windows of all streams have changed.
func (o *output) onWindows() { o.conn.Streams(o.onWindow) }
