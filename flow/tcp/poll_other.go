//go:build !linux && !darwin && !dragonfly && !freebsd && !netbsd && !openbsd

package tcp

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"github.com/specht-http/specht/flow"
)

// ListenPoll is not there on this platform: use Listen.
func ListenPoll(address string) (flow.PollListener, error) {
	return nil, fmt.Errorf("flow: polling TCP listener on %s: %w (use tcp.Listen and a goroutine for each connection)", runtime.GOOS, errors.ErrUnsupported)
}

// ListenPollShared is not there on this platform: use Listen.
func ListenPollShared(address string, n int) ([]flow.PollListener, error) {
	return nil, fmt.Errorf("flow: polling TCP listeners on %s: %w (use tcp.Listen and a goroutine for each connection)", runtime.GOOS, errors.ErrUnsupported)
}

// PollListenerOf is not there on this platform: use pump.Listen.
func PollListenerOf(owned syscall.Conn) (flow.PollListener, error) {
	return nil, fmt.Errorf("flow: polling a TCP listener on %s: %w (use pump.Listen)", runtime.GOOS, errors.ErrUnsupported)
}

// DialPoll is not there on this platform: use Dial.
func DialPoll(address string) (flow.Poll, error) {
	return nil, fmt.Errorf("flow: polling TCP connection on %s: %w (use tcp.Dial)", runtime.GOOS, errors.ErrUnsupported)
}
