// Package looptest runs one test under every driver of package loop, over
// every kind of flow.
//
//	for _, s := range looptest.Setups() {
//		t.Run(s.Name, func(t *testing.T) {
//			if got := s.Talk(t, newEngine(), "what a client sends"); got != "what comes back" {
//				t.Errorf("received %q", got)
//			}
//		})
//	}
//
// What a test began ends with it: Start and Serve close the driver when the
// test is over, and report what doesn't end.
package looptest

import (
	"context"
	"io"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/pump"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/unix"
	"github.com/specht-http/specht/loop"
)

// Client is the test's end of a connection. It blocks.
type Client interface {
	flow.Flow
	flow.CloseWriter
	flow.Deadliner
}

// Setup is a driver and a kind of flow.
type Setup struct {
	Name   string
	IsPoll bool // a Loop drives, not a Group
	IsMem  bool // the flows are in memory
	Layers int  // of TLS
	Loops  int  // that share the connections; 0 for a Loop alone
	IsPump bool // the flows block, and goroutines make them poll

	flows mem.Options
	kind  string
	pump  pump.Options
}

// Setups are all that work on this system: both drivers over flows in memory,
// also such as take one octet at a time or would block before every octet,
// over TCP and over Unix sockets.
func Setups() []Setup {
	s := Mem()
	s = append(s, Setup{Name: "goroutine/tcp", kind: "tcp"}, Setup{Name: "goroutine/unix", kind: "unix"},
		Setup{Name: "pump/tcp", IsPoll: true, IsPump: true, kind: "tcp"},
		Setup{Name: "pump/small buffer", IsPoll: true, IsPump: true, IsMem: true, pump: pump.Options{BufferOctets: 7}, flows: mem.Options{BufferOctets: 20}})
	if p, err := loop.NewPoller(); err == nil {
		p.Close()
		s = append(s, Setup{Name: "poll/tcp", IsPoll: true, kind: "tcp"}, Setup{Name: "poll/unix", IsPoll: true, kind: "unix"},
			Setup{Name: "loops/tcp", IsPoll: true, kind: "tcp", Loops: 2})
	}
	return s
}

// Mem are the Setups in memory. They use nothing of the system, so they work
// everywhere and in the bubbles of testing/synctest, where time passes at
// once.
func Mem() []Setup {
	return []Setup{
		{Name: "goroutine/mem", IsMem: true},
		{Name: "goroutine/mem one octet", IsMem: true, flows: mem.Options{BufferOctets: 1000, ReadMax: 1, WriteMax: 1}},
		{Name: "goroutine/mem small buffer", IsMem: true, flows: mem.Options{BufferOctets: 7}},
		{Name: "poll/mem", IsMem: true, IsPoll: true},
		{Name: "poll/mem one octet", IsMem: true, IsPoll: true, flows: mem.Options{BufferOctets: 1000, ReadMax: 1, WriteMax: 1}},
		{Name: "poll/mem small buffer", IsMem: true, IsPoll: true, flows: mem.Options{BufferOctets: 7}},
		{Name: "poll/mem would block", IsMem: true, IsPoll: true, flows: mem.Options{BufferOctets: 1000, Hesitate: true}},
	}
}

// TLS are Setups with TLS, once and twice, over what Setups have.
func TLS() (out []Setup) {
	for _, s := range Setups() {
		s.Name, s.Layers = s.Name+" tls", 1
		out = append(out, s)
		if s.kind == "" && s.flows == (mem.Options{}) {
			s.Name, s.Layers = s.Name+" in tls", 2
			out = append(out, s)
		}
	}
	return out
}

// Driver is what a Loop and a Group have in common.
type Driver interface {
	Shutdown(context.Context) error
	Close() error
	Stats() loop.Stats
}

// Server is a driver with a listener.
type Server struct {
	Driver
	Addr string
	// Done gives what Serve returned.
	Done <-chan error

	tb   testing.TB
	dial func() (Client, error)
}

// Dial opens a connection, which is closed when the test is over.
func (s *Server) Dial() Client {
	s.tb.Helper()
	c, err := s.TryDial()
	if err != nil {
		s.tb.Fatalf("dialing %s: %v", s.Addr, err)
	}
	return c
}

// TryDial is Dial where it may fail.
func (s *Server) TryDial() (Client, error) {
	c, err := s.dial()
	if err == nil {
		s.tb.Cleanup(func() { c.Close() })
	}
	return c, err
}

// Start drives e over one connection, and returns the other end of it.
func (s Setup) Start(tb testing.TB, e engine.Engine) Client {
	tb.Helper()
	c, _ := s.StartOptions(tb, e, loop.Options{})
	return c
}

// Talk drives e over one connection whose client sends octets, half-closes,
// and reads to the end: what it received is returned. It goes on sending when
// e has closed.
func (s Setup) Talk(tb testing.TB, e engine.Engine, octets string) (received string) {
	tb.Helper()
	c := s.Start(tb, e)
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_, _ = io.WriteString(c, octets) // e may have closed before it has read them
		_ = c.CloseWrite()
	}()
	b, err := io.ReadAll(c)
	if err != nil {
		tb.Errorf("reading after %d octets: %v", len(b), err)
	}
	c.Close()
	<-sent
	return string(b)
}

// StartOptions is Start with options for the driver, which it returns too.
func (s Setup) StartOptions(tb testing.TB, e engine.Engine, o loop.Options) (Client, *Server) {
	tb.Helper()
	server := s.Serve(tb, func(any) engine.Engine { return e }, o)
	return server.Dial(), server
}

// Serve drives a new engine over each connection that is dialed.
func (s Setup) Serve(tb testing.TB, newEngine loop.NewEngine, o loop.Options) *Server {
	tb.Helper()
	if o.Helpers == nil {
		w := loop.NewWorkers(loop.WorkersOptions{})
		o.Helpers = w
		tb.Cleanup(func() {
			if err := w.Close(context.Background()); err != nil {
				tb.Errorf("closing the helpers: %v", err)
			}
		})
	}
	if o.OnPanic == nil {
		o.OnPanic = func(_, v any) { tb.Errorf("the engine panicked: %v\n%s", v, debug.Stack()) }
	}
	server := &Server{tb: tb}
	var serve func() error
	if s.IsPoll {
		serve = s.poll(server, newEngine, o)
	} else {
		serve = s.block(server, newEngine, o)
	}
	done := make(chan error, 1)
	server.Done = done
	go func() { done <- serve() }()
	tb.Cleanup(func() { server.Close() })
	return server
}

// poll makes a Loop and its listener.
func (s Setup) poll(server *Server, newEngine loop.NewEngine, o loop.Options) (serve func() error) {
	tb := server.tb
	if (s.IsMem || s.IsPump) && o.Poller == nil {
		o.Poller = loop.NewQueue()
	}
	l, err := s.driver(o)
	if err != nil {
		tb.Fatal(err)
	}
	server.Driver = l
	var pl flow.PollListener
	switch {
	case s.IsPump:
		pl = pump.Listen(s.listen(server), s.pump)
	case s.kind == "tcp":
		pl, err = tcp.ListenPoll("127.0.0.1:0")
	case s.kind == "unix":
		pl, err = unix.ListenPoll(socketPath(tb))
	default:
		m := mem.ListenPoll(s.flows)
		pl, server.dial = m, func() (Client, error) { return m.Dial() }
	}
	if err != nil {
		tb.Fatal(err)
	}
	s.dialer(server, pl.Addr())
	for range s.Layers {
		pl = serverTLS().ListenPoll(pl)
	}
	return func() error { return l.Serve(pl, newEngine) }
}

// driver makes a Loop, or Loops.
func (s Setup) driver(o loop.Options) (pollDriver, error) {
	if s.Loops > 0 {
		return loop.NewLoops(s.Loops, o)
	}
	return loop.New(o)
}

// pollDriver is what a Loop and Loops have in common.
type pollDriver interface {
	Driver
	Serve(flow.PollListener, loop.NewEngine) error
}

// block makes a Group and its listener.
func (s Setup) block(server *Server, newEngine loop.NewEngine, o loop.Options) (serve func() error) {
	g := loop.NewGroup(o)
	server.Driver = g
	fl := s.listen(server)
	s.dialer(server, fl.Addr())
	for range s.Layers {
		fl = serverTLS().Listen(fl)
	}
	return func() error { return g.Serve(fl, newEngine) }
}

// listen makes a listener whose operations block.
func (s Setup) listen(server *Server) flow.Listener {
	tb := server.tb
	tb.Helper()
	var fl flow.Listener
	var err error
	switch s.kind {
	case "tcp":
		fl, err = tcp.Listen("127.0.0.1:0")
	case "unix":
		fl, err = unix.Listen(socketPath(tb))
	default:
		m := mem.Listen(s.flows)
		fl, server.dial = m, func() (Client, error) { return m.Dial() }
	}
	if err != nil {
		tb.Fatal(err)
	}
	return fl
}

// dialer makes server dial address.
func (s Setup) dialer(server *Server, address string) {
	server.Addr = address
	ctx := context.Background()
	switch s.kind {
	case "tcp":
		server.dial = func() (Client, error) { return tcp.Dial(ctx, address) }
	case "unix":
		server.dial = func() (Client, error) { return unix.Dial(ctx, address) }
	}
	for range s.Layers {
		below := server.dial
		server.dial = func() (Client, error) {
			c, err := below()
			if err != nil {
				return nil, err
			}
			return clientTLS().Flow(c), nil
		}
	}
}

// socketPath is where a test's Unix socket can be.
func socketPath(tb testing.TB) string { return filepath.Join(tb.TempDir(), "s") }

// Eventually waits until f is true, and fails the test if that takes absurdly
// long. It is for what another goroutine does and nothing announces.
func Eventually(tb testing.TB, what string, f func() bool) {
	tb.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(100 * time.Microsecond) {
		if time.Now().After(end) {
			tb.Fatalf("never happened: %s", what)
		}
	}
}
