//go:build unix

// Package late reads descriptors of package net without holding a buffer while
// there is nothing to read: what flow/tcp and flow/unix share. It exists on
// Unix systems only.
package late

import (
	"fmt"
	"io"
	"syscall"

	"github.com/specht-http/specht/flow"
)

// Reader reads one descriptor. One goroutine at a time uses it.
type Reader struct {
	conn    syscall.RawConn
	attempt func(descriptor uintptr) bool // once, so that reading doesn't allocate
	lender  flow.Lender
	n       int
	err     error
}

// Read implements flow.LateReader over c, which is always the same.
func (r *Reader) Read(c syscall.Conn, l flow.Lender) (n int, err error) {
	if r.conn == nil {
		if r.conn, err = c.SyscallConn(); err != nil {
			return 0, fmt.Errorf("flow: reading: %w", err)
		}
		r.attempt = r.try
	}
	r.lender = l
	err = r.conn.Read(r.attempt)
	n, r.lender = r.n, nil
	if err == nil {
		err = r.err
	}
	r.n, r.err = 0, nil
	return n, err
}

// try reads once, and is false if there is nothing to read.
func (r *Reader) try(descriptor uintptr) bool {
	b := r.lender.Lend()
	n, err := syscall.Read(int(descriptor), b)
	for err == syscall.EINTR {
		n, err = syscall.Read(int(descriptor), b)
	}
	if n > 0 && err == nil {
		r.n = n
		return true
	}
	r.lender.Return()
	switch err {
	case syscall.EAGAIN:
		return false
	case nil:
		r.err = io.EOF
	default:
		r.err = fmt.Errorf("flow: reading: %w", err)
	}
	return true
}
