package h1

import (
	"math"
	"strconv"
	"strings"

	"github.com/specht-http/specht/message"
)

// A request head is written in this order: the request-line, Host, the
// application's field lines, then the engine's. All of it is read back by the
// sequence that servers read requests with, before an octet goes out.

// requestHeadOctetsMax is what a head takes besides what the application gives,
// at most.
const requestHeadOctetsMax = 128

// sentHeadOctets is what a head takes, at most.
func sentHeadOctets(h *message.RequestHead) int {
	return requestHeadOctetsMax + len(h.Method) + 2*len(h.Target) + len(h.Authority) + fieldsOctets(h.Fields)
}

// askedFields is what an application's fields ask for that is the engine's.
type askedFields struct{ close, te, upgrade, expect bool }

// AppendHead appends the request-line and the header section.
func (r *Request) AppendHead(dst []byte, h *message.RequestHead) ([]byte, error) {
	method, target, authority := orDefault(h.Method, "GET"), orDefault(h.Target, "/"), h.Authority
	id := lookupMethod(method)
	if authority == "" {
		authority = authorityOf(id, target)
	}
	if h.Protocol != "" {
		return dst, &message.RequestError{Part: "protocol", Value: h.Protocol, Why: "HTTP/1.1 has no extended CONNECT: offer it by Upgrade (RFC 9110, Section 7.8)"}
	}
	event := RequestDirectionOnHead
	if h.ContentLength == 0 {
		event = RequestDirectionOnHeadWithoutContent
	}
	next, err := r.next("AppendHead", event)
	if err != nil {
		return dst, err
	}
	framed, err := r.frame(id, h.ContentLength)
	if err != nil {
		return dst, err
	}
	asked, err := readAsked(h.Fields, h.ContentLength != 0)
	if err != nil {
		return dst, err
	}
	b := append(dst, method...)
	b = append(b, ' ')
	b = append(b, target...)
	b = append(b, " HTTP/1.1\r\nHost: "...)
	b = append(b, authority...)
	b = append(b, "\r\n"...)
	for i := range h.Fields {
		b = append(b, h.Fields[i].Name...)
		b = append(b, ": "...)
		b = append(b, h.Fields[i].Value...)
		b = append(b, "\r\n"...)
	}
	b = framed.appendFields(b, id)
	b = append(asked.appendConnection(b), "\r\n"...)
	if !r.isReadAs(b[len(dst):], method, target, authority, h.Fields, framed) {
		return dst, r.blame(method, target, authority, h.Fields)
	}
	if !r.isFor(target, authority) {
		return dst, &message.RequestError{Part: "authority", Value: authority, Why: "the request-target names another one: leave this out (RFC 9112, Section 3.2)"}
	}
	r.Direction, r.Method, r.outgoing = next, id, framed
	r.Persistence = r.checker.Persistence
	r.Expects = asked.expect && next == RequestDirectionContent
	r.Upgrades = asked.upgrade
	return b, nil
}

// authorityOf is the authority that a request-target names, as far as that can
// be seen without the machines, which look at it later.
func authorityOf(id message.Method, target string) string {
	if id == message.MethodConnect {
		return target
	}
	_, rest, _ := strings.Cut(target, "://")
	if end := strings.IndexAny(rest, "/?"); end >= 0 {
		rest = rest[:end]
	}
	if target[0] == '/' {
		return ""
	}
	return rest
}

// isFor says whether a request that was read back is for one authority, if its
// target names one (rfc9112#3.2/4). That of CONNECT has a port, which Host may
// leave out.
func (r *Request) isFor(target, authority string) bool {
	switch r.checker.Target {
	case TargetAbsoluteForm:
		at := r.checker.TargetForm.Authority
		return target[at.Start:at.End] == authority
	case TargetAuthorityForm:
		return target == authority || strings.HasPrefix(target, authority+":")
	}
	return true
}

func orDefault(s, value string) string {
	if s == "" {
		return value
	}
	return s
}

// lookupMethod is the id of a method.
func lookupMethod(method string) message.Method {
	var b [8]byte
	if len(method) > len(b) {
		return message.MethodOther
	}
	return message.LookupMethod(b[:copy(b[:], method)])
}

// frame says how the content of a request is framed (RFC 9112, Section 6.3).
func (r *Request) frame(id message.Method, length int64) (outgoing, error) {
	o := outgoing{framing: framingFixed, declared: length}
	switch {
	case length < -1:
		return o, &message.LengthError{Declared: length}
	case length == 0:
		o.framing = framingNone
	case id == message.MethodTrace || id == message.MethodConnect:
		return o, &message.RequestError{Part: "content", Value: strconv.FormatInt(length, 10), Why: "a request with this method has none: declare 0 octets"}
	case length < 0:
		o.framing = framingChunked
	}
	return o, nil
}

// appendFields appends the field that says where the content ends. Where a
// method gives content a meaning, its absence is declared, too (RFC 9110,
// Section 8.6).
func (o *outgoing) appendFields(b []byte, id message.Method) []byte {
	switch {
	case o.framing == framingChunked:
		return append(b, "Transfer-Encoding: chunked\r\n"...)
	case o.framing == framingNone && id != message.MethodPost && id != message.MethodPut && id != message.MethodPatch:
		return b
	}
	b = append(b, "Content-Length: "...)
	return append(strconv.AppendInt(b, o.declared, 10), "\r\n"...)
}

// readAsked finds in the application's fields what concerns the engine, and
// refuses what is the engine's, or means nothing. hasContent is that content
// follows.
func readAsked(fields []message.Field, hasContent bool) (asked askedFields, err error) {
	for i := range fields {
		name, value := fields[i].Name, fields[i].Value
		why := ""
		switch lookupFieldName(name) {
		case message.FieldNameHost:
			why = "Host is made of RequestHead.Authority: set that"
		case message.FieldNameContentLength:
			why = "Content-Length is made of RequestHead.ContentLength: set that"
		case message.FieldNameTransferEncoding:
			why = "Transfer-Encoding is the engine's: leave it out, and content of unknown length (-1) is chunked"
		case message.FieldNameConnection:
			if lookupConnectionOption(value) != ConnectionOptionClose {
				why = "Connection is the engine's, which names TE and Upgrade in it: leave it out, or make it close"
			}
			asked.close = true
		case message.FieldNameTE:
			if hasChunked(value) { // rfc9112#7.4/1
				why = "chunked is always taken: leave it out of TE"
			}
			asked.te = true
		case message.FieldNameUpgrade:
			asked.upgrade = true
		case message.FieldNameExpect:
			asked.expect = asked.expect || isContinue(value)
			if asked.expect && !hasContent { // rfc9110#10.1.1/2
				why = "without content there is nothing to wait with: leave it out"
			}
		}
		if why != "" {
			return asked, &message.FieldError{Index: i, Name: name, Why: why}
		}
	}
	return asked, nil
}

// lookupFieldName is the id of a field name.
func lookupFieldName(name string) message.FieldName {
	var b [32]byte
	if len(name) > len(b) {
		return message.FieldNameOther
	}
	return message.LookupFieldName(b[:copy(b[:], name)])
}

// lookupConnectionOption is the id of a value of Connection that has one
// option.
func lookupConnectionOption(value string) ConnectionOption {
	var b [16]byte
	if len(value) > len(b) {
		return ConnectionOptionOther
	}
	return LookupConnectionOption(b[:copy(b[:], value)])
}

// isContinue says whether a value of Expect is 100-continue.
func isContinue(value string) bool {
	var b [16]byte
	return len(value) <= len(b) && message.LookupExpectation(b[:copy(b[:], value)]) == message.ExpectationContinue
}

// hasChunked says whether a value of TE names chunked (RFC 9110,
// Section 10.1.4).
func hasChunked(value string) bool {
	for rest := value; rest != ""; {
		var element string
		element, rest, _ = strings.Cut(rest, ",")
		coding, _, _ := strings.Cut(element, ";")
		if strings.EqualFold(strings.Trim(coding, " \t"), "chunked") {
			return true
		}
	}
	return false
}

// appendConnection appends Connection, for the fields that concern this
// connection alone (RFC 9110, Section 7.6.1). The application's says close.
func (a askedFields) appendConnection(b []byte) []byte {
	switch {
	case a.te && a.upgrade:
		return append(b, "Connection: TE, Upgrade\r\n"...)
	case a.te:
		return append(b, "Connection: TE\r\n"...)
	case a.upgrade:
		return append(b, "Connection: Upgrade\r\n"...)
	}
	return b
}

// sentHeadLimits don't limit what an application sends.
var sentHeadLimits = RequestMessageLimits{RequestHeadLimits: RequestHeadLimits{
	FieldSectionOctets: math.MaxUint32, FieldLineOctets: math.MaxUint32,
	RequestLineOctets: math.MaxUint32, MethodOctets: math.MaxUint32, FieldLines: math.MaxUint32,
}}

// isReadAs says whether a server would read head as the request that was meant:
// each part where it was put, nothing between them, and the same framing.
func (r *Request) isReadAs(head []byte, method, target, authority string, fields []message.Field, o outgoing) bool {
	m := r.checker
	m.Reset()
	n, event := m.Next(head, 0, &sentHeadLimits)
	if event != RequestMessageHead || n != len(head) {
		return false
	}
	at := 0
	isAt := func(s message.Span, text, behind string) bool {
		start := at
		at += len(text) + len(behind)
		return int(s.Start) == start && int(s.End) == start+len(text)
	}
	lines := m.Head.Fields
	if !isAt(m.Head.Method, method, " ") || !isAt(m.Head.Target, target, " HTTP/1.1\r\n") || len(lines) < 1+len(fields) ||
		!isAt(lines[0].Name, "Host", ": ") || !isAt(lines[0].Value, authority, "\r\n") {
		return false
	}
	for i := range fields {
		if !isAt(lines[i+1].Name, fields[i].Name, ": ") || !isAt(lines[i+1].Value, fields[i].Value, "\r\n") {
			return false
		}
	}
	return o.isReadAs(m)
}

// isReadAs says whether m has found the content that was meant.
func (o *outgoing) isReadAs(m *RequestMessage) bool {
	switch m.RequestBodyLength {
	case RequestBodyLengthChunked:
		return o.framing == framingChunked
	case RequestBodyLengthFixed:
		return o.framing != framingChunked && m.ContentLength.Length == uint64(o.declared)
	}
	return o.framing == framingNone
}

// blame finds the part that can't be sent, and says why.
func (r *Request) blame(method, target, authority string, fields []message.Field) error {
	if !r.isReadAs([]byte(method+" / HTTP/1.1\r\nHost: a\r\n\r\n"), method, "/", "a", nil, outgoing{}) && lookupMethod(method) != message.MethodConnect {
		return &message.RequestError{Part: "method", Value: method, Why: "a method is a token (RFC 9110, Section 9.1)"}
	}
	if !r.isReadAs([]byte(method+" "+target+" HTTP/1.1\r\nHost: a\r\n\r\n"), method, target, "a", nil, outgoing{}) {
		return &message.RequestError{Part: "request-target", Value: target, Why: "the method can't have it, or it has octets that a URI doesn't: encode them (RFC 9112, Section 3.2)"}
	}
	if !r.isReadAs([]byte(method+" "+target+" HTTP/1.1\r\nHost: "+authority+"\r\n\r\n"), method, target, authority, nil, outgoing{}) {
		return &message.RequestError{Part: "authority", Value: authority, Why: "it is a host, and perhaps a port, without user information (RFC 9110, Section 7.2)"}
	}
	if _, err := appendFieldLines(nil, r.trailers, fields); err != nil {
		return err
	}
	return &message.RequestError{Part: "head", Value: method + " " + target, Why: "a server wouldn't read it as it is meant"}
}
