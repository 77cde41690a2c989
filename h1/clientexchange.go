package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// clientExchange is one request and its response on a connection of a client.
//
// What is in flight holds it in memory: the list, notifications, content that
// its callback hasn't taken. Afterwards it is used again, unless it was
// detached: a handle may outlive everything, so it is left to the garbage
// collector. Its buffers go back when it is closed.
type clientExchange struct {
	client *Client
	next   *clientExchange // in the list, or in the free one
	about  any

	request     Request
	direction   ResponseDirection
	persistence Persistence
	out         transit.Queue // what doesn't go out yet
	base        uint64        // where in the output of the connection it begins, once it is open
	length      uint64        // how many octets it put there, once it has ended
	serial      int64

	status        message.Status
	version       Version
	reason        message.Span // of head
	head, trailer section
	contentLength int64
	arrived       int64 // octets of content
	interims      int
	transit.Incoming

	onInterim  func(message.ClientExchange, message.Status, message.Fields)
	onResponse func(message.ClientExchange, error)
	onOver     func(message.ClientExchange, error)
	successor  func(message.Stream, []byte) // who has the connection next
	pins       int32                        // notifications that are due, calls that wait

	isOpen     bool // its octets go out
	isWaiting  bool // content waits for 100 (Continue)
	isEnded    bool // it isn't in the list any more
	isDetached bool
	isClosed   bool  // nobody wants more of it
	isDropped  bool  // what isn't sent never is
	isUnwanted bool  // the peer doesn't want the rest of the request
	isUntilEnd bool  // the response ends with the connection
	isTunnel   bool  // the response makes a tunnel of the connection
	cause      error // why it failed
}

var (
	_ transit.Party     = (*clientExchange)(nil)
	_ transit.Recipient = (*clientExchange)(nil)
)

// begin makes an exchange, the last of the list, whose request begins with h.
func (c *Client) begin(h *message.RequestHead) (*clientExchange, error) {
	if err := c.refusal(); err != nil {
		return nil, err
	}
	if c.version == VersionHTTP10 && h.ContentLength < 0 {
		return nil, &message.RequestError{Part: "content", Value: "-1", Why: "the peer speaks HTTP/1.0, which has no chunks: declare the length (RFC 9112, Section 7.1)"}
	}
	if c.checker == nil {
		c.checker, c.trailers = new(RequestMessage), new(fieldChecker)
	}
	x := c.free
	if x == nil {
		x = &clientExchange{client: c}
	}
	x.request.reset(c.checker, c.trailers)
	b, err := x.request.AppendHead(x.out.Tail(c.host, sentHeadOctets(h)), h)
	x.out.Commit(c.host, b)
	if err != nil {
		return nil, err
	}
	if c.free == x {
		c.free, x.next = x.next, nil
		c.freeCount--
	}
	c.serial++
	x.serial, x.about, x.isWaiting = c.serial, h.About, x.request.Expects
	x.persistence = x.request.Persistence
	if x.persistence == PersistenceClose {
		c.isLast = true
	}
	if c.last == nil {
		c.first = x
	} else {
		c.last.next = x
	}
	c.last = x
	c.count++
	c.open()
	return x, nil
}

// open lets the octets of requests go out whose turn it is.
func (c *Client) open() {
	for {
		x := c.first
		if c.opened != nil {
			if c.opened.request.Direction != RequestDirectionDone {
				return
			}
			x = c.opened.next
		}
		if x == nil || c.isWriteOver || c.isOver || x != c.first && !c.mayPipeline(x) {
			return
		}
		c.opened = x
		c.openCount++
		x.isOpen, x.base = true, c.out.In
		x.out.MoveTo(&c.out.Queue)
	}
}

// mayPipeline says whether x may be sent before the response to the one in
// front of it is there.
func (c *Client) mayPipeline(x *clientExchange) bool {
	front, behind, pipeline := RequestInFrontRepeatable, RequestBehindRepeatable, PipelineOpen
	if !c.opened.request.isRepeatable() {
		front = RequestInFrontAlone
	}
	if !x.request.isRepeatable() {
		behind = RequestBehindAlone
	}
	if c.openCount >= c.options.PipelinedMax {
		pipeline = PipelineFull
	}
	return DecidePipelining(c.opened.persistence, c.version, pipeline, front, behind) == PipeliningSend
}

// isRepeatable says whether the request may be sent behind another one, and
// another one behind it: see spec/pipelining.md.
func (r *Request) isRepeatable() bool { return r.Method.IsIdempotent() && !r.Expects && !r.Upgrades }

// pop takes the first exchange off the list. It has ended.
func (c *Client) pop() { c.remove(c.first) }

// remove takes x off the list.
func (c *Client) remove(x *clientExchange) {
	var before *clientExchange
	for y := c.first; y != x; y = y.next {
		before = y
	}
	if before == nil {
		c.first = x.next
	} else {
		before.next = x.next
	}
	if c.last == x {
		c.last = before
	}
	if c.opened == x {
		c.opened = before
	}
	if x.isOpen {
		c.openCount--
	}
	c.count--
	x.next = nil
	x.end()
}

// end is that the connection has nothing to do with the exchange any more.
func (x *clientExchange) end() {
	x.length = x.position()
	x.isEnded = true
	if x.request.Direction == RequestDirectionContent || x.out.Size() > 0 {
		x.stopRequest()
	}
	if x.onResponse != nil {
		x.later(transit.Call{What: transit.CallResponse, F: x.onResponse, Err: x.cause})
		x.onResponse = nil
	}
	if x.OnContent != nil {
		x.later(transit.Call{What: transit.CallStored})
	}
	x.release()
}

// release tells that the exchange is over, once all else has been told; then
// it makes it usable again, if nothing holds it.
func (x *clientExchange) release() {
	if !x.isEnded || x.pins > 0 || x.OnContent != nil {
		return
	}
	c := x.client
	if x.onOver != nil {
		x.later(transit.Call{What: transit.CallOver})
		return
	}
	if x.isDetached && !x.isClosed {
		return
	}
	x.reason = message.Span{}
	x.head.drop(c.host)
	x.trailer.drop(c.host)
	x.Store.Clear(c.host)
	if x.isDetached || invariants || c.isDone() || c.freeCount >= c.options.WaitingMax {
		return
	}
	c.freeCount++
	head, trailer, out := x.head.lines[:0], x.trailer.lines[:0], x.out.Anew()
	*x = clientExchange{client: c, next: c.free}
	x.head.lines, x.trailer.lines, x.out = head, trailer, out
	c.free = x
}

// queue is where the octets of the request go.
func (x *clientExchange) queue() *transit.Queue {
	if x.isOpen && !x.isWaiting {
		return &x.client.out.Queue
	}
	return &x.out
}

// position is how many octets of the request have been queued.
func (x *clientExchange) position() uint64 {
	switch {
	case x.isEnded:
		return x.length
	case x.isOpen:
		return x.client.out.In - x.base + uint64(x.out.Size())
	}
	return x.out.In - x.out.Taken
}

// isOffered says whether the driver has been lent octets of the request, so
// that the peer may have them.
func (x *clientExchange) isOffered() bool { return x.isOpen && x.client.out.Offered > x.base }

// IsTaken implements transit.Party.
func (x *clientExchange) IsTaken(position uint64) bool {
	return position == 0 || x.isOpen && x.client.out.Taken >= x.base+position
}

// OverErr implements transit.Party.
func (x *clientExchange) OverErr() error { return x.err() }

// IsLost implements transit.Party.
func (x *clientExchange) IsLost() bool {
	return x.client.isGone || x.client.isWriteOver || x.isDropped
}

// LostErr implements transit.Party.
func (x *clientExchange) LostErr() error {
	if x.isUnwanted {
		return message.ErrUnwanted
	}
	if x.cause != nil {
		return x.cause
	}
	return x.client.gone()
}

// queued is how many octets the flow hasn't taken that are in front of what is
// written next.
func (x *clientExchange) queued() int {
	if x.isOpen {
		return x.client.out.Size() + x.out.Size()
	}
	return x.out.Size()
}

// fail gives the exchange up, because of err.
func (x *clientExchange) fail(err error) {
	if x.cause == nil && !x.isDone() {
		x.cause = x.unanswered(err)
	}
	if c := x.client; c.cause == nil && x.isOpen {
		if _, isGone := err.(*message.GoneError); !isGone {
			c.cause = err
		}
	}
	x.request.Abort()
	x.direction, _ = x.direction.On(ResponseDirectionOnAbort)
	x.isDropped = true
	x.out.Clear(x.client.host, x.client.callbacks.Lost)
}

// isDone says whether nothing of the exchange is to come.
func (x *clientExchange) isDone() bool {
	return x.direction == ResponseDirectionDone && x.request.Direction == RequestDirectionDone && !x.isTunnel
}

// unanswered says of an exchange that ends because of err how far it has come.
func (x *clientExchange) unanswered(err error) error {
	switch x.direction {
	case ResponseDirectionIdle:
		return &message.UnansweredError{IsSent: x.isOffered(), IsIdempotent: x.request.Method.IsIdempotent(), Cause: err}
	case ResponseDirectionContent:
		return &message.TruncatedError{Cause: err}
	}
	return err
}

// err is message.ClientExchange.Err.
func (x *clientExchange) err() error {
	switch {
	case x.cause != nil:
		return x.cause
	case x.isEnded, x.isDone():
		return message.ErrOver
	}
	return nil
}

// section is a field section that was received, in memory of its own.
type section struct {
	octets []byte // from the host
	lines  []message.FieldLine
}

// take copies octets into memory of the section, and swaps its lines for those
// of a machine, so that both slices are used again.
func (s *section) take(h engine.Host, octets []byte, lines *[]message.FieldLine) {
	s.octets = append(h.Get(len(octets)), octets...)
	s.lines, *lines = *lines, s.lines[:0]
}

// drop gives the memory back. What pointed into it isn't valid any more.
func (s *section) drop(h engine.Host) {
	if s.octets != nil {
		transit.Put(h, s.octets)
	}
	s.octets, s.lines = nil, s.lines[:0]
}

// fields are the section's lines.
func (s *section) fields() message.Fields { return message.NewFields(s.octets, s.lines) }
