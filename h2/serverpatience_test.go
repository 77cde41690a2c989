package h2

import (
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// bulk answers with this many octets.
func bulk(octets int) Options {
	return inline(func(x message.Exchange) { _ = x.Respond(200, nil, make([]byte, octets)) })
}

// wantCut lets a peer say something every minute, until the server has sent a
// frame that begins so.
func wantCut(t *testing.T, p *serverPeer, frame string, minute func(fr *http2.Framer)) {
	t.Helper()
	for n := 0; ; n++ {
		for _, f := range p.frames() {
			if strings.HasPrefix(f, frame) {
				return
			}
		}
		if n == 10 {
			t.Fatalf("after ten minutes there is no %s", frame)
		}
		p.pass(50 * second)
		p.say(minute)
	}
}

// A peer that gives an octet a minute holds a response no longer than one that
// gives none: of a stream, or of the connection.
func TestDribbledCredit(t *testing.T) {
	p := serve(t, bulk(50_000), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	p.get("/")
	wantCut(t, p, "RST_STREAM 1 CANCEL", func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(1, 1) })

	p = serve(t, bulk(100_000), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
	p.get("/")
	wantCut(t, p, "RST_STREAM 1 CANCEL", func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 1) })
}

// Who measures no rate of content that comes isn't held by a peer that gives no
// credit all the same; nor does it refuse content that comes slowly.
func TestCreditWithoutAGrace(t *testing.T) {
	o := bulk(50_000)
	o.ContentGraceNs = -1
	p := serve(t, o, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	p.get("/")
	wantCut(t, p, "RST_STREAM 1 CANCEL", func(*http2.Framer) {})

	o = inline(func(x message.Exchange) {
		_ = x.OnContent(func(message.Exchange, []byte, error) int { return 0 })
	})
	o.ContentGraceNs = -1
	p = serve(t, o)
	p.ask(false, asking("POST", "/")...)
	p.pass(300 * second).want("nothing is measured")
}

// Who waits because others have the credit of the connection isn't cut: the peer
// gives what it can.
func TestWaitingForTurn(t *testing.T) {
	p := serve(t, bulk(8<<20), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 30})
	for range 2 { // not incremental: one behind the other
		p.ask(true, asking("GET", "/", "priority", "u=3")...)
	}
	for range 200 {
		p.pass(second)
		p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 30_000) })
		for _, f := range p.frames() {
			if strings.HasPrefix(f, "RST_STREAM") {
				t.Fatalf("the server has sent %s", f)
			}
		}
	}
}

// A slow peer that takes a little all the time is served to the end.
func TestSlowCredit(t *testing.T) {
	p := serve(t, bulk(300_000), http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
	p.get("/")
	for range 300 {
		p.pass(second)
		p.say(func(fr *http2.Framer) {
			_ = fr.WriteWindowUpdate(1, 1000)
			_ = fr.WriteWindowUpdate(0, 1000)
		})
	}
	p.wantLast("all of it", "DATA 1 END_STREAM")
}

// Frames that are answered don't make a connection one that isn't idle.
func TestIdleWithPings(t *testing.T) {
	p := serve(t, inline(hello))
	for range 5 { // which don't
		p.pass(50 * second)
		p.get("/")
		p.wantOpen("a minute hasn't passed")
	}
	wantCut(t, p, "GOAWAY 9 NO_ERROR", func(fr *http2.Framer) { _ = fr.WritePing(false, [8]byte{}) })

	p = serve(t, inline(hello))
	wantCut(t, p, "GOAWAY 0 NO_ERROR", func(fr *http2.Framer) { _ = fr.WriteSettings() })
}
