//go:build darwin || dragonfly || netbsd || openbsd

package socket

import (
	"runtime"

	"golang.org/x/sys/unix"
)

const (
	// Sharing is the option that lets several sockets listen on one address.
	Sharing = unix.SO_REUSEPORT
	// IsDealt says whether the system then deals connections out to them: else
	// one of them gets all.
	IsDealt = runtime.GOOS == "dragonfly"
)
