package tls_test

import (
	"bytes"
	"context"
	cryptotls "crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// pair is configurations of both roles that trust each other.
func pair() (server, client *cryptotls.Config) {
	certificate, pool := looptest.Certificate("specht.test")
	return &cryptotls.Config{Certificates: []cryptotls.Certificate{certificate}, NextProtos: []string{"b", "a"}},
		&cryptotls.Config{RootCAs: pool, ServerName: "specht.test", NextProtos: []string{"a", "b"}}
}

// told is an engine that answers with what its flow says of itself, half a
// line for each line that comes, and ends with the input.
type told struct {
	host  engine.Host
	text  []byte
	out   [][]byte
	ended bool
}

func (e *told) Attach(h engine.Host) { e.host = h }

func (e *told) NextRead() engine.Op {
	if e.ended {
		return engine.Close
	}
	return engine.Read
}

func (e *told) Read(b []byte) int {
	for range bytes.Count(b, []byte("\n")) {
		e.out = append(e.out, e.text[:len(e.text)/2], e.text[len(e.text)/2:])
	}
	return len(b)
}

func (e *told) ReadEOF([]byte) int { e.ended = true; return 0 }

func (e *told) NextWrite() (engine.Op, [][]byte) {
	switch {
	case len(e.out) > 0:
		return engine.Write, e.out
	case e.ended:
		return engine.Close, nil
	}
	return engine.Yield, nil
}

func (e *told) ReportWrite(n int, _ error) {
	for n > 0 && len(e.out) > 0 {
		k := min(n, len(e.out[0]))
		if e.out[0] = e.out[0][k:]; len(e.out[0]) == 0 {
			e.out = e.out[1:]
		}
		n -= k
	}
}

func (e *told) Deadline() int64 { return 0 }
func (e *told) Expire()         {}
func (e *told) Closed() bool    { return e.ended && len(e.out) == 0 }
func (e *told) Shutdown()       { e.ended = true }

func (e *told) ReportError(error) {
	e.ended, e.out = true, nil
}

// describe is what a flow says of itself.
func describe(f any) string {
	s := f.(flow.Secured).Security()
	state, ok := tls.State(f)
	return fmt.Sprintf("%s %s alpn=%q/%q peers=%d state=%v %v\n", s.Version, s.ServerName, s.ALPN, f.(flow.Negotiated).ALPN(), len(s.PeerCertificates), ok, state.HandshakeComplete)
}

// drivers are both, serving over TLS over TCP (or flows in memory where the
// system has no Poller).
func drivers(t *testing.T, config *cryptotls.Config, o loop.Options, newEngine loop.NewEngine, test func(t *testing.T, dial func() flow.Flow)) {
	serve := func(t *testing.T, run func() error, end func() error, dial func() (*mem.Flow, error)) {
		done := make(chan error, 1)
		go func() { done <- run() }()
		test(t, func() flow.Flow {
			f, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { f.Close() })
			return f
		})
		end()
		if err := <-done; err != nil {
			t.Errorf("the driver returned %v", err)
		}
	}
	t.Run("poll", func(t *testing.T) {
		o.Poller = loop.NewQueue()
		l, err := loop.New(o)
		if err != nil {
			t.Fatal(err)
		}
		below := mem.ListenPoll(mem.Options{})
		pl := tls.NewServer(config, tls.Options{Slots: 1}).ListenPoll(below)
		serve(t, func() error { return l.Serve(pl, newEngine) }, l.Close, below.Dial)
	})
	t.Run("goroutine", func(t *testing.T) {
		g := loop.NewGroup(o)
		below := mem.Listen(mem.Options{})
		fl := tls.NewServer(config, tls.Options{}).Listen(below)
		serve(t, func() error { return g.Serve(fl, newEngine) }, g.Close, below.Dial)
	})
}

// ask sends a line and returns the one that comes back.
func ask(t *testing.T, c io.ReadWriter) string {
	t.Helper()
	if _, err := io.WriteString(c, "x\n"); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 0, 200)
	for !bytes.HasSuffix(line, []byte("\n")) {
		n, err := c.Read(line[len(line):cap(line)])
		line = line[:len(line)+n]
		if err != nil {
			t.Fatalf("after %q: %v", line, err)
		}
	}
	return string(line)
}

func describing(f any) engine.Engine { return &told{text: []byte(describe(f))} }

// Both ends know the same: the server's order of protocols decides, and a
// client that is asked for a certificate gives it.
func TestAgreement(t *testing.T) {
	for _, version := range []uint16{cryptotls.VersionTLS12, cryptotls.VersionTLS13} {
		t.Run(cryptotls.VersionName(version), func(t *testing.T) {
			server, client := pair()
			client.MinVersion, client.MaxVersion = version, version
			own, _ := looptest.Certificate("client.test")
			client.Certificates = []cryptotls.Certificate{own}
			server.ClientAuth = cryptotls.RequestClientCert
			drivers(t, server, loop.Options{}, describing, func(t *testing.T, dial func() flow.Flow) {
				c := tls.Client(dial(), client)
				want := fmt.Sprintf("%s specht.test alpn=\"b\"/\"b\" peers=1 state=true true\n", cryptotls.VersionName(version))
				if got := ask(t, c); got != want {
					t.Errorf("the server says %q, want %q", got, want)
				}
				if got := describe(c); got != want {
					t.Errorf("the client says %q, want %q", got, want)
				}
				c.Close()
			})
		})
	}
}

// A callback that waits holds up its own handshake, and no other, though only
// one handshake may compute at a time; and a certificate that is replaced is
// that of the next handshake.
func TestWaitingCallback(t *testing.T) {
	server, client := pair()
	var certificates tls.Certificates
	certificates.Set(&server.Certificates[0])
	server.Certificates = nil
	waiting, released := make(chan struct{}), make(chan struct{})
	server.GetCertificate = func(h *cryptotls.ClientHelloInfo) (*cryptotls.Certificate, error) {
		if h.ServerName == "slow.test" {
			waiting <- struct{}{}
			<-released
		}
		return certificates.Get(h)
	}
	client.InsecureSkipVerify = true
	drivers(t, server, loop.Options{}, describing, func(t *testing.T, dial func() flow.Flow) {
		slow := client.Clone()
		slow.ServerName = "slow.test"
		opened := make(chan error, 3)
		for range 3 {
			c := tls.Client(dial(), slow)
			go func() { opened <- c.Open() }()
			<-waiting
		}
		c := tls.Client(dial(), client)
		if got := ask(t, c); !strings.Contains(got, "specht.test") {
			t.Errorf("%q", got)
		}
		next, _ := looptest.Certificate("next.test")
		certificates.Set(&next)
		for range 3 {
			released <- struct{}{}
		}
		for range 3 {
			if err := <-opened; err != nil {
				t.Error(err)
			}
		}
		c = tls.Client(dial(), client)
		ask(t, c)
		state, _ := tls.State(c)
		if got := state.PeerCertificates[0].DNSNames[0]; got != "next.test" {
			t.Errorf("the certificate is %s's", got)
		}
	})
}

// A handshake that fails, panics or ends its goroutine takes its connection
// with it, and nothing else. The peer is told of failures.
func TestFailingHandshakes(t *testing.T) {
	server, client := pair()
	server.GetConfigForClient = func(h *cryptotls.ClientHelloInfo) (*cryptotls.Config, error) {
		switch h.ServerName {
		case "panic.test":
			panic("on purpose")
		case "goexit.test":
			if h.Context().Err() == nil {
				runtime.Goexit()
			}
		case "error.test":
			return nil, errors.New("refused on purpose")
		}
		return nil, nil
	}
	told := make(chan error, 10)
	o := loop.Options{OnOpenError: func(f any, err error) { told <- err }}
	drivers(t, server, o, describing, func(t *testing.T, dial func() flow.Flow) {
		for name, want := range map[string]string{
			"panic.test": "secure: a panic in a handshake: on purpose",
			"error.test": "refused on purpose",
		} {
			config := client.Clone()
			config.ServerName = name
			c := tls.Client(dial(), config)
			if err := c.Open(); err == nil {
				t.Errorf("%s: the handshake succeeds", name)
			} else if name == "error.test" && !strings.Contains(err.Error(), "internal error") {
				t.Errorf("%s: the client was told %v", name, err)
			}
			if err := <-told; err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: OnOpenError was told %v, want %s", name, err, want)
			}
		}
		garbage := dial()
		_, _ = io.WriteString(garbage, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
		if err := <-told; err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("garbage: OnOpenError was told %v", err)
		}
		gone := dial()
		_, _ = gone.Write([]byte{22, 3, 1})
		gone.Close()
		if err := <-told; !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			t.Errorf("gone: OnOpenError was told %v", err)
		}
		ask(t, tls.Client(dial(), client))
	})
}

// crypto/tls lets a connection live whose Read has failed for a time: this is
// what polling rests on (net.Error.Temporary is deprecated).
func TestReadingResumes(t *testing.T) {
	//lint:ignore SA1019 crypto/tls asks for it
	if !secure.ErrWouldBlock.Temporary() || !secure.ErrWouldBlock.Timeout() || !errors.Is(secure.ErrWouldBlock, flow.ErrWouldBlock) {
		t.Fatal("ErrWouldBlock isn't what crypto/tls takes for temporary")
	}
	serverConfig, clientConfig := pair()
	x, y := net.Pipe()
	drip := &dripConn{Conn: x}
	s, c := cryptotls.Server(drip, serverConfig), cryptotls.Client(y, clientConfig)
	go func() { _ = c.HandshakeContext(context.Background()) }()
	if err := s.Handshake(); err != nil {
		t.Fatal(err)
	}
	drip.drips = true
	go func() { _, _ = c.Write([]byte("hello")) }()
	var got []byte
	for len(got) < 5 {
		b := make([]byte, 10)
		n, err := s.Read(b)
		got = append(got, b[:n]...)
		if err != nil && err != error(secure.ErrWouldBlock) {
			t.Fatalf("after %q: %v", got, err)
		}
	}
	if string(got) != "hello" || drip.blocked < 5 {
		t.Errorf("%q, after would-block %d times", got, drip.blocked)
	}
}

// dripConn would block before every octet.
type dripConn struct {
	net.Conn
	drips   bool
	isDry   bool
	blocked int
}

func (c *dripConn) Read(b []byte) (int, error) {
	if !c.drips {
		return c.Conn.Read(b)
	}
	if c.isDry = !c.isDry; c.isDry {
		c.blocked++
		return 0, secure.ErrWouldBlock
	}
	return c.Conn.Read(b[:1])
}
