package h2

import (
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// parseFields are the fields of a text: one a line, name and value with a colon
// and a space between them.
func parseFields(text string) (fields [][2]string) {
	for _, line := range strings.Split(text, "\n") {
		if at := strings.Index(line[min(1, len(line)):], ": "); at >= 0 {
			fields = append(fields, [2]string{line[:at+1], line[at+3:]})
		}
	}
	return fields
}

// section is what a section of these fields comes to.
func section(kind sectionKind, limits sectionLimits, fields [][2]string) (*FieldSection, *message.Fault) {
	s := new(FieldSection)
	if limits.octets == 0 {
		limits.octets, limits.lines = 64<<10, 128
	}
	s.init(limits)
	s.begin(kind)
	for _, f := range fields {
		s.add(f[0], f[1], false)
	}
	return s, s.end()
}

// lines are the fields of a section as text.
func lines(s *FieldSection) string {
	var b strings.Builder
	for name, value := range message.NewFields(s.Arena, s.Lines).All() {
		b.WriteString(string(name) + ": " + string(value) + "\n")
	}
	return b.String()
}

const (
	get    = ":method: GET\n:scheme: https\n:authority: example.org\n:path: /a?b\n"
	ok     = ":status: 200\n"
	tunnel = ":method: CONNECT\n:authority: example.org:443\n"
	socket = ":method: CONNECT\n:protocol: websocket\n:scheme: https\n:authority: example.org\n:path: /chat\n"
)

func TestSections(t *testing.T) {
	takes := sectionLimits{octets: 1 << 16, lines: 128, connectProtocol: ConnectProtocolTaken}
	for _, c := range []struct {
		name   string
		kind   sectionKind
		limits sectionLimits
		fields string
		want   string // lines, or a part of the fault's name
		is     string // its requirement, or ok
	}{
		{"a request", sectionRequest, sectionLimits{}, get + "accept: */*", "host: example.org\naccept: */*\n", "ok"},
		{"Host beside :authority", sectionRequest, sectionLimits{}, get + "host: EXAMPLE.org:443\naccept: */*", "host: example.org\naccept: */*\n", "ok"},
		{"Host without :authority", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:path: /\naccept: */*\nhost: a:80", "host: a:80\naccept: */*\n", "ok"},
		{"another Host", sectionRequest, sectionLimits{}, get + "host: example.com", "Host and :authority differ", "rfc9113#8.3.1/4"},
		{"a Host with another port", sectionRequest, sectionLimits{}, get + "host: example.org:80", "Host and :authority differ", "rfc9113#8.3.1/5"},
		{"an empty Host", sectionRequest, sectionLimits{}, get + "host: ", "Host and :authority differ", "rfc9113#8.3.1"},
		{"two Hosts", sectionRequest, sectionLimits{}, get + "host: example.org\nhost: example.org", "Host repeated", "rfc9112#3.2/6"},
		{"a malformed Host", sectionRequest, sectionLimits{}, get + "host: a b", "Host malformed", "rfc9112#3.2/6"},
		{"no authority", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:path: /", "no authority", "rfc9113#8.3.1"},
		{"an empty :authority", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:path: /\n:authority: ", "malformed :authority", "rfc9113#8.3/4"},
		{"userinfo", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:path: /\n:authority: u@a", "userinfo in :authority", "rfc9113#8.3.1/9"},
		{"an IPv6 address", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:path: /\n:authority: [::1]:80", "host: [::1]:80\n", "ok"},
		{"no IPv6 address", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:path: /\n:authority: [::1::2]", "malformed address", "rfc9112#3.2/6"},

		{"no method", sectionRequest, sectionLimits{}, ":scheme: http\n:authority: a\n:path: /", "no :method", "rfc9113#8.3.1/13"},
		{"no scheme", sectionRequest, sectionLimits{}, ":method: GET\n:authority: a\n:path: /", "no :scheme", "rfc9113#8.3.1/13"},
		{"no path", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a", "no :path", "rfc9113#8.3.1/13"},
		{"an empty path", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a\n:path: ", "malformed :path", "rfc9113#8.3.1/10"},
		{"a path without a slash", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a\n:path: a", "malformed :path", "rfc9113#8.3/4"},
		{"SP in a path", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a\n:path: / HTTP/1.1", "octet in :path that no URI has", "rfc9113#8.3/4"},
		{"a fragment in a path", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a\n:path: /#a", "fragment in :path", "rfc9113#8.3/4"},
		{"SP in a method", sectionRequest, sectionLimits{}, ":method: GET /\n:scheme: http\n:authority: a\n:path: /", "malformed :method", "rfc9113#8.3/4"},
		{"another scheme", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: ftp\n:authority: a\n:path: /", "scheme that isn't served", "choice"},
		{"asterisk", sectionRequest, sectionLimits{}, ":method: OPTIONS\n:scheme: http\n:authority: a\n:path: *", "host: a\n", "ok"},
		{"asterisk without OPTIONS", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a\n:path: *", "asterisk without OPTIONS", "rfc9113#8.3.1/12"},
		{"two methods", sectionRequest, sectionLimits{}, get + ":method: GET", "pseudo-header field repeated", "rfc9113#8.3/8"},
		{"two schemes", sectionRequest, sectionLimits{}, get + ":scheme: https", "pseudo-header field repeated", "rfc9113#8.3/8"},
		{"two paths", sectionRequest, sectionLimits{}, get + ":path: /", "pseudo-header field repeated", "rfc9113#8.3/8"},
		{"two authorities", sectionRequest, sectionLimits{}, get + ":authority: example.org", "pseudo-header field repeated", "rfc9113#8.3/8"},
		{"a good method behind a malformed one", sectionRequest, sectionLimits{}, ":method: GET /\n:method: GET\n:scheme: http\n:authority: a\n:path: /", "malformed :method", "rfc9113#8.3/4"},
		{"a malformed scheme", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: 1\n:authority: a\n:path: /", "malformed :scheme", "rfc9113#8.3/4"},
		{"a good scheme behind a malformed one", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: 1\n:scheme: http\n:authority: a\n:path: /", "malformed :scheme", "rfc9113#8.3/4"},
		{"a good authority behind a malformed one", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a b\n:authority: a\n:path: /", "malformed :authority", "rfc9113#8.3/4"},
		{"a good path behind a malformed one", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a\n:path: a\n:path: /", "malformed :path", "rfc9113#8.3/4"},
		{"two protocols", sectionRequest, takes, socket + ":protocol: websocket", "pseudo-header field repeated", "rfc9113#8.3/8"},
		{"a malformed protocol", sectionRequest, takes, strings.Replace(socket, "websocket", "web socket", 1), "malformed :protocol", "rfc9113#8.3/4"},
		{"a good protocol behind a malformed one", sectionRequest, takes, strings.Replace(socket, "websocket", "web socket", 1) + ":protocol: websocket", "malformed :protocol", "rfc9113#8.3/4"},
		{"an undefined one", sectionRequest, sectionLimits{}, get + ":version: 2", "undefined pseudo-header field", "rfc9113#8.3/1"},
		{"one of responses", sectionRequest, sectionLimits{}, get + ":status: 200", "of the other kind", "rfc9113#8.3/2"},
		{"one behind a field", sectionRequest, sectionLimits{}, ":method: GET\n:scheme: http\naccept: */*\n:authority: a\n:path: /", "behind a regular one", "rfc9113#8.3/6"},

		{"CONNECT", sectionRequest, sectionLimits{}, tunnel, "host: example.org:443\n", "ok"},
		{"CONNECT with Host", sectionRequest, sectionLimits{}, tunnel + "host: EXAMPLE.org:443", "host: example.org:443\n", "ok"},
		{"CONNECT with a Host without its port", sectionRequest, sectionLimits{}, ":method: CONNECT\n:authority: a:80\nhost: a", "Host and :authority differ", "rfc9113#8.3.1/4"},
		{"CONNECT with another Host", sectionRequest, sectionLimits{}, tunnel + "host: example.com:443", "Host and :authority differ", "rfc9113#8.3.1/4"},
		{"CONNECT with an empty Host", sectionRequest, sectionLimits{}, tunnel + "host: ", "Host and :authority differ", "rfc9113#8.3.1/4"},
		{"CONNECT to nowhere", sectionRequest, sectionLimits{}, ":method: CONNECT", "CONNECT without a port", "rfc9113#8.5/1"},
		{"CONNECT to a Host", sectionRequest, sectionLimits{}, ":method: CONNECT\nhost: example.org:443", "CONNECT without a port", "rfc9113#8.5/1"},
		{"CONNECT without a port", sectionRequest, sectionLimits{}, ":method: CONNECT\n:authority: a", "CONNECT without a port", "rfc9113#8.5/1"},
		{"CONNECT with a path", sectionRequest, sectionLimits{}, tunnel + ":path: /", ":scheme or :path with CONNECT", "rfc9113#8.5/1"},
		{"CONNECT with a scheme", sectionRequest, sectionLimits{}, tunnel + ":scheme: https", ":scheme or :path with CONNECT", "rfc9113#8.5/1"},
		{"extended CONNECT", sectionRequest, takes, socket, "host: example.org\n", "ok"},
		{"extended CONNECT that isn't taken", sectionRequest, sectionLimits{}, socket, ":protocol that nobody asked for", "rfc8441#3"},
		{"extended CONNECT without a path", sectionRequest, takes, ":method: CONNECT\n:protocol: a\n:scheme: https\n:authority: a", "no :path", "rfc9113#8.3.1/13"},
		{":protocol with GET", sectionRequest, takes, get + ":protocol: a", ":protocol without CONNECT", "rfc8441#4"},

		{"an upper-case name", sectionRequest, sectionLimits{}, get + "Accept: */*", "upper-case letter in a field name", "rfc9113#8.2.1/5"},
		{"a colon in a name", sectionRequest, sectionLimits{}, get + "a:b: c", "colon in a field name", "rfc9113#8.2.1/5"},
		{"SP in a name", sectionRequest, sectionLimits{}, get + "a b: c", "octet in a field name that no name has", "rfc9113#8.2.1/5"},
		{"CR in a value", sectionRequest, sectionLimits{}, get + "a: b\rc", "CR, LF or NUL in a field value", "rfc9113#8.2.1/4"},
		{"NUL in a value", sectionRequest, sectionLimits{}, get + "a: b\x00c", "CR, LF or NUL in a field value", "rfc9113#8.2.1/4"},
		{"DEL in a value", sectionRequest, sectionLimits{}, get + "a: b\x7fc", "control octet in a field value", "rfc9113#8.2.1/1"},
		{"SP before a value", sectionRequest, sectionLimits{}, get + "a:  b", "malformed section-value", ""},
		{"SP behind a value", sectionRequest, sectionLimits{}, get + "a: b ", "malformed", ""},
		{"an empty value", sectionRequest, sectionLimits{}, get + "a: ", "host: example.org\na: \n", "ok"},
		{"Connection", sectionRequest, sectionLimits{}, get + "connection: close", "connection-specific field", "rfc9113#8.2.2/2"},
		{"Keep-Alive", sectionRequest, sectionLimits{}, get + "keep-alive: 1", "connection-specific field", "rfc9113#8.2.2/2"},
		{"Proxy-Connection", sectionRequest, sectionLimits{}, get + "proxy-connection: close", "connection-specific field", "rfc9113#8.2.2/2"},
		{"Transfer-Encoding", sectionRequest, sectionLimits{}, get + "transfer-encoding: chunked", "connection-specific field", "rfc9113#8.2.2/2"},
		{"Upgrade", sectionRequest, sectionLimits{}, get + "upgrade: a", "connection-specific field", "rfc9113#8.2.2/2"},
		{"TE: trailers", sectionRequest, sectionLimits{}, get + "te: trailers", "host: example.org\nte: trailers\n", "ok"},
		{"TE: gzip", sectionRequest, sectionLimits{}, get + "te: trailers, gzip", "TE other than trailers", "rfc9113#8.2.2/3"},
		{"TE: trailers behind another", sectionRequest, sectionLimits{}, get + "te: gzip\nte: trailers", "TE other than trailers", "rfc9113#8.2.2/3"},
		{"cookies", sectionRequest, sectionLimits{}, get + "cookie: a=b\naccept: */*\ncookie: c=d\ncookie: e=f", "host: example.org\ncookie: a=b; c=d; e=f\naccept: */*\n", "ok"},
		{"a length", sectionRequest, sectionLimits{}, get + "content-length: 12", "host: example.org\ncontent-length: 12\n", "ok"},
		{"two lengths", sectionRequest, sectionLimits{}, get + "content-length: 1\ncontent-length: 1", "declared length repeated", "rfc9110#8.6/10"},
		{"a list of lengths", sectionRequest, sectionLimits{}, get + "content-length: 1, 1", "declared length repeated", "rfc9110#8.6/10"},
		{"no length", sectionRequest, sectionLimits{}, get + "content-length: +1", "malformed declared length", "rfc9113#8.1.1"},
		{"a length too large", sectionRequest, sectionLimits{}, get + "content-length: 9223372036854775808", "declared length too large", "rfc9110#8.6/8"},
		{"an expectation", sectionRequest, sectionLimits{}, get + "expect: 200-ok", "expectation that can't be met", "rfc9110#10.1.1/1"},
		{"a section too large", sectionRequest, sectionLimits{octets: 200, lines: 10}, get + "a: " + strings.Repeat("b", 40), "field section too large", ""},
		{"a section as large as it may be", sectionRequest, sectionLimits{octets: 4*32 + 10 + 7 + 12 + 21 + 9 + 33, lines: 10}, get + "a: ", "host: example.org\na: \n", "ok"},
		{"too many fields", sectionRequest, sectionLimits{octets: 2000, lines: 5}, get + "a: b\nc: d", "too many fields", ""},

		{"a promise", sectionPromise, sectionLimits{}, get, "host: example.org\n", "ok"},
		{"a promise of POST", sectionPromise, sectionLimits{}, strings.Replace(get, "GET", "POST", 1), "promise of an unsafe request", "rfc9113#8.4.1/3"},
		{"a promise with content", sectionPromise, sectionLimits{}, get + "content-length: 1", "promise of a request with content", "rfc9113#8.4/2"},
		{"a promise without :path", sectionPromise, sectionLimits{}, ":method: GET\n:scheme: http\n:authority: a", "no :path", "rfc9113#8.3.1/13"},

		{"a response", sectionResponse, sectionLimits{}, ok + "server: a", "server: a\n", "ok"},
		{"an interim response", sectionResponse, sectionLimits{}, ":status: 103\nlink: a", "link: a\n", "ok"},
		{"101", sectionResponse, sectionLimits{}, ":status: 101", "101 over HTTP/2", "rfc9113#8.6"},
		{"no status", sectionResponse, sectionLimits{}, "server: a", "no :status", "rfc9113#8.3.2/1"},
		{"two statuses", sectionResponse, sectionLimits{}, ok + ok, ":status repeated", "rfc9113#8.3/8"},
		{"a status of two digits", sectionResponse, sectionLimits{}, ":status: 20", "malformed :status", "rfc9113#8.3/4"},
		{"a good status behind a malformed one", sectionResponse, sectionLimits{}, ":status: 20\n:status: 200", "malformed :status", "rfc9113#8.3/4"},
		{"a status without a class", sectionResponse, sectionLimits{}, ":status: 600", "status without a class", "rfc9110#15/2"},
		{"one of requests", sectionResponse, sectionLimits{}, ok + ":path: /", "of the other kind", "rfc9113#8.3/2"},
		{"Connection in a response", sectionResponse, sectionLimits{}, ok + "connection: close", "connection-specific field", "rfc9113#8.2.2/2"},

		{"trailers", sectionTrailers, sectionLimits{}, "a: b\ncookie: c\ncookie: d", "a: b\ncookie: c\ncookie: d\n", "ok"},
		{"a pseudo-header field in trailers", sectionTrailers, sectionLimits{}, "a: b\n" + ok, "behind a regular one", "rfc9113#8.3/6"},
		{"only a pseudo-header field in trailers", sectionTrailers, sectionLimits{}, ok, "pseudo-header field in trailers", "rfc9113#8.1/4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, f := section(c.kind, c.limits, parseFields(c.fields))
			switch {
			case c.is == "ok" && f != nil:
				t.Errorf("refused: %v", f)
			case c.is == "ok" && lines(s) != c.want:
				t.Errorf("the lines are\n%swant\n%s", lines(s), c.want)
			case c.is != "ok" && f == nil:
				t.Errorf("not refused; the lines are\n%s", lines(s))
			case c.is != "ok" && (!strings.Contains(f.Name, c.want) || !strings.Contains(f.Requirement, c.is) || f.Source == "" && c.is != "choice" && c.is != ""):
				t.Errorf("the fault is %v (%s), want %s (%s)", f, f.Requirement, c.want, c.is)
			}
		})
	}
}
