//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package socket

import (
	"errors"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// isOpen says whether a descriptor is open.
func isOpen(fd int) bool {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil
}

// socketPair is two connected sockets, non-blocking.
func socketPair(t *testing.T) [2]int {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if err := unix.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
	}
	return fds
}

// A descriptor that is closed during an operation stays open until the operation
// has ended: its number can't be another's meanwhile.
func TestCloseDuringOperation(t *testing.T) {
	fds := socketPair(t)
	defer unix.Close(fds[1])
	var s Socket
	s.Init(fds[0])
	if fd := s.enter(); fd != int32(fds[0]) {
		t.Fatalf("enter: %d", fd)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	s.Reset()
	if _, err := s.TryRead(make([]byte, 1)); !errors.Is(err, syscall.EBADF) {
		t.Errorf("TryRead of a closed socket: %v", err)
	}
	if s.Descriptor() != -1 || !isOpen(fds[0]) {
		t.Errorf("Descriptor is %d, and the number is free", s.Descriptor())
	}
	if err := s.leave(); err != nil || isOpen(fds[0]) {
		t.Errorf("leave: %v; open: %v", err, isOpen(fds[0]))
	}
}

// Conn closes the socket, and the connection goes on.
func TestConn(t *testing.T) {
	fds := socketPair(t)
	defer unix.Close(fds[1])
	var s Socket
	s.Init(fds[0])
	c, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if s.Descriptor() != -1 {
		t.Error("the socket is open")
	}
	if _, err := unix.Write(fds[1], []byte("x")); err != nil {
		t.Fatal(err)
	}
	p := make([]byte, 2)
	if n, err := c.Read(p); string(p[:n]) != "x" || err != nil {
		t.Errorf("read %q, %v", p[:n], err)
	}
}
