package tls_test

import (
	"context"
	cryptotls "crypto/tls"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// hello is what a client sends first.
func hello(config *cryptotls.Config) string {
	var b strings.Builder
	_ = cryptotls.Client(writeOnly{w: &b}, config).Handshake()
	return b.String()
}

// writeOnly is a connection whose peer never answers.
type writeOnly struct {
	net.Conn
	w io.Writer
}

func (w writeOnly) Write(b []byte) (int, error)    { return w.w.Write(b) }
func (writeOnly) Read([]byte) (int, error)         { return 0, io.EOF }
func (writeOnly) Close() error                     { return nil }
func (writeOnly) SetWriteDeadline(time.Time) error { return nil }

// serving is a driver of either kind over flows in memory, with TLS.
type serving struct {
	looptest.Driver
	endpoint *secure.Endpoint
	dial     func() (*mem.Flow, error)
	done     chan error
}

// eachServing runs test with both drivers.
func eachServing(t *testing.T, config *cryptotls.Config, of tls.Options, o loop.Options, test func(t *testing.T, s *serving)) {
	t.Run("poll", func(t *testing.T) {
		o.Poller = loop.NewQueue()
		l, err := loop.New(o)
		if err != nil {
			t.Fatal(err)
		}
		below := mem.ListenPoll(mem.Options{})
		s := &serving{l, tls.NewServer(config, of), below.Dial, make(chan error, 1)}
		go func() { s.done <- l.Serve(s.endpoint.ListenPoll(below), describing) }()
		test(t, s)
	})
	t.Run("goroutine", func(t *testing.T) {
		g := loop.NewGroup(o)
		below := mem.Listen(mem.Options{})
		s := &serving{g, tls.NewServer(config, of), below.Dial, make(chan error, 1)}
		go func() { s.done <- g.Serve(s.endpoint.Listen(below), describing) }()
		test(t, s)
	})
}

// A callback that doesn't return keeps no driver from its end; and there are
// only so many of them, however many connections come and go.
func TestCallbacksThatDoNotReturn(t *testing.T) {
	const abandonedMax, openingMax, connections = 8, 4, 100
	server, client := pair()
	certificate := server.Certificates[0]
	server.Certificates = nil
	var entered, inside, refused atomic.Int64
	var goOn chan struct{}
	server.GetCertificate = func(*cryptotls.ClientHelloInfo) (*cryptotls.Certificate, error) {
		inside.Add(1)
		defer inside.Add(-1)
		entered.Add(1)
		<-goOn
		return &certificate, nil
	}
	octets := hello(client)
	before := runtime.NumGoroutine()
	o := loop.Options{OpeningMax: openingMax, OpenTimeout: -1, OnOpenError: func(_ any, err error) {
		if errors.Is(err, secure.ErrAbandoned) {
			refused.Add(1)
		}
	}}
	eachServing(t, server, tls.Options{Slots: 1, AbandonedMax: abandonedMax}, o, func(t *testing.T, s *serving) {
		entered.Store(0)
		refused.Store(0)
		goOn = make(chan struct{})
		for k := range connections {
			c, err := s.dial()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = io.WriteString(c, octets)
			looptest.Eventually(t, "the handshake is in its callback, or refused", func() bool {
				return entered.Load()+refused.Load() > int64(k)
			})
			if k >= abandonedMax+openingMax+1 && s.endpoint.Abandoned() > abandonedMax+openingMax {
				t.Errorf("%d abandoned handshakes", s.endpoint.Abandoned())
			}
		}
		if n := inside.Load(); n > abandonedMax+openingMax+1 {
			t.Errorf("%d handshakes are in callbacks", n)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := s.Shutdown(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Shutdown returned %v", err)
		}
		if err := <-s.done; err != nil {
			t.Error(err)
		}
		if n := s.Stats().Connections; n != 0 || inside.Load() == 0 {
			t.Errorf("%d connections are left, and %d callbacks", n, inside.Load())
		}
		close(goOn)
		looptest.Eventually(t, "nothing is left", func() bool {
			return inside.Load() == 0 && s.endpoint.Abandoned() == 0 && runtime.NumGoroutine() <= before+1
		})
	})
}

// A callback that heeds its context ends with its flow, however that ends.
func TestInterruptedCallback(t *testing.T) {
	server, client := pair()
	server.Certificates = nil
	inside := make(chan struct{}, 1)
	ended := make(chan error, 1)
	server.GetCertificate = func(h *cryptotls.ClientHelloInfo) (*cryptotls.Certificate, error) {
		inside <- struct{}{}
		<-h.Context().Done()
		ended <- h.Context().Err()
		return nil, h.Context().Err()
	}
	octets := hello(client)
	e := tls.NewServer(server, tls.Options{Slots: 1})
	end := func(t *testing.T, open func() error, end func()) {
		go func() { _ = open() }()
		<-inside
		end()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		looptest.Eventually(t, "the handshake has ended", func() bool { return e.Abandoned() == 0 })
		if err := open(); err == nil || errors.Is(err, flow.ErrWouldBlock) {
			t.Errorf("Open: %v", err)
		}
	}
	a, b := mem.Pipe(mem.Options{})
	_, _ = io.WriteString(b, octets)
	f := e.Flow(a)
	t.Run("Flow, Close", func(t *testing.T) { end(t, f.Open, func() { f.Close() }) })
	a, b = mem.Pipe(mem.Options{})
	_, _ = io.WriteString(b, octets)
	g := e.Flow(a)
	t.Run("Flow, Reset", func(t *testing.T) { end(t, g.Open, func() { g.Reset() }) })
	for name, cut := range map[string]func(p *secure.Poll){
		"Poll, Close": func(p *secure.Poll) { p.Close() },
		"Poll, Reset": func(p *secure.Poll) { p.Reset() },
	} {
		c, d := mem.MixedPipe(mem.Options{})
		_, _ = io.WriteString(c, octets)
		p := e.Poll(d)
		t.Run(name, func(t *testing.T) {
			_ = p.Open()
			<-inside
			cut(p)
			<-ended
			looptest.Eventually(t, "the handshake has ended", func() bool { return e.Abandoned() == 0 })
		})
	}
	// One that is closed before has no handshake.
	a, _ = mem.Pipe(mem.Options{})
	f = e.Flow(a)
	f.Close()
	if err := f.Open(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Open of a closed Flow: %v", err)
	}
}
