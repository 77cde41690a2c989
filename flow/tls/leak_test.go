package tls_test

import (
	cryptotls "crypto/tls"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// cutConn goes when it has read or written so many octets.
type cutConn struct {
	*net.TCPConn
	left  int
	reset bool
}

func (c *cutConn) spend(n int, err error) (int, error) {
	if c.left -= n; c.left < 0 && err == nil {
		if c.reset {
			_ = c.SetLinger(0)
		}
		_ = c.TCPConn.Close()
		err = net.ErrClosed
	}
	return n, err
}

func (c *cutConn) Read(b []byte) (int, error) {
	return c.spend(c.TCPConn.Read(b[:min(len(b), max(c.left, 1))]))
}

func (c *cutConn) Write(b []byte) (int, error) {
	n, err := c.TCPConn.Write(b[:min(len(b), max(c.left, 1))])
	if n, err = c.spend(n, err); err == nil && n < len(b) {
		c.left, err = -1, io.ErrShortWrite
	}
	return n, err
}

// descriptors is how many of them the process has; 0 where that can't be told.
func descriptors() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// fail is one handshake that fails, in one of many ways.
func fail(t *testing.T, address string, config *cryptotls.Config, k int) {
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	isReset := k%2 == 0
	switch k % 5 {
	case 0: // garbage
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	case 1: // a certificate that the client doesn't want
		_ = cryptotls.Client(c, &cryptotls.Config{ServerName: "specht.test"}).Handshake()
	case 2: // nothing at all
		if isReset {
			_ = c.(*net.TCPConn).SetLinger(0)
		}
	case 3: // nothing in common
		_ = cryptotls.Client(c, &cryptotls.Config{ServerName: "specht.test", NextProtos: []string{"other"}, InsecureSkipVerify: true}).Handshake()
	case 4: // gone at any octet
		cut := &cutConn{c.(*net.TCPConn), 1 + k*7%3000, isReset}
		_ = cryptotls.Client(cut, config).Handshake()
	}
}

// Ten thousand handshakes fail, are aborted or reset; nothing is left of them,
// and whoever behaves is served meanwhile.
func TestFailedHandshakesLeaveNothing(t *testing.T) {
	connections := 5000 // with each driver
	if testing.Short() {
		connections = 200
	}
	server, client := pair()
	endpoint := tls.NewServer(server, tls.Options{})
	run := func(t *testing.T, address string, d looptest.Driver) {
		var next atomic.Int64
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for k := next.Add(1); k <= int64(connections); k = next.Add(1) {
					fail(t, address, client, int(k))
				}
			})
		}
		for range 20 {
			c, err := tcp.Dial(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			f := tls.Client(c, client)
			if got := ask(t, f); !strings.Contains(got, "specht.test") {
				t.Errorf("%q", got)
			}
			f.Close()
		}
		wg.Wait()
		looptest.Eventually(t, "every connection has ended", func() bool { return d.Stats().Connections == 0 })
		s := d.Stats()
		if s.Accepted != uint64(connections+20) || s.OpenErrors < uint64(connections)*9/10 { // some cuts come behind the handshake
			t.Errorf("%+v", s)
		}
		t.Logf("%d connections, of which %d couldn't be opened", s.Accepted, s.OpenErrors)
	}
	check := func(name string, serve func(t *testing.T)) {
		goroutines, files := runtime.NumGoroutine(), descriptors()
		t.Run(name, serve)
		looptest.Eventually(t, "every goroutine has ended", func() bool { return runtime.NumGoroutine() <= goroutines })
		looptest.Eventually(t, "every descriptor is closed", func() bool { return descriptors() <= files })
	}
	check("goroutine", func(t *testing.T) {
		l, err := tcp.Listen("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		g := loop.NewGroup(loop.Options{})
		done := make(chan error, 1)
		go func() { done <- g.Serve(endpoint.Listen(l), describing) }()
		run(t, l.Addr(), g)
		g.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	check("poll", func(t *testing.T) {
		l, err := loop.New(loop.Options{})
		if err != nil {
			t.Skip(err)
		}
		pl, err := tcp.ListenPoll("127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- l.Serve(endpoint.ListenPoll(pl), describing) }()
		run(t, pl.Addr(), l)
		l.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
