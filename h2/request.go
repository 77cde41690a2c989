package h2

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// request is what an exchange knows of its request. The head is copied once,
// into an arena; everything else is spans of it.
type request struct {
	head          []byte // from the host
	fields        []message.FieldLine
	trailer       []byte // from the host
	trailerFields []message.FieldLine

	method, target, authority, protocol message.Span
	methodID                            message.Method
	scheme                              string
	contentLength                       int64 // octets, -1 if unknown
	wantsTrailers                       bool
	about                               any
}

// take copies a head that was received.
func (r *request) take(h engine.Host, s *FieldSection) {
	r.head = append(h.Get(len(s.Arena)), s.Arena...)
	r.fields = append(r.fields[:0], s.Lines...)
	r.method, r.methodID, r.target = s.Method, s.MethodID, s.Target
	r.authority, r.protocol = s.Authority, s.Protocol
	r.contentLength = s.ContentLength
	r.wantsTrailers = s.WantsTrailers
}

// takeTrailers copies a trailer section that was received.
func (r *request) takeTrailers(h engine.Host, s *FieldSection) {
	if len(s.Lines) == 0 {
		return
	}
	r.trailer = append(h.Get(len(s.Arena)), s.Arena...)
	r.trailerFields = append(r.trailerFields[:0], s.Lines...)
}

// drop gives the arena back. What pointed into it isn't valid any more.
func (r *request) drop(h engine.Host) {
	if r.head != nil {
		transit.Put(h, r.head)
	}
	if r.trailer != nil {
		transit.Put(h, r.trailer)
	}
	r.head, r.trailer = nil, nil
}

// Method implements message.Exchange.
func (r *request) Method() []byte { return r.method.Of(r.head) }

// MethodID implements message.Exchange.
func (r *request) MethodID() message.Method { return r.methodID }

// Target implements message.Exchange. That of CONNECT is its authority, as it is
// over HTTP/1.1.
func (r *request) Target() []byte {
	if r.target.Len() == 0 {
		return r.authority.Of(r.head)
	}
	return r.target.Of(r.head)
}

// Scheme implements message.Exchange.
func (r *request) Scheme() []byte {
	if r.scheme == "https" {
		return schemeHTTPS
	}
	return schemeHTTP
}

var schemeHTTP, schemeHTTPS = []byte("http"), []byte("https")

// Authority implements message.Exchange.
func (r *request) Authority() []byte { return r.authority.Of(r.head) }

// Protocol implements message.Exchange.
func (r *request) Protocol() []byte { return r.protocol.Of(r.head) }

// Version implements message.Exchange.
func (r *request) Version() message.Version { return message.HTTP2 }

// WantsTrailers implements message.Exchange.
func (r *request) WantsTrailers() bool { return r.wantsTrailers }

// Fields implements message.Exchange.
func (r *request) Fields() message.Fields { return message.NewFields(r.head, r.fields) }

// About implements message.Exchange.
func (r *request) About() any { return r.about }

// ContentLength implements message.Exchange.
func (r *request) ContentLength() int64 { return r.contentLength }
