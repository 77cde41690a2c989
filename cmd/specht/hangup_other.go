//go:build !unix

package main

import "os"

// hangup is the signal by which files are read again: there is none here.
var hangup os.Signal
