package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// exchange is one request and its response on a connection.
//
// It lives as long as its stream, as a handler that runs, as whoever detached it,
// and as notifications. Afterwards it is used again, unless it was detached: a
// handle may outlive everything, so it is left to the garbage collector, together
// with what its slices point into.
type exchange struct {
	request
	sending
	transit.Incoming
	server *Server
	next   *exchange // in the list of those that have ended, or in the free one

	received HTTP2Message // of the request, as the application is told
	said     HTTP2Message // of the response, as the application has said
	status   message.Status

	expectation expectation
	fault       error    // what was wrong with the content
	since       int64    // when its head was there, monotonic ns
	arrived     int64    // octets of content
	credited    int64    // of them, those whose credit the peer has back
	stretch     int64    // of them, those that came since the last look at the clock
	patience    patience // with a peer that gives no credit
	pins        int32    // notifications that are due, calls that wait
	watches     int32    // of the pins, those that wait for the end only

	isEnded    bool // the connection has nothing to do with it any more
	isListed   bool // it is in the list of those that have ended in this turn
	isRunning  bool // a handler runs on a goroutine
	isOrphan   bool // somebody goes on with it, and doesn't know that the stream was reset
	isLate     bool // its handler runs on, though all was said
	isServing  bool // a handler runs in the turn
	isDetached bool
	isTunnel   bool  // somebody has it as a tunnel: see tunnel.go
	isPushed   bool  // the request is of the engine, which has promised the response
	isReturned bool  // in builds tagged invariants: its handle isn't to be used
	isFailed   bool  // the response can't be sent
	cause      error // why, or why the engine sent one
}

var (
	_ transit.Recipient = (*exchange)(nil)
	_ sender            = (*exchange)(nil)
)

// expectation is whether the client waits for 100 (Continue) before it sends
// content (RFC 9110, Section 10.1.1).
type expectation uint8

const (
	expectationNone    expectation = iota
	expectationPending             // it waits
	expectationMet                 // it has been told to send, or has sent unasked
)

// begin makes an exchange for a stream.
func (s *Server) begin(stream *Stream) *exchange {
	x := s.free
	if x == nil {
		x = new(exchange)
	} else {
		s.free, x.next = x.next, nil
		s.freeCount--
	}
	x.server, x.owner, x.stream, x.about = s, x, stream, s.about
	x.since, _ = s.host.Now()
	x.declared = -1
	x.scheme = s.service.Scheme
	stream.Owner = x
	s.timers.stir()
	s.open++
	return x
}

// end is that the connection has nothing to do with the exchange any more. It is
// released at the end of the turn, for whoever calls may still look at it.
func (x *exchange) end() {
	if x.isEnded {
		return
	}
	s := x.server
	x.isEnded, x.isListed = true, true
	x.next, s.ended = s.ended, x
	s.open--
	if x.isPushed {
		s.pushes--
	}
	s.heads -= len(x.head) + len(x.trailer)
	if x.isFailed && !s.isEnding && (x.isRunning || x.isDetached) {
		x.isOrphan = true
		s.orphans++
	} else if x.isRunning {
		x.isLate = true
		s.late++
	}
	s.dropQueue(&x.sending)
	x.tellEnd()
	if !x.isTunnel || x.received != HTTP2MessageDone { // else it is read to its end
		x.discard()
	}
}

// adopt is that whoever has an exchange knows of its end: he has had an error of a
// call, or a callback, or his handler has returned.
func (x *exchange) adopt() {
	if x.isOrphan {
		x.isOrphan = false
		x.server.orphans--
	}
}

// releaseEnded releases what has ended in this turn.
func (s *Server) releaseEnded() {
	for s.ended != nil {
		x := s.ended
		s.ended, x.next, x.isListed = x.next, nil, false
		x.release()
	}
}

// release makes the exchange usable again, if nothing holds it.
func (x *exchange) release() {
	if !x.isEnded || x.isListed || x.pins > 0 || x.isRunning || x.isServing || x.isDetached || x.server == nil {
		return
	}
	s := x.server
	x.drop(s.host)
	if x.Store.Size() > 0 || !x.queue.IsEmpty() {
		panic("h2: bug: an exchange ends with octets")
	}
	if x.stream != nil {
		s.conn.Release(x.stream)
	}
	if x.isReturned || s.freeCount >= freeMax {
		x.stream = nil
		return
	}
	fields, trailerFields, queue := x.fields[:0], x.trailerFields[:0], x.queue.Anew()
	*x = exchange{}
	x.fields, x.trailerFields, x.queue = fields, trailerFields, queue
	x.next, s.free = s.free, x
	s.freeCount++
}

// freeMax is how many exchanges a connection keeps to be used again.
const freeMax = 16

// fail gives the response up, because of err, by a reset with this code.
func (x *exchange) fail(err error, code frames.ErrorCode) {
	if x.isFailed || x.isEnded {
		return
	}
	x.isFailed = true
	if x.cause == nil {
		x.cause = err
	}
	x.server.conn.Reset(x.stream, code)
	x.end()
}

// lost is fail, for a stream that is closed already.
func (x *exchange) lost(err error) {
	if x.isEnded {
		return
	}
	if x.said != HTTP2MessageDone || x.isSending() {
		x.isFailed = true
	}
	if x.cause == nil && x.isFailed {
		x.cause = err
	}
	x.end()
}

// err is message.Exchange.Err.
func (x *exchange) err() error {
	switch {
	case x.isFailed:
		return x.cause
	case x.said == HTTP2MessageDone && x.cause != nil:
		return x.cause
	case x.said == HTTP2MessageDone && (!x.isTunnel || x.isEnded):
		return message.ErrOver
	}
	return nil
}

// isOwed says whether somebody is left who can end the response.
func (x *exchange) isOwed() bool {
	return x.isDetached || x.isRunning || x.isServing || x.OnContent != nil || x.pins > x.watches
}

// settleDebt is called when a handler or callback has returned. A response that
// nobody is left to end is ended here: by 500, or by a reset. Content that nobody
// is left to take is refused.
func (x *exchange) settleDebt() {
	if x.isOwed() || x.isEnded {
		return
	}
	switch {
	case x.isFailed:
	case x.said == HTTP2MessageHead && x.fault != nil:
		if f, ok := x.fault.(*message.Fault); ok && f.Status != 0 {
			x.server.answer(x, f, message.Status(f.Status))
			return
		}
		x.fail(x.fault, frames.CodeProtocolError)
	case x.said == HTTP2MessageHead:
		x.server.answer(x, message.ErrUnanswered, message.StatusInternalServerError)
	case x.said == HTTP2MessageContent && x.isBare:
		_ = x.finish()
	case x.said == HTTP2MessageContent:
		x.fail(message.ErrUnanswered, frames.CodeInternalError)
	}
}

// onSent implements sender: the response has left, with its end. The exchange is
// over; what remains of the request isn't needed any more. Its stream goes on
// without an owner, until the peer has ended it, or is told that nobody wants the
// rest (RFC 9113, Section 8.1). In a tunnel both directions end for themselves.
func (x *exchange) onSent() {
	if x.isTunnel && x.received != HTTP2MessageDone {
		return
	}
	stream := x.stream
	x.end()
	if !stream.IsClosed() {
		stream.Owner, x.stream = nil, nil
	}
}

// onBlocked implements sender. If the peer has closed its side, credit can't come
// any more.
func (x *exchange) onBlocked() bool {
	if x.server.isEnded {
		x.fail(errNoCredit, frames.CodeCancel)
	}
	return !x.server.isEnded
}

// onUnwanted is that content comes on a stream whose exchange is over. As much is
// thrown away as the peer had credit for; then it is told to stop.
func (s *Server) onUnwanted(stream *Stream, octets int, isEnd bool) {
	s.conn.Consume(nil, octets)
	switch {
	case isEnd:
		s.conn.Release(stream)
	case stream.receiveWindow <= 0:
		s.stopUnwanted(stream)
	}
}

// stopUnwanted tells the peer to stop.
func (s *Server) stopUnwanted(stream *Stream) {
	s.conn.Reset(stream, frames.CodeNoError)
	s.conn.Release(stream)
}

// tellEnd calls OnEnd, whose panic is told as that of a handler is.
func (x *exchange) tellEnd() {
	s := x.server
	if s.service.OnEnd == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			s.tellPanic(v)
		}
	}()
	s.service.OnEnd((*inTurn)(x), x.summary())
}

// summary is what has become of the exchange.
func (x *exchange) summary() message.Summary {
	now, _ := x.server.host.Now()
	m := message.Summary{Status: x.status, ContentOctets: x.written, DurationNs: now - x.since, Err: x.err()}
	if x.isMeasured {
		m.ContentOctets = 0
	}
	if m.Err == message.ErrOver {
		m.Err = nil
	}
	return m
}
