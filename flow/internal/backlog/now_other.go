//go:build !unix

package backlog

import (
	"net"
	"time"
)

// graceNs is how long acceptNow waits: package net doesn't look whether there
// is a connection once the deadline has passed.
const graceNs = 20_000_000

// acceptNow accepts a connection that waits.
func acceptNow(l listener) (net.Conn, error) {
	if err := l.SetDeadline(time.Now().Add(graceNs)); err != nil {
		return nil, err
	}
	return l.Accept()
}
