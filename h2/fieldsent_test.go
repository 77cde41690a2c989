package h2

import (
	"errors"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// wire is an encoder and the decoder that reads what it writes.
type wire struct {
	e fieldEncoder
	d fieldDecoder
	s FieldSection
}

func newWire() *wire {
	w := new(wire)
	w.e.init(4096)
	w.s.init(sectionLimits{octets: 1 << 16, lines: 128, connectProtocol: ConnectProtocolTaken})
	w.d.init(&w.s, 4096)
	return w
}

// read is what the peer makes of a block.
func (w *wire) read(t testing.TB, kind sectionKind, b []byte) {
	w.s.begin(kind)
	if err := w.d.decode(b); err != nil {
		t.Fatal(err)
	}
	if err := w.d.close(); err != nil {
		t.Fatal(err)
	}
	if f := w.s.end(); f != nil {
		t.Fatalf("the peer refuses it: %v", f)
	}
}

// What can't be sent says what to do, and nothing is encoded.
func TestUnsendable(t *testing.T) {
	f := func(name, value string) []message.Field { return []message.Field{{Name: name, Value: value}} }
	for _, c := range []struct {
		name   string
		kind   sectionKind
		fields []message.Field
		want   string
	}{
		{"no name", sectionResponse, f("", "a"), "at least one octet"},
		{"a name with SP", sectionResponse, f("a b", "c"), "a name is a token"},
		{"a name above ASCII", sectionResponse, f("\u212aeep", "c"), "a name is a token"},
		{"a pseudo-header field", sectionResponse, f(":status", "200"), "pseudo-header fields are the engine's"},
		{"an unknown pseudo-header field", sectionResponse, f(":a", "b"), "pseudo-header fields are the engine's"},
		{"CR in a value", sectionResponse, f("a", "b\r\nc: d"), "octet 1 of the value"},
		{"SP before a value", sectionResponse, f("a", " b"), "octet 0 of the value"},
		{"SP behind a value", sectionResponse, f("a", "b "), "white space at the end"},
		{"Connection", sectionResponse, f("Connection", "close"), "leave it out"},
		{"Keep-Alive", sectionResponse, f("Keep-Alive", "1"), "leave it out"},
		{"Upgrade", sectionRequest, f("Upgrade", "a"), "leave it out"},
		{"Transfer-Encoding", sectionRequest, f("transfer-encoding", "chunked"), "HTTP/2 has frames"},
		{"Content-Length in a response", sectionResponse, f("Content-Length", "1"), "declare the length by Start"},
		{"Content-Length in a request", sectionRequest, f("Content-Length", "1"), "RequestHead.ContentLength"},
		{"Host in a request", sectionRequest, f("Host", "a"), "RequestHead.Authority"},
		{"TE in a request", sectionRequest, f("TE", "gzip"), "the one value of TE"},
		{"TE in a response", sectionResponse, f("TE", "trailers"), ""},
		{"Cache-Control in trailers", sectionTrailers, f("Cache-Control", "no-store"), "send it in the head"},
		{"a status in trailers", sectionTrailers, f(":status", "200"), "pseudo-header fields are the engine's"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWire()
			var b []byte
			var err error
			switch c.kind {
			case sectionResponse:
				b, err = w.e.appendResponse(nil, 200, c.fields, ownFields{contentLength: -1, date: "a"})
			case sectionRequest:
				b, err = w.e.appendRequest(nil, &message.RequestHead{Authority: "a", Fields: c.fields}, "http", "")
			case sectionTrailers:
				b, err = w.e.appendTrailers(nil, c.fields)
			}
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var field *message.FieldError
			if !errors.As(err, &field) || !strings.Contains(field.Why, c.want) || len(b) > 0 {
				t.Errorf("%x, %v, want %q", b, err, c.want)
			}
			if b, _ := w.e.appendResponse(nil, 200, nil, ownFields{contentLength: -1, date: "a"}); len(b) < 3 {
				t.Errorf("the date has been indexed, and not sent: %x", b)
			}
		})
	}
}

// What is sent arrives as it was meant.
func TestSent(t *testing.T) {
	w := newWire()
	fields := []message.Field{
		{Name: "Content-Type", Value: "text/html"},
		{Name: "X-Custom-NAME", Value: "a"},
		{Name: "Set-Cookie", Value: "a=b"},
		{Name: "etag", Value: `"a"`, IsSensitive: true},
	}
	for range 3 {
		b, err := w.e.appendResponse(nil, 200, fields, ownFields{contentLength: 12, date: "now"})
		if err != nil {
			t.Fatal(err)
		}
		w.read(t, sectionResponse, b)
		want := "date: now\ncontent-type: text/html\nx-custom-name: a\nset-cookie: a=b\netag: \"a\"\ncontent-length: 12\n"
		if got := lines(&w.s); got != want || w.s.Status != 200 || w.s.ContentLength != 12 {
			t.Fatalf("%d %d\n%s", w.s.Status, w.s.ContentLength, got)
		}
	}
	if b, err := w.e.appendTrailers(nil, []message.Field{{Name: "X-Sum", Value: "1"}}); err != nil {
		t.Fatal(err)
	} else if w.read(t, sectionTrailers, b); lines(&w.s) != "x-sum: 1\n" {
		t.Errorf("%q", lines(&w.s))
	}
	if _, err := w.e.appendResponse(nil, 600, nil, ownFields{contentLength: -1}); err == nil {
		t.Error("600 was sent")
	}
}

// A field that is sensitive is never indexed, by its name or as it is marked.
func TestSensitive(t *testing.T) {
	w := newWire()
	for _, f := range []message.Field{{Name: "Cookie", Value: "a=b"}, {Name: "Authorization", Value: "a"}, {Name: "Accept", Value: "a", IsSensitive: true}, {Name: "X-Key", Value: "a", IsSensitive: true}} {
		b, err := w.e.appendRequest(nil, &message.RequestHead{Authority: "a", Fields: []message.Field{f}}, "http", "")
		if err != nil {
			t.Fatal(err)
		}
		plain, _ := w.e.appendRequest(nil, &message.RequestHead{Authority: "a"}, "http", "")
		if b = b[len(plain):]; b[0]>>4 != 1 && b[1]>>4 != 1 && b[2]>>4 != 1 {
			t.Errorf("%s: %x", f.Name, b)
		}
	}
}

func TestSentRequests(t *testing.T) {
	for _, c := range []struct {
		name             string
		head             message.RequestHead
		scheme, protocol string
		want             string // method, scheme, authority, path, protocol, length; or a part of the error
	}{
		{"GET", message.RequestHead{Authority: "a"}, "https", "", "GET https a /  -1"},
		{"a path", message.RequestHead{Authority: "a:1", Target: "/b?c"}, "http", "", "GET http a:1 /b?c  -1"},
		{"POST without content", message.RequestHead{Method: "POST", Authority: "a"}, "https", "", "POST https a /  0"},
		{"content of unknown length", message.RequestHead{Method: "PUT", Authority: "a", ContentLength: -1}, "https", "", "PUT https a /  -1"},
		{"an unknown method", message.RequestHead{Method: "BREW", Authority: "a", ContentLength: 5}, "https", "", "BREW https a /  5"},
		{"OPTIONS", message.RequestHead{Method: "OPTIONS", Authority: "a", Target: "*"}, "https", "", "OPTIONS https a *  -1"},
		{"CONNECT", message.RequestHead{Method: "CONNECT", Target: "a:443"}, "https", "", "CONNECT  a:443   -1"},
		{"extended CONNECT", message.RequestHead{Method: "CONNECT", Target: "/chat", Authority: "a", ContentLength: -1}, "https", "websocket", "CONNECT https a /chat websocket -1"},
		{"no authority", message.RequestHead{}, "https", "", "authority \"\""},
		{"userinfo", message.RequestHead{Authority: "u@a"}, "https", "", "authority \"u@a\""},
		{"no address", message.RequestHead{Authority: "[1]"}, "https", "", "authority \"[1]\""},
		{"a method with SP", message.RequestHead{Method: "GET /", Authority: "a"}, "https", "", "method \"GET /\""},
		{"a path with SP", message.RequestHead{Target: "/ HTTP/1.1", Authority: "a"}, "https", "", "request-target \"/ HTTP/1.1\""},
		{"a URI", message.RequestHead{Target: "http://a/", Authority: "a"}, "https", "", "request-target \"http://a/\""},
		{"GET *", message.RequestHead{Target: "*", Authority: "a"}, "https", "", "request-target \"*\""},
		{"CONNECT without a port", message.RequestHead{Method: "CONNECT", Target: "a"}, "https", "", "authority \"a\""},
		{"CONNECT for two", message.RequestHead{Method: "CONNECT", Target: "a:443", Authority: "b"}, "https", "", "authority \"b\""},
		{"a protocol with GET", message.RequestHead{Authority: "a"}, "https", "websocket", "protocol \"websocket\""},
		{"content of TRACE", message.RequestHead{Method: "TRACE", Authority: "a", ContentLength: 1}, "https", "", "content \"1\""},
		{"an expectation without content", message.RequestHead{Authority: "a", Fields: []message.Field{{Name: "Expect", Value: "100-continue"}}}, "https", "", "nothing to wait with"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWire()
			b, err := w.e.appendRequest(nil, &c.head, c.scheme, c.protocol)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) || len(b) > 0 {
					t.Errorf("%v, want %q", err, c.want)
				}
				return
			}
			w.read(t, sectionRequest, b)
			s := &w.s
			got := sprint(s, s.Method, s.Scheme, s.Authority, s.Target, s.Protocol)
			if got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func sprint(s *FieldSection, spans ...message.Span) (text string) {
	for _, span := range spans {
		text += string(span.Of(s.Arena)) + " "
	}
	return text + itoa(s.ContentLength)
}

func itoa(n int64) string {
	if n < 0 {
		return "-" + itoa(-n)
	}
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// A promise is a request that can be promised.
func TestSentPromises(t *testing.T) {
	w := newWire()
	section := new(FieldSection)
	section.init(sectionLimits{octets: 1000, lines: 10})
	b, err := w.e.appendPromise(nil, section, &message.RequestHead{Authority: "a", Target: "/b"}, "https")
	if err != nil {
		t.Fatal(err)
	}
	w.read(t, sectionPromise, b)
	for _, h := range []message.RequestHead{{Method: "POST", Authority: "a"}, {Authority: "a", ContentLength: 1}} {
		if _, err := w.e.appendPromise(nil, section, &h, "https"); err == nil {
			t.Errorf("%+v was promised", h)
		}
	}
}

var (
	browser = message.RequestHead{Authority: "www.example.org", Target: "/index?q=1", Fields: []message.Field{
		{Name: "User-Agent", Value: "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"},
		{Name: "Accept", Value: "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"},
		{Name: "Accept-Language", Value: "en-US,en;q=0.5"},
		{Name: "Accept-Encoding", Value: "gzip, deflate, br, zstd"},
		{Name: "Referer", Value: "https://www.example.org/"},
		{Name: "Cookie", Value: "session=0123456789abcdef0123456789abcdef"},
		{Name: "Sec-Fetch-Dest", Value: "document"},
		{Name: "Sec-Fetch-Mode", Value: "navigate"},
		{Name: "Sec-Fetch-Site", Value: "same-origin"},
		{Name: "Priority", Value: "u=0, i"},
	}}
	page = []message.Field{
		{Name: "Content-Type", Value: "text/html; charset=utf-8"},
		{Name: "Server", Value: "specht"},
		{Name: "Cache-Control", Value: "max-age=60"},
		{Name: "Vary", Value: "Accept-Encoding"},
	}
	pageOwn = ownFields{contentLength: 12345, date: "Mon, 23 Nov 2026 01:00:00 GMT"}
)

// Nothing is allocated for what was there before, but for a string of each
// literal that is received.
func TestFieldAllocs(t *testing.T) {
	w := newWire()
	var request, response []byte
	encode := func() {
		request, _ = w.e.appendRequest(request[:0], &browser, "https", "")
		response, _ = w.e.appendResponse(response[:0], 200, page, pageOwn)
	}
	encode()
	encode()
	if n := testing.AllocsPerRun(100, encode); n != 0 {
		t.Errorf("%v allocations for a request and a response that are sent", n)
	}
	other := newWire()
	b, err := other.e.appendRequest(nil, &message.RequestHead{Authority: "a"}, "https", "")
	if err != nil {
		t.Fatal(err)
	}
	other.read(t, sectionRequest, b)
	b, _ = other.e.appendRequest(nil, &message.RequestHead{Authority: "a"}, "https", "")
	if n := testing.AllocsPerRun(100, func() { other.read(t, sectionRequest, b) }); n != 0 {
		t.Errorf("%v allocations for a request of indexed fields", n)
	}
}

func BenchmarkDecodeRequest(b *testing.B) {
	w := newWire()
	first, _ := w.e.appendRequest(nil, &browser, "https", "")
	w.read(b, sectionRequest, first)
	next, _ := w.e.appendRequest(nil, &browser, "https", "")
	b.ReportAllocs()
	b.ReportMetric(float64(len(next)), "octets")
	for b.Loop() {
		w.read(b, sectionRequest, next)
	}
}

func BenchmarkDecodeMinimal(b *testing.B) {
	w := newWire()
	h := message.RequestHead{Authority: "a"}
	first, _ := w.e.appendRequest(nil, &h, "https", "")
	w.read(b, sectionRequest, first)
	next, _ := w.e.appendRequest(nil, &h, "https", "")
	b.ReportAllocs()
	for b.Loop() {
		w.read(b, sectionRequest, next)
	}
}

func BenchmarkEncodeRequest(b *testing.B) {
	w := newWire()
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out, _ = w.e.appendRequest(out[:0], &browser, "https", "")
	}
}

func BenchmarkEncodeResponse(b *testing.B) {
	w := newWire()
	var out []byte
	b.ReportAllocs()
	for b.Loop() {
		out, _ = w.e.appendResponse(out[:0], 200, page, pageOwn)
	}
	b.ReportMetric(float64(len(out)), "octets")
}
