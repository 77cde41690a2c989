package h1

import (
	"strconv"

	"github.com/specht-http/specht/message"
)

// A response head is written in this order: the status-line, the application's
// field lines, then the engine's. The application's are read back by the
// machine for field lines before anything follows them.

// headOctetsMax is what a head takes besides the application's fields, at most:
// status-line, Date, Content-Length or Transfer-Encoding, Connection, CRLF.
const headOctetsMax = 256

// frame is how the content of a response is framed, and why.
type frame struct {
	class   StatusClass
	length  int64 // of the content in octets, -1 if it isn't known
	framing framing
}

// frame decides how content of this length is framed.
func (r *Response) frame(status message.Status, length int64) frame {
	class := statusClass(status)
	return frame{class, length, decideFraming(r.method, r.version, class, length)}
}

// mayHaveTrailers says whether f is chunked, or would be in answer to GET.
func (r *Response) mayHaveTrailers(f *frame) bool {
	return f.framing == framingChunked ||
		f.framing == framingNone && decideFraming(message.MethodGet, r.version, f.class, f.length) == framingChunked
}

// appendHead appends a head whose content is framed by f, whatever h says of its
// length, and decides persistence.
func (r *Response) appendHead(dst []byte, h *ReplyHead, f *frame) ([]byte, error) {
	if !h.Status.IsValid() || h.Status.IsInterim() {
		return dst, &message.StatusError{Status: h.Status, Why: "a final response has a status of 200 to 599"}
	}
	if r.method == message.MethodConnect && h.Status/100 == 2 { // rfc9110#9.3.6/6
		return dst, &message.StatusError{Status: h.Status, Why: "in answer to CONNECT it opens a tunnel: use Upgrade, or another status"}
	}
	if f.length < -1 {
		return dst, &message.LengthError{Declared: f.length}
	}
	delimiter := ResponseDelimiterInTheMessage
	if f.framing == framingUntilClose {
		delimiter = ResponseDelimiterTheConnection
	}
	b := appendStatusLine(dst, h.Status)
	b, own, err := r.appendFields(b, h.Fields)
	if err != nil {
		return dst, err
	}
	option := ApplicationOptionSilent
	if own.hasClose {
		option = ApplicationOptionClose
	}
	// The rest was decided by whoever has set h.Persistence.
	persistence := DecideResponsePersistence(h.Persistence, ServerStateRunning, delimiter, ClientStateWelcome, RestOfRequestNone, option)
	if !own.hasDate {
		b = h.Date.append(b)
	}
	switch {
	case f.framing == framingChunked:
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	case f.length >= 0 && mayDeclareLength(f.class):
		b = append(b, "Content-Length: "...)
		b = append(strconv.AppendInt(b, f.length, 10), "\r\n"...)
	}
	switch line := DecideConnectionLine(r.version, persistence); {
	case own.hasClose: // the application's line says it
	case line == ConnectionLineClose:
		b = append(b, "Connection: close\r\n"...)
	case line == ConnectionLineKeepAlive:
		b = append(b, "Connection: keep-alive\r\n"...)
	}
	if own.hasUpgrade { // whoever sends Upgrade says so (rfc9110#7.8/10)
		b = append(b, "Connection: upgrade\r\n"...)
	}
	r.status, r.framing, r.declared = h.Status, f.framing, f.length
	r.Persistence = persistence.persistence()
	r.isBare = isWithoutContent(f.class) || isEmpty(f.class)
	r.isOpen = r.mayHaveTrailers(f)
	if f.framing == framingNone {
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
type ownFields struct{ hasDate, hasClose, hasUpgrade bool }

// appendFields appends the lines of the application's fields.
func (r *Response) appendFields(dst []byte, fields []message.Field) ([]byte, ownFields, error) {
	var own ownFields
	b, err := appendFieldLines(dst, r.checker, fields)
	if err != nil || len(fields) == 0 {
		return dst, own, err
	}
	for i := range r.checker.Fields {
		why := ""
		switch r.checker.Fields[i].NameID {
		case message.FieldNameDate:
			own.hasDate = true
		case message.FieldNameUpgrade:
			own.hasUpgrade = true
		case message.FieldNameConnection:
			if !isClose(r.checker.Fields[i].Value.Of(b[len(dst):])) {
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
