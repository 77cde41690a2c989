package h2

import (
	"strconv"
	"strings"

	"github.com/specht-http/specht/message"
)

// sentRequest is a request that an application has given, in parts.
type sentRequest struct {
	method, scheme, authority, path, protocol string
	id                                        message.Method
}

// appendRequest appends the field block of a request (RFC 9113, Section 8.3.1).
// Its scheme is http or https, and protocol is that of extended CONNECT (RFC
// 8441), or empty.
func (e *fieldEncoder) appendRequest(dst []byte, h *message.RequestHead, scheme, protocol string) ([]byte, error) {
	r, length, err := e.examine(sectionRequest, h, scheme, protocol)
	if err != nil {
		return dst, err
	}
	return e.appendExamined(dst, h, &r, length), nil
}

// appendPromise appends the field block of a promised request (RFC 9113,
// Section 8.4), and has section take it in as a client would have sent it.
func (e *fieldEncoder) appendPromise(dst []byte, section *FieldSection, h *message.RequestHead, scheme string) ([]byte, error) {
	if h.Protocol != "" {
		return dst, &message.RequestError{Part: "protocol", Value: h.Protocol, Why: "a tunnel isn't promised: leave it out (RFC 9113, Section 8.4)"}
	}
	r, length, err := e.examine(sectionPromise, h, scheme, "")
	if err != nil {
		return dst, err
	}
	section.begin(sectionPromise)
	section.add(":method", r.method, h.IsSensitive)
	section.add(":scheme", r.scheme, h.IsSensitive)
	section.add(":authority", r.authority, h.IsSensitive)
	section.add(":path", r.path, h.IsSensitive)
	for i := range e.checked {
		section.add(e.checked[i].name, h.Fields[i].Value, h.Fields[i].IsSensitive)
	}
	if f := section.end(); f != nil {
		return dst, &message.RequestError{Part: "head", Value: r.path, Why: f.Error()}
	}
	return e.appendExamined(dst, h, &r, length), nil
}

// appendExamined appends the field block of a request that examine has passed.
func (e *fieldEncoder) appendExamined(dst []byte, h *message.RequestHead, r *sentRequest, length int64) []byte {
	unless := func(how indexing) indexing {
		if h.IsSensitive {
			return neverIndexed
		}
		return how
	}
	dst = e.append(dst, ":method", r.method, unless(indexingOfMethod(r.id)))
	if r.scheme != "" {
		dst = e.append(dst, ":scheme", r.scheme, unless(ownedIndexed))
	}
	dst = e.append(dst, ":authority", r.authority, unless(indexed))
	if r.path != "" {
		dst = e.append(dst, ":path", r.path, unless(indexingOfPath(r.path)))
	}
	if r.protocol != "" {
		dst = e.append(dst, ":protocol", r.protocol, unless(indexed))
	}
	dst = e.appendLength(dst, length)
	return e.appendChecked(dst, h.Fields)
}

// examine says what is sent of a head, or why it can't be. Fields are kept for
// appendChecked.
func (e *fieldEncoder) examine(kind sectionKind, h *message.RequestHead, scheme, protocol string) (r sentRequest, length int64, err error) {
	r = splitRequest(h, scheme, protocol)
	if length, err = r.declare(h.ContentLength); err != nil {
		return r, 0, err
	}
	if r.path == "" && h.Authority != "" && h.Authority != h.Target && !strings.HasPrefix(h.Target, h.Authority+":") {
		return r, 0, &message.RequestError{Part: "authority", Value: h.Authority, Why: "the request-target names another one: leave this out (RFC 9113, Section 8.5)"}
	}
	asked, err := e.check(kind, h.Fields)
	if err != nil {
		return r, 0, err
	}
	if asked.isExpecting && h.ContentLength == 0 { // rfc9110#10.1.1/2
		return r, 0, &message.FieldError{Name: "Expect", Why: "without content there is nothing to wait with: leave it out"}
	}
	return r, length, e.checkRequest(kind, &r, h)
}

// splitRequest puts each part of a head where HTTP/2 has it.
func splitRequest(h *message.RequestHead, scheme, protocol string) sentRequest {
	r := sentRequest{method: h.Method, authority: h.Authority, path: h.Target, protocol: protocol, scheme: "http"}
	if r.method == "" {
		r.method = "GET"
	}
	if strings.EqualFold(scheme, "https") {
		r.scheme = "https"
	}
	if r.id = lookupMethod(r.method); r.id != message.MethodOther {
		r.method = r.id.String() // which is a constant
	}
	switch {
	case r.id == message.MethodConnect && protocol == "":
		r.authority, r.path, r.scheme = h.Target, "", ""
	case r.path == "":
		r.path = "/"
	}
	return r
}

// lookupMethod is the id of a method.
func lookupMethod(method string) message.Method {
	var b [8]byte
	if len(method) > len(b) {
		return message.MethodOther
	}
	return message.LookupMethod(b[:copy(b[:], method)])
}

// indexingOfMethod is how a method is represented.
func indexingOfMethod(id message.Method) indexing {
	if id == message.MethodOther {
		return notIndexed
	}
	return ownedIndexed
}

// indexingOfPath is how a path is represented: what is in the static table is
// named, and no other path is kept.
func indexingOfPath(path string) indexing {
	if path == "/" || path == "/index.html" {
		return indexed
	}
	return notIndexed
}

// declare is the content-length to send, -1 for none. Where a method gives content
// a meaning, its absence is declared, too (RFC 9110, Section 8.6).
func (r *sentRequest) declare(length int64) (int64, error) {
	switch {
	case length < -1:
		return 0, &message.LengthError{Declared: length}
	case length == 0 && r.id != message.MethodPost && r.id != message.MethodPut && r.id != message.MethodPatch:
		return -1, nil
	case length != 0 && r.id == message.MethodTrace, length != 0 && r.id == message.MethodConnect && r.protocol == "":
		return 0, &message.RequestError{Part: "content", Value: strconv.FormatInt(length, 10), Why: "a request with this method has none: declare 0 octets"}
	}
	return length, nil
}

// checkRequest has the parts of a request decided over as a server decides.
func (e *fieldEncoder) checkRequest(kind sectionKind, r *sentRequest, h *message.RequestHead) error {
	if e.checker == nil {
		e.checker = new(FieldSection)
		e.checker.init(sectionLimits{octets: 1 << 30, lines: 16, connectProtocol: ConnectProtocolTaken})
	}
	c := e.checker
	c.begin(kind)
	c.add(":method", r.method, false)
	if r.scheme != "" {
		c.add(":scheme", r.scheme, false)
	}
	c.add(":authority", r.authority, false)
	if r.path != "" {
		c.add(":path", r.path, false)
	}
	if r.protocol != "" {
		c.add(":protocol", r.protocol, false)
	}
	if kind == sectionPromise && h.ContentLength != 0 {
		c.add("content-length", "1", false)
	}
	f := c.end()
	if f == nil {
		return nil
	}
	switch f.Machine {
	case "method-present":
		return &message.RequestError{Part: "method", Value: r.method, Why: "a method is a token (RFC 9110, Section 9.1)"}
	case "path-of-request":
		return &message.RequestError{Part: "request-target", Value: r.path, Why: f.Name + ": over HTTP/2 it is a path with its query, and encodes what a URI doesn't have; * is for OPTIONS (RFC 9113, Section 8.3.1)"}
	case "authority-of-request", "address-of-request":
		return &message.RequestError{Part: "authority", Value: r.authority, Why: f.Name + ": it is a host, and perhaps a port, without user information; CONNECT needs both (RFC 9113, Section 8.3.1)"}
	case "promised-request":
		return &message.RequestError{Part: "method", Value: r.method, Why: f.Name + ": promise GET or HEAD, without content (RFC 9113, Section 8.4)"}
	}
	return &message.RequestError{Part: "protocol", Value: r.protocol, Why: f.Name + ": it is a token, and for CONNECT alone (RFC 8441, Section 4)"}
}
