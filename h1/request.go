package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// request is what an exchange knows of its request. The head is copied once,
// into an arena; everything else is spans of it.
//
//	head     GET / HTTP/1.1\r\nHost: example.org\r\n\r\n
//	fields   [{Name: 16:20, Value: 22:33}]
type request struct {
	head          []byte // from the host
	fields        []message.FieldLine
	trailer       []byte // from the host
	trailerFields []message.FieldLine

	method, target    message.Span
	methodID          message.Method
	version           Version
	scheme, authority []byte
	contentLength     int64 // octets, -1 if unknown
	wantsTrailers     bool
	about             any
}

// take copies a head that m has read. The lines of m are swapped for the ones
// of the request before, so that both slices are used again.
func (r *request) take(h engine.Host, head []byte, m *RequestMessage) {
	r.head = append(h.Get(len(head)), head...)
	r.fields, m.Head.Fields = m.Head.Fields, r.fields[:0]
	r.method, r.methodID, r.target = m.Head.Method, m.Head.MethodID, m.Head.Target
	r.version = m.Version
	switch m.RequestBodyLength {
	case RequestBodyLengthFixed:
		r.contentLength = int64(m.ContentLength.Length)
	case RequestBodyLengthChunked:
		r.contentLength = -1
	}
}

// takeTrailers copies a trailer section that m has read.
func (r *request) takeTrailers(h engine.Host, section []byte, m *RequestMessage) {
	if len(m.Trailers.Fields) == 0 {
		return
	}
	r.trailer = append(h.Get(len(section)), section...)
	r.trailerFields, m.Trailers.Fields = m.Trailers.Fields, r.trailerFields[:0]
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

// Target implements message.Exchange.
func (r *request) Target() []byte { return r.target.Of(r.head) }

// Scheme implements message.Exchange.
func (r *request) Scheme() []byte { return r.scheme }

// Authority implements message.Exchange.
func (r *request) Authority() []byte { return r.authority }

// Protocol implements message.Exchange.
func (r *request) Protocol() []byte { return nil }

// Version implements message.Exchange.
func (r *request) Version() message.Version {
	if r.version == VersionHTTP10 {
		return message.HTTP10
	}
	return message.HTTP11
}

// WantsTrailers implements message.Exchange.
func (r *request) WantsTrailers() bool { return r.wantsTrailers }

// Fields implements message.Exchange.
func (r *request) Fields() message.Fields { return message.NewFields(r.head, r.fields) }

// About implements message.Exchange.
func (r *request) About() any { return r.about }

// ContentLength implements message.Exchange.
func (r *request) ContentLength() int64 { return r.contentLength }
