package h2

import (
	"io"
	"runtime"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// TestSlowReaders holds what peers can make a server keep that ask for much, give no
// window, and read nothing: of each connection OutputOctets, and a little of each
// stream. Others are served meanwhile, and when they go, all of it is given back.
func TestSlowReaders(t *testing.T) {
	const (
		connections, streams = 10, 100
		output, window       = 128 << 10, 32 << 10
		most                 = output + window + streams*littleOctets // octets a connection
	)
	for _, s := range setups() {
		if s.Name != "goroutine/tcp" && s.Name != "poll/tcp" && s.Name != "poll/tcp tls" {
			continue
		}
		t.Run(s.Name, func(t *testing.T) {
			var begun, over atomic.Int32
			service := NewService(Options{
				Executor: goes{}, OnPanic: func(v any) { t.Errorf("panic: %v", v) }, OutputOctets: output, WriteWindowOctets: window,
				Handler: message.HandlerFunc(func(x message.Exchange) {
					if string(x.Target()) == "/" {
						hello(x)
						return
					}
					_ = x.Start(200, nil, -1)
					begun.Add(1)
					if n, err := x.Write(content); err == nil || n > most {
						t.Errorf("%d octets were written, %v", n, err)
					}
					over.Add(1)
				}),
			})
			engines := make(chan *Server, connections)
			server := s.Serve(t, func(any) engine.Engine {
				e := service.NewServer(nil)
				select {
				case engines <- e:
				default: // the honest one
				}
				return e
			}, loop.Options{Pool: loop.NewPool(1 << 20)})
			before := memoryOctets()
			var slow []looptest.Client
			for range connections {
				c := server.Dial()
				slow = append(slow, c)
				p := begunOver(c)
				p.in.Reset()
				p.in.WriteString(Preface)
				_ = p.fr.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0})
				_ = p.fr.WriteSettingsAck()
				for range streams {
					p.write1(true, asking("GET", "/much")...)
				}
				_, _ = p.in.WriteTo(c)
				go func() { _, _ = io.Copy(io.Discard, c) }() // but what has no window isn't sent
			}
			looptest.Eventually(t, "all have begun", func() bool { return begun.Load() == connections*streams })
			all := 0
			for range connections {
				e := <-engines
				e.host.Lock()
				if e.held > most {
					t.Errorf("a connection holds %d octets, want at most %d", e.held, most)
				}
				all += e.held
				e.host.Unlock()
			}
			// Each stream has a stack, buffers are larger than what is in them, and there is TLS.
			if grown := memoryOctets() - before; grown > connections*(2*most+streams*16<<10) {
				t.Errorf("%d octets are held for %d of content", grown, all)
			}
			honest := begunOver(server.Dial())
			honest.write1(true, asking("GET", "/")...)
			_, _ = honest.in.WriteTo(honest.flow)
			wanted(t, honest.fr, "DATA 1 END_STREAM")
			if over.Load() != 0 {
				t.Errorf("%d writes have ended", over.Load())
			}
			for _, c := range slow {
				c.Close()
			}
			looptest.Eventually(t, "all have ended", func() bool { return over.Load() == connections*streams })
			looptest.Eventually(t, "the memory is given back", func() bool { return memoryOctets()-before < 4<<20 })
		})
	}
}

// content is more than anybody lets be queued.
var content = make([]byte, 1<<20)

func memoryOctets() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}
