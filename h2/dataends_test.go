package h2

import (
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// An exchange ends also if a frame is wrong in two ways: one of the stream, which
// has ended, and one of the connection. Each way has its own event.
func TestPaddingOfEndedStream(t *testing.T) {
	over := 0
	p := serve(t, inline(func(x message.Exchange) {
		x.OnOver(func(message.Exchange, error) { over++ })
		x.Detach()
	}))
	p.kept = 1
	p.get("/")
	p.say(func(fr *http2.Framer) { _ = fr.WriteRawFrame(http2.FrameData, http2.FlagDataPadded, 1, []byte{5, 0}) })
	p.want("it fails the connection", "GOAWAY 1 PROTOCOL_ERROR")
	if over != 1 || p.s.open != 0 {
		t.Errorf("%d exchanges are over, and %d are open", over, p.s.open)
	}
}

// Content that breaks its message is paid back as any other: else a peer could
// use the window of a connection up that others share.
func TestWindowOfBrokenMessages(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) {
		_ = x.OnContent(func(_ message.Exchange, p []byte, _ error) int { return len(p) })
	}))
	k := talk(t, ClientOptions{})
	for _, isPadded := range []bool{false, true} {
		padding := []byte(nil)
		if isPadded {
			padding = make([]byte, 7)
		}
		for _, length := range []string{"5", "2000"} {
			id := p.ask(false, asking("POST", "/", "content-length", length)...)
			p.say(func(fr *http2.Framer) { _ = fr.WriteDataPadded(id, true, make([]byte, 1000), padding) })
			p.wantLast("less, or more", "RST_STREAM")
			k.begin(&logged{t: t}, "x", message.RequestHead{})
			k.peer(func(fr *http2.Framer) {
				k.headers(fr, id, false, ":status", "200", "content-length", length)
				_ = fr.WriteDataPadded(id, true, make([]byte, 1000), padding)
			})
		}
	}
	for _, c := range []*Conn{p.s.conn, k.c.conn} {
		want := int64(c.options.ConnectionWindowOctets)
		if w := &c.windows; w.received+w.owed != want || w.received >= want {
			t.Errorf("the window is %d and %d are owed, together not %d", w.received, w.owed, want)
		}
	}
}
