package h1

import (
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// steadyHost is a host that gives the same buffers out again.
func steadyHost() *testHost {
	h := newTestHost()
	h.reuse = true
	return h
}

// turn is what a driver does with octets that have arrived.
func turn(s *Server, b []byte) int {
	for len(b) > 0 {
		b = b[s.Read(b):]
	}
	n := 0
	for op, v := s.NextWrite(); op == engine.Write; op, v = s.NextWrite() {
		size := 0
		for _, b := range v {
			size += len(b)
		}
		s.ReportWrite(size, nil)
		n += size
	}
	return n
}

var (
	static  = []message.Field{{Name: "Content-Type", Value: "text/plain"}, {Name: "Server", Value: "specht"}}
	content = []byte("hello, world")
)

func respond(x message.Exchange) { _ = x.Respond(message.StatusOK, static, content) }

// browser is a head as browsers send it.
const browser = "GET /articles/2026/11/on-reading-octets.html HTTP/1.1\r\nHost: www.example.org\r\n" +
	"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
	"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.7,de;q=0.3\r\n" +
	"Accept-Encoding: gzip, deflate, br, zstd\r\nReferer: https://www.example.org/articles/\r\nConnection: keep-alive\r\n" +
	"Cookie: session=00112233445566778899aabbccddeeff; theme=dark; visited=2026-11-21; consent=none; locale=en-GB\r\n" +
	"Sec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nPriority: u=0, i\r\n\r\n"

func steadyServer(o Options) *Server {
	s := NewService(o).NewServer(nil)
	s.Attach(steadyHost())
	return s
}

func TestAllocations(t *testing.T) {
	stream := func(x message.Exchange) {
		_ = x.Start(message.StatusOK, static, -1)
		_, _ = x.Write(content)
		_ = x.End()
	}
	onContent := func(x message.Exchange, p []byte, err error) int {
		if err == message.ErrEnd {
			respond(x)
		}
		return len(p)
	}
	upload := func(x message.Exchange) { _ = x.OnContent(onContent) }
	var p [64]byte
	read := func(x message.Exchange) {
		for {
			if _, err := x.Read(p[:]); err != nil {
				break
			}
		}
		respond(x)
	}
	tests := []struct {
		name    string
		handler func(message.Exchange)
		octets  string
	}{
		{"GET", respond, get},
		{"a browser's GET", respond, browser},
		{"pipelined", respond, strings.Repeat(get, 16)},
		{"POST", upload, length + "hello"},
		{"chunked", upload, post + "5\r\nhello\r\n0\r\nx: y\r\n\r\n"},
		{"100-continue", upload, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nhello"},
		{"stream", stream, get},
		{"discard", respond, length + "hello"},
		{"late POST", read, length + "hello"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := steadyServer(inline(test.handler))
			if test.name == "late POST" {
				if invariants {
					t.Skip("exchanges aren't used again")
				}
				s = steadyServer(Options{Handler: message.HandlerFunc(read), Executor: new(oneWorker)})
			}
			b := []byte(test.octets)
			if n := testing.AllocsPerRun(100, func() {
				turn(s, b)
				if w, ok := s.service.Executor.(*oneWorker); ok {
					w.run()
					turn(s, nil)
				}
			}); n != 0 {
				t.Errorf("%v allocations", n)
			}
			if s.first != nil || s.isLast {
				t.Error("not answered")
			}
		})
	}
}

// oneWorker runs a task when it is told to.
type oneWorker struct{ task engine.Task }

func (w *oneWorker) Execute(t engine.Task) bool { w.task = t; return true }
func (w *oneWorker) run() {
	if t := w.task; t != nil {
		w.task = nil
		t.Run()
	}
}

func BenchmarkServer(b *testing.B) {
	for _, bench := range []struct{ name, octets string }{
		{"minimal", get}, {"browser", browser}, {"pipelined16", strings.Repeat(get, 16)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := steadyServer(inline(respond))
			octets := []byte(bench.octets)
			b.ReportAllocs()
			b.SetBytes(int64(len(octets)))
			for b.Loop() {
				turn(s, octets)
			}
		})
	}
}
