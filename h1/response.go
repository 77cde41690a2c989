package h1

import (
	"strconv"

	"github.com/specht-http/specht/message"
)

// Response is one response on its way out (RFC 9112, Section 4 and 6). Its
// Append methods add octets to dst as append does. On error they return dst as
// it was, and the response is where it was.
//
// The order of calls is that of the table response-direction: any number of
// AppendInterim, then AppendHead, any number of AppendContent, AppendEnd; or
// AppendWhole. A call out of order is a *message.MisuseError.
type Response struct {
	// Direction is where in its life the response is.
	Direction ResponseDirection
	// Persistence is what the head says, once there is one: whether the
	// connection serves another request afterwards.
	Persistence Persistence

	status   message.Status // of the head; 0 before
	method   message.Method
	version  Version
	framing  framing
	declared int64 // octets, -1 if unknown
	written  int64 // octets of content
	checker  *fieldChecker
	isBare   bool // the status has no content, whatever the method
	isOpen   bool // there may be trailers
}

// ReplyHead is what a response begins with.
type ReplyHead struct {
	Status message.Status
	// Fields are the application's. Content-Length and Transfer-Encoding are
	// not among them, and Connection only as close.
	Fields []message.Field
	// ContentLength is in octets, -1 if it isn't known.
	ContentLength int64
	// Date is the value of Date, which is left out if this is nil or the
	// application has one.
	Date *Date
	// Persistence is PersistenceClose if the connection is to close after this
	// response.
	Persistence Persistence
}

// NewResponse is a response to a request of this method and version.
func NewResponse(method message.Method, version Version) *Response {
	r := new(Response)
	r.reset(method, version, new(fieldChecker))
	return r
}

// reset begins a response. checker is for the time of each call.
func (r *Response) reset(method message.Method, version Version, checker *fieldChecker) {
	*r = Response{method: method, version: version, checker: checker, Persistence: PersistencePersist}
}

// AppendInterim appends a response of class 1xx (RFC 9110, Section 15.2).
func (r *Response) AppendInterim(dst []byte, status message.Status, fields []message.Field) ([]byte, error) {
	if !status.IsInterim() || status == message.StatusSwitchingProtocols {
		return dst, &message.StatusError{Status: status, Why: "it isn't interim: use a status of 100 to 199, but not 101"}
	}
	if r.version == VersionHTTP10 {
		return dst, &message.StatusError{Status: status, Why: "a client of HTTP/1.0 doesn't know interim responses"}
	}
	next, err := r.next("Interim", ResponseDirectionOnInterim)
	if err != nil {
		return dst, err
	}
	b := appendStatusLine(dst, status)
	b, own, err := r.appendFields(b, fields)
	if err != nil {
		return dst, err
	}
	if own.hasClose {
		return dst, &message.StatusError{Status: status, Why: "an interim response doesn't close the connection: leave Connection to the final one"}
	}
	r.Direction = next
	return append(b, "\r\n"...), nil
}

// AppendHead appends the status-line and the header section.
func (r *Response) AppendHead(dst []byte, h *ReplyHead) ([]byte, error) {
	next, err := r.next("Start", ResponseDirectionOnHead)
	if err != nil {
		return dst, err
	}
	length := h.ContentLength
	if isEmpty(statusClass(h.Status)) {
		if length > 0 {
			return dst, &message.StatusError{Status: h.Status, Why: "it has no content: declare 0 octets, or take another status"}
		}
		length = 0
	}
	f := r.frame(h.Status, length)
	b, err := r.appendHead(dst, h, &f)
	if err != nil {
		return dst, err
	}
	r.Direction = next
	return b, nil
}

// AppendWhole appends a head and the whole content, whose length it declares;
// the head's ContentLength doesn't count. Content that can't be sent (in answer
// to HEAD, or with 304) is measured only.
func (r *Response) AppendWhole(dst []byte, h *ReplyHead, content []byte) ([]byte, error) {
	length := int64(len(content))
	if h.Status == message.StatusNotModified && length == 0 {
		length = -1 // what a GET would get isn't known
	}
	f := r.frame(h.Status, length)
	event := ResponseDirectionOnHead
	if length <= 0 || f.framing == framingNone {
		event = ResponseDirectionOnHeadWithoutContent
	}
	next, err := r.next("Respond", event)
	if err != nil {
		return dst, err
	}
	if length > 0 && isEmpty(f.class) {
		return dst, &message.StatusError{Status: h.Status, Why: "it has no content: give none, or take another status"}
	}
	b, err := r.appendHead(dst, h, &f)
	if err != nil {
		return dst, err
	}
	r.Direction = next
	if event == ResponseDirectionOnHead {
		b = append(b, content...)
		r.Direction, _ = r.Direction.On(ResponseDirectionOnContent)
		r.Direction, _ = r.Direction.On(ResponseDirectionOnEnd)
	}
	r.written = int64(len(content))
	return b, nil
}

// AppendContent appends content: as it is, or as one chunk. Nothing is appended
// for no content. In answer to HEAD content is counted only; with a status that
// has none it is message.ErrNoContent.
func (r *Response) AppendContent(dst, p []byte) ([]byte, error) {
	if err := r.onContent(len(p)); err != nil {
		return dst, err
	}
	if len(p) == 0 || r.framing == framingNone {
		return dst, nil
	}
	dst = r.appendBefore(dst, len(p))
	dst = append(dst, p...)
	return r.appendAfter(dst), nil
}

// onContent is that n octets of content are to be sent.
func (r *Response) onContent(n int) error {
	next, err := r.next("Write", ResponseDirectionOnContent)
	if err != nil {
		return err
	}
	if r.isBare && n > 0 {
		return message.ErrNoContent
	}
	if r.declared >= 0 && r.written+int64(n) > r.declared {
		return &message.LengthError{Declared: r.declared, Written: r.written + int64(n)}
	}
	r.Direction = next
	r.written += int64(n)
	return nil
}

// appendBefore and appendAfter are what stands around n octets of content: the
// line of a chunk, and the CRLF behind it (RFC 9112, Section 7.1).
func (r *Response) appendBefore(dst []byte, n int) []byte {
	if r.framing == framingChunked {
		dst = append(strconv.AppendInt(dst, int64(n), 16), "\r\n"...)
	}
	return dst
}

func (r *Response) appendAfter(dst []byte) []byte {
	if r.framing == framingChunked {
		dst = append(dst, "\r\n"...)
	}
	return dst
}

// AppendEnd ends the response, with a trailer section if there are trailers.
// If less content was appended than was declared, it can't be ended. Where
// there is no room for trailers it is message.ErrNoTrailers; in answer to HEAD
// they are checked only.
func (r *Response) AppendEnd(dst []byte, trailers ...message.Field) ([]byte, error) {
	next, err := r.next("End", ResponseDirectionOnEnd)
	if err != nil {
		return dst, err
	}
	if r.framing == framingFixed && r.written != r.declared {
		return dst, &message.LengthError{Declared: r.declared, Written: r.written}
	}
	if len(trailers) == 0 {
		r.Direction = next
		if r.framing == framingChunked {
			dst = append(dst, "0\r\n\r\n"...)
		}
		return dst, nil
	}
	if !r.isOpen {
		return dst, message.ErrNoTrailers
	}
	b, err := appendTrailers(append(dst, "0\r\n"...), r.checker, trailers)
	if err != nil {
		return dst, err
	}
	r.Direction = next
	if r.framing != framingChunked { // to HEAD
		return dst, nil
	}
	return append(b, "\r\n"...), nil
}

// Abort gives the response up. The connection can then only be cut.
func (r *Response) Abort() {
	r.Direction, _ = r.Direction.On(ResponseDirectionOnAbort)
}

// next asks the table for the state after an event.
func (r *Response) next(call string, e ResponseDirectionEvent) (ResponseDirection, error) {
	next, wrong := r.Direction.On(e)
	if wrong != "" {
		return next, &message.MisuseError{Call: call, Rule: wrong}
	}
	return next, nil
}
