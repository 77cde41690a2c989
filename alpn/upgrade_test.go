package alpn_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/message"
)

// told answers by what it was asked.
var told = message.Inline(message.HandlerFunc(func(x message.Exchange) {
	text := fmt.Sprintf("%v %s %s://%s%s", x.Version(), x.Method(), x.Scheme(), x.Authority(), x.Target())
	for name, value := range x.Fields().All() {
		text += fmt.Sprintf(" %s=%s", name, value)
	}
	if x.WantsTrailers() {
		text += " trailers"
	}
	_ = x.Respond(message.StatusOK, nil, []byte(text)) // the peer may have gone
}))

// upgrading is a server of both versions that takes h2c, or doesn't.
func upgrading(isTaken bool) *alpn.Server {
	one, two := h1.NewService(h1.Options{Handler: told}), h2.NewService(h2.Options{Handler: told})
	s := &alpn.Server{
		HTTP1: func(any) engine.Engine { return one.NewServer(nil) },
		HTTP2: func(any) engine.Engine { return two.NewServer(nil) },
	}
	if isTaken {
		s.Upgrade = func(_ any, x message.Exchange) engine.Engine {
			if e := two.NewUpgraded(nil, x); e != nil {
				return e
			}
			return nil
		}
	}
	return s
}

// A request that asks for HTTP/2: with these settings, and a window of 100 octets.
const (
	settings = "HTTP2-Settings: AAMAAABkAAQAAABk\r\n"
	options  = "Connection: Upgrade, HTTP2-Settings\r\n"
	h2c      = "Upgrade: h2c\r\n"
	asking   = "GET /a?b HTTP/1.1\r\nHost: example.org\r\n" + options + h2c + settings + "X: y\r\n\r\n"
	switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
)

// said is what a client of HTTP/2 says: f's frames, behind its preface if that is
// due.
func said(hasPreface bool, f func(fr *http2.Framer)) string {
	var b bytes.Buffer
	if hasPreface {
		b.WriteString(preface)
	}
	f(http2.NewFramer(&b, nil))
	return b.String()
}

// begun is a preface with empty SETTINGS.
var begun = said(true, func(fr *http2.Framer) { _ = fr.WriteSettings() })

// heard is frames as text, a line each, behind the 101 that comes first.
func heard(t *testing.T, octets string) string {
	t.Helper()
	frames, ok := strings.CutPrefix(octets, switched)
	if !ok {
		t.Errorf("no 101 in front of %.200q", octets)
		return octets
	}
	fr := http2.NewFramer(nil, strings.NewReader(frames))
	fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	var b strings.Builder
	for f, err := fr.ReadFrame(); err == nil; f, err = fr.ReadFrame() {
		h := f.Header()
		fmt.Fprintf(&b, "%v %d", h.Type, h.StreamID)
		if h.Flags.Has(http2.FlagDataEndStream) && h.Type != http2.FrameWindowUpdate {
			b.WriteString(" end") // or the acknowledgement of SETTINGS
		}
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			b.WriteString(" " + f.PseudoValue("status"))
		case *http2.DataFrame:
			fmt.Fprintf(&b, " %s", f.Data())
		case *http2.GoAwayFrame:
			fmt.Fprintf(&b, " %v", f.ErrCode)
		case *http2.RSTStreamFrame:
			fmt.Fprintf(&b, " %v", f.ErrCode)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// ours is our preface, in frames.
const ours = "SETTINGS 0\nWINDOW_UPDATE 0\n"

// A request is answered on stream 1 of HTTP/2, by the handler that HTTP/1 has,
// once the client's preface has come; then others are, on their own streams.
// However the octets are cut.
func TestUpgrade(t *testing.T) {
	more := said(false, func(fr *http2.Framer) {
		var block bytes.Buffer
		e := hpack.NewEncoder(&block)
		for _, f := range []string{":method GET", ":scheme http", ":authority b", ":path /c"} {
			name, value, _ := strings.Cut(f, " ")
			_ = e.WriteField(hpack.HeaderField{Name: name, Value: value})
		}
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: block.Bytes(), EndStream: true, EndHeaders: true})
	})
	want := ours + "SETTINGS 0 end\nHEADERS 1 200\nDATA 1 end HTTP/2 GET http://example.org/a?b host=example.org x=y\n" +
		"HEADERS 3 200\nDATA 3 end HTTP/2 GET http://b/c host=b\n"
	text := asking + begun + more
	for cut := range len(text) {
		e, _ := attached(upgrading(true))
		got := heard(t, feed(t, e, []string{text[:cut], text[cut:]}, false))
		if got != want {
			t.Fatalf("cut at %d:\n%s\nwant\n%s", cut, got, want)
		}
	}
	e, _ := attached(upgrading(true))
	feed(t, e, octets(text), true)
	if !e.Closed() {
		t.Error("the end of HTTP/2 isn't that of the connection")
	}
}

// What doesn't ask as RFC 7540 has it, or can't have it, is answered over HTTP/1.1,
// and so is the next request of the connection.
func TestUpgradeRefused(t *testing.T) {
	get := "GET / HTTP/1.1\r\nHost: a\r\n"
	tests := map[string]string{
		"nothing is asked for":          get + "\r\n",
		"another protocol":              get + options + "Upgrade: websocket, h2c/1\r\n" + settings + "\r\n",
		"the token of TLS":              get + options + "Upgrade: h2\r\n" + settings + "\r\n",
		"HTTP/1.0":                      "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive, Upgrade, HTTP2-Settings\r\n" + h2c + settings + "\r\n",
		"Upgrade isn't named":           get + "Connection: HTTP2-Settings\r\n" + h2c + settings + "\r\n",
		"the settings aren't named":     get + "Connection: Upgrade\r\n" + h2c + settings + "\r\n",
		"fields for this connection":    get + "Connection: Upgrade, HTTP2-Settings, X\r\nX: y\r\n" + h2c + settings + "\r\n",
		"no settings":                   get + options + h2c + "\r\n",
		"settings twice":                get + options + h2c + settings + settings + "\r\n",
		"settings twice, in two cases":  get + options + h2c + settings + strings.ToLower(settings) + "\r\n",
		"empty settings":                get + options + h2c + "HTTP2-Settings:\r\n\r\n",
		"settings with padding":         get + options + h2c + "HTTP2-Settings: AAMAAABkAAQAAABk=\r\n\r\n",
		"half a setting":                get + options + h2c + "HTTP2-Settings: AAMA\r\n\r\n",
		"another alphabet":              get + options + h2c + "HTTP2-Settings: AAMAAAB+\r\n\r\n",
		"a list of settings":            get + options + h2c + "HTTP2-Settings: AAMAAABk, AAMAAABk\r\n\r\n",
		"a window that there isn't":     get + options + h2c + "HTTP2-Settings: AAT_____\r\n\r\n",
		"a frame size that there isn't": get + options + h2c + "HTTP2-Settings: AAUAAAAA\r\n\r\n",
		"content":                       "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n" + options + h2c + settings + "\r\nabc",
		"chunked content":               "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n" + options + h2c + settings + "\r\n0\r\n\r\n",
		"a target with an authority":    "GET http://a/ HTTP/1.1\r\nHost: a\r\n" + options + h2c + settings + "\r\n",
		"no authority":                  "GET / HTTP/1.1\r\nHost:\r\n" + options + h2c + settings + "\r\n",
		"fields too large for HTTP/2":   get + options + h2c + settings + strings.Repeat("X: "+strings.Repeat("y", 8150)+"\r\n", 8) + "\r\n",
	}
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			e, _ := attached(upgrading(true))
			plain, _ := attached(upgrading(false))
			next := get + "X: next\r\n\r\n"
			got, want := feed(t, e, []string{text, next}, true), feed(t, plain, []string{text, next}, true)
			if got != want || strings.Count(got, "HTTP/1.1 200 OK") != 2 || !strings.Contains(got, "X=next") {
				t.Errorf("%q\nwithout h2c %q", got, want)
			}
		})
	}
}

// Content-Length: 0 is no content; lists may come in pieces and in any case; what
// is about the connection of HTTP/1.1 isn't told over HTTP/2.
func TestUpgradeAsked(t *testing.T) {
	tests := map[string]string{
		"POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n" + options + h2c + settings + "\r\n": "POST http://a/p host=a content-length=0",
		"OPTIONS * HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: http2-settings,,TE\r\nConnection: keep-alive ,upgrade\r\n" +
			"Keep-Alive: 5\r\nCookie: a=b\r\nUpgrade: x, H2C\r\nhttp2-settings: AAMAAABk\r\nCookie: c=d\r\n\r\n": "OPTIONS http://a* host=a te=trailers cookie=a=b; c=d trailers",
	}
	for text, want := range tests {
		e, _ := attached(upgrading(true))
		got := heard(t, feed(t, e, []string{text + begun}, false))
		if want = "HEADERS 1 200\nDATA 1 end HTTP/2 " + want + "\n"; !strings.Contains(got, want) {
			t.Errorf("%q:\n%s\nwant\n%s", text, got, want)
		}
	}
}

// A request with others before it is answered after them, over HTTP/1.1, unless
// their answers have left.
func TestUpgradeBehindOthers(t *testing.T) {
	get := "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	e, _ := attached(upgrading(true))
	if got := feed(t, e, []string{get + asking}, true); strings.Count(got, "HTTP/1.1 200 OK") != 2 {
		t.Errorf("together: %q", got)
	}
	e, _ = attached(upgrading(true))
	got := feed(t, e, []string{get, asking, begun}, false)
	if first, rest, _ := strings.Cut(got, switched); !strings.HasPrefix(first, "HTTP/1.1 200 OK\r\n") || !strings.Contains(rest, "HTTP/2 GET http://example.org/a?b") {
		t.Errorf("one after the other: %q", got)
	}
}

// What HTTP2-Settings says is in effect, until SETTINGS say otherwise.
func TestUpgradeSettings(t *testing.T) {
	long := strings.Replace(asking, "X: y", "X: "+strings.Repeat("y", 300), 1)
	more := said(false, func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 1000) })
	text := "HTTP/2 GET http://example.org/a?b host=example.org x=" + strings.Repeat("y", 300)
	e, _ := attached(upgrading(true))
	if got := heard(t, feed(t, e, []string{long + begun}, false)); !strings.HasSuffix(got, "DATA 1 "+text[:100]+"\n") {
		t.Errorf("a window of 100 octets: %s", got)
	}
	if got := heard(t, switched+feed(t, e, []string{more}, false)); got != "DATA 1 end "+text[100:]+"\n" {
		t.Errorf("behind WINDOW_UPDATE: %s", got)
	}
	e, _ = attached(upgrading(true))
	wider := said(true, func(fr *http2.Framer) {
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 200})
	})
	if got := heard(t, feed(t, e, []string{long + wider}, false)); !strings.HasSuffix(got, "DATA 1 "+text[:200]+"\n") {
		t.Errorf("SETTINGS with a window of 200 octets: %s", got)
	}
}

// What follows the request has to be the preface of HTTP/2, and stream 1 is closed
// for the client.
func TestUpgradeIsHTTP2(t *testing.T) {
	e, _ := attached(upgrading(true))
	if got := heard(t, feed(t, e, []string{asking + "GET / HTTP/1.1\r\nHost: a\r\n\r\n"}, false)); got != ours+"GOAWAY 0 PROTOCOL_ERROR\n" {
		t.Errorf("a request of HTTP/1.1: %s", got)
	}
	e, _ = attached(upgrading(true))
	data := said(false, func(fr *http2.Framer) { _ = fr.WriteData(1, true, []byte("content")) })
	if got := heard(t, feed(t, e, []string{asking + begun + data}, false)); !strings.HasSuffix(got, "GOAWAY 0 STREAM_CLOSED\n") {
		t.Errorf("content: %s", got)
	}
}

// A client that says nothing behind its request has no answer, and SettingsNs for
// its preface.
func TestUpgradeWithoutPreface(t *testing.T) {
	e, h := attached(upgrading(true))
	if got := heard(t, feed(t, e, []string{asking}, false)); got != ours {
		t.Errorf("before the preface: %s", got)
	}
	for h.now = e.Deadline(); !e.Closed() && h.now != 0 && h.now <= 20e9; h.now = e.Deadline() {
		e.Expire()
		if got := flush(e); got != "" && h.now < 10e9 {
			t.Errorf("at %d: %q", h.now, got)
		}
	}
	if !e.Closed() {
		t.Error("it isn't closed in 20 s")
	}
}

// Encrypted connections, and those where a protocol was agreed on, aren't asked.
func TestUpgradeIsForClearText(t *testing.T) {
	for _, f := range []any{securedFlow{}, securedFlow{agreeingFlow{protocol: "http/1.1"}}, agreeingFlow{protocol: "http/1.1"}} {
		e := upgrading(true).NewEngine(f)
		e.Attach(&host{now: 1})
		if got := feed(t, e, []string{asking}, false); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") {
			t.Errorf("%T: %q", f, got)
		}
	}
}

// Check holds that both versions are there.
func TestUpgradeCheck(t *testing.T) {
	s := upgrading(true)
	if err := s.Check(); err != nil {
		t.Error(err)
	}
	s.HTTP2 = nil
	if s.Check() == nil {
		t.Error("Upgrade without HTTP2 is taken")
	}
}
