package h2_test

import (
	"bytes"
	"io"
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// requestBlock is a field block of a request that refers to nothing before it.
func requestBlock() []byte {
	var b bytes.Buffer
	enc := hpack.NewEncoder(&b)
	enc.SetMaxDynamicTableSize(0)
	for _, f := range [][2]string{{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}, {":path", "/"}} {
		_ = enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]})
	}
	return b.Bytes()
}

// begun is the framer of a client that has begun.
func begun(c looptest.Client) *http2.Framer {
	_, _ = io.WriteString(c, h2.Preface)
	fr := http2.NewFramer(c, c)
	_ = fr.WriteSettings()
	return fr
}

// A peer that resets what it asks for as fast as it can is cut, others are served
// meanwhile, and the heap stays small.
func TestRapidResetUnderDrivers(t *testing.T) {
	block := requestBlock()
	for _, s := range looptest.Setups() {
		t.Run(s.Name, func(t *testing.T) {
			service := h2.NewService(h2.Options{
				Executor: anyExecutor{}, OnPanic: func(v any) { t.Errorf("panic: %v", v) },
				Handler: message.HandlerFunc(func(x message.Exchange) {
					if _, isAttacked := x.About().(bool); isAttacked {
						_ = x.Wait()
						return
					}
					_ = x.Respond(200, nil, []byte("hello"))
				}),
			})
			var hasBegun atomic.Bool
			server := s.Serve(t, func(any) engine.Engine {
				if !hasBegun.Swap(true) {
					return service.NewServer(true)
				}
				return service.NewServer(nil)
			}, loop.Options{})
			attacker := server.Dial()
			fr := begun(attacker)
			if f, err := fr.ReadFrame(); err != nil || f.Header().Type != http2.FrameSettings {
				t.Fatalf("the server begins with %v, %v", f, err)
			}
			go func() {
				for id := uint32(1); id < 2_000_000; id += 2 {
					if fr.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndStream: true, EndHeaders: true}) != nil ||
						fr.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
						return
					}
				}
			}()
			honest := begun(server.Dial())
			for id := uint32(1); id < 20; id += 2 {
				_ = honest.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndStream: true, EndHeaders: true})
				for {
					f, err := honest.ReadFrame()
					if err != nil {
						t.Fatalf("the other peer isn't served: %v", err)
					}
					if d, ok := f.(*http2.DataFrame); ok && d.StreamEnded() && f.Header().StreamID == id {
						break
					}
				}
			}
			for {
				f, err := fr.ReadFrame()
				if err != nil {
					t.Fatalf("the attacker isn't told: %v", err)
				}
				if g, ok := f.(*http2.GoAwayFrame); ok {
					if g.ErrCode != http2.ErrCodeEnhanceYourCalm || g.LastStreamID > 4001 { // a thousand, and as many that a minute gives back
						t.Errorf("the attacker is told %v at stream %d", g.ErrCode, g.LastStreamID)
					}
					break
				}
			}
			attacker.Close()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapAlloc > 64<<20 {
				t.Errorf("the heap is %d octets", m.HeapAlloc)
			}
		})
	}
}
