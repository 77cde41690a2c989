package h2

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// clientExchange is one request and its response on a connection of a client; of
// a pushed one, the server has made the request.
//
// What is in flight holds it in memory: the list, notifications, content that
// its callback hasn't taken. Afterwards it is used again, unless it was
// detached: a handle may outlive everything, so it is left to the garbage
// collector. Its buffers go back when it is closed.
type clientExchange struct {
	client       *Client
	before, next *clientExchange // in the list; next also in the free one
	about        any

	head      *message.RequestHead // while it waits; a copy
	method    message.Method
	authority string       // if the server may push
	said      HTTP2Message // of the request, as the application has said
	received  HTTP2Message // of the response, as the application is told
	sending

	status           message.Status
	section, trailer clientSection
	contentLength    int64
	arrived          int64 // octets of content
	credited         int64 // of them, those whose credit the peer has back
	stretch          int64 // octets that came since the last look at the clock
	since            int64 // when the head was there, monotonic ns
	patience         patience
	interims         int
	transit.Incoming

	onInterim  func(message.ClientExchange, message.Status, message.Fields)
	onResponse func(message.ClientExchange, error)
	onOver     func(message.ClientExchange, error)
	successor  func(message.Stream, []byte) // who has the tunnel
	pins       int32                        // notifications that are due, calls that wait
	wait       clientWait

	isPushed   bool
	isEnded    bool // it isn't in the list any more
	isDetached bool
	isClosed   bool  // nobody wants more of it
	isDropped  bool  // what isn't sent never is
	isUnwanted bool  // the peer doesn't want the rest of the request
	isTunnel   bool  // the response makes a tunnel of the stream
	cause      error // why it failed
}

var (
	_ transit.Party     = (*clientExchange)(nil)
	_ transit.Recipient = (*clientExchange)(nil)
	_ sender            = (*clientExchange)(nil)
)

// clientSection is a field section that was received, in memory of its own.
type clientSection struct {
	octets []byte // from the host
	lines  []message.FieldLine
}

// take copies a section.
func (s *clientSection) take(h engine.Host, from *FieldSection) {
	if len(from.Arena) == 0 {
		return
	}
	s.octets = append(h.Get(len(from.Arena)), from.Arena...)
	s.lines = append(s.lines[:0], from.Lines...)
}

// drop gives the memory back. What pointed into it isn't valid any more.
func (s *clientSection) drop(h engine.Host) {
	if s.octets != nil {
		transit.Put(h, s.octets)
	}
	s.octets, s.lines = nil, s.lines[:0]
}

// fields are the section's lines.
func (s *clientSection) fields() message.Fields { return message.NewFields(s.octets, s.lines) }

// make makes an exchange that is in no list.
func (c *Client) make() *clientExchange {
	x := c.free
	if x == nil {
		x = &clientExchange{client: c}
	} else {
		c.free, x.next = x.next, nil
		c.freeCount--
	}
	x.owner, x.declared, x.contentLength = x, -1, -1
	return x
}

// unmake is make undone: x can be used again.
func (c *Client) unmake(x *clientExchange) {
	lines, trailer, queue := x.section.lines[:0], x.trailer.lines[:0], x.queue.Anew()
	*x = clientExchange{client: c, next: c.free}
	x.section.lines, x.trailer.lines, x.queue = lines, trailer, queue
	c.free = x
	c.freeCount++
}

// append makes x the last of the list.
func (c *Client) append(x *clientExchange) {
	if x.before = c.last; c.last == nil {
		c.first = x
	} else {
		c.last.next = x
	}
	c.last = x
}

// insert puts x, which has a stream, before those that wait.
func (c *Client) insert(x *clientExchange) {
	at := c.waiting
	if at == nil {
		c.append(x)
		return
	}
	x.before, x.next = at.before, at
	if at.before == nil {
		c.first = x
	} else {
		at.before.next = x
	}
	at.before = x
}

// unlist takes x off the list.
func (c *Client) unlist(x *clientExchange) {
	if c.waiting == x {
		c.waiting = x.next
	}
	if x.head != nil {
		x.head = nil
		c.waitingCount--
	}
	if x.before == nil {
		c.first = x.next
	} else {
		x.before.next = x.next
	}
	if x.next == nil {
		c.last = x.before
	} else {
		x.next.before = x.before
	}
	x.before, x.next = nil, nil
}

// settle ends an exchange of which nothing is to come.
func (x *clientExchange) settle() {
	if !x.isEnded && x.received == HTTP2MessageDone && (x.stream == nil || x.stream.IsClosed()) {
		x.end()
	}
}

// end is that the connection has nothing to do with the exchange any more. Its
// stream, if it has one, is closed.
func (x *clientExchange) end() {
	if x.isEnded {
		return
	}
	c := x.client
	x.pins++
	x.isEnded = true
	c.unlist(x)
	c.times.forget(x)
	if x.said != HTTP2MessageDone || x.isSending() {
		x.isDropped = true
	}
	c.dropQueue(&x.sending)
	if x.onResponse != nil {
		x.later(transit.Call{What: transit.CallResponse, F: x.onResponse, Err: x.cause})
		x.onResponse = nil
	}
	if x.OnContent != nil {
		x.later(transit.Call{What: transit.CallStored})
	}
	x.pins--
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
	x.section.drop(c.host)
	x.trailer.drop(c.host)
	if x.stream != nil {
		x.Store.Clear(c.host)
		x.credit()
		c.conn.Release(x.stream)
		x.stream = nil
	}
	if x.isDetached || invariants || c.isDone() || c.freeCount >= freeMax {
		return
	}
	c.unmake(x)
}

// fail gives the exchange up, because of err, and resets its stream.
func (x *clientExchange) fail(err error, code frames.ErrorCode) {
	if x.isEnded {
		return
	}
	x.pins++
	x.lose(err)
	if x.stream != nil {
		x.client.conn.Reset(x.stream, code)
	}
	x.end()
	x.pins--
	x.release()
}

// lose is what fail does to an exchange whose stream is closed already.
func (x *clientExchange) lose(err error) {
	if x.cause == nil && !x.isDone() {
		x.cause = x.unanswered(err)
	}
	x.isDropped = true
}

// isDone says whether nothing of the exchange is to come.
func (x *clientExchange) isDone() bool {
	return x.received == HTTP2MessageDone && x.said == HTTP2MessageDone && !x.isSending()
}

// lost is how an exchange without an answer has ended because of err.
func (x *clientExchange) lost(err error) StreamLost {
	e, isReset := err.(*ResetError)
	switch {
	case x.stream != nil && x.client.conn.IsRefused(x.stream):
		return StreamLostAboveTheLast
	case isReset && e.IsPeer && e.Code == frames.CodeRefusedStream:
		return StreamLostRefused
	case isReset:
		return StreamLostOtherReset
	}
	return StreamLostConnectionLost
}

// unanswered says of an exchange that ends because of err how far it has come.
func (x *clientExchange) unanswered(err error) error {
	switch {
	case x.status == 0:
		return &message.UnansweredError{
			IsSent: x.stream != nil, IsRefused: DecideRepetition(x.lost(err), MethodLostOther, ResponseLostNone) == RepetitionRepeat,
			IsIdempotent: x.method.IsIdempotent(), Cause: err,
		}
	case x.received != HTTP2MessageDone:
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

// position is how much content was queued.
func (x *clientExchange) position() uint64 { return x.queue.In }

// IsTaken implements transit.Party.
func (x *clientExchange) IsTaken(position uint64) bool {
	return x.queue.Taken >= position && (x.stream != nil || x.isEnded) && x.client.out.Taken >= x.framedAt && !x.IsLost()
}

// IsLost implements transit.Party.
func (x *clientExchange) IsLost() bool {
	return x.client.isGone || x.client.isWriteOver || x.isDropped
}

// LostErr implements transit.Party.
func (x *clientExchange) LostErr() error {
	switch {
	case x.isUnwanted:
		return message.ErrUnwanted
	case x.cause != nil:
		return x.cause
	}
	return x.client.gone()
}

// OverErr implements transit.Party.
func (x *clientExchange) OverErr() error { return x.err() }
