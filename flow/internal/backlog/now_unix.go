//go:build unix

package backlog

import (
	"fmt"
	"net"
	"os"
	"syscall"
)

// acceptNow accepts a connection that waits. Package net has no such thing:
// once its deadline has passed, it doesn't look whether there is one.
func acceptNow(l listener) (net.Conn, error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, err
	}
	fd, failure := -1, error(nil)
	if err := raw.Control(func(its uintptr) { fd, failure = accept(int(its)) }); err != nil {
		return nil, err
	}
	if failure == syscall.EAGAIN {
		return nil, os.ErrDeadlineExceeded
	}
	if failure != nil {
		return nil, fmt.Errorf("accept: %w", failure)
	}
	file := os.NewFile(uintptr(fd), "connection")
	defer file.Close() // package net has copied it
	return net.FileConn(file)
}

// accept accepts a connection of the socket of a listener, which doesn't block.
// One that ended before is passed over.
func accept(its int) (int, error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	for {
		fd, _, err := syscall.Accept(its)
		switch err {
		case nil:
			syscall.CloseOnExec(fd)
			return fd, nil
		case syscall.EINTR, syscall.ECONNABORTED:
			continue
		}
		return -1, err
	}
}
