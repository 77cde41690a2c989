package specht

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/specht-http/specht/loop"
)

// Server serves services, which are started and closed one by one, over one
// driver and with the same goroutines for handlers. Any goroutine may call its
// methods, but no handler those that wait for handlers: Shutdown and Serve.
//
//	NewServer ── Start ── Endpoint ─── Endpoint.Close: nobody listens there
//	    │                              any more, and connections go on
//	    └── Serve, Shutdown, Close: the end of all of it
type Server struct {
	options ServerOptions
	workers *loop.Workers
	group   *loop.Group // of blocking flows
	poll    *loop.Loops // of polling flows; nil if there are none

	ended chan struct{} // closed when the drivers have ended
	err   error         // why they have, before that is closed

	mu        sync.Mutex
	isClosed  bool
	endpoints []*Endpoint
	serving   sync.WaitGroup // goroutines of the drivers
}

// ErrServerClosed is what Start answers when the server is closed or shut down.
var ErrServerClosed = errors.New("specht: the server is closed")

// NewServer makes a Server. It has to be closed in the end, by Serve, Shutdown
// or Close.
func NewServer(o ServerOptions) (*Server, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if o.Loop.Pool == nil {
		o.Loop.Pool = loop.NewPool(0) // of both drivers
	}
	onError := o.OnError
	o.Loop.OnOpenError = func(f any, err error) { onError(loop.PeerOf(f), err) }
	s := &Server{
		options: o, ended: make(chan struct{}),
		workers: loop.NewWorkers(loop.WorkersOptions{Max: o.HandlersMax}),
		group:   loop.NewGroup(o.Loop),
	}
	if o.Driver != DriverGoroutine {
		l, err := loop.NewLoops(o.Loops, o.Loop)
		switch {
		case err == nil:
			s.poll = l
		case o.Driver == DriverPoll || !errors.Is(err, errors.ErrUnsupported):
			return nil, fmt.Errorf("specht: the driver that polls can't be made: %w", err)
		}
	}
	if s.poll != nil {
		s.serving.Go(s.run)
	}
	return s, nil
}

// run drives the polling flows.
func (s *Server) run() {
	if err := s.poll.Run(); err != nil && !errors.Is(err, loop.ErrClosed) {
		s.mu.Lock()
		s.err = fmt.Errorf("specht: the driver has failed: %w", err)
		s.mu.Unlock()
		go s.Close() // which waits for this
	}
}

// Driver is the driver of services that have an Address.
func (s *Server) Driver() Driver {
	if s.poll != nil {
		return DriverPoll
	}
	return DriverGoroutine
}

// Start listens, and serves from then on: when it returns, connections are
// accepted. With an error, a listener of the caller's is still that.
func (s *Server) Start(v Service) (*Endpoint, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	engines, err := s.engines(&v)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return nil, ErrServerClosed
	}
	secure, err := v.secure(engines)
	if err != nil {
		return nil, err
	}
	l, err := v.listen(s.poll)
	if err != nil {
		return nil, err
	}
	e := newEndpoint(s, &v, l.encrypted(secure))
	if err := s.drive(e, engines.NewEngine); err != nil {
		if v.PollListener == nil {
			l.close()
		}
		return nil, ErrServerClosed // it has failed, and is about to be
	}
	s.endpoints = append(s.endpoints, e)
	return e, nil
}

// drive gives the listeners of e to a driver.
func (s *Server) drive(e *Endpoint, newEngine loop.NewEngine) error {
	switch l := &e.listening; {
	case l.block != nil:
		s.serving.Go(func() {
			_ = s.group.Serve(l.block, newEngine) // it ends when that is closed, by whomever, or the server
			s.forget(e)
		})
		return nil
	case len(l.poll) > 1:
		return s.poll.ListenEach(l.poll, newEngine)
	default:
		return s.poll.Listen(l.poll[0], newEngine)
	}
}

// forget is that nobody listens at e any more.
func (s *Server) forget(e *Endpoint) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endpoints = slices.DeleteFunc(s.endpoints, func(other *Endpoint) bool { return other == e })
}

// Endpoints are the places where somebody listens, in the order of Start.
func (s *Server) Endpoints() []*Endpoint {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.endpoints)
}

// Serve waits until ctx is done, and shuts down then: what is under way has
// ServerOptions.Grace to finish. It returns nil when everything has, also if
// somebody else has shut the server down; an error says what was cut, or why the
// driver has failed.
func (s *Server) Serve(ctx context.Context) error {
	select {
	case <-s.ended:
		return s.err
	case <-ctx.Done():
	}
	grace := context.WithoutCancel(ctx)
	if s.options.Grace > 0 {
		var cancel context.CancelFunc
		grace, cancel = context.WithTimeoutCause(grace, s.options.Grace, fmt.Errorf("specht: %v have passed, and what was still under way is cut (ServerOptions.Grace)", s.options.Grace))
		defer cancel()
	}
	return s.Shutdown(grace)
}

// Shutdown ends the server gracefully: what has been connected is accepted,
// nobody listens any more, idle connections are closed, requests that have begun
// are answered. It waits for connections and handlers. When ctx is done before,
// what is left is cut as by Close, and the error is that of ctx.
func (s *Server) Shutdown(ctx context.Context) error {
	s.close()
	group := make(chan error, 1)
	go func() { group <- s.group.Shutdown(ctx) }()
	var err error
	if s.poll != nil {
		err = s.poll.Shutdown(ctx)
	}
	err = errors.Join(err, <-group)
	if err != nil {
		err = context.Cause(ctx)
	} else {
		err = s.workers.Close(ctx)
	}
	s.end()
	if err == nil {
		return s.err
	}
	return err
}

// Close ends the server at once: connections are cut. It doesn't wait for
// handlers, whose exchanges have failed. It is idempotent.
func (s *Server) Close() error {
	s.close()
	_ = s.group.Close() // as that of a Loop it has no error
	if s.poll != nil {
		_ = s.poll.Close()
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	_ = s.workers.Close(done) // they end when their handlers return
	s.end()
	return s.err
}

// close is that nothing is started any more.
func (s *Server) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isClosed = true
	s.endpoints = nil
}

// end is that the drivers have ended.
func (s *Server) end() {
	s.serving.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.ended:
	default:
		close(s.ended)
	}
}

// Stats are the counters of the drivers, together.
func (s *Server) Stats() loop.Stats {
	stats := s.group.Stats()
	if s.poll != nil {
		stats.Add(s.poll.Stats())
	}
	return stats
}

// Handlers is how many handlers run on goroutines.
func (s *Server) Handlers() int {
	all, idle := s.workers.Count()
	return all - idle
}
