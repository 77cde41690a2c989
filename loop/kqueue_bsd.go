//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package loop

import (
	"fmt"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// kqueue watches descriptors edge-triggered (EV_CLEAR), as epoll does on Linux:
// reading always, and writing only while a write waits. It says what has
// happened to each direction of a descriptor by itself.
//
// There is one way to wait, in the kernel, also while other goroutines have to
// do with the Loop: they have had their time before. Where all processors that Go
// may use are waiting so, it takes the scheduler some ten µs, and 10 ms at worst,
// to find one for a goroutine that becomes able to run then. The poller of Go's
// runtime can't be had to watch a kqueue for us: it takes only descriptors that
// are non-blocking by fcntl, which a kqueue refuses on FreeBSD.
//
// Closing a descriptor takes its events out of the kqueue. Those that Wait has
// taken get their tokens before it returns: afterwards the number may be another's.
type kqueue struct {
	fd      int
	mu      sync.Mutex // of waker
	waker   waker
	isShut  bool // the same
	tokens  tokens
	timeout unix.Timespec
	events  [eventsPerWait]unix.Kevent_t
}

// NewPoller is the system's Poller of descriptors: epoll or kqueue. Where there
// is neither, the error matches errors.ErrUnsupported.
func NewPoller() (Poller, error) {
	syscall.ForkLock.RLock()
	fd, err := unix.Kqueue()
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, fmt.Errorf("loop: making a kqueue: %w", err)
	}
	p := &kqueue{fd: fd}
	if err := p.waker.begin(fd); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return p, nil
}

// control makes one change to a kqueue. One that was interrupted has been made, by
// the manuals; made twice, none of ours does harm.
func control(fd, ident, filter, flags int, fflags uint32) error {
	var change [1]unix.Kevent_t
	unix.SetKevent(&change[0], ident, filter, flags)
	change[0].Fflags = fflags
	for {
		if _, err := unix.Kevent(fd, change[:], nil, nil); err != unix.EINTR {
			return err
		}
	}
}

// watch changes what is watched of a descriptor.
func (p *kqueue) watch(descriptor, filter, flags int) error {
	if err := control(p.fd, descriptor, filter, flags, 0); err != nil {
		return fmt.Errorf("loop: watching descriptor %d by kqueue: %w", descriptor, err)
	}
	return nil
}

func (p *kqueue) Add(descriptor int, token uint64) error {
	if descriptor < 0 {
		return fmt.Errorf("loop: watching descriptor %d by kqueue: %w", descriptor, unix.EBADF)
	}
	p.tokens.set(descriptor, token)
	return p.watch(descriptor, unix.EVFILT_READ, unix.EV_ADD|unix.EV_CLEAR)
}

func (p *kqueue) WatchWrites(descriptor int, token uint64, on bool) error {
	if on {
		return p.watch(descriptor, unix.EVFILT_WRITE, unix.EV_ADD|unix.EV_CLEAR)
	}
	if err := control(p.fd, descriptor, unix.EVFILT_WRITE, unix.EV_DELETE, 0); err != nil && err != unix.ENOENT {
		return fmt.Errorf("loop: watching descriptor %d by kqueue: %w", descriptor, err)
	}
	return nil
}

func (p *kqueue) Remove(descriptor int) error {
	_ = p.WatchWrites(descriptor, 0, false) // if that fails, so does this
	return p.watch(descriptor, unix.EVFILT_READ, unix.EV_DELETE)
}

func (p *kqueue) Wait(events []Event, timeoutNs int64, _ bool) (int, error) {
	var timeout *unix.Timespec
	if timeoutNs >= 0 {
		p.timeout = unix.NsecToTimespec(min(timeoutNs, waitNsMax))
		timeout = &p.timeout
	}
	n, err := unix.Kevent(p.fd, nil, p.events[:], timeout)
	if err == unix.EINTR || err == unix.ETIMEDOUT { // the second has been seen on macOS (go.dev/issue/59679)
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("loop: waiting by kqueue: %w", err)
	}
	k := 0
	for i := range p.events[:n] {
		e := &p.events[i]
		if p.waker.isIt(e) {
			continue
		}
		f := filter{
			isWrite:   int(e.Filter) == unix.EVFILT_WRITE,
			isEnded:   e.Flags&unix.EV_EOF != 0,
			hasFailed: e.Fflags != 0,
		}
		events[k] = Event{p.tokens[e.Ident], f.readiness()}
		k++
	}
	return k, nil
}

func (p *kqueue) Wake() {
	p.mu.Lock() // else the number could be another descriptor's by the time of the call
	defer p.mu.Unlock()
	if !p.isShut {
		p.waker.wake(p.fd)
	}
}

func (p *kqueue) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isShut {
		return nil
	}
	p.isShut = true
	p.waker.end()
	return unix.Close(p.fd)
}
