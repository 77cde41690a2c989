package h1_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// app is an application that answers in all ways, by target.
func app(x message.Exchange) {
	switch target := string(x.Target()); target {
	case "/echo":
		var all []byte
		p := make([]byte, 700)
		for {
			n, err := x.Read(p)
			all = append(all, p[:n]...)
			if errors.Is(err, message.ErrEnd) {
				break
			}
			if err != nil {
				return
			}
		}
		_ = x.Respond(message.StatusOK, nil, all)
	case "/stream":
		_ = x.Start(message.StatusOK, nil, -1)
		for i := range 3 {
			_, _ = fmt.Fprintf(writer{x}, "line %d\n", i)
			_ = x.Flush()
		}
		_ = x.End()
	case "/big":
		_ = x.Start(message.StatusOK, nil, 1<<20)
		line := []byte(strings.Repeat("0123456789abcde\n", 64))
		for range 1024 {
			if _, err := x.Write(line); err != nil {
				return
			}
		}
		_ = x.End()
	default:
		_ = x.Respond(message.StatusOK, []message.Field{{Name: "Content-Type", Value: "text/plain"}}, []byte("you asked for "+target))
	}
}

type writer struct{ x message.Exchange }

func (w writer) Write(p []byte) (int, error) { return w.x.Write(p) }

// newService is app on goroutines.
func newService(t *testing.T) *h1.Service {
	w := loop.NewWorkers(loop.WorkersOptions{Max: 100})
	t.Cleanup(func() {
		if err := w.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return h1.NewService(h1.Options{Handler: message.HandlerFunc(app), Executor: w})
}

// varying is what depends on the time of day, and on whether content had
// arrived when it was asked for.
var varying = regexp.MustCompile(`Date: [^\r]*\r\n|HTTP/1.1 100 Continue\r\n\r\n`)

// TestConversations holds the same conversations under every driver, over every
// kind of flow.
func TestConversations(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	large := strings.Repeat("all work and no play ", 20_000)
	conversations := []struct{ name, in, out string }{
		{
			"keep-alive, then close",
			"GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /c HTTP/1.1\r\nHost: x\r\n\r\n",
			ok + "Content-Type: text/plain\r\nContent-Length: 16\r\n\r\nyou asked for /a" +
				ok + "Content-Type: text/plain\r\nContent-Length: 16\r\nConnection: close\r\n\r\nyou asked for /b",
		},
		{
			"HTTP/1.0",
			"GET /a HTTP/1.0\r\n\r\n",
			ok + "Content-Type: text/plain\r\nContent-Length: 16\r\nConnection: close\r\n\r\nyou asked for /a",
		},
		{
			"content of known length",
			"POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 420000\r\n\r\n" + large,
			ok + "Content-Length: 420000\r\nConnection: close\r\n\r\n" + large,
		},
		{
			"chunks in, chunks out",
			"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n2\r\n, \r\n05\r\nworld\r\n0\r\nT: v\r\n\r\n" +
				"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			ok + "Content-Length: 12\r\n\r\nhello, world" +
				ok + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n7\r\nline 0\n\r\n7\r\nline 1\n\r\n7\r\nline 2\n\r\n0\r\n\r\n",
		},
		{
			"expectation",
			"POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi",
			ok + "Content-Length: 2\r\nConnection: close\r\n\r\nhi",
		},
		{
			"more than anybody queues",
			"GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			ok + "Content-Length: 1048576\r\nConnection: close\r\n\r\n" + strings.Repeat("0123456789abcde\n", 65536),
		},
	}
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			service := newService(t)
			for _, c := range conversations {
				if strings.Contains(s.Name, "mem ") && len(c.in)+len(c.out) > 100_000 {
					continue // an octet at a time takes its time
				}
				t.Run(c.name, func(t *testing.T) {
					got := varying.ReplaceAllString(s.Talk(t, service.NewServer(nil), c.in), "")
					if got != c.out {
						t.Errorf("received %.600q, expected %.600q", got, c.out)
					}
				})
			}
			t.Run("refusal", func(t *testing.T) {
				in := "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
				got := s.Talk(t, service.NewServer(nil), in)
				if !strings.Contains(got, "you asked for /a") || !strings.Contains(got, "HTTP/1.1 400 Bad Request\r\n") || !strings.Contains(got, "Connection: close\r\n") || strings.Contains(got, "/smuggled") {
					t.Errorf("received %q", got)
				}
			})
		})
	}
}

// TestKeepAliveDoesNotAllocate asks for the same thing again and again, under
// both drivers, over memory: engine, driver and flow together.
func TestKeepAliveDoesNotAllocate(t *testing.T) {
	if h1.Invariants {
		t.Skip("with the tag invariants windows are copied")
	}
	fields := []message.Field{{Name: "Content-Type", Value: "text/plain"}}
	content := []byte("Hello, World!")
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, fields, content)
	}))})
	request := []byte("GET / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: test\r\n\r\n")
	for _, s := range looptest.Mem() {
		t.Run(s.Name, func(t *testing.T) {
			client := s.Start(t, service.NewServer(nil))
			if _, err := client.Write(request); err != nil {
				t.Fatal(err)
			}
			first := make([]byte, 1000)
			n := 0
			for !strings.HasSuffix(string(first[:n]), "Hello, World!") {
				k, err := client.Read(first[n:])
				if err != nil {
					t.Fatal(err)
				}
				n += k
			}
			answer := make([]byte, n)
			if n := testing.AllocsPerRun(300, func() {
				if _, err := client.Write(request); err != nil {
					t.Fatal(err)
				}
				if _, err := io.ReadFull(client, answer); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%v allocations a request", n)
			}
		})
	}
}
