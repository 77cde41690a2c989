//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/specht-http/specht/flow"
)

// The calls of the BSDs and macOS, by the system's library where that is the
// only way to them.

// IsDual says whether one socket may take IPv6 and IPv4.
const IsDual = runtime.GOOS != "openbsd" && runtime.GOOS != "dragonfly"

// wouldBlock says whether err means that nothing failed. A connection that is
// being opened has no peer yet: only Linux says of that, too, that it would
// block. One that has failed says why, or that it has ended.
func wouldBlock(err error) bool { return err == unix.EAGAIN || err == unix.ENOTCONN }

// receive reads into b.
func receive(fd int32, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		n, err := unix.Read(int(fd), b)
		switch {
		case err == nil && n == 0:
			return 0, io.EOF
		case err == nil:
			return n, nil
		case err == unix.EINTR:
		case wouldBlock(err):
			return 0, flow.ErrWouldBlock
		default:
			return 0, fmt.Errorf("flow: reading a socket: %w", err)
		}
	}
}

// send writes b.
func send(fd int32, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		n, err := unix.Write(int(fd), b)
		switch {
		case err == nil && n < len(b):
			return n, flow.ErrWouldBlock
		case err == nil:
			return n, nil
		case err == unix.EINTR:
		case wouldBlock(err):
			return 0, flow.ErrWouldBlock
		default:
			return 0, fmt.Errorf("flow: writing a socket: %w", err)
		}
	}
}

// sendVector writes the slices of v, at most vectorMax, and says how many
// octets they are.
func sendVector(fd int32, v [][]byte) (n, all int, err error) {
	for _, b := range v {
		all += len(b)
	}
	if all == 0 {
		return 0, 0, nil
	}
	for {
		n, err := writev(int(fd), v)
		switch {
		case err == nil:
			return n, all, nil
		case err == unix.EINTR:
		case wouldBlock(err):
			return 0, all, flow.ErrWouldBlock
		default:
			return 0, all, fmt.Errorf("flow: writing a socket: %w", err)
		}
	}
}

// Open makes a non-blocking stream socket.
func Open(family int) (int, error) {
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(family, unix.SOCK_STREAM, 0)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err == nil {
		err = nonblocking(fd)
	}
	if err != nil {
		return -1, fmt.Errorf("flow: opening a socket: %w", err)
	}
	return fd, nil
}

// accept accepts a connection. Nothing waits for the lock meanwhile, for the
// listener doesn't block.
func accept(fd int32) (int, netip.AddrPort, error) {
	syscall.ForkLock.RLock()
	n, peer, err := unix.Accept(int(fd))
	if err == nil {
		unix.CloseOnExec(n)
	}
	syscall.ForkLock.RUnlock()
	if err == nil {
		err = nonblocking(n)
	}
	if err != nil {
		return -1, netip.AddrPort{}, err
	}
	return n, addrPort(peer), nil
}

// nonblocking makes fd non-blocking, or closes it.
func nonblocking(fd int) error {
	err := unix.SetNonblock(fd, true)
	if err != nil {
		unix.Close(fd)
	}
	return err
}

// addrPort is a as an AddrPort.
func addrPort(a unix.Sockaddr) netip.AddrPort {
	switch a := a.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		ip := netip.AddrFrom16(a.Addr).Unmap()
		if a.ZoneId != 0 {
			ip = ip.WithZone(strconv.FormatUint(uint64(a.ZoneId), 10))
		}
		return netip.AddrPortFrom(ip, uint16(a.Port))
	}
	return netip.AddrPort{}
}
