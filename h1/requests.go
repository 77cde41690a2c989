package h1

import "github.com/specht-http/specht/message"

// Requests reads the requests of one connection, one after the other
// (RFC 9112, Section 2.1). It keeps no octets: spans of its Message index the b
// of the Next that answered with the event.
//
// The next request is begun by the Next that follows the event End. Whether it
// may be, is a question of the response too: see DecideCoupling.
type Requests struct {
	// Message is the request under way, or nil before the first one.
	Message *RequestMessage
	// Began is the offset of the request's first octet on the connection.
	Began int64
	// Direction is where in its life the request is.
	Direction RequestDirection
	// Lenient is whether heads are read with the options of spec/leniency.md.
	// Set it before anything is read.
	Lenient bool

	ended  bool
	limits *RequestMessageLimits
	fault  *message.Fault
}

// NewRequests is a reader with these limits, which it keeps.
func NewRequests(limits *RequestMessageLimits) *Requests {
	return &Requests{limits: limits}
}

// Next reads on in b, all octets that are not consumed, and consumes n of them:
// see RequestMessage.Next. Of content it gives at most room octets. After
// RequestMessageFailed there is a Fault, and nothing more can be read.
func (r *Requests) Next(b []byte, room int) (n int, event RequestMessageEvent) {
	r.isFresh()
	n, event = r.Message.Next(b, room, r.limits)
	switch event {
	case RequestMessageHead:
		if r.Message.RequestBodyLength == RequestBodyLengthNone {
			r.on(RequestDirectionOnHeadWithoutContent)
		} else {
			r.on(RequestDirectionOnHead)
		}
	case RequestMessageContent:
		r.on(RequestDirectionOnContent)
	case RequestMessageEnd:
		r.ended = true
		if r.Message.RequestBodyLength != RequestBodyLengthNone {
			r.on(RequestDirectionOnEnd)
		}
	case RequestMessageFailed:
		r.on(RequestDirectionOnFailure)
		r.fault = r.Message.Fault(r.limits)
	}
	return n, event
}

// begin makes it ready for the next request.
func (r *Requests) begin() {
	r.ended = false
	r.Began += r.Message.Offset()
	r.Message.Reset()
	r.on(RequestDirectionOnNext)
}

// on is an event of the request. One that the table answers with an error can't
// come from the sequence.
func (r *Requests) on(e RequestDirectionEvent) {
	next, wrong := r.Direction.On(e)
	if wrong != "" {
		panic("h1: bug: a request with " + wrong)
	}
	r.Direction = next
}

// End says that nothing comes after b, the octets that are not consumed. If a
// request is cut short by that, the connection has Failed with a Fault.
func (r *Requests) End(b []byte) {
	if !r.isFresh() {
		return
	}
	if r.Message.End(b, r.limits) != RequestMessageFailed {
		r.on(RequestDirectionOnEndOfInput)
		return
	}
	r.on(RequestDirectionOnFailure)
	if r.fault == nil {
		r.fault = r.Message.Fault(r.limits)
	}
}

// hasBegun says whether b, the octets that are not consumed, holds some of a
// request: more than what may stand before one.
func (r *Requests) hasBegun(b []byte) bool {
	return len(b) > 0 && r.isFresh() && r.Message.HasBegun(b, r.limits)
}

// isFresh makes it ready for the request under way, or for the next one. It is
// false if nothing more can be read.
func (r *Requests) isFresh() bool {
	switch {
	case r.Message == nil:
		r.Message = &RequestMessage{Lenient: r.Lenient}
	case r.ended:
		r.begin()
	}
	return r.fault == nil
}

// Fail ends the request under way for a reason that isn't in its octets.
func (r *Requests) Fail(f *message.Fault) {
	r.on(RequestDirectionOnFailure)
	r.fault = f
}

// Fault is why the last request was refused or cut short; nil if it wasn't. Its
// offset counts from Began.
func (r *Requests) Fault() *message.Fault { return r.fault }

// isEnding says whether Next has an event without further octets.
func (r *Requests) isEnding() bool {
	return r.Message != nil && !r.ended && r.Direction == RequestDirectionDone
}

// next is the offset of the first octet of the request under way, or of the
// next one if that has ended.
func (r *Requests) next() int64 {
	if r.ended {
		return r.Began + r.Message.Offset()
	}
	return r.Began
}

// offset is how many octets of the request are consumed.
func (r *Requests) offset() int64 {
	if r.Message == nil || r.ended {
		return 0
	}
	return r.Message.Offset()
}

// release lets go of the Message, between requests, or when nothing more is read.
// It is false while a request is under way.
func (r *Requests) release(isOver bool) bool {
	switch {
	case r.Message == nil:
	case r.ended && r.fault == nil:
		r.begin()
	case !isOver:
		return false
	}
	r.Message, r.ended = nil, false
	return true
}
