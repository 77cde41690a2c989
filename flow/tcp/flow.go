// Package tcp is flows over TCP.
//
// A [Flow] is thin over package net, blocks, and works wherever net does. A
// [Poll] is a raw non-blocking descriptor without a net.Conn, for a poll
// loop, on Linux, the BSDs and macOS; elsewhere [ListenPoll] and [DialPoll] fail
// with an error that matches errors.ErrUnsupported.
//
// Addresses are host:port, over IPv4 and IPv6. An empty host listens on both;
// port 0 takes a free one, which Addr tells. TCP_NODELAY is set: drivers
// write when there is something to write.
package tcp

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/internal/backlog"
)

// Flow is a TCP connection whose operations block. Its other methods are
// those of net.TCPConn.
type Flow struct {
	*net.TCPConn
	lent net.Buffers // what WriteTo eats
	kept [][]byte    // the array that lent is made of
	late lateReader
}

var (
	_ flow.Flow         = (*Flow)(nil)
	_ flow.CloseReader  = (*Flow)(nil)
	_ flow.CloseWriter  = (*Flow)(nil)
	_ flow.VectorWriter = (*Flow)(nil)
	_ flow.Deadliner    = (*Flow)(nil)
	_ flow.Addressed    = (*Flow)(nil)
	_ flow.Resetter     = (*Flow)(nil)
)

// New makes a Flow of a connection of package net.
func New(c *net.TCPConn) *Flow { return &Flow{TCPConn: c} }

// Dial opens a connection.
func Dial(ctx context.Context, address string) (*Flow, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("flow: dialing: %w", err)
	}
	return New(c.(*net.TCPConn)), nil
}

// WriteVector implements flow.VectorWriter. net.Buffers eats what it writes,
// so it gets a copy of the vector.
func (f *Flow) WriteVector(v [][]byte) (int, error) {
	if len(v) == 1 {
		return f.TCPConn.Write(v[0])
	}
	f.kept = append(f.kept[:0], v...)
	f.lent = f.kept
	n, err := f.lent.WriteTo(f.TCPConn)
	clear(f.kept)
	return int(n), err
}

// Reset implements flow.Resetter.
func (f *Flow) Reset() {
	_ = f.SetLinger(0) // if it fails, the connection is broken already
	_ = f.Close()
}

// Peer implements flow.Addressed.
func (f *Flow) Peer() netip.AddrPort {
	a, ok := f.TCPConn.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return netip.AddrPort{}
	}
	p := a.AddrPort()
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// Listener gives a Flow for each connection.
type Listener struct{ l *backlog.Listener }

var (
	_ flow.Listener        = (*Listener)(nil)
	_ flow.AcceptDeadliner = (*Listener)(nil)
)

// Listen listens. The error matches syscall.EADDRINUSE where the address is
// in use.
func Listen(address string) (*Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("flow: listening: %w", err)
	}
	return NewListener(l.(*net.TCPListener)), nil
}

// NewListener makes a Listener of one of package net, which belongs to it from
// now on.
func NewListener(l *net.TCPListener) *Listener { return &Listener{backlog.New(l)} }

// Accept implements flow.Listener.
func (l *Listener) Accept() (flow.Flow, error) {
	c, err := l.l.Accept()
	if err != nil {
		return nil, fmt.Errorf("flow: accepting a connection: %w", err)
	}
	return New(c.(*net.TCPConn)), nil
}

// SetAcceptDeadline implements flow.AcceptDeadliner.
func (l *Listener) SetAcceptDeadline(t time.Time) error { return l.l.SetAcceptDeadline(t) }

// Close implements flow.Listener.
func (l *Listener) Close() error { return l.l.Close() }

// Addr implements flow.Listener.
func (l *Listener) Addr() string { return l.l.Addr() }
