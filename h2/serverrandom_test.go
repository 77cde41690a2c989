package h2

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// Whatever frames a peer sends, and whatever the application does meanwhile, each
// exchange ends once, what is lent comes back once, nothing panics, and in the
// end nothing is left.
func TestServerRandomPeer(t *testing.T) {
	seeds := 2000
	if testing.Short() {
		seeds = 300
	}
	for seed := range seeds {
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		begun, over, lent, back := 0, 0, 0, 0
		var xs []message.Exchange
		o := inline(func(x message.Exchange) {
			begun++
			x.OnOver(func(message.Exchange, error) { over++ })
			for range 3 {
				switch r.IntN(12) {
				case 0:
					_ = x.Respond(200, nil, make([]byte, r.IntN(300)))
				case 1, 2:
					_ = x.OnContent(func(x message.Exchange, p []byte, err error) int {
						if err == message.ErrEnd && r.IntN(2) == 0 {
							_ = x.Respond(200, nil, make([]byte, r.IntN(300)))
						}
						return r.IntN(len(p) + 1)
					})
				case 3:
					_ = x.Interim(103, nil)
				case 4, 5:
					_ = x.Start(200, nil, -1)
				case 6:
					_, _ = x.Write(make([]byte, r.IntN(300)))
				case 7:
					lent++
					_ = x.WriteLent(make([]byte, r.IntN(300)), func(error) { back++ })
				case 8:
					_ = x.End(message.Field{Name: "Trailer-Of", Value: "it"})
				case 9:
					x.Reset()
				case 10:
					if r.IntN(3) == 0 {
						panic("of a handler")
					}
				case 11:
					xs = append(xs, x.Detach())
					return
				}
			}
		})
		o.OnPanic = func(v any) {
			if v != "of a handler" {
				t.Errorf("panic: %v", v)
			}
		}
		o.StreamsMax, o.ContentWindowOctets, o.ContentOctets = 1+r.IntN(6), 100+r.IntN(1000), int64(r.IntN(3)*500)
		o.WriteWindowOctets = 100 + r.IntN(1000)
		o.Credits = Credits{Resets: 30, Settings: 10, WindowUpdates: 10, Empties: 10}
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			p := serve(t, o, http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(r.IntN(500))})
			p.kept = 1000
			p.step = r.IntN(40)
			for range 60 {
				p.say(func(fr *http2.Framer) {
					for range 1 + r.IntN(4) {
						randomRequestFrame(p, fr, r)
					}
				})
				if len(xs) > 0 && r.IntN(3) == 0 {
					x := xs[r.IntN(len(xs))]
					switch r.IntN(4) {
					case 0:
						_ = x.Respond(200, nil, make([]byte, r.IntN(100)))
					case 1:
						_ = x.Start(200, nil, -1)
						_ = x.End()
					case 2:
						x.Reset()
					case 3:
						x.Resume()
					}
					p.write()
				}
				if r.IntN(10) == 0 {
					p.pass(second)
				}
			}
			if r.IntN(2) == 0 {
				p.h.Lock()
				p.s.Shutdown()
				p.h.Unlock()
				p.pass(second)
			}
			p.frames()
			p.close()
			if over != begun || lent != back {
				t.Errorf("%d exchanges have begun, and %d are over; %d lent, and %d given back", begun, over, lent, back)
			}
		})
		if t.Failed() {
			return
		}
	}
}

// randomRequestFrame writes a frame that is mostly allowed.
func randomRequestFrame(p *serverPeer, fr *http2.Framer, r *rand.Rand) {
	id := uint32(1 + 2*r.IntN(int(p.last)/2+1))
	isEnd := r.IntN(3) == 0
	switch kind := r.IntN(16); {
	case kind < 5:
		fields := asking([]string{"GET", "HEAD", "POST"}[r.IntN(3)], "/")
		switch r.IntN(14) {
		case 0:
			fields = append(fields, "content-length", fmt.Sprint(r.IntN(100)))
		case 1:
			fields = append(fields, "expect", "100-continue")
		case 2:
			fields = append(fields, "priority", "u=1, i")
		case 3:
			fields = fields[2:]
		case 4:
			if p.s != nil { // the answer is ours, and has content, which waits for windows
				fields = append(fields, "expect", "200-ok", "content-length", fmt.Sprint(r.IntN(3)))
			}
		case 5:
			if p.s != nil { // likewise
				fields = []string{":method", "CONNECT", ":authority", "a.example:1"}
			}
		}
		p.write1(isEnd, fields...)
	case kind < 9:
		_ = fr.WriteDataPadded(id, isEnd, make([]byte, r.IntN(60)), make([]byte, r.IntN(9)))
	case kind == 9:
		_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: p.block([]string{"sum", "1"}[:2*r.IntN(2)]...), EndStream: isEnd || r.IntN(4) > 0, EndHeaders: true})
	case kind == 10:
		_ = fr.WriteRSTStream(id, http2.ErrCode(r.IntN(14)))
	case kind == 11:
		_ = fr.WriteWindowUpdate(uint32(r.IntN(2))*id, uint32(1+r.IntN(1000)))
	case kind == 12:
		_ = fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(r.IntN(500))},
			http2.Setting{ID: http2.SettingHeaderTableSize, Val: 4096 * uint32(r.IntN(2))}) // x/net can't take two sizes but for 0 and another
	case kind == 13:
		_ = fr.WritePriority(id, http2.PriorityParam{StreamDep: uint32(r.IntN(9))})
	case kind == 14:
		_ = fr.WriteRawFrame(0x10, 0, 0, append([]byte{0, 0, 0, byte(id)}, fmt.Sprintf("u=%d", r.IntN(9))...))
	case r.IntN(20) == 0: // longer than a frame may be
		_ = fr.WriteRawFrame(http2.FrameData, 0, id, make([]byte, 16385))
	case r.IntN(20) == 0:
		_ = fr.WriteRawFrame(http2.FrameType(r.IntN(20)), http2.Flags(r.IntN(64)), id, make([]byte, r.IntN(20)))
	}
}

// What a peer may do to a stream, and what comes of it, is what the table of
// streams says: a walk that knows nothing else foretells what the server does.
func TestServerWalksTable(t *testing.T) {
	walks := 3000
	if testing.Short() {
		walks = 500
	}
	for seed := range walks {
		r := rand.New(rand.NewPCG(uint64(seed), 4))
		p := serve(t, Options{
			Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) { x.Detach() })),
			Credits: Credits{Resets: -1, WindowUpdates: -1, Priorities: -1, Empties: -1},
		})
		p.kept = 100
		states := map[uint32]StreamState{}
		highest := uint32(0)
		var walk []string
		for range 20 {
			id := uint32(1 + 2*r.IntN(6))
			if r.IntN(8) == 0 {
				id = uint32(2 + 2*r.IntN(3))
			}
			isEnd := r.IntN(3) == 0
			e := []StreamStateEvent{
				StreamStateOnReceivedHeaders, StreamStateOnReceivedData, StreamStateOnReceivedReset,
				StreamStateOnReceivedWindowUpdate, StreamStateOnReceivedPriority,
			}[r.IntN(5)]
			state := states[id]
			if state == StreamStateOpen && e == StreamStateOnReceivedHeaders {
				isEnd = true // trailers
			}
			if id%2 == 1 && highest > id && state == StreamStateIdle {
				state = StreamStateIdle.On(StreamStateOnSkipped).Next
			}
			if id%2 == 0 && e == StreamStateOnReceivedHeaders {
				e = StreamStateOnReceivedUnexpectedHeaders // a stream of ours
			}
			a := state.On(e)
			next, scope, code := a.Next, a.Scope, a.Code
			if scope == frames.ScopeNone && !a.Ignore && isEnd && (e == StreamStateOnReceivedHeaders || e == StreamStateOnReceivedData) {
				next = next.On(StreamStateOnReceivedEnd).Next
			}
			p.say(func(fr *http2.Framer) {
				switch e {
				case StreamStateOnReceivedHeaders, StreamStateOnReceivedUnexpectedHeaders:
					fields := asking("GET", "/")
					if state != StreamStateIdle {
						fields = []string{"trailer-of", "it"}
					}
					_ = fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: p.block(fields...), EndStream: isEnd, EndHeaders: true})
				case StreamStateOnReceivedData:
					_ = fr.WriteData(id, isEnd, []byte("x"))
				case StreamStateOnReceivedReset:
					_ = fr.WriteRSTStream(id, http2.ErrCodeCancel)
				case StreamStateOnReceivedWindowUpdate:
					_ = fr.WriteWindowUpdate(id, 1)
				case StreamStateOnReceivedPriority:
					_ = fr.WritePriority(id, http2.PriorityParam{StreamDep: id + 2})
				}
			})
			walk = append(walk, fmt.Sprintf("%v on %d, which is %v, end %v", e, id, state, isEnd))
			got, want := "", ""
			for _, f := range p.frames() {
				got += f
			}
			switch scope {
			case frames.ScopeConnection:
				want = fmt.Sprintf("GOAWAY %d %v", highest, code)
			case frames.ScopeStream:
				want = fmt.Sprintf("RST_STREAM %d %v", id, code)
				next = state.On(StreamStateOnSentReset).Next
			}
			if got != want {
				t.Fatalf("seed %d: after %q the server has sent %q, want %q", seed, walk, got, want)
			}
			if scope == frames.ScopeConnection {
				break
			}
			states[id] = next
			if id%2 == 1 && e == StreamStateOnReceivedHeaders {
				highest = max(highest, id)
			}
		}
	}
}
