package socket

import (
	"encoding/binary"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/specht-http/specht/flow"
)

// The calls of Linux. A descriptor here never blocks, so those that move octets
// go straight to the kernel, without telling the scheduler of Go.

const (
	// Sharing is the option that lets several sockets listen on one address.
	Sharing = unix.SO_REUSEPORT
	// IsDealt says whether the system then deals connections out to them.
	IsDealt = true
	// IsDual says whether one socket may take IPv6 and IPv4.
	IsDual = true
)

// vectorMax is how many slices one call takes. A vector may be longer: it is then
// written by several.
const vectorMax = 32

// begin is nothing here: each call says that it raises no SIGPIPE.
func begin(int) {}

// receive reads into b.
func receive(fd int32, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			if n == 0 {
				return 0, io.EOF
			}
			return int(n), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, flow.ErrWouldBlock
		default:
			return 0, fmt.Errorf("flow: reading a socket: %w", errno)
		}
	}
}

// send writes b.
func send(fd int32, b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			if int(n) < len(b) {
				return int(n), flow.ErrWouldBlock
			}
			return int(n), nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, flow.ErrWouldBlock
		default:
			return 0, fmt.Errorf("flow: writing a socket: %w", errno)
		}
	}
}

// sendVector writes the slices of v, at most vectorMax, and says how many
// octets they are.
func sendVector(fd int32, v [][]byte) (n, all int, err error) {
	var slices [vectorMax]unix.Iovec
	used := 0
	for _, b := range v {
		if len(b) > 0 {
			slices[used].Base = unsafe.SliceData(b)
			slices[used].SetLen(len(b))
			used++
			all += len(b)
		}
	}
	if used == 0 {
		return 0, 0, nil
	}
	message := unix.Msghdr{Iov: &slices[0]}
	message.SetIovlen(used)
	for {
		n, _, errno := unix.RawSyscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&message)), unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
		switch errno {
		case 0:
			return int(n), all, nil
		case unix.EINTR:
		case unix.EAGAIN:
			return 0, all, flow.ErrWouldBlock
		default:
			return 0, all, fmt.Errorf("flow: writing a socket: %w", errno)
		}
	}
}

// Open makes a non-blocking stream socket.
func Open(family int) (int, error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("flow: opening a socket: %w", err)
	}
	return fd, nil
}

// accept accepts a connection.
func accept(fd int32) (int, netip.AddrPort, error) {
	var peer unix.RawSockaddrInet6
	octets := uint32(unix.SizeofSockaddrInet6) // a longer address is cut
	n, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(fd), uintptr(unsafe.Pointer(&peer)), uintptr(unsafe.Pointer(&octets)), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	if errno != 0 {
		return -1, netip.AddrPort{}, errno
	}
	return int(n), addrPort(&peer), nil
}

// addrPort is the address that the kernel wrote to s, which is as long as the
// longest. It allocates only for a link-local IPv6 address.
func addrPort(s *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&s.Port))[:])
	switch s.Family {
	case unix.AF_INET:
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(s)).Addr), port)
	case unix.AF_INET6:
		a := netip.AddrFrom16(s.Addr).Unmap()
		if s.Scope_id != 0 {
			a = a.WithZone(strconv.FormatUint(uint64(s.Scope_id), 10))
		}
		return netip.AddrPortFrom(a, port)
	}
	return netip.AddrPort{}
}
