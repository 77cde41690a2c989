package fuzz

import (
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

const (
	headStart   = "GET / HTTP/1.1\r\nHost: a\r\n"
	chunkedHead = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
)

// stricter are our refusals of what net/http reads. Each is meant, and has an
// example: without one, it has no place here.
var stricter = []struct{ fault, because, example string }{
	{"Transfer-Encoding with Content-Length", "RFC 9112, Section 6.1: may be rejected, and is", headStart + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
	{"Transfer-Encoding in HTTP/1.0", "RFC 9112, Section 6.1: net/http ignores the field", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
	{"Content-Length repeated", "RFC 9112, Section 6.3: equal ones may be taken for one, and we refuse", headStart + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"},
	{"bare LF instead of CRLF", "RFC 9112, Section 2.2: may be taken for CRLF, and we refuse", headStart + "\n"},
	{"bare LF instead of CRLF after the request-line", "RFC 9112, Section 2.2: likewise", "GET / HTTP/1.1\nHost: a\r\n\r\n"},
	{"bare LF in a field line", "RFC 9112, Section 2.2: likewise", headStart + "A: b\n\r\n"},
	{"line folding, or white space before a field name", "RFC 9112, Section 5.2: may be replaced by SP, and we refuse", headStart + "A: b\r\n c\r\n\r\n"},
	{"white space before the colon", "RFC 9112, Section 5.1: net/http takes it into the name", headStart + "A : b\r\n\r\n"},
	{"unknown expectation", "RFC 9110, Section 10.1.1: net/http leaves it to the server", headStart + "Expect: a\r\n\r\n"},
	{"no Host", "RFC 9112, Section 3.2: net/http leaves it to the server", "GET / HTTP/1.1\r\n\r\n"},
	{"malformed Host", "RFC 9112, Section 3.2: likewise", "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n"},
	{"malformed IP-literal", "RFC 9112, Section 3.2: likewise", "GET / HTTP/1.1\r\nHost: [::1::]\r\n\r\n"},
	{"asterisk-form without OPTIONS", "RFC 9110, Section 7.1: likewise", "GET * HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"CONNECT without host and port", "RFC 9110, Section 9.3.6: likewise", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"fragment in the request-target", "RFC 9112, Section 3.2: net/http takes it for a part of the path", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"malformed request-target", "RFC 9112, Section 3.2: net/http leaves it to the server", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"octet in the request-target that no URI has", "RFC 9112, Section 3.2: net/http takes obs-text", "GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"version not supported", "RFC 9110, Section 6.2: net/http reads any HTTP/D.D, and leaves it to the server", "GET / HTTP/2.0\r\nHost: a\r\n\r\n"},
	{"malformed chunk-line", "RFC 9112, Section 7.1.1: net/http drops extensions unread", chunkedHead + "1;;\r\na\r\n0\r\n\r\n"},
	{"malformed last-chunk", "RFC 9112, Section 7.1: likewise", chunkedHead + "0;=\r\n\r\n"},
	{"request-line too long", "RFC 9112, Section 3: a limit", "GET /" + strings.Repeat("a", 9000) + " HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"field line too long", "RFC 9110, Section 5.4: a limit", headStart + "A: " + strings.Repeat("a", 9000) + "\r\n\r\n"},
	{"too many field lines", "RFC 9110, Section 5.4: a limit", headStart + strings.Repeat("A: b\r\n", 200) + "\r\n"},
	{"chunk line too long", "RFC 9112, Section 7.1.1: a limit", chunkedHead + "1;" + strings.Repeat("a", 300) + "\r\na\r\n0\r\n\r\n"},
}

// looser are refusals of net/http of what the engine serves, by a part of its
// error.
var looser = []struct{ part, because, example string }{
	{`malformed HTTP request ""`, "RFC 9112, Section 2.2: an empty line before the request-line is to be read over", "\r\n" + headStart + "\r\n"},
	{"invalid URL escape", "choice: what a percent sign stands for is the application's to say", "GET /% HTTP/1.1\r\nHost: a\r\n\r\n"},
	{"unsupported transfer encoding", "RFC 9110, Section 5.6.1.2: empty elements of a list are to be read", headStart + "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n"},
	{"invalid byte in chunk length", "RFC 9112, Section 7.1.1: white space before an extension is to be read", chunkedHead + "1\t;a\r\na\r\n0\r\n\r\n"},
	{"chunk length too large", "RFC 9112, Section 7.1: zeros in front make no number large", chunkedHead + strings.Repeat("0", 20) + "1\r\na\r\n0\r\n\r\n"},
	{"bad trailer key", "RFC 9110, Section 6.6.2: Trailer is a hint", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n"},
}

// TestClasses holds that each class has an example.
func TestClasses(t *testing.T) {
	differ := differ
	check := func(example string, want class) {
		t.Helper()
		classes, unexplained := differ([]byte(example))
		if len(classes) == 1 && classes[0] == want {
			return
		}
		t.Errorf("%q is of %v, want %v: %s", example, classes, want, unexplained)
	}
	for _, s := range stricter {
		check(s.example, class{"we refuse: " + s.fault, s.because})
	}
	for _, l := range looser {
		check(l.example, class{"net/http refuses: " + l.part, l.because})
	}
	check(headStart+"Connection: a b\r\n\r\n", class{"different: persistence", unreadableConnection})

	differ = func(octets []byte) ([]class, string) { return differInResponseTo(message.MethodGet, octets) }
	for _, s := range stricterOfResponses {
		check(s.example, class{"we refuse: " + s.fault, s.because})
	}
	for _, l := range looserOfResponses {
		check(l.example, class{"net/http refuses: " + l.part, l.because})
	}
	check(statusLine+"Connection: a b\r\nContent-Length: 0\r\n\r\n", class{"different: persistence", unreadableConnection})
	check("HTTP/1.1 304 \r\nContent-Length: x\r\n\r\n", class{"net/http refuses: fields of a body that isn't there", endsWithItsHead})
}

const (
	statusLine      = "HTTP/1.1 200 OK\r\n"
	chunkedResponse = statusLine + "Transfer-Encoding: chunked\r\n\r\n"
)

// stricterOfResponses and looserOfResponses are the same for responses.
var stricterOfResponses = []struct{ fault, because, example string }{
	{"bare CR", "RFC 9112, Section 2.2: net/http takes it into the reason phrase", "HTTP/1.1 200 O\rK\r\n\r\n"},
	{"bare LF instead of CRLF after the status-line", "RFC 9112, Section 2.2: may be taken for CRLF, and we refuse", "HTTP/1.1 200 OK\n\r\n"},
	{"bare LF instead of CRLF in a response", "RFC 9112, Section 2.2: likewise", statusLine + "\n"},
	{"bare LF instead of CRLF", "RFC 9112, Section 2.2: likewise", chunkedResponse + "0\r\nA: b\r\n\nB: c\r\n\r\n"},
	{"bare LF in a field line", "RFC 9112, Section 2.2: likewise", statusLine + "A: b\n\r\n"},
	{"line folding, or white space before a field name", "RFC 9112, Section 5.2: replaced by SP only if that is asked for", statusLine + "A: b\r\n c\r\n\r\n"},
	{"white space before the colon", "RFC 9112, Section 5.1: net/http takes it into the name", statusLine + "A : b\r\n\r\n"},
	{"version not supported", "RFC 9110, Section 6.2: net/http reads any HTTP/D.D", "HTTP/2.0 200 OK\r\n\r\n"},
	{"malformed status-line", "RFC 9112, Section 4: net/http takes a sign for a digit", "HTTP/1.1 +20 OK\r\n\r\n"},
	{"more than one SP before the status-code", "RFC 9112, Section 4", "HTTP/1.1  200 OK\r\n\r\n"},
	{"no SP behind the status-code", "RFC 9112, Section 4: read over only if that is asked for", "HTTP/1.1 200\r\n\r\n"},
	{"malformed reason-phrase", "RFC 9112, Section 4: net/http takes control octets", "HTTP/1.1 200 O\x01K\r\n\r\n"},
	{"protocol switched unasked", "RFC 9110, Section 7.8", "HTTP/1.1 101 \r\n\r\n"},
	{"Content-Length repeated in a response", "RFC 9112, Section 6.3: equal ones may be taken for one, and we refuse", statusLine + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na"},
	{"Transfer-Encoding in an HTTP/1.0 response", "RFC 9112, Section 6.1: net/http ignores the field", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
	{"Transfer-Encoding with Content-Length in a response", "RFC 9112, Section 6.3: net/http drops the length", statusLine + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"},
	{"malformed chunk-line", "RFC 9112, Section 7.1.1: net/http drops extensions unread", chunkedResponse + "1;;\r\na\r\n0\r\n\r\n"},
	{"malformed last-chunk", "RFC 9112, Section 7.1: likewise", chunkedResponse + "0;=\r\n\r\n"},
	{"status-line too long", "RFC 9112, Section 4: a limit", "HTTP/1.1 200 " + strings.Repeat("a", 9000) + "\r\n\r\n"},
	{"field line too long in a response", "RFC 9110, Section 5.4: a limit", statusLine + "A: " + strings.Repeat("a", 20_000) + "\r\n\r\n"},
	{"too many field lines in a response", "RFC 9110, Section 5.4: a limit", statusLine + strings.Repeat("A: b\r\n", 300) + "\r\n"},
	{"chunk line too long", "RFC 9112, Section 7.1.1: a limit", chunkedResponse + "1;" + strings.Repeat("a", 300) + "\r\na\r\n0\r\n\r\n"},
}

var looserOfResponses = []struct{ part, because, example string }{
	{"unsupported transfer encoding", "RFC 9110, Section 5.6.1.2: empty elements of a list are to be read", statusLine + "Transfer-Encoding: , chunked\r\n\r\n0\r\n\r\n"},
	{"invalid byte in chunk length", "RFC 9112, Section 7.1.1: white space before an extension is to be read", chunkedResponse + "1\t;a\r\na\r\n0\r\n\r\n"},
	{"chunk length too large", "RFC 9112, Section 7.1: zeros in front make no number large", chunkedResponse + strings.Repeat("0", 20) + "1\r\na\r\n0\r\n\r\n"},
	{"bad trailer key", "RFC 9110, Section 6.6.2: Trailer is a hint", statusLine + "Transfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n"},
}

// withoutBody are what net/http says of fields that a client has to ignore, in
// a response that ends with its head.
var withoutBody = []string{"bad Content-Length", "invalid empty Content-Length", "multiple Content-Length", "unsupported transfer encoding", "too many transfer encodings", "bad trailer key"}
