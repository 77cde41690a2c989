package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
	"github.com/specht-http/specht/nethttp"
)

// serveCommand serves the demonstration, or a directory, until it is told to
// stop.
type serveCommand struct {
	Dir      string        `placeholder:"DIR" help:"Serve the files of a directory instead of the demonstration: ranges, entity tags, conditional requests, listings."`
	Listen   []string      `placeholder:"ADDR" help:"TCP address, host:port; port 0 takes a free one. May be repeated. Default: 127.0.0.1:8080, if there is neither --tls nor --unix."`
	TLS      []string      `name:"tls" placeholder:"ADDR" help:"The same, over TLS. May be repeated. Default: 127.0.0.1:8443, if there is neither --listen nor --unix."`
	Unix     []string      `placeholder:"PATH" help:"Unix socket; @NAME is in the abstract namespace of Linux. May be repeated."`
	Cert     string        `placeholder:"FILE" help:"Certificate for --tls in PEM, with those that it is signed by; SIGHUP reads it again. Default: one that is made in memory."`
	Key      string        `placeholder:"FILE" help:"Its key in PEM."`
	Shared   bool          `help:"Let others listen at the addresses, too, such as the program that takes over from this one (SO_REUSEPORT)."`
	Driver   string        `enum:"auto,poll,goroutine" default:"auto" placeholder:"poll|goroutine|auto" help:"What moves the octets: goroutines that poll for all connections, or one goroutine for each; auto is poll where the platform has it, else goroutine. Default: auto."`
	Loops    int           `default:"0" placeholder:"N" help:"How many goroutines poll. Default: one for each processor."`
	Handlers int           `default:"10000" placeholder:"N" help:"How many handlers may run on goroutines at once; above that the answer is 503. Default: 10000."`
	NoHTTP1  bool          `name:"no-http1" help:"Speak HTTP/2 alone."`
	NoHTTP2  bool          `name:"no-http2" help:"Speak HTTP/1.1 and HTTP/1.0 alone."`
	H2C      bool          `name:"h2c-upgrade" help:"Let a request on a clear connection change it to HTTP/2 by Upgrade: h2c, which is obsolete (RFC 9113, Section 3.1) and best left off behind a proxy."`
	Grace    time.Duration `default:"10s" placeholder:"TIME" help:"How long connections may finish after a signal to stop; a second signal cuts them. Default: 10s."`
	Log      bool          `help:"Write a line for each exchange, and for each connection that came to none: time, peer, protocol, method, target, status, octets of content, duration."`
	Quiet    bool          `short:"q" help:"Say nothing but errors, and what --log says."`
	JSON     bool          `name:"json" help:"Say it as JSON, one object a line."`

	Limits limitFlags `embed:"" group:"Limits (TIME is such as 10s or 1m30s, N such as 65536 or 64KiB)"`
}

// Help is what the command's help says behind its summary.
func (*serveCommand) Help() string {
	return `Routes of the demonstration:

  /                    Hello, World!
  POST /echo           the content of the request
  /status/{100..599}   that status; below 200 in front of 200
  /bytes/{n}           n octets
  /stream?n=10&ms=100  n lines, one each ms
  /events?n=10&ms=100  n server-sent events, one each ms
  /trailers            the trailers of the request, and some behind the content
  /headers             what the application sees of the request
  /connection          what it sees of the connection: peer, protocol, encryption
  /push                pushes /connection, where the client takes that
  /slow?ms=1000        answers after that time, even if nobody waits for it
  /big                 1 MiB
  /stats               counters, a name=value a line`
}

// Run serves until a signal.
func (s *serveCommand) Run(c *console) error {
	if err := s.check(); err != nil {
		return err
	}
	out := newOutput(c.stdout)
	defer out.close()
	app, err := s.build(c, out)
	if err != nil {
		return err
	}
	defer app.close()
	certificates, err := s.certificates()
	if err != nil {
		return err
	}
	ends, err := s.start(app.server, certificates)
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	for _, e := range ends {
		s.say(out, e, fmt.Sprintf("serving %s on %s (driver %s%s): try %s", s.what(), e.place(), e.Driver, e.shown(), e.Try))
	}
	defer s.reloading(out, certificates)()
	return s.until(signals, out, app)
}

// check says what flags don't go together, and fills in what is left out.
func (s *serveCommand) check() error {
	switch {
	case s.NoHTTP1 && s.NoHTTP2:
		return &usageError{"--no-http1 and --no-http2 leave nothing to speak: give one of them"}
	case s.H2C && (s.NoHTTP1 || s.NoHTTP2):
		return &usageError{"--h2c-upgrade is from HTTP/1.1 to HTTP/2: leave it out, or --no-http1 and --no-http2"}
	case s.Handlers < 1:
		return &usageError{fmt.Sprintf("--handlers %d: at least one handler has to be able to run", s.Handlers)}
	case s.Loops < 0:
		return &usageError{fmt.Sprintf("--loops %d: give a number from 1, or leave it out for one for each processor", s.Loops)}
	case s.Loops > 0 && s.Driver == "goroutine":
		return &usageError{"--loops is for --driver poll: the other driver has a goroutine for each connection"}
	case (s.Cert == "") != (s.Key == ""):
		return &usageError{"--cert and --key go together: give both, or neither for a certificate that is made in memory"}
	}
	if n := s.Limits.HTTP2.ConnectionWindow; n < 65535 {
		return &usageError{fmt.Sprintf("--http2-connection-window %d: every connection begins with 65535", n)}
	}
	if len(s.Listen)+len(s.TLS)+len(s.Unix) == 0 {
		s.Listen, s.TLS = []string{defaultAddress}, []string{defaultAddressTLS}
	}
	if s.Cert != "" && len(s.TLS) == 0 {
		return &usageError{"--cert and --key are for --tls ADDR, which is missing"}
	}
	return nil
}

// application is what is served, and by what.
type application struct {
	server  *specht.Server
	demo    *demo
	workers *loop.Workers // of the demonstration
	end     func()
}

// close ends it at once, if it hasn't ended.
func (a *application) close() {
	a.server.Close()
	a.end()
}

// build makes what is served, and the server.
func (s *serveCommand) build(c *console, out *output) (*application, error) {
	pool := loop.NewPool(0)
	workers := loop.NewWorkers(loop.WorkersOptions{Max: s.Handlers})
	app := &application{demo: newDemo(workers, pool, c.stderr), workers: workers, end: func() {}}
	o := specht.ServerOptions{
		Driver: specht.Driver(s.Driver), Loops: s.Loops, HandlersMax: s.Handlers,
		Loop: s.Limits.driver(loop.Options{Pool: pool}), NoHTTP1: s.NoHTTP1, NoHTTP2: s.NoHTTP2,
		H2CUpgrade: s.H2C,
	}
	if s.Driver == "auto" {
		o.Driver = specht.DriverAuto
	}
	var err error
	o.Handler, o.HTTP1, o.HTTP2 = message.Inline(app.demo), app.demo.options(), app.demo.options2()
	if s.Dir != "" {
		files, root, err := openDir(s.Dir)
		if err != nil {
			return nil, err
		}
		app.end = func() { root.Close() }
		o.Handler = nethttp.Handler(files, nethttp.Options{ErrorLog: log.New(c.stderr, "specht: ", 0)})
		o.HTTP1, o.HTTP2 = h1.Options{OnPanic: app.demo.panicked}, h2.Options{OnPanic: app.demo.panicked}
	}
	if s.Log {
		l := &exchangeLog{out, s.JSON, time.Now}
		o.HTTP1.OnEnd, o.HTTP2.OnEnd, o.OnError = l.ended, l.ended, l.refused
	}
	o.HTTP1, o.HTTP2 = s.Limits.of(o.HTTP1), s.Limits.of2(o.HTTP2)
	if app.server, err = newServer(o); err != nil {
		app.end()
		return nil, err
	}
	app.demo.server = app.server
	return app, nil
}

// newServer makes a server, and says which driver to take where there is none.
func newServer(o specht.ServerOptions) (*specht.Server, error) {
	server, err := specht.NewServer(o)
	if errors.Is(err, errors.ErrUnsupported) {
		return nil, &usageError{"--driver poll isn't there on this platform: use --driver goroutine"}
	}
	return server, err
}

// what is what is served, for people.
func (s *serveCommand) what() string {
	if s.Dir == "" {
		return "a demonstration"
	}
	return "the files of " + s.Dir
}

// stopping is that a signal has come.
type stopping struct {
	Event       string `json:"event"`
	Signal      string `json:"signal"`
	Connections int64  `json:"connections"`
}

// until serves until a signal, and ends it gracefully.
func (s *serveCommand) until(signals <-chan os.Signal, out *output, app *application) error {
	ended := make(chan error, 1)
	go func() { ended <- app.server.Serve(context.Background()) }()
	select {
	case err := <-ended:
		return fmt.Errorf("the server has ended: %w", err)
	case sig := <-signals:
		n := app.server.Stats().Connections
		s.say(out, stopping{"stopping", sig.String(), n}, fmt.Sprintf("%v: stopping within %v, %s open; a second signal cuts what is left", sig, s.Grace, plural(int(n), "connection")))
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), s.Grace, fmt.Errorf("%v have passed, and --grace can give them longer", s.Grace))
	defer cancel()
	ctx, cut := context.WithCancelCause(ctx)
	defer cut(nil)
	go func() {
		select {
		case sig := <-signals:
			cut(fmt.Errorf("a second signal (%v)", sig))
		case <-ctx.Done():
		}
	}()
	err := app.server.Shutdown(ctx)
	if err == nil {
		err = app.workers.Close(ctx)
	}
	if err != nil {
		all, idle := app.workers.Count()
		return fmt.Errorf("stopped before everything was finished, with %d handlers running: %w", all-idle+app.server.Handlers(), err)
	}
	return nil
}
