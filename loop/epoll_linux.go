package loop

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/specht-http/specht/flow"
)

// epoll watches descriptors edge-triggered: a descriptor that has been
// drained is reported again when there is more, so no read ends in EAGAIN to
// find that out, and one that nobody reads is not reported over and over.
// Writable edges are asked for only while a write waits: on Unix sockets
// there is one for each read of the peer.
type epoll struct {
	fd     int
	waker  atomic.Int32 // an eventfd, edge-triggered, so it is never read; -1 once closed
	events [eventsMax]unix.EpollEvent
}

const (
	eventsMax  = 256
	wakerToken = ^uint64(0)
	watchReads = unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET
)

// NewEpoll is the Poller of Linux. On other systems its error matches
// errors.ErrUnsupported.
func NewEpoll() (Poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("loop: making an epoll instance: %w", err)
	}
	waker, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("loop: making an eventfd: %w", err)
	}
	p := &epoll{fd: fd}
	p.waker.Store(int32(waker))
	if err := p.control(unix.EPOLL_CTL_ADD, waker, wakerToken, unix.EPOLLIN|unix.EPOLLET); err != nil {
		p.Close()
		return nil, err
	}
	return p, nil
}

// control calls epoll_ctl.
func (p *epoll) control(op, descriptor int, token uint64, events uint32) error {
	e := unix.EpollEvent{Events: events, Fd: int32(token), Pad: int32(token >> 32)}
	if err := unix.EpollCtl(p.fd, op, descriptor, &e); err != nil {
		return fmt.Errorf("loop: watching descriptor %d by epoll: %w", descriptor, err)
	}
	return nil
}

func (p *epoll) Add(descriptor int, token uint64) error {
	return p.control(unix.EPOLL_CTL_ADD, descriptor, token, watchReads)
}

func (p *epoll) WatchWrites(descriptor int, token uint64, on bool) error {
	if on {
		return p.control(unix.EPOLL_CTL_MOD, descriptor, token, watchReads|unix.EPOLLOUT)
	}
	return p.control(unix.EPOLL_CTL_MOD, descriptor, token, watchReads)
}

func (p *epoll) Remove(descriptor int) error {
	return p.control(unix.EPOLL_CTL_DEL, descriptor, 0, 0)
}

func (p *epoll) Wait(events []Event, timeoutNs int64) (int, error) {
	n, err := p.wait(min(len(events), len(p.events)), timeoutNs)
	k := 0
	for i := range p.events[:n] {
		e := &p.events[i]
		token := uint64(uint32(e.Fd)) | uint64(uint32(e.Pad))<<32
		if token == wakerToken {
			continue
		}
		events[k] = Event{token, readiness(e.Events)}
		k++
	}
	return k, err
}

// wait calls epoll_wait. Without a timeout it can't block, so the scheduler
// isn't told.
func (p *epoll) wait(max int, timeoutNs int64) (int, error) {
	var n int
	var err error
	if timeoutNs == 0 {
		r, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), uintptr(max), 0, 0, 0)
		if n = int(r); errno != 0 {
			n, err = 0, errno
		}
	} else {
		n, err = unix.EpollWait(p.fd, p.events[:max], milliseconds(timeoutNs))
	}
	if err == unix.EINTR {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("loop: waiting by epoll: %w", err)
	}
	return n, nil
}

// milliseconds is ns rounded up, or -1 for ever.
func milliseconds(ns int64) int {
	if ns < 0 {
		return -1
	}
	return int(min((ns+999_999)/1_000_000, 1<<30))
}

// readiness is what epoll's events mean.
func readiness(events uint32) (r flow.Readiness) {
	if events&unix.EPOLLIN != 0 {
		r |= flow.Readable
	}
	if events&unix.EPOLLOUT != 0 {
		r |= flow.Writable
	}
	if events&unix.EPOLLRDHUP != 0 {
		r |= flow.Readable | flow.Ended
	}
	if events&(unix.EPOLLHUP|unix.EPOLLERR) != 0 {
		r |= flow.Readable | flow.Writable | flow.Ended
	}
	return r
}

func (p *epoll) Wake() {
	one := [8]byte{1}
	if fd := p.waker.Load(); fd >= 0 {
		// It fails only when the counter is full, and then the edge is due.
		_, _ = unix.Write(int(fd), one[:])
	}
}

func (p *epoll) Close() error {
	if waker := p.waker.Swap(-1); waker >= 0 {
		unix.Close(int(waker))
		unix.Close(p.fd)
	}
	return nil
}
