// Package backlog accepts connections of listeners of package net: also, without
// waiting, those that wait to be accepted when the deadline has passed. It is
// what flow/tcp and flow/unix share.
package backlog

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// Listener is a listener of package net whose deadline in the past lets what
// waits be accepted.
type Listener struct {
	listener listener
	isPast   atomic.Bool // the deadline
}

// listener is what net.TCPListener and net.UnixListener have in common.
type listener interface {
	net.Listener
	syscall.Conn
	SetDeadline(t time.Time) error
}

// New makes a Listener of l.
func New(l listener) *Listener { return &Listener{listener: l} }

// Accept is flow.Listener's, but for the type of what is accepted.
func (l *Listener) Accept() (net.Conn, error) {
	if l.isPast.Load() {
		return acceptNow(l.listener)
	}
	c, err := l.listener.Accept()
	if l.isPast.Load() && errors.Is(err, os.ErrDeadlineExceeded) {
		return acceptNow(l.listener) // it was interrupted: one may have come meanwhile
	}
	return c, err
}

// SetAcceptDeadline implements flow.AcceptDeadliner.
func (l *Listener) SetAcceptDeadline(t time.Time) error {
	l.isPast.Store(!t.IsZero() && !t.After(time.Now()))
	return l.listener.SetDeadline(t)
}

// Close implements flow.Listener.
func (l *Listener) Close() error { return l.listener.Close() }

// Addr implements flow.Listener.
func (l *Listener) Addr() string { return l.listener.Addr().String() }
