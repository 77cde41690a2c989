//go:build netbsd || openbsd

package loop

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// waker wakes who waits for a kqueue, by a pipe: events of the user's are too
// young on these systems.
type waker struct{ ends [2]int } // to read from and to write to

// begin adds the waker to a kqueue.
func (w *waker) begin(kqueue int) error {
	if err := unix.Pipe2(w.ends[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
		return fmt.Errorf("loop: making a pipe: %w", err)
	}
	if err := control(kqueue, w.ends[0], unix.EVFILT_READ, unix.EV_ADD|unix.EV_CLEAR, 0); err != nil {
		w.end()
		return fmt.Errorf("loop: adding a pipe to a kqueue: %w", err)
	}
	return nil
}

// oneOctet is what is written to a pipe.
var oneOctet = []byte{1}

// wake wakes. It fails only when the pipe is full, and then it has been done.
func (w *waker) wake(int) {
	for {
		if _, err := unix.Write(w.ends[1], oneOctet); err != unix.EINTR {
			return
		}
	}
}

// isIt says whether e is the waker's, and empties the pipe.
func (w *waker) isIt(e *unix.Kevent_t) bool {
	if int(e.Ident) != w.ends[0] {
		return false
	}
	var b [512]byte
	for {
		if n, err := unix.Read(w.ends[0], b[:]); n < len(b) && err != unix.EINTR {
			return true
		}
	}
}

// end lets its resources go.
func (w *waker) end() {
	unix.Close(w.ends[0])
	unix.Close(w.ends[1])
}
