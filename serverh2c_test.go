package specht_test

import (
	"crypto/tls"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/message"
)

// askH2C asks for HTTP/2 by a request of HTTP/1.1.
const askH2C = "GET /h2c HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n"

// streamOf reads frames until a stream has ended, and is its status and content.
func streamOf(t *testing.T, fr *http2.Framer, id uint32) (status, content string) {
	t.Helper()
	for {
		f, err := fr.ReadFrame()
		if err != nil {
			t.Fatal(err)
		}
		switch f := f.(type) {
		case *http2.MetaHeadersFrame:
			status = f.PseudoValue("status")
		case *http2.DataFrame:
			content += string(f.Data())
			if f.StreamID == id && f.StreamEnded() {
				return status, content
			}
		case *http2.GoAwayFrame:
			t.Fatalf("%v", f)
		}
	}
}

// A request of HTTP/1.1 goes on over HTTP/2, on both drivers, with handlers on
// goroutines and inline; and so do the requests behind it.
func TestH2CUpgrade(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		for name, handler := range map[string]message.Handler{"goroutine": hello, "inline": message.Inline(hello)} {
			t.Run(name, func(t *testing.T) {
				s := newServer(t, specht.ServerOptions{Driver: d, Handler: handler, H2CUpgrade: true})
				c := dial(t, start(t, s, specht.Service{}))
				c.want("/before", 200, "hello /before")
				c.send(askH2C)
				r, err := http.ReadResponse(c.r, nil)
				if err != nil || r.StatusCode != 101 || r.Header.Get("Upgrade") != "h2c" || !strings.EqualFold(r.Header.Get("Connection"), "upgrade") {
					t.Fatalf("%v, %v", r, err)
				}
				c.send(h2.Preface)
				fr := http2.NewFramer(c, c.r)
				fr.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
				if err := fr.WriteSettings(); err != nil {
					t.Fatal(err)
				}
				if status, content := streamOf(t, fr, 1); status != "200" || content != "hello /h2c" {
					t.Errorf("stream 1: %s %q", status, content)
				}
				// GET, http, the authority a, /x
				if err := fr.WriteHeaders(http2.HeadersFrameParam{StreamID: 3, BlockFragment: []byte("\x82\x86\x41\x01a\x44\x02/x"), EndStream: true, EndHeaders: true}); err != nil {
					t.Fatal(err)
				}
				if status, content := streamOf(t, fr, 3); status != "200" || content != "hello /x" {
					t.Errorf("stream 3: %s %q", status, content)
				}
			})
		}
	})
}

// It is off unless somebody turns it on, and over TLS in any case.
func TestH2CUpgradeIsOff(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		off := newServer(t, specht.ServerOptions{Driver: d})
		on := newServer(t, specht.ServerOptions{Driver: d, H2CUpgrade: true})
		config, pool := serverTLS()
		plain := dial(t, start(t, off, specht.Service{}))
		e := start(t, on, specht.Service{TLS: config})
		secured := mustDialTLS(t, e, &tls.Config{RootCAs: pool, ServerName: "a.example", NextProtos: []string{"http/1.1"}})
		for _, c := range []*client{plain, secured} {
			c.send(askH2C)
			if status, content := c.answer(); status != 200 || content != "hello /h2c" {
				t.Errorf("%d %q", status, content)
			}
		}
	})
	if _, err := specht.NewServer(specht.ServerOptions{Handler: hello, H2CUpgrade: true, NoHTTP2: true}); err == nil || !strings.Contains(err.Error(), "H2CUpgrade") {
		t.Errorf("H2CUpgrade without HTTP/2: %v", err)
	}
}

// A client that goes away between its request and its preface leaves nothing.
func TestH2CUpgradeAbandoned(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d, H2CUpgrade: true})
		c := dial(t, start(t, s, specht.Service{}))
		c.send(askH2C + h2.Preface[:10])
		if line, err := c.r.ReadString('\n'); err != nil || !strings.Contains(line, " 101 ") {
			t.Fatalf("%q, %v", line, err)
		}
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if n := s.Stats().Connections; n != 0 {
			t.Errorf("%d connections", n)
		}
	})
}
