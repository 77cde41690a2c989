package h2

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/message"
)

// toldOf has a client with three requests read octets of a peer, this many at a
// time, and is what each exchange was told, and how the connection ended.
func toldOf(t *testing.T, octets []byte, step int) string {
	l := &logged{t: t}
	var failed []string
	k := talk(t, ClientOptions{
		ContentWindowOctets: 1000, OnError: func(e *Error) {
			if failed = append(failed, e.Error()); e.Frame == 0 && e.Offset < 0 {
				t.Errorf("an error without a place: %v", e)
			}
		},
		OnPush: func(p *Push) { l.watch("p"+string(p.Target), p.Exchange) },
	})
	for _, name := range []string{"a", "b", "c"} {
		k.begin(l, name, message.RequestHead{})
	}
	k.frames()
	k.step = step
	k.peer(func(*http2.Framer) { k.in.Write(octets) })
	k.end()
	k.sent.Reset()
	slices.SortStableFunc(l.list, func(a, b string) int { return strings.Compare(a[:1], b[:1]) })
	if n := strings.Count(strings.Join(l.list, "\n"), "over: "); n < 3 {
		t.Errorf("%d exchanges are over", n)
	}
	return strings.Join(joined(l.list), "\n") + "\n" + strings.Join(failed, "\n")
}

// joined are lines of what was told, with content that comes in pieces in one.
func joined(list []string) (out []string) {
	for _, line := range list {
		before, piece, isContent := strings.Cut(line, ` content "`)
		if k := len(out) - 1; isContent && k >= 0 && strings.HasPrefix(out[k], before+` content "`) {
			out[k] = strings.TrimSuffix(out[k], `"`) + piece
			continue
		}
		out = append(out, line)
	}
	return out
}

// FuzzClientSplit feeds a client whatever octets: nothing panics, each exchange
// ends once, nothing is left, and the same is told however the octets are cut.
func FuzzClientSplit(f *testing.F) {
	k := &clientTalk{}
	var b bytes.Buffer
	fr := http2.NewFramer(&b, nil)
	k.begun(fr)
	f.Add(b.Bytes(), uint8(1))
	f.Add([]byte("\x00\x00\x00\x01\x05\x00\x00\x00\x01"), uint8(3))
	f.Fuzz(func(t *testing.T, octets []byte, step uint8) {
		if len(octets) > 20_000 {
			return
		}
		if whole, cut := toldOf(t, octets, 0), toldOf(t, octets, 1+int(step)%50); whole != cut {
			t.Errorf("at once was told\n%s\nand in pieces of %d\n%s", whole, 1+int(step)%50, cut)
		}
	})
}

// begun writes a conversation of every frame that a server sends.
func (k *clientTalk) begun(fr *http2.Framer) {
	k.enc = hpack.NewEncoder(&k.head)
	head := func(id uint32, end bool, fields ...string) {
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: k.block(fields...), EndStream: end, EndHeaders: true})
	}
	head(1, false, ":status", "103", "link", "a")
	head(1, false, ":status", "200", "content-length", "5")
	_ = fr.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, EndHeaders: true, BlockFragment: k.block(":method", "GET", ":scheme", "http", ":authority", "a.example", ":path", "/p")})
	_ = fr.WriteDataPadded(1, true, []byte("hello"), make([]byte, 3))
	head(2, true, ":status", "204")
	head(3, false, ":status", "200")
	_ = fr.WriteData(3, false, []byte("some"))
	head(3, true, "trailer-of", "it")
	_ = fr.WritePing(false, [8]byte{1})
	_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 5})
	_ = fr.WriteWindowUpdate(0, 10)
	_ = fr.WriteRSTStream(5, http2.ErrCodeInternal)
	_ = fr.WriteGoAway(5, http2.ErrCodeNo, []byte("bye"))
}
