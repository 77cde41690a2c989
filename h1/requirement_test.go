package h1

import (
	"errors"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// Requirements of the RFCs that no other test holds: spec/requirements.tsv names
// the rows here, and the others.

// TestReceived is what a server makes of requests: by which status it answers,
// and, where it serves them, what the handler is told.
func TestReceived(t *testing.T) {
	long := strings.Repeat("a", 8000-len("GET / HTTP/1.1"))
	for _, test := range []struct {
		name, octets string
		status       int
		told         string
	}{
		{
			"octets that a decoder could take for a line end", // U+010A in UTF-8 and, too long, LF
			"GET / HTTP/1.1\r\nHost: a\r\nX: \xC4\x8A\xC0\x8AHost: b\r\n\r\n", 200, "GET / Host=a X=\xC4\x8A\xC0\x8AHost: b",
		},
		{"white space between request-line and first field line", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400, ""},
		{"a request-line of 8000 octets", "GET /" + long + " HTTP/1.1\r\nHost: a\r\n\r\n", 200, "GET /" + long + " Host=a"},
		{"a request-target of 8000 octets", "GET /" + long + "0123456789012 HTTP/1.1\r\nHost: a\r\n\r\n", 200, "GET /" + long + "0123456789012 Host=a"},
		{"a field line of 8000 octets", "GET / HTTP/1.1\r\nHost: a\r\nX: " + long + "01234567890\r\n\r\n", 200, "GET / Host=a X=" + long + "01234567890"},
		{"chunked with a parameter", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", 501, ""},
		{"gzip with a parameter", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip;a=b, chunked\r\n\r\n0\r\n\r\n", 501, ""},
		{"white space in a chunk extension", post + "1 ; \ta = b\r\nx\r\n0\r\n\r\n", 200, "POST / Host=a Transfer-Encoding=chunked content=x"},
		{"a quoted quotation mark in a chunk extension", post + "1;a=\"\\\";\"\r\nx\r\n0\r\n\r\n", 200, "POST / Host=a Transfer-Encoding=chunked content=x"},
		{"a control octet in a field value", "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400, ""},
		{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\nConnection: close\r\n\r\n", 200, "GET / Host=a Connection=close"},
		{"HTTP/1.9, which persists", "GET / HTTP/1.9\r\nHost: a\r\n\r\n", 200, "GET / Host=a"},
		{"HTTP/1.2 without Host", "GET / HTTP/1.2\r\n\r\n", 400, ""},
		{"a list of equal lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx", 400, ""},
		{"an https URI without a host", "GET https:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400, ""},
		{"HTTP/1.0 with two Hosts", "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400, ""},
		{"HTTP/1.0 with a malformed Host", "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400, ""},
		{"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", 200, "GET /"},
		{"absolute-form with a malformed Host", "GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400, ""},
		{"absolute-form without Host", "GET http://a/ HTTP/1.1\r\n\r\n", 400, ""},
		{"a method of 64 octets", strings.Repeat("M", 64) + " / HTTP/1.1\r\nHost: a\r\n\r\n", 200, strings.Repeat("M", 64) + " / Host=a"},
		{"an unknown method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 200, "get / Host=a"},
		{"an unknown field", "GET / HTTP/1.1\r\nHost: a\r\nX-Transfer-Encoding: chunked\r\n\r\n", 200, "GET / Host=a X-Transfer-Encoding=chunked"},
		{
			"an upgrade that nobody takes up",
			"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 200, "GET / Host=a Connection=Upgrade Upgrade=websocket",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			told := ""
			c := newTestConn(t, inline(func(x message.Exchange) { tell(x, &told) })).feed(test.octets)
			c.wantStatuses("the answer", test.status)
			if told != test.told {
				t.Errorf("the handler was told %q, want %q", told, test.told)
			}
		})
	}
}

// tell answers 200, and puts into told what the request was.
func tell(x message.Exchange, told *string) {
	var b strings.Builder
	b.WriteString(string(x.Method()) + " " + string(x.Target()))
	for name, value := range x.Fields().All() {
		b.WriteString(" " + string(name) + "=" + string(value))
	}
	_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
		if len(p) > 0 {
			b.WriteString(" content=" + string(p))
		}
		if err == message.ErrEnd {
			*told = b.String()
			hello(x)
		}
		return len(p)
	})
}

// TestUnsendableFields holds that no octets of a name or a value, whatever the
// application says, make more or less of a head than one field line for each.
func TestUnsendableFields(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields []message.Field
		want   string
	}{
		{"white space before the name", fields(" a", "b"), "octet 0 of the name"},
		{"a tab before the name", fields("\ta", "b"), "octet 0 of the name"},
		{"white space before the colon", fields("a ", "b"), "octet 1 of the name"},
		{"line folding", fields("a", "b\r\n c"), "line folding"},
		{"a second response", fields("a", "b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"), "CR and LF"},
		{"a control octet", fields("a", "b\x07"), "octet 1 of the value"},
		{"Content-Length beside the engine's", fields("Content-Length", "5"), "Content-Length is the engine's"},
		{"two times close", fields("Connection", "close, close"), "Connection is the engine's"},
		{"an empty element of Connection", fields("Connection", "close,"), "Connection is the engine's"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var err error
			c := newTestConn(t, inline(func(x message.Exchange) {
				err = x.Respond(200, test.fields, []byte("hello"))
				hello(x)
			}))
			c.feed(get).want("nothing was sent of it", ok5)
			if e := new(message.FieldError); !errors.As(err, &e) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// TestInterimFields holds what a 1xx can't have, and who can't have a 1xx.
func TestInterimFields(t *testing.T) {
	for _, test := range []struct {
		name    string
		version Version
		fields  []message.Field
		want    string
	}{
		{"any field", VersionHTTP11, fields("Link", "</a>"), ""},
		{"Transfer-Encoding", VersionHTTP11, fields("Transfer-Encoding", "chunked"), "Transfer-Encoding is the engine's"},
		{"Content-Length", VersionHTTP11, fields("Content-Length", "0"), "Content-Length is the engine's"},
		{"HTTP/1.0", VersionHTTP10, nil, "HTTP/1.0 doesn't know interim responses"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := NewResponse(message.MethodGet, test.version)
			b, err := r.AppendInterim(nil, message.StatusEarlyHints, test.fields)
			if test.want == "" {
				if want := "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"; string(b) != want || err != nil {
					t.Errorf("got %q, %v, want %q", b, err, want)
				}
				return
			}
			if len(b) > 0 || err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, %v, want %q", b, err, test.want)
			}
		})
	}
}

// TestTrailersStandApart holds that a trailer field isn't taken for a header
// field, not even one that would change what the request is.
func TestTrailersStandApart(t *testing.T) {
	var told, trailers string
	c := newTestConn(t, inline(func(x message.Exchange) {
		tell(x, &told)
		for name, value := range x.Trailers().All() {
			trailers += string(name) + "=" + string(value)
		}
	}))
	c.feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: header\r\n\r\n0\r\nX: trailer\r\n\r\n"+get).
		wantStatuses("both requests are answered", 200, 200)
	if told != "GET / Host=a" || trailers != "" {
		t.Fatalf("the handler was told %q, and trailers %q", told, trailers)
	}
	o := inline(func(x message.Exchange) {
		_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
			if err == nil {
				return len(p)
			}
			header, _ := x.Fields().Get("X")
			trailer, _ := x.Trailers().Get("X")
			told = string(header) + ", " + string(trailer)
			if n := x.Fields().Len(); n != 3 {
				t.Errorf("the header section has %d field lines, want 3", n)
			}
			hello(x)
			return 0
		})
	})
	newTestConn(t, o).feed("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nX: header\r\n\r\n1\r\na\r\n0\r\nX: trailer\r\n\r\n")
	if told != "header, trailer" {
		t.Errorf("the handler was told %q", told)
	}
}

// TestServedOnceTheHeadIsWhole holds that no handler runs before the empty line
// that ends the header section.
func TestServedOnceTheHeadIsWhole(t *testing.T) {
	request := "PUT / HTTP/1.1\r\nHost: a\r\nIf-Match: \"x\"\r\nContent-Length: 5\r\n\r\n"
	served := 0
	c := newTestConn(t, inline(func(x message.Exchange) { served++; hello(x) }))
	for i := range len(request) {
		if served != 0 {
			t.Fatalf("served after %d of %d octets", i, len(request))
		}
		c.feed(request[i : i+1])
	}
	if served != 1 {
		t.Errorf("served %d times, want once", served)
	}
}

// TestDate holds that each response, the engine's own too, has one Date, and
// that it is the time of the host's clock, also when that goes on.
func TestDate(t *testing.T) {
	for _, status := range []message.Status{200, 204, 304, 404, 500} {
		c := newTestConn(t, inline(func(x message.Exchange) { _ = x.Respond(status, nil, nil) })).feed(get)
		if got := string(c.out); strings.Count(got, "\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n") != 1 {
			t.Errorf("%v: got %q", status, got)
		}
	}
	c := newTestConn(t, inline(hello))
	c.h.unix += 86400 + 1
	if got := string(c.feed(get).out); !strings.Contains(got, "\r\nDate: Mon, 07 Nov 1994 08:49:38 GMT\r\n") {
		t.Errorf("a day later: %q", got)
	}
	c.out = nil
	c.h.unix++
	if got := string(c.feed("GET\r\n").out); strings.Count(got, "\r\nDate: Mon, 07 Nov 1994 08:49:39 GMT\r\n") != 1 {
		t.Errorf("a refusal: %q", got)
	}
	own := newTestConn(t, inline(func(x message.Exchange) { _ = x.Respond(200, fields("DATE", "Sun, 06 Nov 1994 08:49:36 GMT"), nil) }))
	if got := strings.ToLower(string(own.feed(get).out)); strings.Count(got, "\r\ndate: ") != 1 {
		t.Errorf("an application's own: %q", got)
	}
	r := NewResponse(message.MethodGet, VersionHTTP11)
	if b, err := r.AppendWhole(nil, &ReplyHead{Status: 200}, nil); err != nil || strings.Contains(string(b), "Date") {
		t.Errorf("without a clock: %q, %v", b, err)
	}
}

// TestServerErrorsExplainThemselves holds that the engine's own 5xx say what
// went wrong, but not in answer to HEAD.
func TestServerErrorsExplainThemselves(t *testing.T) {
	oh := func(message.Exchange) { panic("a secret") }
	for _, test := range []struct {
		name, octets string
		handler      func(message.Exchange)
		want         []string
	}{
		{"500", get, oh, []string{"500 Internal Server Error", "the handler panicked"}},
		{"501", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", hello, []string{"501 Not Implemented", "unknown transfer coding"}},
		{"505", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", hello, []string{"505 HTTP Version Not Supported", "version not supported", "HTTP/1.1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			head, content, _ := strings.Cut(string(newTestConn(t, inline(test.handler)).feed(test.octets).out), "\r\n\r\n")
			for _, part := range test.want {
				if !strings.Contains(content, part) {
					t.Errorf("the content doesn't say %q: %q", part, content)
				}
			}
			if !strings.Contains(head, "Content-Type: text/plain") || strings.Contains(content, "secret") {
				t.Errorf("got %q and %q", head, content)
			}
		})
	}
	c := newTestConn(t, inline(oh)).feed("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
	if got := string(c.out); !strings.HasPrefix(got, "HTTP/1.1 500 ") || !strings.HasSuffix(got, "\r\n\r\n") {
		t.Errorf("an answer to HEAD: %q", got)
	}
}

// TestNothingBehindClose holds that a request behind one that says close, or
// behind a response that does, isn't processed, not even while that response
// is still being made.
func TestNothingBehindClose(t *testing.T) {
	d := new(handed)
	c := newTestConn(t, inline(d.serve)).feed("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + get).feed(get)
	if len(d.xs) != 1 {
		t.Fatalf("behind a request that says close: %d requests were served, want 1", len(d.xs))
	}
	hello(d.xs[0])
	c.look().want("the one that said close", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")

	d = new(handed)
	c = newTestConn(t, inline(d.serve)).feed(get)
	_ = d.xs[0].Start(200, fields("Connection", "close"), -1)
	c.feed(get)
	if len(d.xs) != 1 {
		t.Fatalf("behind a response that says close: %d requests were served, want 1", len(d.xs))
	}
	_ = d.xs[0].End()
	c.look().want("the one that said close", "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")

	d = new(handed)
	c = newTestConn(t, inline(d.serve)).feed(get + get)
	_ = d.xs[0].Respond(200, fields("Connection", "close"), nil)
	if err := d.xs[1].Respond(200, nil, nil); err == nil {
		t.Error("a request that was under way is answered behind close")
	}
	c.look().want("the one that said close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
}

// TestConnectResponses holds that 2xx to CONNECT has neither Content-Length nor
// Transfer-Encoding, and opens a tunnel or isn't sent.
func TestConnectResponses(t *testing.T) {
	begin := func() *Response { return NewResponse(message.MethodConnect, VersionHTTP11) }
	b, err := begin().AppendUpgrade(nil, 200, nil, nil)
	if want := "HTTP/1.1 200 OK\r\n\r\n"; string(b) != want || err != nil {
		t.Errorf("got %q, %v, want %q", b, err, want)
	}
	for _, name := range []string{"Content-Length", "Transfer-Encoding"} {
		if b, err := begin().AppendUpgrade(nil, 200, fields(name, "0"), nil); err == nil || len(b) > 0 {
			t.Errorf("%s: got %q", name, b)
		}
	}
	for _, status := range []message.Status{200, 201, 204, 205, 299} {
		if b, err := begin().AppendHead(nil, &ReplyHead{Status: status, ContentLength: -1}); err == nil || len(b) > 0 {
			t.Errorf("%v, streamed: got %q", status, b)
		}
		if b, err := begin().AppendWhole(nil, &ReplyHead{Status: status}, nil); err == nil || len(b) > 0 {
			t.Errorf("%v, whole: got %q", status, b)
		}
	}
	b, err = begin().AppendWhole(nil, &ReplyHead{Status: 407, Persistence: PersistencePersist}, []byte("no"))
	if want := "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno"; string(b) != want || err != nil {
		t.Errorf("got %q, %v, want %q", b, err, want)
	}
}
