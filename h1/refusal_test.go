package h1

import (
	"strconv"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// refusals are requests that are refused: by which status, and which name.
var refusals = []struct {
	name, octets string
	status       int
}{
	{"bare CR", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400},
	{"bare LF instead of CRLF after the request-line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
	{"bare LF instead of CRLF", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
	{"bare LF in a field line", "GET / HTTP/1.1\r\nHost: a\nb: c\r\n\r\n", 400},
	{"NUL in a field value", "GET / HTTP/1.1\r\nHost: a\x00\r\n\r\n", 400},
	{"white space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
	{"line folding, or white space before a field name", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400},
	{"empty field name", "GET / HTTP/1.1\r\n: a\r\n\r\n", 400},
	{"white space other than SP in the request-line", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"empty request-target", "GET  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"white space in the request-target, or more than one SP", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"method too long", strings.Repeat("A", 65) + " / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
	{"method too long", strings.Repeat("A", 9000), 501},
	{"request-line too long", "GET /" + strings.Repeat("a", 8192) + " HTTP/1.1\r\n\r\n", 414},
	{"field line too long", "GET / HTTP/1.1\r\nHost: a\r\nb: " + strings.Repeat("a", 8192) + "\r\n\r\n", 431},
	{"field section too large", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("b: "+strings.Repeat("a", 8000)+"\r\n", 9) + "\r\n", 431},
	{"too many field lines", "GET / HTTP/1.1\r\nHost: a\r\n" + strings.Repeat("b: c\r\n", 129) + "\r\n", 431},
	{"version not supported", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
	{"Transfer-Encoding with Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"Transfer-Encoding in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"unknown transfer coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
	{"unknown transfer coding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
	{"chunked repeated", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"chunked repeated", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked, chunked\r\n\r\n", 400},
	{"chunked repeated", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"chunked not last", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"chunked not last", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400},
	{"malformed Transfer-Encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: (\r\n\r\n", 400},
	{"malformed Transfer-Encoding", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: (\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"Content-Length repeated", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
	{"malformed Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc", 400},
	{"Content-Length too large", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\n\r\n", 413},
	{"malformed Content-Length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\nContent-Length: 3\r\n\r\nabc", 400},
	{"Content-Length too large", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9223372036854775808\r\nContent-Length: 3\r\n\r\nabc", 413},
	{"malformed IP-literal", "GET http://[::1::2]/ HTTP/1.1\r\nHost: [::1]\r\n\r\n", 400},
	{"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
	{"more than one Host", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
	{"malformed Host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
	{"malformed Host", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
	{"malformed Host", "GET / HTTP/1.1\r\nHost: a/b\r\nHost: a\r\n\r\n", 400},
	{"asterisk-form without OPTIONS", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"malformed request-target", "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"malformed request-target", "GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
	{"unknown expectation", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 200-ok\r\n\r\nabc", 417},
	{"content too large", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413},
	{"content too large", post + "258\r\n" + strings.Repeat("a", 600) + "\r\n258\r\n" + strings.Repeat("a", 600) + "\r\n0\r\n\r\n", 413},
	{"chunk-size too large", post + "8000000000000000\r\n", 413},
	{"chunk-data longer than chunk-size says", post + "3\r\nabcd\r\n", 400},
	{"chunk line too long", post + strings.Repeat("0", 257), 400},
	{"bare LF in a chunk line", post + "3\nabc\r\n", 400},
	{"malformed chunk-line", post + "x\r\n", 400},
	{"trailer field line too long", post + "0\r\nb: " + strings.Repeat("a", 8192) + "\r\n\r\n", 431},
	{"too many trailer field lines", post + "0\r\n" + strings.Repeat("b: c\r\n", 65) + "\r\n", 431},
	{"trailer section too large", post + "0\r\n" + strings.Repeat("b: "+strings.Repeat("a", 8000)+"\r\n", 3) + "\r\n", 431},
	{"white space before the colon", post + "0\r\nb : c\r\n\r\n", 400},
}

const post = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

// unread waits for content by callback and answers at its end.
func unread(x message.Exchange) {
	_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
		if err == message.ErrEnd {
			hello(x)
		}
		return len(p)
	})
}

func TestRefusals(t *testing.T) {
	for _, test := range refusals {
		t.Run(test.name, func(t *testing.T) {
			var cause error
			o := inline(unread)
			o.ContentOctets = 1000
			o.ErrorHandler = func(_ message.Exchange, r *ErrorResponse) { cause = r.Cause; r.Content = []byte("no") }
			c := newTestConn(t, o).feed(get).want("what was received before is answered",
				"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
			c.feed(test.octets + get)
			fault, ok := cause.(*message.Fault)
			if !ok || fault.Name != test.name || fault.Status != test.status {
				t.Fatalf("got %v, want %q by %d", cause, test.name, test.status)
			}
			status := message.Status(test.status)
			c.want("answered by its status", "HTTP/1.1 "+status.String()+"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
			c.wantOps("closed in stages", engine.Read, true).wantNoBuffers("all is over")
			c.end().wantClosed("the peer has closed")
		})
	}
}

func TestRefusalText(t *testing.T) {
	c := newTestConn(t, inline(hello)).feed("GET / HTTP/1.1\r\nHost : a\r\n\r\n")
	got := string(c.out)
	_, content, _ := strings.Cut(got, "\r\n\r\n")
	for _, part := range []string{"400 Bad Request", "white space before the colon", "octet 20", "RFC 9110, Section 5.1"} {
		if !strings.Contains(content, part) {
			t.Errorf("the content of an error response doesn't say %q:\n%s", part, content)
		}
	}
	if !strings.Contains(got, "Content-Length: "+strconv.Itoa(len(content))+"\r\n") {
		t.Errorf("wrong length: %q", got)
	}
}

func TestRefusalOfHead(t *testing.T) {
	newTestConn(t, inline(hello)).feed("HEAD / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n").look().
		wantStatuses("refused", 400)
	c := newTestConn(t, inline(hello)).feed("HEAD / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
	if !strings.HasSuffix(string(c.out), "\r\n\r\n") {
		t.Errorf("an answer to HEAD has content: %q", c.out)
	}
}

func TestErrorHandlerBreaks(t *testing.T) {
	o := inline(hello)
	o.ErrorHandler = func(_ message.Exchange, r *ErrorResponse) { r.Fields = []message.Field{{Name: "a b", Value: ""}} }
	newTestConn(t, o).feed("\x00").want("fields that can't be sent are left out",
		"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	var told any
	o.ErrorHandler = func(_ message.Exchange, r *ErrorResponse) { r.Content = nil; panic("oh") }
	o.OnPanic = func(v any) { told = v }
	newTestConn(t, o).feed("\x00").wantStatuses("an error handler that panics", 400)
	if told != "oh" {
		t.Errorf("OnPanic was told %v", told)
	}
}

// What an error handler changes is changed in one response.
func TestErrorResponsesShareNothing(t *testing.T) {
	o := inline(hello)
	o.ErrorHandler = func(_ message.Exchange, r *ErrorResponse) { r.Fields[0].Value = "text/html" }
	newTestConn(t, o).feed("\x00")
	c := newTestConn(t, inline(hello)).feed("\x00")
	if !strings.Contains(string(c.out), "text/plain") {
		t.Errorf("got %q", c.out)
	}
}
