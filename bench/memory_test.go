package bench

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
	"github.com/valyala/fasthttp"
)

const body = "Hello, World!"

var (
	fields  = []message.Field{{Name: "Content-Type", Value: "text/plain"}}
	content = []byte(body)
	service = h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, fields, content)
	}))})
	contentType, contentLength = []string{"text/plain"}, []string{"13"}
)

// servers serve n requests over a script.
var servers = []struct {
	name  string
	serve func(s *script, n int)
}{
	{"Engine", serveEngine},
	{"Run", func(s *script, _ int) { _ = loop.Run(context.Background(), s, service.NewServer(nil), loop.Options{}) }},
	{"Fasthttp", func(s *script, _ int) {
		server := fasthttp.Server{Handler: func(c *fasthttp.RequestCtx) { c.SetContentType("text/plain"); c.SetBody(content) }}
		_ = server.ServeConn(conn{s})
	}},
	{"NetHTTP", func(s *script, _ int) {
		server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = contentType
			w.Header()["Content-Length"] = contentLength
			_, _ = w.Write(content)
		})}
		go func() { _ = server.Serve(&listener{conn{s}, s.done}) }()
		<-s.done
	}},
}

// serveEngine is what a driver does, and no more.
func serveEngine(s *script, n int) {
	e := service.NewServer(nil)
	e.Attach(new(host))
	buffer := make([]byte, 16<<10)
	for range n {
		k, _ := s.Read(buffer)
		for b := buffer[:k]; len(b) > 0; b = b[e.Read(b):] {
		}
		for op, v := e.NextWrite(); op == engine.Write; op, v = e.NextWrite() {
			k, _ := s.Write(v[0])
			e.ReportWrite(k, nil)
		}
	}
}

// host is what serveEngine offers to its engine: a clock that stands still, and
// the buffers that it was given back.
type host struct {
	sync.Mutex
	pool [][]byte
}

func (*host) Now() (mono, unix int64) { return 1, 784111777 }
func (*host) Wake()                   {}
func (*host) Wait()                   {}
func (*host) Signal()                 {}
func (*host) Keep(_, _ any)           {}
func (*host) Take(any) (any, int64)   { return nil, 1e9 }
func (h *host) Put(b []byte)          { h.pool = append(h.pool, b) }
func (h *host) Get(n int) []byte {
	if k := len(h.pool) - 1; k >= 0 && cap(h.pool[k]) >= n {
		b := h.pool[k]
		h.pool = h.pool[:k]
		return b
	}
	return make([]byte, 0, max(n, 4<<10))
}

// request is one request by its name; with CORPUS set, it is a file there.
func request(tb testing.TB, name string) []byte {
	if dir := os.Getenv("CORPUS"); dir != "" {
		b, err := os.ReadFile(dir + "/" + name + ".req")
		if err != nil {
			tb.Fatal(err)
		}
		return b
	}
	switch name {
	case "min":
		return []byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	case "browser":
		return []byte("GET /articles/2026/11/on-reading-octets.html HTTP/1.1\r\nHost: www.example.org\r\n" +
			"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
			"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.7,de;q=0.3\r\n" +
			"Accept-Encoding: gzip, deflate, br, zstd\r\nReferer: https://www.example.org/articles/\r\nConnection: keep-alive\r\n" +
			"Cookie: session=00112233445566778899aabbccddeeff; theme=dark; visited=2026-11-21; consent=none; locale=en-GB\r\n" +
			"Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\nPriority: u=0, i\r\n\r\n")
	}
	return []byte("GET /api/items?limit=50 HTTP/1.1\r\nHost: shop.example.com\r\nAuthorization: Bearer " +
		strings.Repeat("abcdefgh", 40) + "\r\nCookie: " + strings.Repeat("name=0123456789abcdef; ", 110) + "end=1\r\n\r\n")
}

var requests = []string{"browser", "min", "long"}

// Every server answers every request, so that what is compared is the same.
func TestServers(t *testing.T) {
	for _, server := range servers {
		for _, name := range requests {
			t.Run(server.name+"/"+name, func(t *testing.T) {
				s := newScript(request(t, name), 3)
				server.serve(s, 3)
				if err := s.check(3); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func benchmark(b *testing.B, server string) {
	for _, name := range requests {
		b.Run(name, func(b *testing.B) {
			s := newScript(request(b, name), b.N)
			b.SetBytes(int64(len(s.request)))
			b.ReportAllocs()
			b.ResetTimer()
			for i := range servers {
				if servers[i].name == server {
					servers[i].serve(s, b.N)
				}
			}
			b.StopTimer()
			if err := s.check(b.N); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkEngine(b *testing.B)   { benchmark(b, "Engine") }
func BenchmarkRun(b *testing.B)      { benchmark(b, "Run") }
func BenchmarkFasthttp(b *testing.B) { benchmark(b, "Fasthttp") }
func BenchmarkNetHTTP(b *testing.B)  { benchmark(b, "NetHTTP") }
