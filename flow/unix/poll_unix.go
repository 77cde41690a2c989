//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package unix

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/internal/socket"
)

// Poll is a Unix stream connection whose operations don't block.
type Poll struct{ socket.Socket }

var (
	_ flow.Poll      = (*Poll)(nil)
	_ flow.Described = (*Poll)(nil)
	_ flow.Addressed = (*Poll)(nil)
	_ flow.Blockable = (*Poll)(nil)
)

// Block implements flow.Blockable, with a *Flow.
func (f *Poll) Block() (flow.Flow, error) {
	c, err := f.Conn()
	if err != nil {
		return nil, err
	}
	return New(c.(*net.UnixConn)), nil
}

// Peer is the zero AddrPort: Unix sockets have none.
func (f *Poll) Peer() netip.AddrPort { return netip.AddrPort{} }

// newPoll makes a Poll that owns fd.
func newPoll(fd int) *Poll {
	f := &Poll{}
	f.Init(fd)
	return f
}

// DialPoll opens a connection. Where too many wait to be accepted its error
// matches syscall.EAGAIN on Linux, and elsewhere syscall.ECONNREFUSED.
func DialPoll(path string) (flow.Poll, error) {
	fd, err := socket.Open(unix.AF_UNIX)
	if err != nil {
		return nil, err
	}
	if err := unix.Connect(fd, &unix.SockaddrUnix{Name: path}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("flow: dialing %s: %w", path, err)
	}
	return newPoll(fd), nil
}

// PollListener gives a Poll for each connection.
type PollListener struct {
	socket socket.Socket
	path   string
	file   fs.FileInfo // the socket file, to remove no other; nil for none
}

var (
	_ flow.PollListener = (*PollListener)(nil)
	_ flow.Described    = (*PollListener)(nil)
)

// ListenPoll listens. The error matches syscall.EADDRINUSE where somebody
// listens there already.
func ListenPoll(path string) (flow.PollListener, error) {
	fd, err := listen(path)
	if errors.Is(err, unix.EADDRINUSE) && removeStale(path) {
		fd, err = listen(path)
	}
	if err != nil {
		return nil, fmt.Errorf("flow: listening on %s: %w", path, err)
	}
	l := &PollListener{path: path}
	l.socket.Init(fd)
	if !isAbstract(path) {
		l.file, _ = os.Lstat(path)
	}
	return l, nil
}

// listen makes a listening socket.
func listen(path string) (int, error) {
	fd, err := socket.Open(unix.AF_UNIX)
	if err != nil {
		return -1, err
	}
	err = unix.Bind(fd, &unix.SockaddrUnix{Name: path})
	if err == nil {
		err = unix.Listen(fd, socket.Backlog)
	}
	if err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// TryAccept implements flow.PollListener.
func (l *PollListener) TryAccept() (flow.Poll, error) {
	fd, _, err := l.socket.TryAccept()
	if err != nil {
		return nil, err
	}
	return newPoll(fd), nil
}

// Descriptor implements flow.Described.
func (l *PollListener) Descriptor() int { return l.socket.Descriptor() }

// Close implements flow.PollListener, and removes the socket file unless
// another has taken its place.
func (l *PollListener) Close() error {
	if l.file != nil {
		if now, err := os.Lstat(l.path); err == nil && os.SameFile(now, l.file) {
			_ = os.Remove(l.path) // it may be gone already, which is as good
		}
		l.file = nil
	}
	return l.socket.Close()
}

// Addr implements flow.PollListener.
func (l *PollListener) Addr() string { return l.path }
