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
	host   engine.Host
	text   []byte
	out    [][]byte
	ended  bool
	errors chan<- error
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

func (e *told) ReportError(err error) {
	e.ended, e.out = true, nil
	if e.errors != nil {
		e.errors <- err
	}
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

// The peer's end is io.EOF when it says so, and an error when it doesn't: it
// may have been cut.
func TestTruncation(t *testing.T) {
	server, client := pair()
	errs := make(chan error, 1)
	newEngine := func(any) engine.Engine { return &told{text: []byte("text\n"), errors: errs} }
	drivers(t, server, loop.Options{}, newEngine, func(t *testing.T, dial func() flow.Flow) {
		below := dial()
		c := tls.Client(below, client)
		ask(t, c)
		below.Close() // nothing has been said
		if err := <-errs; !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the server's engine was told %v, want %v", err, io.ErrUnexpectedEOF)
		}

		c = tls.Client(dial(), client)
		ask(t, c)
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("reading behind close_notify: %d, %v, want %v", n, err, io.EOF)
		}
		c.Close()
		select {
		case err := <-errs:
			t.Errorf("after close_notify the server's engine was told %v", err)
		default:
		}
	})
	t.Run("client", func(t *testing.T) {
		a, b := mem.Pipe(mem.Options{})
		s, c := tls.Server(a, server), tls.Client(b, client)
		go func() {
			_, _ = s.Write([]byte("some"))
			a.Close()
		}()
		got, err := io.ReadAll(c)
		if string(got) != "some" || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("read %q, %v, want some, and %v", got, err, io.ErrUnexpectedEOF)
		}
	})
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

// Goroutines of handshakes end with them, however they end.
func TestAbandonedHandshakes(t *testing.T) {
	server, client := pair()
	before := runtime.NumGoroutine()
	drivers(t, server, loop.Options{}, describing, func(t *testing.T, dial func() flow.Flow) {
		for range 50 {
			f := dial()
			_, _ = f.Write([]byte{22, 3, 1, 2, 0}) // the header of a record that never comes
		}
		ask(t, tls.Client(dial(), client))
	})
	looptest.Eventually(t, "the goroutines of handshakes are gone", func() bool { return runtime.NumGoroutine() <= before })
}

// counting counts the records that pass to a Poll.
type counting struct {
	flow.Flow
	octets []byte
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Flow.Read(b)
	c.octets = append(c.octets, b[:n]...)
	return n, err
}

// records is how many records there are, and how many octets the longest has.
func (c *counting) records() (n, longest int) {
	for b := c.octets; len(b) >= 5; {
		k := int(b[3])<<8 | int(b[4])
		n, longest = n+1, max(longest, k)
		b = b[min(5+k, len(b)):]
	}
	return n, longest
}

// many is an engine that writes 64 KiB in slices of 10 octets.
type many struct{ told }

func (e *many) Read(b []byte) int {
	for range 65536 / 8 {
		e.out = append(e.out, []byte("8 octets"))
	}
	return len(b)
}

// Small slices are encrypted together.
func TestRecordsAreFull(t *testing.T) {
	server, client := pair()
	drivers(t, server, loop.Options{}, func(any) engine.Engine { return &many{} }, func(t *testing.T, dial func() flow.Flow) {
		below := &counting{Flow: dial()}
		c := tls.Client(below, client)
		if err := c.Open(); err != nil {
			t.Fatal(err)
		}
		below.octets = nil
		if _, err := c.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, make([]byte, 65536)); err != nil {
			t.Fatal(err)
		}
		n, longest := below.records()
		if n > 8 || longest < 16<<10 {
			t.Errorf("64 KiB came in %d records, the longest of %d octets", n, longest)
		}
	})
}

// A Poll in both roles, without a loop: nothing blocks, and what is said to be
// written has been taken by the flow below.
func TestPolls(t *testing.T) {
	serverConfig, clientConfig := pair()
	for _, o := range []mem.Options{{}, {BufferOctets: 7}, {BufferOctets: 1000, ReadMax: 1, WriteMax: 1}, {BufferOctets: 1000, Hesitate: true}} {
		a, b := mem.PollPipe(o)
		server := tls.NewServer(serverConfig, tls.Options{}).Poll(a)
		client := tls.NewClient(clientConfig, tls.Options{}).Poll(b)
		for isOpen := [2]bool{}; !isOpen[0] || !isOpen[1]; runtime.Gosched() {
			for i, p := range []*secure.Poll{server, client} {
				err := p.Open()
				if err != nil && err != flow.ErrWouldBlock {
					t.Fatalf("%+v: %v", o, err)
				}
				if isOpen[i] = err == nil; p.IsFull() {
					_, _ = p.TryWrite(nil) // a client's last words of the handshake; an error comes again
				}
			}
		}
		sent := bytes.Repeat([]byte("0123456789"), 10000)
		var got []byte
		into := make([]byte, 1000)
		for rest := sent; len(got) < len(sent); {
			if len(rest) > 0 || client.IsFull() {
				n, err := client.TryWrite([][]byte{rest[:len(rest)/3], rest[len(rest)/3:]})
				rest = rest[n:]
				if err != nil && err != flow.ErrWouldBlock {
					t.Fatalf("%+v: writing: %v", o, err)
				}
			}
			n, err := server.TryRead(into)
			got = append(got, into[:n]...)
			if err != nil && err != flow.ErrWouldBlock {
				t.Fatalf("%+v: reading: %v", o, err)
			}
		}
		if !bytes.Equal(got, sent) {
			t.Errorf("%+v: other octets came than were sent", o)
		}
		client.Close()
		server.Close()
	}
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
