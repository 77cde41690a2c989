package loop

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/specht-http/specht/flow"
)

// epoll watches descriptors edge-triggered: a descriptor that has been
// drained is reported again when there is more, so no read ends in EAGAIN to
// find that out, and one that nobody reads is not reported over and over.
// Writable edges are asked for only while a write waits: on Unix sockets
// there is one for each read of the peer.
//
// There are two ways to wait. In the kernel it costs least, but a goroutine
// there keeps its processor from others until the scheduler notices (up to
// some hundred µs). Parked in the poller of Go's runtime, which watches the
// epoll descriptor itself, it costs about half a µs more and keeps nothing.
type epoll struct {
	fd     int
	mu     sync.Mutex // of waker
	waker  int        // an eventfd, edge-triggered, so it is never read; -1 once closed
	events [eventsMax]unix.EpollEvent

	file      *os.File        // of fd, for the runtime's poller
	parking   syscall.RawConn // of file
	try       func(uintptr) bool
	isLimited bool // file has a deadline
	ready     int  // what try found
	err       error
}

const (
	eventsMax  = eventsPerWait
	wakerToken = ^uint64(0)
	watchReads = unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET
)

// NewPoller is the system's Poller of descriptors: epoll or kqueue. Where there
// is neither, the error matches errors.ErrUnsupported.
func NewPoller() (Poller, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("loop: making an epoll instance: %w", err)
	}
	waker, err := unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC)
	if err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("loop: making an eventfd: %w", err)
	}
	p := &epoll{fd: fd, waker: waker}
	if err := p.control(unix.EPOLL_CTL_ADD, waker, wakerToken, unix.EPOLLIN|unix.EPOLLET); err != nil {
		p.Close()
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		p.Close()
		return nil, fmt.Errorf("loop: making an epoll instance non-blocking: %w", err)
	}
	p.file = os.NewFile(uintptr(fd), "epoll")
	if p.parking, err = p.file.SyscallConn(); err != nil {
		p.Close()
		return nil, fmt.Errorf("loop: parking on an epoll instance: %w", err)
	}
	p.try = func(uintptr) bool {
		p.ready, p.err = p.wait(0)
		return p.ready > 0 || p.err != nil
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

func (p *epoll) Wait(events []Event, timeoutNs int64, isShared bool) (int, error) {
	n, err := 0, error(nil)
	if timeoutNs != 0 && isShared {
		n, err = p.park(timeoutNs)
	} else {
		n, err = p.wait(timeoutNs)
	}
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

// park waits in the runtime's poller.
func (p *epoll) park(timeoutNs int64) (int, error) {
	if timeoutNs > 0 || p.isLimited {
		var until time.Time
		if p.isLimited = timeoutNs > 0; p.isLimited {
			until = time.Now().Add(time.Duration(timeoutNs))
		}
		if err := p.file.SetReadDeadline(until); err != nil {
			return p.wait(timeoutNs)
		}
	}
	p.ready, p.err = 0, nil
	if err := p.parking.Read(p.try); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, fmt.Errorf("loop: parking on an epoll instance: %w", err)
	}
	return p.ready, p.err
}

// wait waits in the kernel. Without a timeout it can't block, so the
// scheduler isn't told.
func (p *epoll) wait(timeoutNs int64) (int, error) {
	var n int
	var err error
	if timeoutNs == 0 {
		r, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), eventsMax, 0, 0, 0)
		if n = int(r); errno != 0 {
			n, err = 0, errno
		}
	} else {
		n, err = unix.EpollWait(p.fd, p.events[:], milliseconds(timeoutNs))
	}
	if err == unix.EINTR {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("loop: waiting by epoll: %w", err)
	}
	return n, nil
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

// one is what an eventfd takes: a number in the order of the machine. Each
// write is an edge, whatever the counter says, so it is never read.
var one = func() (b [8]byte) {
	binary.NativeEndian.PutUint64(b[:], 1)
	return b
}()

func (p *epoll) Wake() {
	p.mu.Lock() // else the number could be another descriptor's by the time of the write
	defer p.mu.Unlock()
	if p.waker >= 0 {
		// It fails only when the counter is full, after 2^64 of them.
		_, _ = unix.Write(p.waker, one[:])
	}
}

func (p *epoll) Close() error {
	p.mu.Lock()
	waker := p.waker
	p.waker = -1
	p.mu.Unlock()
	if waker < 0 {
		return nil
	}
	unix.Close(waker)
	if p.file != nil {
		return p.file.Close()
	}
	return unix.Close(p.fd)
}
