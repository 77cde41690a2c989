package h2

import (
	"strconv"

	"github.com/specht-http/specht/message"
)

// What an application sends passes the machines that fields are received with,
// all of it before the first octet is encoded: an encoder that has encoded what
// isn't sent has another table than the peer's decoder.

// ownFields are fields of the engine.
type ownFields struct {
	contentLength int64  // octets; -1 for none
	date          string // used unless the application gives one; "" for none
}

// sentField is a field of an application that may be sent.
type sentField struct {
	name string // in lower case
	how  indexing
}

// appendResponse appends the field block of a response, interim or final.
func (e *fieldEncoder) appendResponse(dst []byte, status message.Status, fields []message.Field, own ownFields) ([]byte, error) {
	if !status.IsValid() {
		return dst, &message.StatusError{Status: status, Why: "a status has three digits, the first of them 1 to 5"}
	}
	if e.isRepeated(status, fields, own.date) {
		return e.appendLength(append(dst, e.repeat.octets...), own.contentLength), nil
	}
	asked, err := e.check(sectionResponse, fields)
	if err != nil {
		return dst, err
	}
	start, generation := len(dst), e.generation
	dst = e.append(dst, ":status", statusDigits[3*status:3*status+3], ownedIndexed)
	if own.date != "" && !asked.hasDate {
		dst = e.append(dst, "date", own.date, indexed)
	}
	dst = e.appendChecked(dst, fields)
	e.keep(dst[start:], status, fields, own.date, generation)
	return e.appendLength(dst, own.contentLength), nil
}

// appendTrailers appends the field block of a trailer section.
func (e *fieldEncoder) appendTrailers(dst []byte, fields []message.Field) ([]byte, error) {
	if _, err := e.check(sectionTrailers, fields); err != nil {
		return dst, err
	}
	return e.appendChecked(dst, fields), nil
}

// statusDigits are the numbers from 000 to 599.
var statusDigits = func() string {
	b := make([]byte, 0, 3*600)
	for i := range 600 {
		b = append(b, byte('0'+i/100), byte('0'+i/10%10), byte('0'+i%10))
	}
	return string(b)
}()

// appendLength appends content-length, unless it is -1. The name is entry 28 of
// the static table, and the digits stand as they are. It is a literal that is
// never indexed (RFC 7541, Section 6.2.3), which takes no more octets than one
// that isn't: an intermediary may have received it as one. This field never comes
// first, so no update of the table's size is due here.
func (e *fieldEncoder) appendLength(dst []byte, length int64) []byte {
	if length < 0 {
		return dst
	}
	dst = append(dst, 0x1f, 28-15, 0)
	at := len(dst)
	dst = strconv.AppendInt(dst, length, 10)
	dst[at-1] = byte(len(dst) - at)
	return dst
}

// appendChecked appends the fields that check has passed.
func (e *fieldEncoder) appendChecked(dst []byte, fields []message.Field) []byte {
	for i := range e.checked {
		dst = e.append(dst, e.checked[i].name, fields[i].Value, e.checked[i].how)
	}
	return dst
}

// askedFields is what an application's fields say of what is the engine's.
type askedFields struct{ hasDate, isExpecting bool }

// check has each field pass the machines, and keeps what appendChecked needs.
func (e *fieldEncoder) check(kind sectionKind, fields []message.Field) (asked askedFields, err error) {
	e.checked = e.checked[:0]
	for i := range fields {
		name := e.lower(fields[i].Name)
		id, why := e.judge(kind, name, fields[i].Value)
		if why != "" {
			return asked, &message.FieldError{Index: i, Name: fields[i].Name, Why: why}
		}
		switch id {
		case message.FieldNameDate:
			asked.hasDate = true
		case message.FieldNameExpect:
			asked.isExpecting = true
		}
		how := indexingOf(id)
		if fields[i].IsSensitive {
			how = neverIndexed
		}
		e.checked = append(e.checked, sentField{name, how})
	}
	return asked, nil
}

// judge says what is wrong with a field, and what to do; nothing if it can be
// sent. name is in lower case.
func (e *fieldEncoder) judge(kind sectionKind, name, value string) (id message.FieldName, why string) {
	isRequest := kind == sectionRequest || kind == sectionPromise
	e.scratch = append(e.scratch[:0], name...)
	if e.nameMachine.Reset(); !e.nameMachine.Consume(e.scratch) || e.nameMachine.Outcome != NameOrderRegular {
		return id, whyName(name, e.nameMachine.Fault())
	}
	id = message.LookupFieldName(e.scratch)
	e.scratch = append(e.scratch[:0], value...)
	if !e.valueMachine.Consume(e.scratch) {
		return id, whyValue(e.valueMachine.Fault())
	}
	switch {
	case id == message.FieldNameTE && isRequest && value == "trailers":
	case id == message.FieldNameTE && isRequest:
		why = "over HTTP/2 the one value of TE is trailers (RFC 9113, Section 8.2.2)"
	case id == message.FieldNameTransferEncoding:
		why = "Transfer-Encoding is of HTTP/1.1: leave it out, HTTP/2 has frames (RFC 9113, Section 8.1)"
	case id.IsConnectionSpecific():
		why = "it is about a connection of HTTP/1.1, and HTTP/2 has other means: leave it out (RFC 9113, Section 8.2.2)"
	case id == message.FieldNameContentLength && kind == sectionResponse:
		why = "Content-Length is the engine's: leave it out, and declare the length by Start"
	case id == message.FieldNameContentLength:
		why = "Content-Length is made of RequestHead.ContentLength: set that"
	case id == message.FieldNameHost && isRequest:
		why = "Host is made of RequestHead.Authority: set that"
	case id.IsHeadOnly() && kind == sectionTrailers:
		why = "it has no meaning behind the content: send it in the head (RFC 9110, Section 6.5.1)"
	}
	return id, why
}

func whyName(name string, f *message.Fault) string {
	switch {
	case name == "":
		return "a name has at least one octet"
	case name[0] == ':':
		return "pseudo-header fields are the engine's: set method, target, authority or status (RFC 9113, Section 8.3)"
	}
	return "octet " + strconv.FormatInt(f.Offset, 10) + " of the name: " + f.Name + ": a name is a token (RFC 9110, Section 5.6.2)"
}

func whyValue(f *message.Fault) string {
	if f.Octet < 0 {
		return "white space at the end of the value: take it off (RFC 9113, Section 8.2.1)"
	}
	return "octet " + strconv.FormatInt(f.Offset, 10) + " of the value: " + f.Name + ": encode it, or leave it out (RFC 9113, Section 8.2.1)"
}
