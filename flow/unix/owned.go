//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package unix

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/internal/socket"
)

// PollListenerOf makes a PollListener of the same socket as owned, which listens
// and stays the caller's, with its socket file: a net.UnixListener, or an os.File
// that the process was started with. Closing one leaves the other open, and then
// nothing that waits to be accepted is reset. The socket doesn't block from then
// on, whoever has it.
func PollListenerOf(owned syscall.Conn) (flow.PollListener, error) {
	fd, err := socket.Listening(owned)
	if err != nil {
		return nil, err
	}
	l := &PollListener{}
	l.socket.Init(fd)
	bound, err := unix.Getsockname(fd)
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("flow: listening on a socket of the caller's: %w", err)
	}
	a, ok := bound.(*unix.SockaddrUnix)
	if !ok {
		l.Close()
		return nil, fmt.Errorf("flow: listening on a socket of the caller's: it is no Unix socket")
	}
	l.path = a.Name
	return l, nil
}
