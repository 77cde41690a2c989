package main

import "errors"

// The exit codes of all commands.
const (
	exitOK        = 0
	exitFailed    = 1
	exitUsage     = 2
	exitNoConnect = 3
)

// usageError is that a command was called in a wrong way.
type usageError struct{ what string }

// Error says what was wrong, and what to do.
func (e *usageError) Error() string { return e.what }

// errReported is a failure that the output has told already.
var errReported = errors.New("failed, as reported")

// exitCode is the exit code for an error.
func exitCode(err error) int {
	var usage *usageError
	var connect *connectError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &connect):
		return exitNoConnect
	}
	return exitFailed
}
