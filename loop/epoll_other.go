//go:build !linux

package loop

import (
	"errors"
	"fmt"
	"runtime"
)

// NewEpoll is the Poller of Linux. On other systems its error matches
// errors.ErrUnsupported.
func NewEpoll() (Poller, error) {
	return nil, fmt.Errorf("loop: no poller for descriptors on %s: use a Group, or NewQueue for flows that announce their own readiness: %w", runtime.GOOS, errors.ErrUnsupported)
}
