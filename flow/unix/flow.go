// Package unix is flows over Unix stream sockets.
//
// A [Flow] is thin over package net, blocks, and works wherever net does. A
// [Poll] is a raw non-blocking descriptor without a net.Conn, for a poll
// loop, on Linux, the BSDs and macOS; elsewhere [ListenPoll] and [DialPoll] fail
// with an error that matches errors.ErrUnsupported.
//
// An address is the path of a socket file; on Linux, one that begins with @
// is in the abstract namespace. A socket file on which nobody listens any
// more is removed by listening, and a listener removes its own by Close.
//
// Unix sockets have no reset: what is cut ends for the peer as what is complete,
// unless it is encrypted, or says itself where it ends.
package unix

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/internal/backlog"
)

// Flow is a Unix stream connection whose operations block. Its other methods
// are those of net.UnixConn.
type Flow struct {
	*net.UnixConn
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
)

// New makes a Flow of a connection of package net.
func New(c *net.UnixConn) *Flow { return &Flow{UnixConn: c} }

// Dial opens a connection.
func Dial(ctx context.Context, path string) (*Flow, error) {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("flow: dialing: %w", err)
	}
	return New(c.(*net.UnixConn)), nil
}

// WriteVector implements flow.VectorWriter. net.Buffers eats what it writes,
// so it gets a copy of the vector.
func (f *Flow) WriteVector(v [][]byte) (int, error) {
	if len(v) == 1 {
		return f.UnixConn.Write(v[0])
	}
	f.kept = append(f.kept[:0], v...)
	f.lent = f.kept
	n, err := f.lent.WriteTo(f.UnixConn)
	clear(f.kept)
	return int(n), err
}

// Peer is the zero AddrPort: Unix sockets have none.
func (f *Flow) Peer() netip.AddrPort { return netip.AddrPort{} }

// Listener gives a Flow for each connection.
type Listener struct{ l *backlog.Listener }

var (
	_ flow.Listener        = (*Listener)(nil)
	_ flow.AcceptDeadliner = (*Listener)(nil)
)

// Listen listens. The error matches syscall.EADDRINUSE where somebody listens
// there already.
func Listen(path string) (*Listener, error) {
	l, err := net.Listen("unix", path)
	if errors.Is(err, syscall.EADDRINUSE) && removeStale(path) {
		l, err = net.Listen("unix", path)
	}
	if err != nil {
		return nil, fmt.Errorf("flow: listening: %w", err)
	}
	return NewListener(l.(*net.UnixListener)), nil
}

// NewListener makes a Listener of one of package net, which belongs to it from
// now on.
func NewListener(l *net.UnixListener) *Listener { return &Listener{backlog.New(l)} }

// removeStale removes the socket file at path if nobody listens on it, and
// says whether it did. What isn't a socket stays.
func removeStale(path string) bool {
	if isAbstract(path) {
		return false
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSocket == 0 {
		return false
	}
	c, err := net.Dial("unix", path)
	if err == nil {
		c.Close()
		return false
	}
	return errors.Is(err, syscall.ECONNREFUSED) && os.Remove(path) == nil
}

// isAbstract says whether path is in the abstract namespace of Linux, where there
// are no files.
func isAbstract(path string) bool { return runtime.GOOS == "linux" && strings.HasPrefix(path, "@") }

// Accept implements flow.Listener.
func (l *Listener) Accept() (flow.Flow, error) {
	c, err := l.l.Accept()
	if err != nil {
		return nil, fmt.Errorf("flow: accepting a connection: %w", err)
	}
	return New(c.(*net.UnixConn)), nil
}

// SetAcceptDeadline implements flow.AcceptDeadliner.
func (l *Listener) SetAcceptDeadline(t time.Time) error { return l.l.SetAcceptDeadline(t) }

// Close implements flow.Listener, and removes the socket file.
func (l *Listener) Close() error { return l.l.Close() }

// Addr implements flow.Listener.
func (l *Listener) Addr() string { return l.l.Addr() }
