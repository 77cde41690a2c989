package h2

import (
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// aheadOfPong is how many octets leave before the answer to a ping.
func aheadOfPong(t *testing.T, b []byte) (octets int) {
	t.Helper()
	for _, h := range sentFrames(t, b) {
		if h.Type == frames.TypePing && h.Flags.Has(frames.FlagAck) {
			return octets
		}
		octets += frames.HeaderOctets + int(h.Length)
	}
	t.Fatal("the ping isn't answered")
	return 0
}

// pongAhead is what may leave before the answer to a ping, if the flow takes
// nothing: what was framed already, and the frame that went above that.
const pongAhead = outputOctets + frameOctets + 1000

// Answers to pings go before all content that isn't framed yet, however much there
// is of it (RFC 9113, Section 6.7).
func TestPingsGoFirst(t *testing.T) {
	p := serve(t, inline(func(x message.Exchange) { _ = x.Respond(200, nil, make([]byte, 1<<20)) }),
		http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
	p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 1<<30) })
	p.most = -1
	p.say(func(fr *http2.Framer) {
		for range 10 {
			p.write1(true, asking("GET", "/")...)
		}
	})
	p.say(func(fr *http2.Framer) { _ = fr.WritePing(false, [8]byte{1}) })
	p.most = 0
	p.write()
	if n, all := aheadOfPong(t, p.out.Bytes()), p.out.Len(); n > pongAhead || all < 10<<20 {
		t.Errorf("%d octets of %d leave before the answer, want at most %d", n, all, pongAhead)
	}
	p.out.Reset()

	k := talk(t, ClientOptions{}, http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20})
	k.peer(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 1<<30) })
	k.c.Turn(func() { // nothing leaves in it
		for range 10 {
			x, err := k.c.BeginInTurn(&message.RequestHead{Method: "POST", Authority: "a.example", ContentLength: -1})
			if err != nil {
				t.Fatal(err)
			}
			_ = x.WriteLent(make([]byte, 1<<20), func(error) {})
			_ = x.End()
			x.OnOver(func(message.ClientExchange, error) {})
		}
	})
	k.peer(func(fr *http2.Framer) { _ = fr.WritePing(false, [8]byte{1}) })
	if n, all := aheadOfPong(t, k.sent.Bytes()), k.sent.Len(); n > pongAhead || all < 1<<20 {
		t.Errorf("a client: %d octets of %d leave before the answer, want at most %d", n, all, pongAhead)
	}
	k.sent.Reset()
}
