//go:build !linux && !darwin && !dragonfly && !freebsd && !netbsd && !openbsd

package unix

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"

	"github.com/specht-http/specht/flow"
)

// ListenPoll is not there on this platform: use Listen.
func ListenPoll(path string) (flow.PollListener, error) {
	return nil, fmt.Errorf("flow: polling Unix listener on %s: %w (use unix.Listen and a goroutine for each connection)", runtime.GOOS, errors.ErrUnsupported)
}

// PollListenerOf is not there on this platform: use pump.Listen.
func PollListenerOf(owned syscall.Conn) (flow.PollListener, error) {
	return nil, fmt.Errorf("flow: polling a Unix listener on %s: %w (use pump.Listen)", runtime.GOOS, errors.ErrUnsupported)
}

// DialPoll is not there on this platform: use Dial.
func DialPoll(path string) (flow.Poll, error) {
	return nil, fmt.Errorf("flow: polling Unix connection on %s: %w (use unix.Dial)", runtime.GOOS, errors.ErrUnsupported)
}
