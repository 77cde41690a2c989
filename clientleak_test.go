package specht_test

import (
	"context"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// leaving are what a server answers before it goes.
var leaving = []string{
	"",
	"HTTP/1.1 20",
	"HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n0123",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n01",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi and more",
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: upgrade\r\n\r\n",
	"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n",
	"not HTTP\r\n\r\n",
}

// settings2 and ack2 are empty SETTINGS of HTTP/2, and their acknowledgement;
// head2 is HEADERS on stream 1 with :status 200.
const (
	settings2 = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	ack2      = "\x00\x00\x00\x04\x01\x00\x00\x00\x00"
	head2     = "\x00\x00\x01\x01\x04\x00\x00\x00\x01\x88"
)

// leaving2 are the same in HTTP/2.
var leaving2 = []string{
	"",
	settings2[:5],
	settings2,
	settings2 + ack2,
	settings2 + ack2 + head2[:8],
	settings2 + ack2 + head2,
	settings2 + ack2 + head2 + "\x00\x00\x05\x00\x00\x00\x00\x00\x01hel",
	settings2 + ack2 + head2 + "\x00\x00\x05\x00\x01\x00\x00\x00\x01hello",
	settings2 + ack2 + "\x00\x00\x08\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00",
	settings2 + ack2 + "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x07",
	settings2 + ack2 + head2 + "\x00\x00\x04\x03\x00\x00\x00\x00\x01\x00\x00\x00\x00",
	"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n",
}

// leave answers on a connection, and goes: with a reset, or not.
func leave(c net.Conn, leaving []string, n int) {
	if n/len(leaving)%3 != 0 {
		_, _ = c.Read(make([]byte, 10))
	}
	_, _ = io.WriteString(c, leaving[n%len(leaving)])
	if n/len(leaving)%2 == 0 {
		_ = c.(*net.TCPConn).SetLinger(0)
	}
	c.Close()
}

// Servers that go at every stage leave neither descriptor nor goroutine behind,
// nor do users who don't read.
func TestClientLeavesNothing(t *testing.T) {
	t.Run("HTTP/1.1", func(t *testing.T) { runLeaving(t, leaving, alpn.WantHTTP1) })
	t.Run("HTTP/2", func(t *testing.T) { runLeaving(t, leaving2, alpn.WantHTTP2) })
}

func runLeaving(t *testing.T, leaving []string, version alpn.Wanted) {
	requests := 2000
	if testing.Short() {
		requests = 200
	}
	goroutines, files := runtime.NumGoroutine(), descriptors()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { leave(c, leaving, n) })
		}
	})
	helpers := loop.NewWorkers(loop.WorkersOptions{Max: 1000})
	c := &specht.Client{Version: version, ConnectionsPerHostMax: 16, Loop: loop.Options{Helpers: helpers}}
	url := "http://" + l.Addr().String()
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			for j := range requests / 32 {
				ctx, cancel := context.WithCancel(t.Context())
				q := &specht.Request{Method: "PUT", URL: url, Content: strings.NewReader(strings.Repeat("x", j%3*40_000))}
				if r, err := c.Do(ctx, q); err == nil {
					if i%2 == 0 {
						_, _ = io.Copy(io.Discard, r)
					}
					if i%4 < 2 {
						r.Close()
					}
				}
				cancel() // and some aren't closed
			}
		})
	}
	wg.Wait()
	looptest.Eventually(t, "every connection has ended", func() bool { s := c.Stats(); return s.Connections == s.Idle })
	c.Close()
	_ = helpers.Close(context.Background()) // which has no end
	l.Close()
	serving.Wait()
	looptest.Eventually(t, "every descriptor is closed", func() bool { return descriptors() <= files })
	looptest.Eventually(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= goroutines })
}

// descriptors is how many the process has, or 0 where it can't be told.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(entries)
}
