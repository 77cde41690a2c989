package h1

import (
	"math"
	"strconv"

	"github.com/specht-http/specht/message"
)

// A response head is written in this order: the status-line, the application's
// field lines, then the engine's. The application's are read back by the
// machine for field lines before anything follows them.

// headOctetsMax is what a head takes besides the application's fields, at most:
// status-line, Date, Content-Length or Transfer-Encoding, Connection, CRLF.
const headOctetsMax = 256

// fieldsOctets is what fields take in a head, with the CRLF that ends them.
func fieldsOctets(fields []message.Field) int {
	n := len("\r\n")
	for i := range fields {
		n += len(fields[i].Name) + len(fields[i].Value) + len(": \r\n")
	}
	return n
}

// appendHead appends a head, and decides framing and persistence.
func (r *Response) appendHead(dst []byte, h *ResponseHead) ([]byte, error) {
	if !h.Status.IsValid() || h.Status.IsInterim() {
		return dst, &message.StatusError{Status: h.Status, Why: "a final response has a status of 200 to 599"}
	}
	if h.ContentLength < -1 {
		return dst, &message.LengthError{Declared: h.ContentLength}
	}
	f := decideResponseBodyLength(r.method, r.version, h.Status, h.ContentLength)
	persistence := h.Persistence
	if f == framingUntilClose {
		persistence = PersistenceClose
	}
	b := appendStatusLine(dst, h.Status)
	b, own, err := r.appendFields(b, h.Fields)
	if err != nil {
		return dst, err
	}
	if own.hasClose {
		persistence = PersistenceClose
	}
	if !own.hasDate && len(h.Date) > 0 {
		b = append(b, "Date: "...)
		b = append(b, h.Date...)
		b = append(b, "\r\n"...)
	}
	switch {
	case f == framingChunked:
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	case h.ContentLength >= 0 && mayDeclareLength(h.Status):
		b = append(b, "Content-Length: "...)
		b = append(strconv.AppendInt(b, h.ContentLength, 10), "\r\n"...)
	}
	switch {
	case own.hasClose:
	case persistence == PersistenceClose:
		b = append(b, "Connection: close\r\n"...)
	case r.version == VersionHTTP10:
		b = append(b, "Connection: keep-alive\r\n"...)
	}
	r.framing, r.declared, r.Persistence = f, h.ContentLength, persistence
	if f == framingNone {
		r.declared = -1 // and nothing written counts
	}
	return append(b, "\r\n"...), nil
}

// appendStatusLine appends a status-line (RFC 9112, Section 4). The version is
// the one that we speak, whatever the request's was (RFC 9110, Section 6.2).
func appendStatusLine(dst []byte, status message.Status) []byte {
	if status == message.StatusOK {
		return append(dst, "HTTP/1.1 200 OK\r\n"...)
	}
	dst = append(dst, "HTTP/1.1 "...)
	dst = append(strconv.AppendUint(dst, uint64(status), 10), ' ')
	dst = append(dst, status.Reason()...)
	return append(dst, "\r\n"...)
}

// ownFields is what an application's fields say of what is the engine's.
type ownFields struct{ hasDate, hasClose bool }

// sentLimits don't limit what an application sends.
var sentLimits = TrailersLimits{
	TrailerSectionOctets: math.MaxUint32, TrailerLineOctets: math.MaxUint32, TrailerFieldLines: math.MaxUint32,
}

// appendFields appends the lines of fields, after they have passed the machine
// that reads field lines: each must come out as it went in.
func (r *Response) appendFields(dst []byte, fields []message.Field) ([]byte, ownFields, error) {
	var own ownFields
	if len(fields) == 0 {
		return dst, own, nil
	}
	b := dst
	for i := range fields {
		b = append(b, fields[i].Name...)
		b = append(b, ": "...)
		b = append(b, fields[i].Value...)
		b = append(b, "\r\n"...)
	}
	section := append(b, "\r\n"...)[len(dst):]
	r.checker.Reset()
	n, p := r.checker.Consume(section, &sentLimits)
	if p != message.Done || n != len(section) || !isAsSent(r.checker.Fields, fields) {
		return dst, own, r.checkEach(fields)
	}
	for i := range r.checker.Fields {
		why := ""
		switch r.checker.Fields[i].NameID {
		case message.FieldNameDate:
			own.hasDate = true
		case message.FieldNameConnection:
			if !isClose(r.checker.Fields[i].Value.Of(section)) {
				why = "Connection is the engine's: leave it out, or make it close"
			}
			own.hasClose = true
		case message.FieldNameContentLength:
			why = "Content-Length is the engine's: leave it out, and declare the length by Start"
		case message.FieldNameTransferEncoding:
			why = "Transfer-Encoding is the engine's: leave it out, and content of unknown length is chunked"
		}
		if why != "" {
			return dst, own, &message.FieldError{Index: i, Name: fields[i].Name, Why: why}
		}
	}
	return b, own, nil
}

// isClose says whether a value of Connection is close and nothing else.
func isClose(value []byte) bool { return LookupConnectionOption(value) == ConnectionOptionClose }

// isAsSent says whether the machine found each field where it was put.
func isAsSent(lines []message.FieldLine, fields []message.Field) bool {
	if len(lines) != len(fields) {
		return false
	}
	at := 0
	for i := range lines {
		f, line := &fields[i], &lines[i]
		value := at + len(f.Name) + len(": ")
		end := value + len(f.Value)
		if int(line.Name.Start) != at || int(line.Name.End) != at+len(f.Name) ||
			int(line.Value.Start) != value || int(line.Value.End) != end {
			return false
		}
		at = end + len("\r\n")
	}
	return true
}

// checkEach finds the field that can't be sent, and says why.
func (r *Response) checkEach(fields []message.Field) error {
	for i, f := range fields {
		section := []byte(f.Name + ": " + f.Value + "\r\n\r\n")
		r.checker.Reset()
		n, p := r.checker.Consume(section, &sentLimits)
		if p == message.Done && n == len(section) && isAsSent(r.checker.Fields, fields[i:i+1]) {
			continue
		}
		return &message.FieldError{Index: i, Name: f.Name, Why: r.why(f, p)}
	}
	panic("h1: bug: fields can be sent one by one and not together")
}

// why says what is wrong with a field that the machine didn't read as it was
// written, and what to do.
func (r *Response) why(f message.Field, p message.Progress) string {
	if p != message.Failed {
		if f.Name == "" {
			return "a name has at least one octet"
		}
		return "the octets don't read as this field alone: take CR and LF out, and white space at the ends of the value"
	}
	fault := r.checker.Fault(&sentLimits)
	if at := int(fault.Offset) - len(f.Name) - len(": "); at >= 0 {
		return "octet " + strconv.Itoa(at) + " of the value: " + fault.Name + ": encode it, or leave it out"
	}
	return "octet " + strconv.FormatInt(fault.Offset, 10) + " of the name: " + fault.Name + ": a name is a token (RFC 9110, Section 5.6.2)"
}
