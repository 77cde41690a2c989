package h2

import (
	"math/rand/v2"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/message"
)

// Whatever a peer has said, and however it falls silent, in the middle of a frame
// too: a connection that is shut down ends, as soon as the application has
// answered and its times are over; and so does one that isn't shut down.
func TestServerSilentPeerEnds(t *testing.T) {
	seeds := 1000
	if testing.Short() {
		seeds = 150
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 7))
		var held []message.Exchange
		o := inline(func(x message.Exchange) {
			switch r.IntN(5) {
			case 0:
				_ = x.Respond(200, nil, make([]byte, r.IntN(100_000)))
			case 1:
				_ = x.OnContent(func(x message.Exchange, b []byte, err error) int {
					if err != nil {
						_ = x.Respond(200, nil, nil)
					}
					return len(b)
				})
			case 2:
				_ = x.Start(200, nil, -1)
				held = append(held, x.Detach())
			default:
				held = append(held, x.Detach())
			}
		})
		p := serve(t, o, http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(r.IntN(3) * 30_000)})
		p.kept = 1000
		octets := randomRequests(r, 1+r.IntN(40))
		isShut := false
		for _, b := range [][]byte{octets[:len(octets)/2], octets[len(octets)/2 : len(octets)-r.IntN(5)]} {
			if r.IntN(3) == 0 {
				p.h.Lock()
				p.s.Shutdown()
				p.h.Unlock()
				p.write()
				isShut = true
			}
			p.left = p.offer(append(p.left, b...))
		}
		for _, x := range held {
			_, _ = x.Write(make([]byte, r.IntN(50_000)))
			if x.End() != nil {
				x.Reset()
			}
		}
		p.write()
		p.pass(400 * second)
		if op := p.s.NextRead(); op.String() != "Close" || !p.s.Closed() {
			t.Fatalf("seed %d: shut down: %v; after 400 s reading is %v, %d exchanges and %d streams are open, and the deadline is %d", seed, isShut, op, p.s.open, p.s.conn.Open(), p.s.Deadline())
		}
	}
}
