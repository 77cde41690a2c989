//go:build darwin || dragonfly || freebsd

package loop

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// waker wakes who waits for a kqueue, by an event of the user's.
type waker struct{}

// begin adds the waker to a kqueue.
func (*waker) begin(kqueue int) error {
	if err := control(kqueue, 0, unix.EVFILT_USER, unix.EV_ADD|unix.EV_CLEAR, 0); err != nil {
		return fmt.Errorf("loop: adding an event of the user's to a kqueue: %w", err)
	}
	return nil
}

// wake wakes. It can't fail while the kqueue is open.
func (*waker) wake(kqueue int) { _ = control(kqueue, 0, unix.EVFILT_USER, 0, unix.NOTE_TRIGGER) }

// isIt says whether e is the waker's.
func (*waker) isIt(e *unix.Kevent_t) bool { return int(e.Filter) == unix.EVFILT_USER }

// end lets its resources go.
func (*waker) end() {}
