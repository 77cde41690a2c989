//go:build !linux && !darwin && !dragonfly && !freebsd && !netbsd && !openbsd

package loop

import (
	"errors"
	"fmt"
	"runtime"
)

// NewPoller is the system's Poller of descriptors: epoll or kqueue. Where there
// is neither, the error matches errors.ErrUnsupported.
func NewPoller() (Poller, error) {
	return nil, fmt.Errorf("loop: no poller for descriptors on %s: use a Group, or NewQueue for flows that announce their own readiness: %w", runtime.GOOS, errors.ErrUnsupported)
}
