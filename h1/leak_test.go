package h1_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// abort is a way for one end to go: what it sends, how many octets it then
// reads (-1 for all, which ends it), and how it goes.
type abort struct {
	stage string
	send  string
	read  int
	how   going
}

// aborts are ways for a client to go, at every stage of an exchange.
var aborts = []abort{
	{"after connecting", "", 0, closing},
	{"after connecting", "", 0, resetting},
	{"after connecting", "", -1, halfClosing},
	{"within the request-line", "GET /he", 0, closing},
	{"within the request-line", "GET /he", 0, resetting},
	{"within the request-line", "GET /he", -1, halfClosing},
	{"within the field section", "GET /hello HTTP/1.1\r\nHost: a\r\nA: b", 0, closing},
	{"within the field section", "GET /hello HTTP/1.1\r\nHost: a\r\nA: b", 0, resetting},
	{"within the field section", "GET /hello HTTP/1.1\r\nHost: a\r\nA: b", -1, halfClosing},
	{"after the head", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", 0, closing},
	{"after the head", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n", 0, resetting},
	{"within content", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n0123", 0, closing},
	{"within content", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n0123", 0, resetting},
	{"within content", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n0123", -1, halfClosing},
	{"within a chunk", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n0123", 0, closing},
	{"within the trailers", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ", 0, resetting},
	{"within content that nobody reads", "POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n0123", 9, resetting},
	{"waiting to be asked for content", "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n", 9, closing},
	{"while the handler waits", "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", 0, closing},
	{"while the handler waits", "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", 0, resetting},
	{"while the handler waits", "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", -1, halfClosing},
	{"during a response", "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", 1000, closing},
	{"during a response", "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", 1000, resetting},
	{"during a response that never ends", "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n", 70_000, closing},
	{"during a response that never ends", "GET /endless HTTP/1.1\r\nHost: a\r\n\r\n", 1, resetting},
	{"during a response of lent octets", "GET /lent HTTP/1.1\r\nHost: a\r\n\r\n", 1000, resetting},
	{"during the second response", "GET /hello HTTP/1.1\r\nHost: a\r\n\r\nGET /big HTTP/1.1\r\nHost: a\r\n\r\n", 2000, closing},
	{"with responses that wait for an earlier one", "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n" + strings.Repeat("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", 9), 0, resetting},
	{"after a response", "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", 50, closing},
	{"after a response", "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", 50, resetting},
	{"after a response", "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", -1, halfClosing},
	{"after a response that says close", "GET /hello HTTP/1.0\r\n\r\n", -1, closing},
	{"after a response that says close", "GET /hello HTTP/1.0\r\n\r\n", 50, resetting},
	{"after a refusal", "GET\r\n\r\n", -1, closing},
	{"after a refusal", "GET\r\n\r\n", 0, resetting},
	{"after an interim response", "GET /early HTTP/1.1\r\nHost: a\r\n\r\n", 20, resetting},
	{"within trailers", "GET /trailers HTTP/1.1\r\nHost: a\r\n\r\n", 20, closing},
	{"after an upgrade", offer + "and more", 70, closing},
	{"after an upgrade", offer, 70, resetting},
	{"after an upgrade", offer + "and more", -1, halfClosing},
	{"within an upgrade", offer, 0, resetting},
	{"after an upgrade whose stream panics", strings.Replace(offer, "/upgrade", "/upgrade/panic", 1), -1, closing},
	{"in a tunnel", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\nand more", 19, closing},
	{"after a panic", "GET /panic HTTP/1.1\r\nHost: a\r\n\r\n", 0, closing},
	{"after a cut", "GET /cut HTTP/1.1\r\nHost: a\r\n\r\n", -1, closing},
}

const offer = "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"

// going is how a client goes.
type going int

const (
	closing going = iota
	resetting
	halfClosing // and then it reads to the end
)

// run does it. It waits for nothing but what it reads.
func (a *abort) run(server *looptest.Server) error {
	conn, err := server.TryDial()
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, a.send); err != nil {
		return fmt.Errorf("%s: %w", a.stage, err)
	}
	if a.how == halfClosing {
		_ = conn.CloseWrite()
	}
	if a.read < 0 {
		_, err = io.Copy(io.Discard, conn)
	} else {
		_, err = io.CopyN(io.Discard, conn, int64(a.read))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.stage, err)
	}
	if a.how == resetting {
		conn.(flow.Resetter).Reset()
	}
	return nil
}

// leaky is an application that is easy to leave in the middle of something.
func leaky(x message.Exchange) {
	p := make([]byte, 10_000)
	switch target := bytes.Clone(x.Target()); string(target) {
	case "/wait":
		_ = x.Wait()
	case "/lent":
		_ = x.Start(message.StatusOK, nil, -1)
		for x.WriteLent(p, func(error) {}) == nil && x.Flush() == nil {
		}
	case "/endless":
		_ = x.Start(message.StatusOK, nil, -1)
		for err := error(nil); err == nil; {
			_, err = x.Write(p)
		}
	case "/early":
		_ = x.Interim(message.StatusEarlyHints, nil)
		_ = x.Wait()
	case "/trailers":
		_ = x.Start(message.StatusOK, nil, -1)
		_ = x.End(message.Field{Name: "A", Value: string(bytes.Repeat([]byte("b"), 5000))})
	case "/upgrade", "/upgrade/panic":
		_ = x.Upgrade(message.StatusSwitchingProtocols, []message.Field{{Name: "Upgrade", Value: "echo"}}, func(s message.Stream, rest []byte) {
			if string(target) == "/upgrade/panic" {
				panic("it does")
			}
			echoStream(s, rest)
		})
	case "a:80":
		_ = x.Upgrade(message.StatusOK, nil, echoStream)
	case "/panic":
		panic("it does")
	case "/cut":
		_ = x.Start(message.StatusOK, nil, 10)
	case "/hello":
		_ = x.Respond(message.StatusOK, nil, []byte("Hello, World!"))
	default:
		app(x)
	}
}

// echoStream is what a connection does that is no HTTP any more.
func echoStream(s message.Stream, rest []byte) {
	defer s.Close()
	_, _ = s.Write(rest)
	_, _ = io.Copy(s, s)
}

// loans counts the buffers that engines have from their hosts.
type loans struct{ out atomic.Int64 }

// lender is an engine whose host is counted.
type lender struct {
	*h1.Server
	to *loans
}

func (l *lender) Attach(h engine.Host) { l.Server.Attach(&countingHost{h, l.to}) }

type countingHost struct {
	engine.Host
	to *loans
}

func (h *countingHost) Get(n int) []byte { h.to.out.Add(1); return h.Host.Get(n) }
func (h *countingHost) Put(b []byte)     { h.to.out.Add(-1); h.Host.Put(b) }

// descriptors is how many of them the process has; 0 where that can't be told.
func descriptors() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// Ten thousand clients go at every stage. Then all that was had for them is
// given back: descriptors, goroutines, buffers, handlers.
func TestNothingLeaks(t *testing.T) {
	connections := 5000 // with each driver
	if testing.Short() {
		connections = 500
	}
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		if !strings.Contains(s.Name, "/tcp") {
			continue
		}
		connections := connections
		if s.Layers > 0 || strings.HasPrefix(s.Name, "loops") {
			connections /= 10 // the others have had the ten thousand
		}
		goroutines, files := runtime.NumGoroutine(), descriptors()
		t.Run(s.Name, func(t *testing.T) { runAborts(t, s, connections) })
		looptest.Eventually(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= goroutines })
		looptest.Eventually(t, "every descriptor is closed", func() bool { return descriptors() <= files })
	}
}

func runAborts(t *testing.T, s looptest.Setup, connections int) {
	workers := loop.NewWorkers(loop.WorkersOptions{Max: 1000})
	defer func() {
		if err := workers.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	service := h1.NewService(h1.Options{Handler: message.HandlerFunc(leaky), Executor: workers, OnPanic: func(any) {}})
	var out loans
	server := s.Serve(t, func(any) engine.Engine { return &lender{service.NewServer(nil), &out} }, loop.Options{})
	files := descriptors()

	var next, failed atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(connections); n = next.Add(1) {
				if err := aborts[n%int64(len(aborts))].run(server); err != nil && failed.Add(1) < 10 {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	looptest.Eventually(t, "every connection has ended", func() bool { return server.Stats().Connections == 0 })
	looptest.Eventually(t, "every handler has returned", func() bool { all, idle := workers.Count(); return all == idle })
	looptest.Eventually(t, "every descriptor is closed", func() bool { return descriptors() <= files })
	looptest.Eventually(t, "every buffer is given back", func() bool { return out.out.Load() == 0 })
	if got := server.Stats().Accepted; got != uint64(connections) {
		t.Errorf("%d connections were accepted, want %d", got, connections)
	}
	if err := server.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
}
