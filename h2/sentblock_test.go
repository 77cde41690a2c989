package h2

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// sentFrames are the headers of the frames in b, which are whole.
func sentFrames(t *testing.T, b []byte) (list []frames.Header) {
	t.Helper()
	for len(b) > 0 {
		h := frames.ReadHeader(b)
		if len(b) < frames.HeaderOctets+int(h.Length) {
			t.Fatalf("%d octets are left, of a frame %+v", len(b), h)
		}
		list = append(list, h)
		b = b[frames.HeaderOctets+int(h.Length):]
	}
	return list
}

// checkSent holds of frames that were sent: none is longer than the peer takes,
// and whatever doesn't end its field block has CONTINUATION of the same stream
// behind it, at once. It says how many there were of each type, and the longest
// one.
func checkSent(t *testing.T, list []frames.Header, most uint32) (count map[frames.Type]int, longest uint32) {
	t.Helper()
	count = map[frames.Type]int{}
	in := uint32(0) // the stream whose block is under way
	for i, h := range list {
		count[h.Type]++
		longest = max(longest, h.Length)
		isBlock := h.Type == frames.TypeHeaders || h.Type == frames.TypePushPromise || h.Type == frames.TypeContinuation
		switch {
		case h.Length > most:
			t.Errorf("frame %d has %d octets, above %d: %+v", i, h.Length, most, h)
		case in != 0 && (h.Type != frames.TypeContinuation || h.StreamID != in):
			t.Errorf("frame %d is inside the field block of stream %d: %+v", i, in, h)
		case in == 0 && h.Type == frames.TypeContinuation:
			t.Errorf("frame %d goes on with no field block: %+v", i, h)
		}
		if in = 0; isBlock && !h.Flags.Has(frames.FlagEndHeaders) {
			in = h.StreamID
		}
	}
	if in != 0 {
		t.Errorf("the field block of stream %d doesn't end", in)
	}
	return count, longest
}

// long are fields of about n octets, which compress badly.
func long(n int) (fields []message.Field) {
	for i := 0; i < n; i += 1000 {
		fields = append(fields, message.Field{Name: fmt.Sprint("x-", i), Value: strings.Repeat("~", 1000)})
	}
	return fields
}

// Large heads, trailers and content leave in frames that the peer takes, and each
// field block in one piece, though there is other content, and a ping, to send.
func TestSentBlocks(t *testing.T) {
	for _, test := range []struct {
		settings []http2.Setting
		most     uint32
	}{
		{nil, 16384},
		{[]http2.Setting{{ID: http2.SettingMaxFrameSize, Val: 20_000}}, 20_000},
		{[]http2.Setting{{ID: http2.SettingMaxFrameSize, Val: 1<<24 - 1}}, 70_000},
	} {
		p := serve(t, inline(func(x message.Exchange) {
			_ = x.Interim(103, long(40_000))
			_ = x.Start(200, long(60_000), -1)
			_, _ = x.Write(make([]byte, 40_000))
			_ = x.End(long(30_000)...)
		}), test.settings...)
		p.say(func(fr *http2.Framer) {
			for range 5 {
				p.write1(true, asking("GET", "/")...)
				_ = fr.WritePing(false, [8]byte{1})
			}
		})
		sent := append([]byte(nil), p.out.Bytes()...)
		for range 10 {
			p.out.Reset()
			p.say(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 40_000) })
			sent = append(sent, p.out.Bytes()...)
		}
		p.out.Reset()
		count, longest := checkSent(t, sentFrames(t, sent), test.most)
		if count[frames.TypeHeaders] != 15 || count[frames.TypePing] != 5 || count[frames.TypeData] < 15 {
			t.Errorf("at %d: there were %v", test.most, count)
		}
		if test.most < 30_000 && (longest != test.most || count[frames.TypeContinuation] < 20) || test.most > 30_000 && longest < 50_000 {
			t.Errorf("at %d: the longest has %d octets, of %v", test.most, longest, count)
		}
	}
}

// So do those of requests.
func TestSentRequestBlocks(t *testing.T) {
	k := talk(t, ClientOptions{})
	k.peer(func(fr *http2.Framer) { _ = fr.WriteWindowUpdate(0, 1<<20) })
	k.turn(func() {
		for range 3 {
			x, err := k.c.BeginInTurn(&message.RequestHead{Method: "POST", Authority: "a.example", ContentLength: -1, Fields: long(60_000)})
			if err != nil {
				t.Fatal(err)
			}
			_, _ = x.Write(make([]byte, 40_000))
			_ = x.End(long(30_000)...)
			x.Close()
		}
	})
	sent := append([]byte(nil), k.sent.Bytes()...)
	k.sent.Reset()
	count, longest := checkSent(t, sentFrames(t, sent), 16384)
	if count[frames.TypeHeaders] < 3 || count[frames.TypeContinuation] < 9 || longest != 16384 {
		t.Errorf("there were %v, the longest of %d octets", count, longest)
	}
}

// Whatever a client says, it promises nothing (RFC 9113, Section 8.4.1): not
// behind a request of its own, on a stream that a server has promised, in a tunnel,
// or where it resets.
func TestClientPromisesNothing(t *testing.T) {
	k := talk(t, ClientOptions{
		Executor: goes{}, OnPush: func(p *Push) { p.Exchange.OnOver(func(message.ClientExchange, error) {}) },
	}, http2.Setting{ID: http2.SettingEnableConnectProtocol, Val: 1})
	heads := []message.RequestHead{
		{Fields: long(20_000)},
		{Method: "POST", ContentLength: -1},
		{Method: "CONNECT", Target: "a.example:443"},
		{Method: "CONNECT", Target: "/", Protocol: "websocket"},
	}
	for i := range heads {
		k.turn(func() {
			if heads[i].Protocol != "" || heads[i].Method != "CONNECT" {
				heads[i].Authority = "a.example"
			}
			x, err := k.c.BeginInTurn(&heads[i])
			if err != nil {
				t.Fatal(err)
			}
			x.OnOver(func(message.ClientExchange, error) {})
			if heads[i].ContentLength < 0 {
				_, _ = x.Write(make([]byte, 1000))
				_ = x.End(long(20_000)...)
			}
		})
	}
	k.peer(func(fr *http2.Framer) {
		for i := range uint32(2) {
			_ = fr.WritePushPromise(http2.PushPromiseParam{
				StreamID: 1, PromiseID: 2 + 2*i, EndHeaders: true,
				BlockFragment: k.block(":method", "GET", ":scheme", "http", ":authority", "a.example", ":path", "/"),
			})
		}
		k.headers(fr, 2, true, ":status", "200")
		k.headers(fr, 1, true, ":status", "200")
		k.headers(fr, 5, false, ":status", "200")
		_ = fr.WriteRSTStream(3, http2.ErrCodeCancel)
	})
	_ = k.c.Ping(func(int64, error) {})
	k.write()
	k.end()
	sent := append([]byte(nil), k.sent.Bytes()...)
	k.sent.Reset()
	count, _ := checkSent(t, sentFrames(t, sent), 16384)
	if count[frames.TypePushPromise] != 0 || count[frames.TypeHeaders] != 5 || count[frames.TypePing] != 1 {
		t.Errorf("there were %v", count)
	}
	_, _, _, err := k.c.conn.AppendPromise(nil, k.c.conn.find(1), &message.RequestHead{Authority: "a.example"}, "http")
	if e := new(message.MisuseError); !errors.As(err, &e) {
		t.Errorf("AppendPromise of a client: %v", err)
	}
	for name := range reflect.TypeFor[*Conn]().Methods() { // so that whoever adds a way to promise looks here
		if strings.Contains(name.Name, "Promise") && !strings.HasPrefix(name.Name, "AppendPromise") {
			t.Errorf("Conn.%s: have this test call it as a client, and be refused", name.Name)
		}
	}
}
