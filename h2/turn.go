package h2

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// Another goroutine than the driver's enters an engine as a turn of its own, under
// the host's lock, and gives the lock up where it has to wait.

// entered is an engine, of a server or a client, to such a goroutine.
type entered interface {
	view() view
	// leaveTurn does what follows from the turn.
	leaveTurn()
}

// view is what a driver sees of an engine. While it doesn't change, there is
// nothing to wake the driver for.
type view struct {
	read      engine.Op
	isClosing bool
	in        uint64 // queued octets, since the beginning
	deadline  int64
}

// signal has those look again that wait.
func (o *output) signal() {
	if o.waiters > 0 {
		o.host.Signal()
	}
}

// wait ends the turn, and begins another when something has happened. Others that
// wait are told only of what this one has done: two that told each other that they
// still wait would never rest.
func (o *output) wait(e entered, was *view) {
	e.leaveTurn()
	if e.view() != *was {
		o.host.Wake()
		o.signal()
	}
	o.waiters++
	o.host.Wait()
	o.waiters--
	*was = e.view()
}

// until calls f until it doesn't have to wait any more.
func (o *output) until(e entered, was *view, f func() error) error {
	err := f()
	for err == message.ErrWouldBlock {
		o.wait(e, was)
		err = f()
	}
	return err
}

// writeParts writes p in parts: the first octets of it that may be queued at once,
// and so on.
func (o *output) writeParts(e entered, was *view, p []byte, part func([]byte) []byte, write func([]byte) (int, error)) (n int, err error) {
	for first := true; first || n < len(p); first = false {
		k, err := write(part(p[n:]))
		for err == message.ErrWouldBlock {
			o.wait(e, was)
			k, err = write(part(p[n:]))
		}
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
