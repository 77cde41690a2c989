//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package tcp

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/internal/socket"
)

// ListenPollShared makes n listeners of one address, which further ones may
// share, also those of other processes of the same user (SO_REUSEPORT). The
// system gives each connection to one of them. With port 0, the first takes a
// free one for all.
//
// What one of them has not accepted when it is closed is reset, though the
// others go on: accept until there is nothing more, as loop.Loop does, and see
// ARCHITECTURE.md for what is left of that.
//
// Where the system gives all connections to one of them (macOS, NetBSD, OpenBSD),
// the error of several matches errors.ErrUnsupported.
func ListenPollShared(address string, n int) ([]flow.PollListener, error) {
	if n > 1 && !socket.IsDealt {
		return nil, fmt.Errorf("flow: listening on %s with %d listeners: %s gives all connections to one of them: %w (use ListenPoll, and give the one listener to all loops)", address, n, runtime.GOOS, errors.ErrUnsupported)
	}
	var all []flow.PollListener
	for range n {
		l, err := listenPoll(address, true)
		if err != nil {
			for _, l := range all {
				l.Close()
			}
			return nil, err
		}
		all = append(all, l)
		address = l.Addr()
	}
	return all, nil
}

// PollListenerOf makes a PollListener of the same socket as owned, which listens
// and stays the caller's: a net.TCPListener, or an os.File that the process was
// started with. Closing one leaves the other open, and then nothing that waits
// to be accepted is reset. The socket doesn't block from then on, whoever has
// it.
func PollListenerOf(owned syscall.Conn) (flow.PollListener, error) {
	fd, err := socket.Listening(owned)
	if err != nil {
		return nil, err
	}
	l, err := newPollListener(fd)
	if err != nil {
		return nil, fmt.Errorf("flow: listening on a socket of the caller's: %w", err)
	}
	return l, nil
}
