package nethttp_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/nethttp"
)

// Peers go at every stage, and no handler stays: each learns of it by its
// context, by its content or by what it writes.
func TestPeersGo(t *testing.T) {
	var running atomic.Int64
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Add(-1)
		switch r.URL.Path {
		case "/wait":
			<-r.Context().Done()
		case "/read":
			io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		case "/write":
			for b := make([]byte, 1000); ; {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		case "/hijack":
			c, both, err := http.NewResponseController(w).Hijack()
			if err == nil {
				io.Copy(c, both)
				c.Close()
			}
		default:
			handleRandomly(w, r, func(*http.Request, ...any) {})
		}
	})
	onTCP(t, func(t *testing.T, setup looptest.Setup) {
		workers := loop.NewWorkers(loop.WorkersOptions{})
		t.Cleanup(func() { _ = workers.Close(context.Background()) })
		service := h1.NewService(h1.Options{Handler: nethttp.Handler(handler, nethttp.Options{}), Executor: workers})
		server := setup.Serve(t, func(f any) engine.Engine { return service.NewServer(loop.PeerOf(f).String()) }, loop.Options{})
		var wg sync.WaitGroup
		for client := range 8 {
			wg.Go(func() {
				random := rand.New(rand.NewPCG(uint64(client), 2))
				for range 40 {
					goAway(t, server.Addr, random)
				}
			})
		}
		wg.Wait()
		looptest.Eventually(t, "no connection is left", func() bool { return server.Stats().Connections == 0 })
		looptest.Eventually(t, "no handler is left", func() bool { return running.Load() == 0 })
	})
}

// goAway sends a part of a request, reads a part of what comes, and goes: with
// or without what is still under way.
func goAway(t *testing.T, addr string, random *rand.Rand) {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	c := conn.(*net.TCPConn)
	path := []string{"wait", "read", "write", "hijack", fmt.Sprint(random.IntN(1000))}[random.IntN(5)]
	octets := fmt.Sprintf("POST /%s HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n0123456789", path)
	if path != "wait" && path != "read" { // the end behind a request that isn't read yet can't be seen
		octets += "GET /1 HTTP/1.1\r\nHost: h\r\n\r\n"
	}
	_, _ = io.WriteString(c, octets[:random.IntN(len(octets)+1)]) // the server may have gone before
	switch random.IntN(4) {
	case 0:
		_ = c.SetLinger(0) // a reset
	case 1:
		_ = c.CloseWrite()
		_, _ = io.CopyN(io.Discard, c, int64(random.IntN(100_000)))
	case 2:
		_ = c.CloseWrite()
	}
}
