package fuzz

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// response is the first final response of some octets, with the interim ones
// before it, as one of us reads it.
type response struct {
	heads        string // status-lines, one after the other
	fields       http.Header
	trailers     http.Header
	content      []byte
	length       int64 // declared; -1 if it isn't
	isClosed     bool  // the connection isn't used again
	taken        int   // octets of it
	wrong        string
	isUnreadable bool // Connection is
	isBodiless   bool // or one before it
	isWhole      bool
}

// firstResponse reads a response to a request, as h1 does.
func firstResponse(octets []byte, method message.Method) *response {
	limits := h1.DefaultResponseMessageLimits()
	r := h1.NewResponses(&limits)
	r.Await(method, h1.UpgradeOfferNone)
	out := &response{trailers: http.Header{}, length: -1}
	for b := octets; ; {
		n, event := r.Next(b, 1<<20)
		m := r.Message
		out.taken += n
		switch event {
		case h1.ResponseMessageHead:
			out.heads += fmt.Sprintf("HTTP/%d.%d %d %s\n", m.Head.Major, m.Head.Minor, m.Head.Status, m.Head.Reason.Of(b))
			out.fields = http.Header{}
			for _, l := range m.Head.Fields {
				out.fields.Add(string(l.Name.Of(b)), string(l.Value.Of(b)))
			}
			out.isBodiless = out.isBodiless || m.ResponseBodyLength == h1.ResponseBodyLengthNone || r.IsInterim()
			out.isUnreadable = !isList(out.fields, "Connection")
			delete(out.fields, "Connection") // net/http takes it out, if it says close
			out.isClosed = m.Reuse == h1.ReuseClose
			if m.ResponseBodyLength == h1.ResponseBodyLengthFixed {
				out.length = int64(m.ContentLength.Length)
			}
		case h1.ResponseMessageContent:
			out.content = append(out.content, m.Content.Of(b)...)
		case h1.ResponseMessageTrailers:
			for _, l := range m.Trailers.Fields {
				out.trailers.Add(string(l.Name.Of(b)), string(l.Value.Of(b)))
			}
		case h1.ResponseMessageEnd:
			out.isWhole = true
			return out
		case h1.ResponseMessageFailed:
			out.wrong = r.Fault().Name
			return out
		case h1.ResponseMessageMore:
			if n == 0 || n == len(b) {
				out.isWhole = r.End(b[n:]) == h1.ResponseMessageEnd
				if f := r.Fault(); f != nil {
					out.wrong = f.Name
				}
				return out
			}
		}
		b = b[n:]
	}
}

// firstResponseByNetHTTP is firstResponse as net/http reads it. Its interim
// responses are those that its client reads over.
func firstResponseByNetHTTP(octets []byte, method message.Method) *response {
	from := bytes.NewReader(octets)
	b := bufio.NewReader(from)
	out := &response{}
	for {
		r, err := http.ReadResponse(b, &http.Request{Method: method.String()})
		if err != nil {
			out.wrong = err.Error()
			return out
		}
		reason := strings.TrimPrefix(strings.TrimPrefix(r.Status, fmt.Sprintf("%03d", r.StatusCode)), " ")
		out.heads += fmt.Sprintf("%s %d %s\n", r.Proto, r.StatusCode, reason)
		if r.StatusCode/100 == 1 && r.StatusCode != 101 {
			continue
		}
		out.content, err = io.ReadAll(r.Body)
		out.taken = len(octets) - from.Len() - b.Buffered()
		if err != nil {
			out.wrong = err.Error()
			return out
		}
		delete(r.Header, "Connection")
		out.fields, out.trailers, out.length, out.isClosed, out.isWhole = r.Header, r.Trailer, r.ContentLength, r.Close, true
		return out
	}
}

// differInResponse is differ for responses. The method of the request is made
// of the octets, so that they are enough to repeat it.
func differInResponse(octets []byte) (classes []class, unexplained string) {
	method := message.MethodGet
	if len(octets)%5 == 0 {
		method = message.MethodHead
	}
	return differInResponseTo(method, octets)
}

func differInResponseTo(method message.Method, octets []byte) (classes []class, unexplained string) {
	ours, theirs := firstResponse(octets, method), firstResponseByNetHTTP(octets, method)
	switch {
	case ours.wrong != "" && theirs.wrong == "":
		for _, s := range stricterOfResponses {
			if s.fault == ours.wrong {
				return []class{{"we refuse: " + s.fault, s.because}}, ""
			}
		}
		return nil, fmt.Sprintf("%v: we refuse with %q at %d what net/http reads as %q, %v, content %q", method, ours.wrong, ours.taken, theirs.heads, theirs.fields, theirs.content)
	case ours.isWhole && theirs.wrong != "":
		if c, ok := byThemOfResponse(theirs.wrong, ours.isBodiless); ok {
			return []class{c}, ""
		}
		return nil, fmt.Sprintf("%v: we read %q, and net/http says %s", method, ours.heads, theirs.wrong)
	case ours.isWhole:
		return ours.compare(theirs)
	}
	return nil, ""
}

// byThemOfResponse is the class of what net/http says of a response that we
// read. A bodiless one ends with its head, or one of its interim responses does.
func byThemOfResponse(wrong string, isBodiless bool) (class, bool) {
	if isBodiless && slices.ContainsFunc(withoutBody, func(part string) bool { return strings.Contains(wrong, part) }) {
		return class{"net/http refuses: fields of a body that isn't there", endsWithItsHead}, true
	}
	for _, l := range looserOfResponses {
		if strings.Contains(wrong, l.part) {
			return class{"net/http refuses: " + l.part, l.because}, true
		}
	}
	return class{}, false
}

const endsWithItsHead = "RFC 9112, Section 6.3: such a response ends with its head, whatever its fields say"

// compare compares what both have read.
func (r *response) compare(theirs *response) (classes []class, unexplained string) {
	for _, d := range []struct{ what, got, want, because string }{
		{"the heads", r.heads, theirs.heads, ""},
		{"the content", string(r.content), string(theirs.content), ""},
		{"where the response ends", fmt.Sprint(r.taken), fmt.Sprint(theirs.taken), ""},
		{"persistence", fmt.Sprint(r.isClosed), fmt.Sprint(theirs.isClosed), r.whyClosed()},
		{"the fields", fieldsOf(r.fields, theirs.fields), fieldsOf(theirs.fields, r.fields), ""},
		{"the trailers", fieldsOf(r.trailers, theirs.trailers), fieldsOf(theirs.trailers, r.trailers), ""},
	} {
		switch {
		case d.got == d.want:
		case d.because != "":
			classes = append(classes, class{"different: " + d.what, d.because})
		default:
			return nil, fmt.Sprintf("%s: we read %q, net/http %q, of %q", d.what, d.got, d.want, r.heads)
		}
	}
	return classes, ""
}

// whyClosed is why persistence may be read in another way.
func (r *response) whyClosed() string {
	if r.isClosed && r.isUnreadable {
		return unreadableConnection
	}
	return ""
}

// herdOfResponses are what the mutants of responses are made of.
var herdOfResponses = []string{
	"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: a/1.0 (b)\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 3\r\nSet-Cookie: a=b\r\nSet-Cookie: c=\"d\"\r\nConnection: keep-alive\r\n\r\nabc",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1a;x=\"y\"\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
	"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil the end",
	"HTTP/1.0 200 OK\r\n\r\nuntil the end",
	"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabcHTTP/1.0 200 OK\r\n\r\n",
	"HTTP/1.1 204 No Content\r\nX-Empty:\r\nX-Wide: \t a  b \t\r\nX-Obs: \xe4\xf6\r\n\r\n",
	"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 1000\r\n\r\n",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
	"HTTP/1.1 500 \r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 299\r\nContent-Length: 0\r\nPragma: no-cache\r\n\r\n",
	"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x01a",
}

// wordsOfResponses are words that mean something in a head of a response.
var wordsOfResponses = append([]string{"HTTP/1.1 200 OK\r\n", "200", "204", "304", "100", "101", "199", "099", "600", "20", "2000", "+200", "OK"}, herdWords...)

// TestHerdOfResponses is TestHerd for responses.
func TestHerdOfResponses(t *testing.T) {
	runHerd(t, herdOfResponses, wordsOfResponses, differInResponse)
}

// FuzzResponse reads the first response with net/http too.
func FuzzResponse(f *testing.F) {
	for _, s := range herdOfResponses {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, octets []byte) {
		if _, unexplained := differInResponse(octets); unexplained != "" {
			t.Error(unexplained)
		}
	})
}
