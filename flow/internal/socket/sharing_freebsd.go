package socket

import "golang.org/x/sys/unix"

const (
	// Sharing is the option that lets several sockets listen on one address.
	Sharing = unix.SO_REUSEPORT_LB
	// IsDealt says whether the system then deals connections out to them.
	IsDealt = true
)
