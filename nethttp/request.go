package nethttp

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/textproto"
	"strings"

	"github.com/specht-http/specht/message"
)

// read makes the request. What x lends is copied, into one string of which all
// others are parts. The error is a request-target that net/url can't read.
func (e *exchange) read(x message.Exchange) (err error) {
	fields := x.Fields()
	var text slab
	text.grow(x, fields)
	r := e.request.WithContext(&e.context)
	r.Method = text.method(x)
	r.RequestURI = text.add(x.Target())
	r.Host = text.add(x.Authority())
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	switch x.Version() {
	case message.HTTP10:
		r.Proto, r.ProtoMinor = "HTTP/1.0", 0
	case message.HTTP2:
		r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/2.0", 2, 0
	}
	r.RemoteAddr = remoteAddr(x.About())
	r.TLS = connectionState(x.About())
	r.ContentLength = x.ContentLength()
	r.Header = text.header(fields)
	r.Close = wantsClose(r)
	if _, ok := r.Header["Cache-Control"]; !ok && r.Header.Get("Pragma") == "no-cache" {
		r.Header["Cache-Control"] = []string{"no-cache"} // as net/http does
	}
	if r.ContentLength < 0 {
		if r.ProtoMajor == 1 {
			r.TransferEncoding = []string{"chunked"}
		}
		r.Trailer = announced(r.Header)
	}
	r.Body = http.NoBody
	if r.ContentLength != 0 {
		e.body.begin(e, r.ProtoAtLeast(1, 1) && r.Header["Expect"] != nil)
		r.Body = &e.body
	}
	r.URL = &e.url
	e.request = *r
	return readTarget(&e.url, r.Method, r.RequestURI)
}

// slab is a string that grows no further than it was made for, and whose parts
// are given out.
type slab struct {
	b     strings.Builder
	lines int // fields that Header will have
}

// grow makes room for all that read takes.
func (s *slab) grow(x message.Exchange, fields message.Fields) {
	n := len(x.Method()) + len(x.Target()) + len(x.Authority())
	for i := range fields.Len() {
		if !isInHeader(fields.ID(i)) {
			continue
		}
		s.lines++
		n += len(fields.Value(i))
		if fields.ID(i) == message.FieldNameOther {
			n += len(fields.Name(i))
		}
	}
	s.b.Grow(n)
}

// isInHeader says whether net/http has a field in Header, and not elsewhere.
func isInHeader(id message.FieldName) bool {
	return id != message.FieldNameHost && id != message.FieldNameTransferEncoding
}

// add is p as a string.
func (s *slab) add(p []byte) string {
	at := s.b.Len()
	s.b.Write(p)
	return s.b.String()[at:]
}

func (s *slab) method(x message.Exchange) string {
	if id := x.MethodID(); id != message.MethodOther {
		return id.String()
	}
	return s.add(x.Method())
}

// header is a header section without the fields that net/http has elsewhere.
func (s *slab) header(fields message.Fields) http.Header {
	header := make(http.Header, s.lines)
	values := make([]string, 0, s.lines) // of all fields
	for i := range fields.Len() {
		id := fields.ID(i)
		if !isInHeader(id) {
			continue
		}
		values = append(values, s.add(fields.Value(i)))
		name := canonicalNames[id]
		if id == message.FieldNameOther {
			name = textproto.CanonicalMIMEHeaderKey(s.add(fields.Name(i)))
		}
		if before, ok := header[name]; ok {
			header[name] = append(before, values[len(values)-1])
		} else {
			header[name] = values[len(values)-1 : len(values) : len(values)]
		}
	}
	return header
}

// canonicalNames are the known names as net/http spells them.
var canonicalNames = func() (names [256]string) {
	for id := message.FieldNameOther + 1; id.String() != "unknown"; id++ {
		names[id] = textproto.CanonicalMIMEHeaderKey(id.String())
	}
	return names
}()

// remoteAddr is the peer's address, if the composition said it.
func remoteAddr(about any) string {
	switch a := about.(type) {
	case string:
		return a
	case netip.AddrPort:
		if a.IsValid() {
			return a.String()
		}
	case fmt.Stringer:
		return a.String()
	}
	return ""
}

// wantsClose is Request.Close: what the peer says of the connection.
func wantsClose(r *http.Request) bool {
	values, ok := r.Header["Connection"]
	if !ok {
		return !r.ProtoAtLeast(1, 1)
	}
	isClose, isKept := false, false
	for _, value := range values {
		for option := range elements(value) {
			isClose = isClose || strings.EqualFold(option, "close")
			isKept = isKept || strings.EqualFold(option, "keep-alive")
		}
	}
	return isClose || !r.ProtoAtLeast(1, 1) && !isKept
}

// announced is the trailer section that a request announces: names without
// values. Trailer isn't among the fields any more.
func announced(header http.Header) http.Header {
	values, ok := header["Trailer"]
	if !ok {
		return nil
	}
	delete(header, "Trailer")
	trailer := make(http.Header)
	for _, value := range values {
		for name := range elements(value) {
			if name = http.CanonicalHeaderKey(name); isTrailer(name) {
				trailer[name] = nil
			}
		}
	}
	if len(trailer) == 0 {
		return nil
	}
	return trailer
}

// isTrailer says whether a field may come behind the content: nothing that the
// content is read by does.
func isTrailer(name string) bool {
	switch name {
	case "Transfer-Encoding", "Content-Length", "Trailer":
		return false
	}
	return true
}
