package main

import (
	"errors"

	"github.com/specht-http/specht/audit"
)

// The exit codes of all commands.
const (
	exitOK        = 0
	exitFailed    = 1
	exitUsage     = 2
	exitNoConnect = 3
	exitUndecided = 4 // nothing failed, and not all was shown: of audit
)

// usageError is that a command was called in a wrong way.
type usageError struct{ what string }

// Error says what was wrong, and what to do.
func (e *usageError) Error() string { return e.what }

// errReported is a failure that the output has told already.
var errReported = errors.New("failed, as reported")

// errUndecided is that the output has told of what was neither shown nor refuted.
var errUndecided = errors.New("undecided, as reported")

// reported is the error for a verdict that the output has told.
func reported(v audit.Verdict) error {
	switch v {
	case audit.Fails:
		return errReported
	case audit.Undecided:
		return errUndecided
	}
	return nil
}

// exitCode is the exit code for an error.
func exitCode(err error) int {
	var usage *usageError
	var connect *connectError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, errUndecided):
		return exitUndecided
	case errors.As(err, &connect):
		return exitNoConnect
	}
	return exitFailed
}
