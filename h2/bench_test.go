package h2

import (
	"bytes"
	"testing"

	"golang.org/x/net/http2/hpack"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// benchHost is a host that pools its buffers, on one goroutine.
type benchHost struct {
	free []([]byte)
	kept []any
	now  int64
}

func (h *benchHost) Now() (mono, unix int64) { return h.now + 1, 1_800_000_000 }
func (h *benchHost) Wake()                   {}
func (h *benchHost) Get(n int) []byte {
	if k := len(h.free) - 1; k >= 0 && cap(h.free[k]) >= n {
		b := h.free[k]
		h.free = h.free[:k]
		return b[:0]
	}
	return make([]byte, 0, max(n, 64<<10))
}
func (h *benchHost) Put(b []byte)          { h.free = append(h.free, b) }
func (h *benchHost) Keep(_, v any)         { h.kept = append(h.kept, v) }
func (h *benchHost) Take(any) (any, int64) { return nil, 1 << 60 }
func (h *benchHost) Lock()                 {}
func (h *benchHost) Unlock()               {}
func (h *benchHost) Wait()                 { panic("a handler waits") }
func (h *benchHost) Signal()               {}

var _ engine.Host = (*benchHost)(nil)

// benchRequests are requests as h2load makes them: after the first, all fields are
// indexed. other asks for something else.
func benchRequests() (preface, first, block, other []byte) {
	var buffer bytes.Buffer
	e := hpack.NewEncoder(&buffer)
	section := func(path string) []byte {
		buffer.Reset()
		for _, f := range [][2]string{{":path", path}, {":scheme", "http"}, {":authority", "127.0.0.1:9100"}, {":method", "GET"}, {"user-agent", "h2load nghttp2/1.52.0"}} {
			_ = e.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}) // a buffer has no errors
		}
		return bytes.Clone(buffer.Bytes())
	}
	preface = frames.AppendSettingsAck(frames.AppendSettingsFrame([]byte(Preface)))
	return preface, section("/"), section("/"), section("/index.html")
}

// BenchmarkServer answers 100 requests of one read, as under h2load -m 100.
func BenchmarkServer(b *testing.B) {
	preface, first, block, _ := benchRequests()
	benchServer(b, preface, first, block, block)
}

// BenchmarkServerOther is BenchmarkServer for requests none of which is like the
// one before, so that each is decoded and checked.
func BenchmarkServerOther(b *testing.B) {
	preface, first, block, other := benchRequests()
	benchServer(b, preface, first, block, other)
}

// benchServer answers requests, of which every other one is the same.
func benchServer(b *testing.B, preface, first []byte, blocks ...[]byte) {
	hello, plain := []byte("Hello, World!"), []message.Field{{Name: "Content-Type", Value: "text/plain"}}
	service := NewService(Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		if err := x.Respond(message.StatusOK, plain, hello); err != nil {
			b.Error(err)
		}
	}))})
	s := service.NewServer(nil)
	h := &benchHost{}
	s.Attach(h)
	id := uint32(1)
	var in []byte
	turn := func(n int, blocks ...[]byte) {
		in = in[:0]
		for i := range n {
			block := blocks[i%len(blocks)]
			in = frames.AppendHeader(in, frames.Header{Length: uint32(len(block)), Type: frames.TypeHeaders, Flags: frames.FlagEndStream | frames.FlagEndHeaders, StreamID: id})
			in = append(in, block...)
			id += 2
		}
		in = frames.AppendWindowUpdateFrame(in, 0, uint32(13*n))
		if k := s.Read(in); k != len(in) {
			b.Fatalf("%d of %d octets", k, len(in))
		}
		op, v := s.NextWrite()
		total := 0
		for _, p := range v {
			total += len(p)
		}
		if op != engine.Write || total < 30*n {
			b.Fatalf("%v of %d octets", op, total)
		}
		s.ReportWrite(total, nil)
		h.now += 1000 * int64(n)
	}
	if k := s.Read(preface); k != len(preface) {
		b.Fatal(k)
	}
	turn(1, first)
	b.ReportAllocs()
	for b.Loop() {
		turn(100, blocks...)
		if id > 1<<30 {
			b.Fatal("the streams are used up")
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/request")
}
