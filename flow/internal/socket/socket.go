//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

// Package socket is stream sockets as raw non-blocking descriptors: what
// flow/tcp and flow/unix share. It exists where loop has a Poller of
// descriptors: on Linux, the BSDs and macOS.
package socket

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/specht-http/specht/flow"
)

// Socket is a connected stream socket, or one that is being connected. Its
// methods are those of a flow.Poll. Nothing but Close and Reset may be called
// at the same time as another method of the same direction. The descriptor is
// closed when nobody uses it, so that no operation meets another that has its
// number by then.
type Socket struct {
	fd   int32
	uses atomic.Int32 // operations under way, and isClosed
}

// isClosed is a bit of Socket.uses.
const isClosed = 1 << 30

// enter is the descriptor for an operation, or -1 once the Socket is closed.
func (s *Socket) enter() int32 {
	for {
		was := s.uses.Load()
		if was&isClosed != 0 {
			return -1
		}
		if s.uses.CompareAndSwap(was, was+1) {
			return s.fd
		}
	}
}

// leave ends an operation. The last one closes what is to be closed.
func (s *Socket) leave() error {
	if s.uses.Add(-1) != isClosed {
		return nil
	}
	if err := unix.Close(int(s.fd)); err != nil {
		return fmt.Errorf("flow: closing a socket: %w", err)
	}
	return nil
}

// errClosed is what operations on a closed Socket answer.
var errClosed = fmt.Errorf("flow: use of a closed socket: %w", syscall.EBADF)

// Init makes s own fd, which must be non-blocking.
func (s *Socket) Init(fd int) {
	s.fd = int32(fd)
	begin(fd)
}

// Descriptor implements flow.Described. It is -1 once closed.
func (s *Socket) Descriptor() int {
	if s.uses.Load()&isClosed != 0 {
		return -1
	}
	return int(s.fd)
}

// TryRead implements flow.Poll.
func (s *Socket) TryRead(b []byte) (int, error) {
	fd := s.enter()
	if fd < 0 {
		return 0, errClosed
	}
	n, err := receive(fd, b)
	_ = s.leave() // Close has returned
	return n, err
}

// TryWrite implements flow.Poll.
func (s *Socket) TryWrite(v [][]byte) (int, error) {
	fd := s.enter()
	if fd < 0 {
		return 0, errClosed
	}
	n, err := sendAll(fd, v)
	_ = s.leave() // Close has returned
	return n, err
}

// sendAll writes the slices of v.
func sendAll(fd int32, v [][]byte) (n int, err error) {
	if len(v) == 1 {
		return send(fd, v[0])
	}
	for len(v) > 0 {
		k, all, err := sendVector(fd, v[:min(len(v), vectorMax)])
		n += k
		if err != nil {
			return n, err
		}
		if k < all {
			return n, flow.ErrWouldBlock
		}
		v = v[min(len(v), vectorMax):]
	}
	return n, nil
}

// CloseWrite implements flow.Poll.
func (s *Socket) CloseWrite() error {
	fd := s.enter()
	if fd < 0 {
		return errClosed
	}
	defer s.leave()
	if err := unix.Shutdown(int(fd), unix.SHUT_WR); err != nil && !errors.Is(err, unix.ENOTCONN) {
		return fmt.Errorf("flow: half-closing a socket: %w", err)
	}
	return nil
}

// Close implements flow.Poll. It is idempotent.
func (s *Socket) Close() error {
	for {
		was := s.uses.Load()
		if was&isClosed != 0 {
			return nil
		}
		if s.uses.CompareAndSwap(was, was+1|isClosed) {
			return s.leave()
		}
	}
}

// Reset implements flow.Resetter, on sockets that have resets: Unix sockets
// don't, and are closed.
func (s *Socket) Reset() {
	if fd := s.enter(); fd >= 0 {
		_ = unix.SetsockoptLinger(int(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1}) // else it is closed
		defer s.leave()
	}
	_ = s.Close()
}

// Conn makes a connection of package net of the socket, which is closed: that
// leaves the connection open.
func (s *Socket) Conn() (net.Conn, error) {
	own := s.enter()
	if own < 0 {
		return nil, errClosed
	}
	defer s.leave()
	fd, err := unix.FcntlInt(uintptr(own), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("flow: copying the descriptor of a socket: %w", err)
	}
	file := os.NewFile(uintptr(fd), "socket")
	defer file.Close()
	c, err := net.FileConn(file)
	if err != nil {
		return nil, fmt.Errorf("flow: making a connection of package net of a socket: %w", err)
	}
	return c, s.Close()
}

// Backlog is how many connections wait to be accepted: the system's limit
// cuts it.
const Backlog = 65535

// TryAccept accepts a connection, as a non-blocking socket, and tells its peer,
// which is the zero AddrPort on Unix sockets. A connection that ended before it
// was accepted is passed over.
func (s *Socket) TryAccept() (fd int, peer netip.AddrPort, err error) {
	own := s.enter()
	if own < 0 {
		return -1, peer, errClosed
	}
	defer s.leave()
	for {
		fd, peer, err = accept(own)
		switch err {
		case nil:
			return fd, peer, nil
		case unix.EINTR, unix.ECONNABORTED, unix.EPROTO:
		case unix.EAGAIN:
			return -1, peer, flow.ErrWouldBlock
		default:
			return -1, peer, fmt.Errorf("flow: accepting a connection: %w", err)
		}
	}
}
