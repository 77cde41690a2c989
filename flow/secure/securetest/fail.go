package securetest

import (
	cryptotls "crypto/tls"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop/looptest"
)

// failing: a handshake that fails says so, and takes its connection with it and
// nothing else.
func (p Pair) failing(t *testing.T) {
	for _, polls := range []bool{false, true} {
		serve := func(o mem.Options) (server end, client *mem.Flow) {
			if polls {
				b, a := mem.MixedPipe(o)
				return newPolling(p.Server.Poll(a)), b
			}
			a, b := mem.Pipe(o)
			return whole{p.Server.Flow(a)}, b
		}
		try := func(name string, act func(client *mem.Flow), want func(error) bool) {
			server, client := serve(mem.Options{})
			acted := make(chan struct{})
			go func() {
				act(client)
				close(acted)
			}()
			err := server.Open()
			if err == nil || !want(err) {
				t.Errorf("%s; polling: %v: the handshake ends with %v", name, polls, err)
			}
			if again := server.Open(); again == nil || again.Error() != err.Error() {
				t.Errorf("%s: %v the first time, then %v", name, err, again)
			}
			if n, err := server.Write([]byte("x")); n != 0 || err == nil {
				t.Errorf("%s: writing is possible", name)
			}
			server.Close()
			<-acted
			client.Close()
		}
		isAny := func(error) bool { return true }
		isCut := func(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) }
		try("garbage", func(c *mem.Flow) { _, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n") }, isAny)
		try("gone", func(c *mem.Flow) { c.Close() }, isCut)
		try("gone within a record", func(c *mem.Flow) {
			_, _ = c.Write([]byte{22, 3, 1})
			c.Close()
		}, isCut)
		try("no protocol in common", func(c *mem.Flow) {
			f := client(Name, "other", cryptotls.VersionTLS13).Flow(c)
			if err := f.Open(); err == nil || !strings.Contains(err.Error(), "no application protocol") {
				t.Errorf("the client whose protocol nobody knows was told %v", err)
			}
		}, isAny)
		try("a client that doesn't trust the server", func(c *mem.Flow) {
			f := client("another.test", ALPN, cryptotls.VersionTLS13).Flow(c)
			if err := f.Open(); err == nil {
				t.Error("the client trusts the certificate of somebody else")
			}
			f.Close()
		}, isAny)
	}
	p.each(t, mem.Options{}, func(t *testing.T, c *connection) { c.open(t) })
}

// distrust: a client doesn't trust the certificate of somebody else, though it
// is for the right name; nor one that it knows for another name.
func (p Pair) distrust(t *testing.T) {
	foreign, _ := looptest.Certificate(Name)
	stranger := tls.NewServer(&cryptotls.Config{Certificates: []cryptotls.Certificate{foreign}, NextProtos: []string{ALPN}}, tls.Options{})
	for _, f := range forms {
		c := Pair{stranger, p.Client}.connect(f, mem.Options{})
		opened := make(chan error, 1)
		go func() { opened <- c.server.Open() }()
		if err := c.client.Open(); err == nil || !strings.Contains(err.Error(), "certificate") {
			t.Errorf("%s: the client's handshake with a stranger ends with %v", f.name, err)
		}
		c.client.Close()
		<-opened // in TLS 1.3 the server's may have succeeded
		c.server.Close()
	}
}

// abandoned: a handshake that is closed while it waits leaves no goroutine, and
// the slot is there for others.
func (p Pair) abandoned(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		b, a := mem.MixedPipe(mem.Options{})
		server := newPolling(p.Server.Poll(a))
		_, _ = b.Write([]byte{22, 3, 1, 2, 0}) // the header of a record that never comes
		if err := server.Poll.Open(); err == nil {
			t.Fatal("half a handshake succeeds")
		}
		server.Close()

		x, _ := mem.MixedPipe(mem.Options{})
		blocking := p.Server.Flow(x)
		opened := make(chan error, 1)
		go func() { opened <- blocking.Open() }()
		blocking.Close()
		if err := <-opened; err == nil {
			t.Fatal("a handshake without a peer succeeds")
		}

		u, v := mem.PollPipe(mem.Options{})
		client := newPolling(p.Client.Poll(u))
		_ = client.Poll.Open() // it has begun
		client.Reset()
		v.Close()
	}
	looptest.Eventually(t, "the goroutines of handshakes are gone", func() bool { return runtime.NumGoroutine() <= before })
	p.each(t, mem.Options{}, func(t *testing.T, c *connection) { c.open(t) })
}
