//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listening is a descriptor of the same socket as owned, which must listen for
// streams. It is non-blocking, as owned is from then on.
func Listening(owned syscall.Conn) (int, error) {
	raw, err := owned.SyscallConn()
	if err != nil {
		return -1, fmt.Errorf("flow: taking the descriptor of a listener: %w", err)
	}
	fd, failure := -1, error(nil)
	if err := raw.Control(func(its uintptr) { fd, failure = copyListening(int(its)) }); err != nil {
		return -1, fmt.Errorf("flow: taking the descriptor of a listener: %w", err)
	}
	return fd, failure
}

// copyListening is Listening for a descriptor.
func copyListening(its int) (int, error) {
	isListening, err := unix.GetsockoptInt(its, unix.SOL_SOCKET, unix.SO_ACCEPTCONN)
	if err == unix.ENOPROTOOPT { // accepting will tell
		isListening, err = 1, nil
	}
	if err != nil {
		return -1, fmt.Errorf("flow: looking at the listener of descriptor %d: %w", its, err)
	}
	kind, err := unix.GetsockoptInt(its, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return -1, fmt.Errorf("flow: looking at the listener of descriptor %d: %w", its, err)
	}
	if isListening == 0 || kind != unix.SOCK_STREAM {
		return -1, fmt.Errorf("flow: descriptor %d is a socket that doesn't listen for streams: call listen first", its)
	}
	fd, err := unix.FcntlInt(uintptr(its), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("flow: copying the descriptor of a listener: %w", err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return -1, fmt.Errorf("flow: making a listener non-blocking: %w", err)
	}
	return fd, nil
}
