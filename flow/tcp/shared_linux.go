package tcp

import (
	"fmt"
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
func ListenPollShared(address string, n int) ([]flow.PollListener, error) {
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
