package specht

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// Service is what a Server serves in one place.
type Service struct {
	// Network is tcp, which it is if this is empty, or unix.
	Network string
	// Address is where to listen: host:port, where port 0 takes a free one and
	// an empty host is all interfaces; or the path of a Unix socket, where one
	// that begins with @ is in the abstract namespace of Linux.
	Address string
	// Listener, or PollListener, gives the connections instead: flows of any
	// kind, also such as encrypt by a TLS library of the caller's (flow.Opener,
	// flow.Negotiated, flow.Secured). Those of a Listener are driven by a
	// goroutine each, those of a PollListener by the driver that polls.
	Listener     flow.Listener
	PollListener flow.PollListener
	// Shared lets others listen at Address, too, such as the program that takes
	// over from this one: the system deals connections out to all (SO_REUSEPORT).
	// It is for TCP under DriverPoll. Otherwise an address is one listener's.
	//
	// A program that ends accepts what waits first. What the system opens
	// between its last accept and its end is reset: of 120 takeovers under four
	// clients that open connections without a pause, 10 of 10,000 connections
	// were. Linux gives them to the other listeners instead if it is told to by
	// net.ipv4.tcp_migrate_req.
	Shared bool

	// TLS encrypts the connections; nil for clear ones. It is cloned, so that
	// what is to change later has to be chosen by its callbacks: Certificates
	// has one for certificates. Its NextProtos are the protocols that are
	// offered, the most wanted first; all that there are if it has none.
	TLS *tls.Config

	// Handler answers the exchanges; nil for that of the Server.
	Handler message.Handler
	// HTTP1 and HTTP2 are limits, times and callbacks of this service; nil for
	// those of the Server.
	HTTP1 *h1.Options
	HTTP2 *h2.Options
}

// check says what is wrong with v, and fills in what is left out.
func (v *Service) check() error {
	places := 0
	for _, isGiven := range []bool{v.Address != "", v.Listener != nil, v.PollListener != nil} {
		if isGiven {
			places++
		}
	}
	switch {
	case places != 1:
		return fmt.Errorf("specht: a Service has %d of Address, Listener and PollListener: give one", places)
	case v.Address == "" && v.Network != "":
		return errors.New("specht: Service.Network is that of Address: leave it empty with a listener")
	case v.Network != "" && v.Network != "tcp" && v.Network != "unix":
		return fmt.Errorf("specht: Service.Network is %q: it is tcp or unix", v.Network)
	}
	if v.Address != "" && v.Network == "" {
		v.Network = "tcp"
	}
	if v.Shared && v.Network != "tcp" {
		return errors.New("specht: Service.Shared is for addresses of TCP")
	}
	if v.HTTP1 != nil {
		if err := checkHTTP1(v.HTTP1, "Service.HTTP1"); err != nil {
			return err
		}
	}
	if v.HTTP2 != nil {
		return checkHTTP2(v.HTTP2, "Service.HTTP2")
	}
	return nil
}

// engines makes the engines of v.
func (s *Server) engines(v *Service) (*alpn.Server, error) {
	handler := v.Handler
	if handler == nil {
		handler = s.options.Handler
	}
	if handler == nil {
		return nil, errors.New("specht: there is no handler: give ServerOptions.Handler or Service.Handler")
	}
	engines := &alpn.Server{OnRefuse: s.options.OnError}
	if !s.options.NoHTTP1 {
		engines.HTTP1 = s.engines1(v, handler)
	}
	if !s.options.NoHTTP2 {
		engines.HTTP2, engines.Upgrade = s.engines2(v, handler)
	}
	if !s.options.H2CUpgrade {
		engines.Upgrade = nil
	}
	return engines, nil
}

// engines1 makes the engines of HTTP/1.
func (s *Server) engines1(v *Service, handler message.Handler) loop.NewEngine {
	o := s.options.HTTP1
	if v.HTTP1 != nil {
		o = *v.HTTP1
	}
	if o.OnPanic == nil {
		o.OnPanic = logPanic
	}
	o.Handler, o.Executor = handler, s.workers
	ofClear := h1.NewService(o)
	o.Scheme = "https"
	ofSecured := h1.NewService(o)
	return func(f any) engine.Engine {
		if _, ok := f.(flow.Secured); ok {
			return ofSecured.NewServer(&serverConn{flow: f})
		}
		return ofClear.NewServer(&serverConn{flow: f})
	}
}

// engines2 makes the engines of HTTP/2, and those for requests of HTTP/1.1 that ask
// for it.
func (s *Server) engines2(v *Service, handler message.Handler) (loop.NewEngine, func(any, message.Exchange) engine.Engine) {
	o := s.options.HTTP2
	if v.HTTP2 != nil {
		o = *v.HTTP2
	}
	if o.OnPanic == nil {
		o.OnPanic = logPanic
	}
	o.Handler, o.Executor = handler, s.workers
	ofClear := h2.NewService(o)
	o.Scheme = "https"
	ofSecured := h2.NewService(o)
	begin := func(f any) engine.Engine {
		if _, ok := f.(flow.Secured); ok {
			return ofSecured.NewServer(&serverConn{flow: f})
		}
		return ofClear.NewServer(&serverConn{flow: f})
	}
	return begin, func(f any, x message.Exchange) engine.Engine {
		if e := ofClear.NewUpgraded(&serverConn{flow: f}, x); e != nil {
			return e
		}
		return nil
	}
}
