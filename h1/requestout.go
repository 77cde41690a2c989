package h1

import "github.com/specht-http/specht/message"

// Request is one request on its way out (RFC 9112, Sections 3 and 6), the other
// end of what [Requests] reads. Its Append methods add octets to dst as append
// does. On error they return dst as it was, and the request is where it was.
//
// The order of calls is that of the table request-direction: AppendHead, any
// number of AppendContent, AppendEnd. A request without content has ended with
// its head. A call out of order is a *message.MisuseError.
type Request struct {
	// Direction is where in its life the request is.
	Direction RequestDirection
	// Persistence is what the head says: whether a request may follow on the
	// connection.
	Persistence Persistence
	// Method is the method's id.
	Method message.Method
	// Expects is that the head has Expect: 100-continue, so that content waits
	// for 100 (Continue) (RFC 9110, Section 10.1.1).
	Expects bool
	// Upgrades is that the head has Upgrade, which offers to switch to another
	// protocol (RFC 9110, Section 7.8).
	Upgrades bool

	outgoing
	checker  *RequestMessage
	trailers *fieldChecker
}

// NewRequest is a request that isn't begun.
func NewRequest() *Request {
	r := new(Request)
	r.reset(new(RequestMessage), new(fieldChecker))
	return r
}

// reset begins a request. The machines are for the time of each call.
func (r *Request) reset(checker *RequestMessage, trailers *fieldChecker) {
	*r = Request{checker: checker, trailers: trailers, Persistence: PersistencePersist}
}

// AppendContent appends content: as it is, or as one chunk. Nothing is appended
// for no content.
func (r *Request) AppendContent(dst, p []byte) ([]byte, error) {
	if err := r.onContent(len(p)); err != nil || len(p) == 0 {
		return dst, err
	}
	dst = r.appendBefore(dst, len(p))
	dst = append(dst, p...)
	return r.appendAfter(dst), nil
}

// onContent is that n octets of content are to be sent.
func (r *Request) onContent(n int) error {
	next, err := r.next("Write", RequestDirectionOnContent)
	if err != nil {
		return err
	}
	if err := r.count(n); err != nil {
		return err
	}
	r.Direction = next
	return nil
}

// AppendEnd ends the request. If less content was appended than was declared,
// it can't be ended. Trailers are for content of unknown length.
func (r *Request) AppendEnd(dst []byte, trailers ...message.Field) ([]byte, error) {
	next, err := r.next("End", RequestDirectionOnEnd)
	if err != nil {
		return dst, err
	}
	if err := r.checkEnd(); err != nil {
		return dst, err
	}
	b := dst
	switch {
	case r.framing == framingChunked:
		b = append(b, "0\r\n"...)
		if b, err = appendTrailers(b, r.trailers, trailers); err != nil {
			return dst, err
		}
		b = append(b, "\r\n"...)
	case len(trailers) > 0:
		return dst, message.ErrNoTrailers
	}
	r.Direction = next
	return b, nil
}

// Abort gives the request up. The connection can then only be cut.
func (r *Request) Abort() {
	r.Direction, _ = r.Direction.On(RequestDirectionOnFailure)
}

// next asks the table for the state after an event.
func (r *Request) next(call string, e RequestDirectionEvent) (RequestDirection, error) {
	next, wrong := r.Direction.On(e)
	if wrong != "" {
		return next, &message.MisuseError{Call: call, Rule: wrong}
	}
	return next, nil
}
