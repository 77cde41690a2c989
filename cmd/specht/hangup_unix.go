//go:build unix

package main

import (
	"os"
	"syscall"
)

// hangup is the signal by which files are read again.
var hangup os.Signal = syscall.SIGHUP
