package h1

import "github.com/specht-http/specht/message"

// Responses reads the responses of one connection, one after the other, as
// Requests reads requests. It is told of each request that is answered: how a
// response ends depends on it (RFC 9112, Section 6.3).
//
// A response is its interim ones, each a ResponseMessageHead for which
// IsInterim is true, and the final one. Await may be called when nothing was
// awaited yet, and after ResponseMessageEnd.
type Responses struct {
	// Message is the response under way, or nil before the first one.
	Message *ResponseMessage
	// Direction is where in its life the response is.
	Direction ResponseDirection
	// Began is the offset of the response's first octet on the connection.
	Began int64
	// Lenient is whether heads are read with the options of spec/leniency.md.
	// Next then overwrites the folds of a head's field values by SP, in the
	// octets that it was given. Set it before anything is awaited.
	Lenient bool

	limits    *ResponseMessageLimits
	isAwaited bool
	fault     *message.Fault
}

// NewResponses is a reader with these limits, which it keeps.
func NewResponses(limits *ResponseMessageLimits) *Responses {
	return &Responses{limits: limits}
}

// Await says that the next response answers a request with this method, and
// whether that offered to switch to another protocol (RFC 9110, Section 7.8).
func (r *Responses) Await(method message.Method, offer UpgradeOffer) {
	switch {
	case r.isAwaited:
		panic("h1: bug: Await before the response that is awaited has ended")
	case r.Message == nil:
		r.Message = &ResponseMessage{Lenient: r.Lenient}
	case r.fault == nil:
		r.begin()
	}
	r.isAwaited = true
	r.Message.MethodClass = classOf(method)
	r.Message.UpgradeOffer = offer
}

// classOf is what the framing of a response wants to know of a method.
func classOf(method message.Method) MethodClass {
	switch method {
	case message.MethodHead:
		return MethodClassHead
	case message.MethodConnect:
		return MethodClassConnect
	}
	return MethodClassOther
}

// begin makes it ready for the next response.
func (r *Responses) begin() {
	r.Began += r.Message.Offset()
	r.Message.Reset()
	r.on(ResponseDirectionOnNext)
}

// Next reads on in b, all octets that are not consumed, and consumes n of them:
// see ResponseMessage.Next. Of content it gives at most room octets. Octets that
// come while no response is awaited are refused. After ResponseMessageFailed
// there is a Fault, and nothing more can be read; after the end of a tunnel's
// head (IsTunnel), what follows is no HTTP and stays unconsumed.
func (r *Responses) Next(b []byte, room int) (n int, event ResponseMessageEvent) {
	switch {
	case r.fault != nil:
		return 0, ResponseMessageFailed
	case r.isAwaited:
	case len(b) == 0 || r.IsTunnel():
		return 0, ResponseMessageMore
	default:
		r.Fail(r.faultUnasked())
		return 0, ResponseMessageFailed
	}
	n, event = r.Message.Next(b, room, r.limits)
	switch event {
	case ResponseMessageHead:
		r.onHead()
	case ResponseMessageContent:
		r.on(ResponseDirectionOnContent)
	case ResponseMessageEnd:
		r.onEnd()
	case ResponseMessageFailed:
		r.Fail(r.Message.Fault(r.limits))
	}
	return n, event
}

func (r *Responses) onHead() {
	switch r.Message.ResponseBodyLength {
	case ResponseBodyLengthInterim:
		r.on(ResponseDirectionOnInterim)
	case ResponseBodyLengthNone, ResponseBodyLengthTunnel:
		r.on(ResponseDirectionOnHeadWithoutContent)
	default:
		r.on(ResponseDirectionOnHead)
	}
}

func (r *Responses) onEnd() {
	r.isAwaited = false
	if r.Direction == ResponseDirectionContent {
		r.on(ResponseDirectionOnEnd)
	}
}

// on is an event of the response. One that the table answers with an error
// can't come from the sequence.
func (r *Responses) on(e ResponseDirectionEvent) {
	next, wrong := r.Direction.On(e)
	if wrong != "" {
		panic("h1: bug: a response with " + wrong)
	}
	r.Direction = next
}

// IsInterim says whether the head that was read last is that of an interim
// response, after which another one comes (RFC 9110, Section 15.2).
func (r *Responses) IsInterim() bool {
	return r.Message != nil && r.Message.ResponseBodyLength == ResponseBodyLengthInterim
}

// IsTunnel says whether the head that was read last makes a tunnel of the
// connection, or switches it to another protocol (RFC 9110, Sections 9.3.6 and
// 15.2.2).
func (r *Responses) IsTunnel() bool {
	return r.Message != nil && r.Message.ResponseBodyLength == ResponseBodyLengthTunnel
}

// End says that nothing comes after b, the octets that are not consumed. The
// answer is ResponseMessageEnd if that completes the response under way, whose
// content must have been consumed; ResponseMessageFailed, with a Fault, if it
// cuts the awaited one short; and ResponseMessageMore if there is none.
func (r *Responses) End(b []byte) ResponseMessageEvent {
	switch {
	case r.fault != nil:
		return ResponseMessageFailed
	case !r.isAwaited:
		return ResponseMessageMore
	}
	event := r.Message.End(b, r.limits)
	switch event {
	case ResponseMessageEnd:
		r.onEnd()
	case ResponseMessageFailed:
		r.Fail(r.Message.Fault(r.limits))
	}
	return event
}

// Fail ends the response under way for a reason that isn't in its octets.
func (r *Responses) Fail(f *message.Fault) {
	r.on(ResponseDirectionOnFailure)
	r.fault = f
}

// Fault is why the last response was refused or cut short; nil if it wasn't.
// Its offset counts from Began.
func (r *Responses) Fault() *message.Fault { return r.fault }

// offset is how many octets of the response are consumed.
func (r *Responses) offset() int64 {
	if r.Message == nil {
		return 0
	}
	return r.Message.Offset()
}

// release lets the memory go that was made for a response, between responses.
func (r *Responses) release() {
	if r.Message == nil || r.isAwaited || r.fault != nil {
		return
	}
	r.begin()
	r.Message = nil
}
