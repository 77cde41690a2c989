package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/nethttp"
)

// serveCommand serves the demonstration, or a directory, until it is told to
// stop.
type serveCommand struct {
	Dir      string        `placeholder:"DIR" help:"Serve the files of a directory instead of the demonstration: ranges, entity tags, conditional requests, listings."`
	Listen   []string      `placeholder:"ADDR" help:"TCP address, host:port; port 0 takes a free one. May be repeated. Default: 127.0.0.1:8080, if there is no --unix."`
	Unix     []string      `placeholder:"PATH" help:"Unix socket; @NAME is in the abstract namespace of Linux. May be repeated."`
	Driver   string        `enum:"auto,poll,goroutine" default:"auto" placeholder:"poll|goroutine" help:"What moves the octets: one goroutine that polls for all connections, or one goroutine for each. Default: poll, where the platform has it."`
	Handlers int           `default:"10000" placeholder:"N" help:"How many handlers may run on goroutines at once; above that the answer is 503. Default: 10000."`
	Grace    time.Duration `default:"10s" placeholder:"TIME" help:"How long connections may finish after a signal to stop; a second signal cuts them. Default: 10s."`
	Quiet    bool          `short:"q" help:"Say nothing but errors."`
	JSON     bool          `name:"json" help:"Say it as JSON, one object a line."`

	Limits limitFlags `embed:"" group:"Limits (a time as 10s, a number as 65536 or 64KiB, or off)"`
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
  /slow?ms=1000        answers after that time, even if nobody waits for it
  /big                 1 MiB
  /stats               counters, a name=value a line`
}

// defaultAddress is where a demonstration is that nobody said anything about.
const defaultAddress = "127.0.0.1:8080"

// Run serves until a signal.
func (s *serveCommand) Run(c *console) error {
	if s.Handlers < 1 {
		return &usageError{fmt.Sprintf("--handlers %d: at least one handler has to be able to run", s.Handlers)}
	}
	options := loop.Options{Pool: loop.NewPool(0), WriteStall: time.Duration(s.Limits.WriteStall)}
	d, err := newDriver(s.Driver, options)
	if err != nil {
		return err
	}
	workers := loop.NewWorkers(loop.WorkersOptions{Max: s.Handlers})
	app, end, err := s.application(workers, options.Pool, d, c.stderr)
	if err != nil {
		d.Close()
		return err
	}
	defer end()
	limited, err := s.Limits.of(app)
	if err != nil {
		d.Close()
		return err
	}
	service := h1.NewService(limited)
	ends, err := s.listen(d, func(f any) engine.Engine { return service.NewServer(loop.PeerOf(f)) })
	if err != nil {
		d.Close()
		return err
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	for _, e := range ends {
		s.say(c, e, fmt.Sprintf("serving %s on %s (driver %s): try %s", s.what(), e.place(), d.name(), e.Try))
	}
	return s.until(signals, c, d, workers)
}

// application is what is served, and what ends it.
func (s *serveCommand) application(workers *loop.Workers, pool *loop.Pool, d driver, stderr io.Writer) (h1.Options, func(), error) {
	demo := newDemo(workers, pool, d, stderr)
	if s.Dir == "" {
		return demo.options(), func() {}, nil
	}
	files, root, err := openDir(s.Dir)
	if err != nil {
		return h1.Options{}, nil, err
	}
	logger := log.New(stderr, "specht: ", 0)
	handler := nethttp.Handler(files, nethttp.Options{ErrorLog: logger})
	return h1.Options{Handler: handler, Executor: workers, OnPanic: demo.panicked}, func() { root.Close() }, nil
}

// what is what is served, for people.
func (s *serveCommand) what() string {
	if s.Dir == "" {
		return "a demonstration"
	}
	return "the files of " + s.Dir
}

// end is an address that is listened on.
type end struct {
	Event   string `json:"event"`
	Network string `json:"network"`
	Address string `json:"address"`
	URL     string `json:"url,omitempty"` // of TCP
	Driver  string `json:"driver"`
	Try     string `json:"try"`
}

// place is the address for people.
func (e *end) place() string {
	if e.URL == "" {
		return "the Unix socket " + e.Address
	}
	return e.URL
}

// listen listens on all that was asked for.
func (s *serveCommand) listen(d driver, newEngine loop.NewEngine) (ends []end, err error) {
	if len(s.Listen)+len(s.Unix) == 0 {
		s.Listen = []string{defaultAddress}
	}
	for _, address := range s.Listen {
		at, err := d.listen("tcp", address, newEngine)
		if err != nil {
			return nil, listenError("tcp", address, err)
		}
		url := "http://" + reachable(at)
		ends = append(ends, end{"listening", "tcp", at, url, d.name(), "curl " + url + "/"})
	}
	for _, path := range s.Unix {
		at, err := d.listen("unix", path, newEngine)
		if err != nil {
			return nil, listenError("unix", path, err)
		}
		ends = append(ends, end{"listening", "unix", at, "", d.name(), "curl " + curlUnix(at) + " http://localhost/"})
	}
	return ends, nil
}

// say tells what happens, unless nobody wants to know.
func (s *serveCommand) say(c *console, event any, text string) {
	switch {
	case s.Quiet:
	case s.JSON:
		_ = json.NewEncoder(c.stdout).Encode(event) // nobody else is left to be told
	default:
		fmt.Fprintln(c.stdout, "specht: "+text)
	}
}

// stopping is that a signal has come.
type stopping struct {
	Event       string `json:"event"`
	Signal      string `json:"signal"`
	Connections int64  `json:"connections"`
}

// until runs the driver until a signal, and ends it gracefully.
func (s *serveCommand) until(signals <-chan os.Signal, c *console, d driver, workers *loop.Workers) error {
	ended := make(chan error, 1)
	go func() { ended <- d.run() }()
	select {
	case err := <-ended:
		return fmt.Errorf("the driver has ended: %w", err)
	case sig := <-signals:
		n := d.Stats().Connections
		s.say(c, stopping{"stopping", sig.String(), n}, fmt.Sprintf("%v: stopping within %v, %s open; a second signal cuts what is left", sig, s.Grace, plural(int(n), "connection")))
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
	err := d.Shutdown(ctx)
	if err == nil {
		err = workers.Close(ctx)
	}
	if err != nil {
		all, idle := workers.Count()
		return fmt.Errorf("stopped before everything was finished, with %d handlers running: %w", all-idle, err)
	}
	return errors.Join(<-ended)
}
