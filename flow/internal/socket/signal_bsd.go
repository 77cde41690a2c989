//go:build darwin || dragonfly || freebsd || netbsd

package socket

import "golang.org/x/sys/unix"

// begin keeps writing to a socket whose peer has gone from raising SIGPIPE. If it
// fails, Go's runtime catches the signal.
func begin(fd int) { _ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1) }
