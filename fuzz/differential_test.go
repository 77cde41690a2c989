package fuzz

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/specht-http/specht/h1"
)

// stricter are our refusals of what net/http reads. Each is meant; the reason
// stands with it.
var stricter = map[string]string{
	"Transfer-Encoding with Content-Length":                  "RFC 9112, Section 6.1: may be rejected, and is",
	"Transfer-Encoding in HTTP/1.0":                          "RFC 9112, Section 6.1: net/http ignores the field",
	"Content-Length repeated":                                "RFC 9112, Section 6.3: net/http takes equal ones for one",
	"malformed Transfer-Encoding":                            "RFC 9112, Section 6.3: net/http ignores it in HTTP/1.0",
	"bare LF instead of CRLF":                                "RFC 9112, Section 2.2: a recipient may take it for CRLF, and we don't",
	"bare LF instead of CRLF after the request-line":         "RFC 9112, Section 2.2",
	"bare LF in a field line":                                "RFC 9112, Section 2.2",
	"bare CR":                                                "RFC 9112, Section 2.2: net/http drops one before the LF",
	"line folding, or white space before a field name":       "RFC 9112, Section 5.2: may be replaced by SP, and we refuse",
	"white space other than SP in the request-line":          "RFC 9112, Section 3",
	"white space in the request-target, or more than one SP": "RFC 9112, Section 3.2: net/http splits at the first and last SP",
	"malformed request-target":                               "RFC 9112, Section 3.2: net/http takes obs-text",
	"malformed request-line":                                 "RFC 9112, Section 3.2: likewise, in the target's first octet",
	"malformed field-value":                                  "RFC 9110, Section 5.5: net/http takes control octets in values",
	"malformed field-line":                                   "RFC 9110, Section 5.5: likewise",
	"NUL in a field value":                                   "RFC 9110, Section 5.5: likewise",
	"malformed field-name":                                   "RFC 9110, Section 5.1: net/http keeps what isn't a token",
	"white space before the colon":                           "RFC 9112, Section 5.1",
	"malformed request-head":                                 "RFC 9112, Section 2.1: net/http skips more than one empty line",
	"malformed method":                                       "RFC 9112, Section 2.2: likewise",
	"version not supported":                                  "RFC 9110, Section 6.2: net/http reads any HTTP/D.D",
	"malformed HTTP-version":                                 "RFC 9112, Section 2.3: likewise",
	"empty request-target":                                   "RFC 9112, Section 3.2",
	"chunk line too long":                                    "a limit",
	"bare LF in a chunk line":                                "RFC 9112, Section 7.1",
	"malformed chunk-line":                                   "RFC 9112, Section 7.1.1: net/http drops extensions unread",
	"malformed chunk-size":                                   "RFC 9112, Section 7.1: likewise",
	"malformed last-chunk":                                   "RFC 9112, Section 7.1: likewise",
	"malformed trailers":                                     "RFC 9112, Section 7.1.2: likewise",
	"malformed trailer-section":                              "RFC 9112, Section 7.1.2: likewise",
	"empty field name":                                       "RFC 9110, Section 5.1: net/http drops such lines of a trailer section",
}

// looser are refusals of net/http of what we read, by a part of its error:
// what we leave to the application, or to a later machine.
var looser = []string{
	"invalid method",                      // CONNECT and others with a target that isn't a URI
	"invalid URI",                         // the forms of the request-target have a machine of their own
	"parse ",                              // net/url on targets
	"malformed Host header",               // likewise Host
	"too many Host headers",               // likewise
	"unsupported transfer encoding",       // never without a refusal of ours
	"trailer header without",              // Trailer is a hint to the application
	"bad trailer key",                     // likewise
	"net/http: invalid header field name", // trailers
	"invalid pseudo",                      // PRI
	"malformed HTTP request",              // what isn't a URI at all
}

// FuzzDifferential reads the first request with net/http too.
func FuzzDifferential(f *testing.F) {
	for _, s := range seeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		ours := first(octets)
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(octets)))
		var content []byte
		if err == nil {
			content, err = io.ReadAll(req.Body)
		}
		switch {
		case ours.fault != "" && err == nil:
			if stricter[ours.fault] == "" {
				t.Errorf("we refuse with %q at %d what net/http reads as %s %q, content %q", ours.fault, ours.offset, req.Method, req.RequestURI, content)
			}
		case ours.done && err != nil:
			for _, l := range looser {
				if strings.Contains(err.Error(), l) {
					return
				}
			}
			t.Errorf("we read %s %q, and net/http says %v", ours.method, ours.target, err)
		case ours.done:
			compare(t, ours, req, content)
		}
	})
}

// request is the first request of some octets, as we read it.
type request struct {
	method, target, fault string
	offset                int64
	fields                http.Header
	content               []byte
	done                  bool
}

func first(octets []byte) request {
	r, _ := firstOf(octets)
	return r
}

// firstOf is the first request and how many octets it took.
func firstOf(octets []byte) (r request, taken int) {
	var m h1.RequestMessage
	limits := h1.DefaultRequestMessageLimits()
	r.fields = http.Header{}
	for b := octets; ; {
		n, event := m.Next(b, 1<<20, &limits)
		taken += n
		switch event {
		case h1.RequestMessageHead:
			r.method, r.target = string(m.Head.Method.Of(b)), string(m.Head.Target.Of(b))
			for _, l := range m.Head.Fields {
				r.fields.Add(string(l.Name.Of(b)), string(l.Value.Of(b)))
			}
		case h1.RequestMessageContent:
			r.content = append(r.content, m.Content.Of(b)...)
		case h1.RequestMessageEnd:
			r.done = true
			return r, taken
		case h1.RequestMessageFailed:
			fault := m.Fault(&limits)
			r.fault, r.offset = fault.Name, fault.Offset
			return r, taken
		case h1.RequestMessageMore:
			if n == 0 || n == len(b) {
				return r, taken
			}
		}
		b = b[n:]
	}
}

func compare(t *testing.T, ours request, req *http.Request, content []byte) {
	if ours.method != req.Method || ours.target != req.RequestURI {
		t.Errorf("we read %q %q, net/http %q %q", ours.method, ours.target, req.Method, req.RequestURI)
	}
	if !bytes.Equal(ours.content, content) {
		t.Errorf("our content is %q, net/http's %q", ours.content, content)
	}
	for name, values := range req.Header {
		if got := ours.fields[name]; strings.Join(got, "\n") != strings.Join(values, "\n") {
			t.Errorf("field %s: we read %q, net/http %q", name, got, values)
		}
	}
	for name := range ours.fields {
		switch name {
		case "Host", "Transfer-Encoding", "Content-Length", "Trailer":
			continue // net/http takes them out
		case "Cache-Control":
			continue // and puts one in beside Pragma
		}
		if _, ok := req.Header[name]; !ok {
			t.Errorf("net/http didn't read field %s", name)
		}
	}
}
