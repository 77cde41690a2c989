package h1

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

func TestRequestHeads(t *testing.T) {
	field := func(name, value string) []message.Field { return []message.Field{{Name: name, Value: value}} }
	for _, test := range []struct {
		head message.RequestHead
		want string
	}{
		{message.RequestHead{}, "GET / HTTP/1.1\r\nHost: \r\n\r\n"},
		{message.RequestHead{Method: "GET", Target: "/a?b", Authority: "[::1]:80"}, "GET /a?b HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"},
		{message.RequestHead{Method: "OPTIONS", Target: "*", Authority: "a"}, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
		{message.RequestHead{Method: "CONNECT", Target: "a:443"}, "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"},
		{message.RequestHead{Target: "http://a/b", Authority: "a"}, "GET http://a/b HTTP/1.1\r\nHost: a\r\n\r\n"},
		{message.RequestHead{Target: "http://a:1?b://c"}, "GET http://a:1?b://c HTTP/1.1\r\nHost: a:1\r\n\r\n"},
		{message.RequestHead{Target: "/a://b/"}, "GET /a://b/ HTTP/1.1\r\nHost: \r\n\r\n"},
		{message.RequestHead{Method: "CONNECT", Target: "[::1]:443", Authority: "[::1]"}, "CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]\r\n\r\n"},
		{message.RequestHead{Method: "POST", Authority: "a"}, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"},
		{message.RequestHead{Method: "PATCH", Authority: "a", ContentLength: -1}, "PATCH / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{message.RequestHead{Method: "X", Authority: "a", ContentLength: 7}, "X / HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n"},
		{message.RequestHead{Authority: "a", Fields: field("TE", "trailers")}, "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n"},
		{message.RequestHead{Authority: "a", Fields: field("upgrade", "a")}, "GET / HTTP/1.1\r\nHost: a\r\nupgrade: a\r\nConnection: Upgrade\r\n\r\n"},
		{message.RequestHead{Authority: "a", Fields: field("Connection", "Close")}, "GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n"},
		{message.RequestHead{Authority: "a", Fields: field("X", "")}, "GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n"},
	} {
		got, err := NewRequest().AppendHead([]byte("before"), &test.head)
		if string(got) != "before"+test.want || err != nil {
			t.Errorf("%+v: got %q, %v", test.head, got, err)
		}
	}
}

// What would be read as something else isn't sent, and the error says which
// part it is.
func TestRequestSplitting(t *testing.T) {
	bad := []string{"\r\nX: y", "\r\n x", "\n", "\r", "\x00", "a\r\n\r\nGET /b HTTP/1.1\r\nHost: b\r\n\r\n", "a\nb"}
	try := func(part string, h message.RequestHead) {
		t.Helper()
		r := NewRequest()
		b, err := r.AppendHead([]byte("before"), &h)
		var request *message.RequestError
		var field *message.FieldError
		var length *message.LengthError
		switch {
		case errors.As(err, &request) && request.Part == part, errors.As(err, &field) && part == "field" && field.Index == len(h.Fields)-1, errors.As(err, &length) && part == "length":
		default:
			t.Errorf("%s of %+v: %v", part, h, err)
		}
		if string(b) != "before" || r.Direction != RequestDirectionIdle {
			t.Errorf("%s: %q was appended", part, b)
		}
	}
	ok := message.Field{Name: "A", Value: "b"}
	for _, s := range bad {
		try("method", message.RequestHead{Method: "GET" + s, Authority: "a"})
		try("request-target", message.RequestHead{Target: "/" + s, Authority: "a"})
		try("authority", message.RequestHead{Authority: "a" + s})
		try("field", message.RequestHead{Authority: "a", Fields: []message.Field{ok, {Name: "A", Value: "b" + s}}})
		try("field", message.RequestHead{Authority: "a", Fields: []message.Field{ok, {Name: "A" + s, Value: "b"}}})
	}
	try("protocol", message.RequestHead{Method: "CONNECT", Target: "a:1", Protocol: "websocket"})
	try("method", message.RequestHead{Method: "G T", Authority: "a"})
	try("method", message.RequestHead{Method: "GET /x HTTP/1.1\r\nA: b\r\n\r\nGET", Authority: "a"})
	try("request-target", message.RequestHead{Target: "/a b", Authority: "a"})
	try("request-target", message.RequestHead{Target: "/ HTTP/1.1\r\nX: y\r\nZ:", Authority: "a"})
	try("authority", message.RequestHead{Authority: "user@a"})
	try("authority", message.RequestHead{Authority: "a/b"})
	try("authority", message.RequestHead{Authority: "a, b"})
	try("field", message.RequestHead{Authority: "a", Fields: []message.Field{ok, {Name: "", Value: "b"}}})
	try("field", message.RequestHead{Authority: "a", Fields: []message.Field{ok, {Name: "A ", Value: "b"}}})
	try("field", message.RequestHead{Authority: "a", Fields: []message.Field{ok, {Name: "A", Value: " b"}}})
	for _, name := range []string{"Host", "Content-length", "transfer-encoding", "Connection"} {
		try("field", message.RequestHead{Authority: "a", Fields: []message.Field{ok, {Name: name, Value: "1"}}})
	}
	try("content", message.RequestHead{Method: "TRACE", Authority: "a", ContentLength: 1})
	try("content", message.RequestHead{Method: "CONNECT", Target: "a:1", ContentLength: -1})
	for _, te := range []string{"chunked", "trailers, Chunked ;q=0.5", "gzip,chunked"} {
		try("field", message.RequestHead{Authority: "a", Fields: []message.Field{ok, {Name: "TE", Value: te}}})
	}
	try("field", message.RequestHead{Authority: "a", Fields: []message.Field{ok, {Name: "Expect", Value: "100-continue"}}})
	for method, targets := range map[string][]string{
		"GET":     {"*", "a", "a:80", "?b", "/a#b", "http:///b", "https://", "http://u@a/", "ftp://a/"},
		"OPTIONS": {"a:80", "**", "a"},
		"CONNECT": {"a", "a:", "a:99999", ":80", "/", "*", "u@a:80", "http://a:80"},
	} {
		for _, target := range targets {
			try("request-target", message.RequestHead{Method: method, Target: target, Authority: "a"})
		}
	}
	try("authority", message.RequestHead{Target: "http://a/", Authority: "b"})
	try("authority", message.RequestHead{Target: "http://a:80/", Authority: "a"})
	try("authority", message.RequestHead{Method: "CONNECT", Target: "a:80", Authority: "b:80"})
	try("authority", message.RequestHead{Method: "CONNECT", Target: "a:80", Authority: "a:8"})
	try("length", message.RequestHead{Authority: "a", ContentLength: -2})
}

func TestRequestContent(t *testing.T) {
	r := NewRequest()
	if _, err := r.AppendContent(nil, []byte("a")); err == nil {
		t.Error("content before the head")
	}
	b, _ := r.AppendHead(nil, &message.RequestHead{Method: "PUT", Authority: "a", ContentLength: 3})
	var length *message.LengthError
	if _, err := r.AppendContent(b, []byte("four")); !errors.As(err, &length) {
		t.Errorf("too much: %v", err)
	}
	if _, err := r.AppendEnd(b); !errors.As(err, &length) {
		t.Errorf("too little: %v", err)
	}
	b, _ = r.AppendContent(b, []byte("abc"))
	if _, err := r.AppendEnd(b, message.Field{Name: "a", Value: "b"}); err == nil {
		t.Error("trailers behind a declared length")
	}
	if _, err := r.AppendEnd(b); err != nil || r.Direction != RequestDirectionDone {
		t.Errorf("the end: %v", err)
	}
	if _, err := r.AppendEnd(b); err == nil {
		t.Error("two ends")
	}

	r = NewRequest()
	b, _ = r.AppendHead(nil, &message.RequestHead{Method: "PUT", Authority: "a", ContentLength: -1})
	for _, name := range []string{"Content-Length", "Host", "b\r\nc", ""} {
		if got, err := r.AppendEnd(b, message.Field{Name: name, Value: "1"}); err == nil || len(got) != len(b) {
			t.Errorf("trailer %q: %v", name, err)
		}
	}
}

// Everything that a Request writes, Requests reads as the same request.
func TestRequestRoundtrip(t *testing.T) {
	methods := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "M-SEARCH", "!#$%&'*+-.^_`|~"}
	limits := DefaultRequestMessageLimits()
	for seed := range uint64(3000) {
		r := rand.New(rand.NewPCG(seed, 2))
		text := func(from, to byte) string {
			b := make([]byte, r.IntN(12))
			for i := range b {
				b[i] = from + byte(r.IntN(int(to-from)+1))
			}
			return string(b)
		}
		h := message.RequestHead{Method: methods[r.IntN(len(methods))], Target: "/" + text('$', '~'), Authority: "h" + text('a', 'z')}
		for range r.IntN(5) {
			h.Fields = append(h.Fields, message.Field{Name: "x-" + text('a', 'z'), Value: strings.Trim(text(' ', '~'), " ")})
		}
		var content string
		var trailers []message.Field
		switch r.IntN(3) {
		case 0:
			content = text(0, 255)
			h.ContentLength = int64(len(content))
		case 1:
			h.ContentLength = -1
			content = text(0, 255)
			trailers = []message.Field{{Name: "t", Value: "v"}}[:r.IntN(2)]
		}
		out := NewRequest()
		b, err := out.AppendHead(nil, &h)
		if err != nil {
			t.Fatalf("seed %d: %+v: %v", seed, h, err)
		}
		if h.ContentLength != 0 {
			k := r.IntN(len(content) + 1)
			b, _ = out.AppendContent(b, []byte(content[:k]))
			b, _ = out.AppendContent(b, []byte(content[k:]))
			if b, err = out.AppendEnd(b, trailers...); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		if got, want := readRequest(t, NewRequests(&limits), b), sentRequest(h, content, trailers); got != want {
			t.Fatalf("seed %d: %q\n got %q\nwant %q", seed, b, got, want)
		}
	}
}

// sentRequest is a request as it is meant, in one line of text.
func sentRequest(h message.RequestHead, content string, trailers []message.Field) string {
	return fmt.Sprintf("%s %s %s %+v %q %+v", h.Method, h.Target, h.Authority, h.Fields, content, trailers)
}

// readRequest is the request in b as Requests reads it. The engine's fields are
// left out.
func readRequest(t *testing.T, requests *Requests, b []byte) string {
	var h message.RequestHead
	var content []byte
	var trailers []message.Field
	take := func(octets []byte, lines []message.FieldLine) (fields []message.Field) {
		for i := range lines {
			f := message.Field{Name: string(lines[i].Name.Of(octets)), Value: string(lines[i].Value.Of(octets))}
			switch lines[i].NameID {
			case message.FieldNameHost:
				h.Authority = f.Value
			case message.FieldNameContentLength, message.FieldNameTransferEncoding, message.FieldNameConnection:
			default:
				fields = append(fields, f)
			}
		}
		return fields
	}
	for {
		n, event := requests.Next(b, len(b))
		m := requests.Message
		switch event {
		case RequestMessageHead:
			h.Method, h.Target = string(m.Head.Method.Of(b)), string(m.Head.Target.Of(b))
			h.Fields = take(b, m.Head.Fields)
		case RequestMessageContent:
			content = append(content, m.Content.Of(b)...)
		case RequestMessageTrailers:
			trailers = take(b, m.Trailers.Fields)
		case RequestMessageEnd:
			if n != len(b) {
				t.Fatalf("%q is left", b[n:])
			}
			return sentRequest(h, string(content), trailers)
		case RequestMessageFailed:
			t.Fatalf("%q: %v", b, requests.Fault())
		}
		b = b[n:]
	}
}
