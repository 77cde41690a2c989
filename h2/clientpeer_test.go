package h2

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// Whatever frames a peer sends, and whatever the application does meanwhile, each
// exchange ends once, nothing panics, and in the end nothing is left.
func TestClientRandomPeer(t *testing.T) {
	seeds := 2000
	if testing.Short() {
		seeds = 200
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			o := ClientOptions{
				StreamsMax: 1 + r.IntN(6), WaitingMax: 4, PushesMax: 1 + r.IntN(3), ContentWindowOctets: 100 + r.IntN(1000), InterimMax: 2,
				ContentOctets: int64(r.IntN(3) * 500), Credits: Credits{Resets: 30, Pings: 30, Settings: 10, WindowUpdates: 10, Empties: 10},
			}
			begun, over := 0, 0
			onContent := func(_ message.ClientExchange, p []byte, _ error) int { return r.IntN(len(p) + 1) }
			onResponse := func(x message.ClientExchange, err error) {
				switch r.IntN(4) {
				case 0: // nobody wants it
				case 1:
					x.Reset()
				default:
					_ = x.OnContent(onContent)
				}
			}
			onOver := func(message.ClientExchange, error) { over++ }
			if r.IntN(2) == 0 {
				o.OnPush = func(p *Push) {
					if r.IntN(2) == 0 {
						begun++
						p.Exchange.OnResponse(onResponse)
						p.Exchange.OnOver(onOver)
					}
				}
			}
			k := talk(t, o)
			var xs []message.ClientExchange
			for range 60 {
				switch r.IntN(5) {
				case 0:
					k.turn(func() {
						h := message.RequestHead{Method: []string{"GET", "HEAD", "POST"}[r.IntN(3)], Authority: "a.example"}
						if h.Method == "POST" {
							h.ContentLength = -1
						}
						x, err := k.c.BeginInTurn(&h)
						if err != nil {
							return
						}
						begun++
						x.OnResponse(onResponse)
						x.OnOver(onOver)
						xs = append(xs, x.Detach())
						if h.ContentLength != 0 {
							_, _ = x.Write(make([]byte, r.IntN(100)))
							if r.IntN(2) == 0 {
								_ = x.End()
							}
						}
					})
				case 1:
					if len(xs) > 0 && r.IntN(3) == 0 {
						i := r.IntN(len(xs))
						xs[i].Close()
						xs = append(xs[:i], xs[i+1:]...)
						k.write()
					}
				default:
					k.peer(func(fr *http2.Framer) {
						fr.AllowIllegalWrites = true
						for range 1 + r.IntN(3) {
							randomFrame(k, fr, r)
						}
					})
				}
				if r.IntN(10) == 0 {
					k.expire(second / 2)
				}
			}
			k.end()
			for _, x := range xs {
				x.Close()
			}
			k.expire(second)
			k.expire(second)
			if over != begun {
				t.Errorf("%d exchanges were begun, and %d are over", begun, over)
			}
			k.sent.Reset()
		})
		if t.Failed() {
			return
		}
	}
}

// randomFrame writes a frame that is mostly allowed.
func randomFrame(k *clientTalk, fr *http2.Framer, r *rand.Rand) {
	id := uint32(1 + 2*r.IntN(int(k.c.conn.lastOurs)/2+1))
	kind := r.IntN(17)
	switch {
	case r.IntN(100) == 0: // what isn't allowed ends the connection soon
		id = uint32(r.IntN(20))
	case k.c.conn.lastOurs == 0, kind >= 13 && r.IntN(4) > 0:
		kind = 11
	}
	isEnd := r.IntN(3) == 0
	switch kind {
	case 0, 1, 2, 3:
		fields := [][]string{
			{":status", "200"},
			{":status", "200", "content-length", fmt.Sprint(r.IntN(40))},
			{":status", "103", "link", "a"},
			{":status", "304"},
			{"trailer-of", "it"},
			{":status", "999"},
			{":status", "204", "Upper", "x"},
		}
		f := fields[r.IntN(len(fields))]
		if r.IntN(4) > 0 {
			f = fields[0]
		}
		if r.IntN(5) == 0 {
			b := k.block(f...)
			_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: b[:1], EndStream: isEnd})
			_ = fr.WriteContinuation(id, true, b[1:])
			return
		}
		k.headers(fr, id, isEnd, f...)
	case 4, 5, 6, 7:
		_ = fr.WriteDataPadded(id, isEnd, make([]byte, r.IntN(60)), make([]byte, r.IntN(9)))
	case 8:
		_ = fr.WriteRSTStream(id, http2.ErrCode(r.IntN(14)))
	case 9:
		_ = fr.WriteWindowUpdate(uint32(r.IntN(2))*id, uint32(r.IntN(1000)))
	case 10:
		_ = fr.WriteSettings(http2.Setting{ID: []http2.SettingID{http2.SettingMaxConcurrentStreams, http2.SettingInitialWindowSize, http2.SettingHeaderTableSize}[r.IntN(3)], Val: uint32(r.IntN(200))})
	case 11:
		_ = fr.WritePing(r.IntN(2) == 0, [8]byte{byte(r.IntN(3))})
	case 12:
		if r.IntN(10) == 0 {
			_ = fr.WriteGoAway(uint32(r.IntN(16)), http2.ErrCode(r.IntN(14)), []byte("debug"))
		}
	case 13:
		if k.c.options.OnPush == nil {
			return
		}
		authority := []string{"a.example", "b.example"}[r.IntN(2)]
		_ = fr.WritePushPromise(http2.PushPromiseParam{
			StreamID: id, PromiseID: k.c.conn.lastPeers + 2*uint32(1-r.IntN(30)/29), EndHeaders: true,
			BlockFragment: k.block(":method", []string{"GET", "POST"}[r.IntN(2)], ":scheme", "http", ":authority", authority, ":path", "/"),
		})
	case 14:
		_ = fr.WritePriority(id, http2.PriorityParam{StreamDep: uint32(r.IntN(9))})
	default:
		_ = fr.WriteRawFrame(http2.FrameType(r.IntN(20)), http2.Flags(r.IntN(64)), id, make([]byte, r.IntN(20)))
	}
}
