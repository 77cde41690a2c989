package h1_test

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// serverAborts are ways for a server to go, at every stage of the two requests
// that a client sends: what it answers, how much of the requests it then reads,
// and how it goes.
var serverAborts = []abort{
	{"without a word", "", 0, closing},
	{"without a word", "", 0, resetting},
	{"without a word", "", -1, halfClosing},
	{"within the request", "", 10, closing},
	{"within the request", "", 10, resetting},
	{"within the status-line", "HTTP/1.1 20", 0, closing},
	{"within the status-line", "HTTP/1.1 20", 0, resetting},
	{"within the fields", "HTTP/1.1 200 OK\r\nA: b", 0, closing},
	{"within the fields", "HTTP/1.1 200 OK\r\nA: b", -1, halfClosing},
	{"after an interim response", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n", 0, closing},
	{"after an interim response", "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n", 0, resetting},
	{"within content", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n0123", 0, closing},
	{"within content", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n0123", 10, resetting},
	{"within content", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n0123", -1, halfClosing},
	{"within a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n0123", 0, closing},
	{"within the trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ", 0, resetting},
	{"at the end of content", "HTTP/1.1 200 OK\r\n\r\n0123", 0, closing},
	{"within content until the end", "HTTP/1.1 200 OK\r\n\r\n0123", 0, resetting},
	{"between two responses", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 0, closing},
	{"between two responses", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", 60, resetting},
	{"saying close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", -1, closing},
	{"after both responses", strings.Repeat("HTTP/1.1 204 \r\n\r\n", 2), 0, closing},
	{"after both responses", strings.Repeat("HTTP/1.1 204 \r\n\r\n", 2), 0, resetting},
	{"after both responses", strings.Repeat("HTTP/1.1 204 \r\n\r\n", 2), -1, halfClosing},
	{"after more than both", strings.Repeat("HTTP/1.1 204 \r\n\r\n", 3), 0, closing},
	{"refusing the content", "HTTP/1.1 413 \r\nConnection: close\r\nContent-Length: 0\r\n\r\n", -1, closing},
	{"with what is no HTTP", "SSH-2.0-OpenSSH\r\n", -1, closing},
	{"with what is no HTTP", "\x15\x03\x01\x00\x02\x02\x16", 0, resetting},
	{"switching to what nobody asked for", "HTTP/1.1 101 \r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n", -1, closing},
}

// A client leaks nothing either, wherever servers leave it: neither what it has
// from the system, nor buffers, nor requests that nobody is told the end of.
func TestClientLeaksNothing(t *testing.T) {
	connections := 2000 // with each driver
	if testing.Short() {
		connections = 300
	}
	for _, s := range looptest.Setups() {
		if !strings.HasSuffix(s.Name, "/tcp") {
			continue
		}
		goroutines, files := runtime.NumGoroutine(), descriptors()
		t.Run(s.Name, func(t *testing.T) { runServerAborts(t, s, connections) })
		looptest.Eventually(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= goroutines })
		looptest.Eventually(t, "every descriptor is closed", func() bool { return descriptors() <= files })
	}
}

// clientLender is a client whose host is counted.
type clientLender struct {
	*h1.Client
	to *loans
}

func (l *clientLender) Attach(h engine.Host) { l.Client.Attach(&countingHost{h, l.to}) }

func runServerAborts(t *testing.T, s looptest.Setup, connections int) {
	var out loans
	var begun, over atomic.Int64
	head := message.RequestHead{Method: "PUT", Authority: "a", ContentLength: -1}
	begin := func(c *h1.Client) {
		for range 2 {
			x, err := c.BeginInTurn(&head)
			if err != nil {
				t.Errorf("begin: %v", err)
				return
			}
			begun.Add(1)
			x.OnOver(func(message.ClientExchange, error) { over.Add(1) })
			x.OnResponse(func(x message.ClientExchange, err error) {
				if err == nil {
					_ = x.OnContent(func(_ message.ClientExchange, p []byte, _ error) int { return len(p) })
				}
			})
			_, _ = x.Write(make([]byte, 5000))
			_ = x.WriteLent(make([]byte, 5000), func(error) {})
			_ = x.End()
		}
	}
	// The side that accepts is the client's: who dials plays the server.
	server := s.Serve(t, func(any) engine.Engine {
		return &clientLender{h1.NewClient(h1.ClientOptions{OnReady: begin, PipelinedMax: 2}), &out}
	}, loop.Options{})
	files := descriptors()

	var next, failed atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(connections); n = next.Add(1) {
				err := serverAborts[n%int64(len(serverAborts))].run(server)
				if err != nil && !errors.Is(err, syscall.ECONNRESET) && failed.Add(1) < 10 { // a request that is cut is cut by a reset
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	looptest.Eventually(t, "every connection has ended", func() bool { return server.Stats().Connections == 0 })
	looptest.Eventually(t, "every descriptor is closed", func() bool { return descriptors() <= files })
	looptest.Eventually(t, "every buffer is given back", func() bool { return out.out.Load() == 0 })
	if begun.Load() != 2*int64(connections) || over.Load() != begun.Load() {
		t.Errorf("%d requests were begun, and %d ended", begun.Load(), over.Load())
	}
	if err := server.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
