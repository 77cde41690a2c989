package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/unix"
	"github.com/specht-http/specht/loop"
)

// driver is one of the two drivers of package loop.
type driver interface {
	name() string
	// listen drives a new engine over each connection, and says where peers
	// reach the listener. The network is tcp or unix.
	listen(network, address string, newEngine loop.NewEngine) (at string, err error)
	// run returns when the driver has ended.
	run() error
	Shutdown(context.Context) error
	Close() error
	Stats() loop.Stats
}

// newDriver makes the driver of that name; auto is the best there is.
func newDriver(name string, o loop.Options) (driver, error) {
	if name == "goroutine" {
		return &goroutineDriver{Group: loop.NewGroup(o)}, nil
	}
	l, err := loop.New(o)
	switch {
	case err == nil:
		return &pollDriver{l}, nil
	case name == "auto" && errors.Is(err, errors.ErrUnsupported):
		return newDriver("goroutine", o)
	case errors.Is(err, errors.ErrUnsupported):
		return nil, &usageError{fmt.Sprintf("--driver poll isn't there on %s: use --driver goroutine", runtime.GOOS)}
	}
	return nil, fmt.Errorf("the poll driver can't be made: %w", err)
}

// ended is what a driver has returned; that it was ended before it began to run
// is no failure.
func ended(err error) error {
	if errors.Is(err, loop.ErrClosed) {
		return nil
	}
	return err
}

// pollDriver is a loop.Loop.
type pollDriver struct{ *loop.Loop }

func (d *pollDriver) name() string { return "poll" }

func (d *pollDriver) run() error { return ended(d.Run()) }

func (d *pollDriver) listen(network, address string, newEngine loop.NewEngine) (string, error) {
	var l flow.PollListener
	var err error
	if network == "unix" {
		l, err = unix.ListenPoll(address)
	} else {
		l, err = tcp.ListenPoll(address)
	}
	if err != nil {
		return "", err
	}
	if err := d.Listen(l, newEngine); err != nil {
		l.Close()
		return "", err
	}
	return l.Addr(), nil
}

// goroutineDriver is a loop.Group.
type goroutineDriver struct {
	*loop.Group
	listeners []flow.Listener
	serves    []func() error
}

func (d *goroutineDriver) name() string { return "goroutine" }

func (d *goroutineDriver) listen(network, address string, newEngine loop.NewEngine) (string, error) {
	var l flow.Listener
	var err error
	if network == "unix" {
		l, err = unix.Listen(address)
	} else {
		l, err = tcp.Listen(address)
	}
	if err != nil {
		return "", err
	}
	d.listeners = append(d.listeners, l)
	d.serves = append(d.serves, func() error { return d.Serve(l, newEngine) })
	return l.Addr(), nil
}

// Close also closes listeners that are not served yet.
func (d *goroutineDriver) Close() error {
	err := d.Group.Close()
	for _, l := range d.listeners {
		_ = l.Close() // most are closed already
	}
	return err
}

// run serves all listeners; if one fails, so does the driver.
func (d *goroutineDriver) run() error {
	returned := make(chan error, len(d.serves))
	for _, serve := range d.serves {
		go func() { returned <- serve() }()
	}
	for range d.serves {
		if err := ended(<-returned); err != nil {
			d.Close()
			return err
		}
	}
	return nil
}
