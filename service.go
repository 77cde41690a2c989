package specht

import (
	"errors"
	"fmt"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/unix"
	"github.com/specht-http/specht/h1"
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

	// Handler answers the exchanges; nil for that of the Server.
	Handler message.Handler
	// HTTP1 are limits, times and callbacks of this service; nil for those of
	// the Server.
	HTTP1 *h1.Options
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
	if v.HTTP1 != nil {
		return checkHTTP1(v.HTTP1, "Service.HTTP1")
	}
	return nil
}

// listen opens the place of v, for the driver that polls or the other one, and
// gives one listener or the other.
func (v *Service) listen(canPoll bool) (flow.Listener, flow.PollListener, error) {
	switch {
	case v.Listener != nil:
		return v.Listener, nil, nil
	case v.PollListener != nil && !canPoll:
		return nil, nil, errors.New("specht: Service.PollListener is for DriverPoll, which this server hasn't: give a Listener")
	case v.PollListener != nil:
		return nil, v.PollListener, nil
	case v.Network == "unix" && canPoll:
		l, err := unix.ListenPoll(v.Address)
		return nil, l, err
	case v.Network == "unix":
		l, err := unix.Listen(v.Address)
		return either(l, err)
	case canPoll:
		l, err := tcp.ListenPoll(v.Address)
		return nil, l, err
	}
	l, err := tcp.Listen(v.Address)
	return either(l, err)
}

// either is l as the first of two listeners, if there is no error.
func either(l flow.Listener, err error) (flow.Listener, flow.PollListener, error) {
	if err != nil {
		return nil, nil, err
	}
	return l, nil, nil
}

// engines makes the engines of v, whose options are o.
func (s *Server) engines(v *Service) (*alpn.Server, error) {
	o := s.options.HTTP1
	if v.HTTP1 != nil {
		o = *v.HTTP1
	}
	if o.Handler = v.Handler; o.Handler == nil {
		o.Handler = s.options.Handler
	}
	if o.Handler == nil {
		return nil, errors.New("specht: there is no handler: give ServerOptions.Handler or Service.Handler")
	}
	if o.OnPanic == nil {
		o.OnPanic = logPanic
	}
	o.Executor = s.workers
	ofClear := h1.NewService(o)
	o.Scheme = "https"
	ofSecured := h1.NewService(o)
	return &alpn.Server{
		HTTP1: func(f any) engine.Engine {
			if _, ok := f.(flow.Secured); ok {
				return ofSecured.NewServer(&serverConn{f})
			}
			return ofClear.NewServer(&serverConn{f})
		},
		OnRefuse: s.options.OnError,
	}, nil
}
