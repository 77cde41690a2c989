package message

import (
	"errors"
	"strconv"
)

// What the methods of an Exchange answer, besides the types below and
// [*Fault]. Compare by errors.Is.
var (
	// ErrEnd is the end of the content, after all of it. Where an io.Reader is
	// needed, it becomes io.EOF.
	ErrEnd = errors.New("message: end of content")
	// ErrWouldBlock says that the call would have to wait, which it can't
	// inside a turn. Nothing has been done.
	ErrWouldBlock = errors.New("message: the call would block, and inside a turn nothing may")
	// ErrOver says that the exchange is over: it has been answered, or reset,
	// or its connection has failed.
	ErrOver = errors.New("message: the exchange is over")
	// ErrHalfClosed says that the peer has closed its side: it sends nothing
	// more. It may still read the response, but most peers that do this have
	// gone.
	ErrHalfClosed = errors.New("message: the peer has closed its side of the connection")
	// ErrReset is why an exchange failed that was reset on this side.
	ErrReset = errors.New("message: the exchange has been reset")
	// ErrDiscarded is why content doesn't arrive any more: the request has
	// been answered without waiting for it.
	ErrDiscarded = errors.New("message: content discarded, for the response is complete")
)

// MisuseError is a call that the state of its exchange doesn't allow, such as
// a second response. Nothing has been done.
type MisuseError struct {
	Call string // the method
	Rule string // what the lifecycle calls it
}

// Error implements error.
func (e *MisuseError) Error() string { return "message: " + e.Call + ": " + e.Rule }

// FieldError is a field that can't be sent. Nothing has been sent.
type FieldError struct {
	Index int    // of the field in what the application gave
	Name  string // of the field
	Why   string // what is wrong, and what to do about it
}

// Error implements error.
func (e *FieldError) Error() string {
	return "message: field " + strconv.Itoa(e.Index) + " (" + strconv.Quote(e.Name) + ") can't be sent: " + e.Why
}

// StatusError is a status that a response can't have, or not with what else the
// application gave. Nothing has been sent.
type StatusError struct {
	Status Status
	Why    string
}

// Error implements error.
func (e *StatusError) Error() string {
	return "message: status " + e.Status.String() + " can't be sent: " + e.Why
}

// LengthError is content that isn't as long as the application declared.
type LengthError struct {
	Declared int64 // octets
	Written  int64 // octets, with those of the refused call
}

// Error implements error.
func (e *LengthError) Error() string {
	if e.Declared < 0 {
		return "message: a negative content length, but not -1, which means unknown: " + strconv.FormatInt(e.Declared, 10)
	}
	return "message: " + strconv.FormatInt(e.Written, 10) + " octets of content, but " +
		strconv.FormatInt(e.Declared, 10) + " were declared"
}

// GoneError says that the peer can't be reached any more, and why.
type GoneError struct{ Cause error }

// Error implements error.
func (e *GoneError) Error() string {
	if e.Cause == nil {
		return "message: the connection has ended"
	}
	return "message: the connection has failed: " + e.Cause.Error()
}

// Unwrap is the cause, an error of the flow.
func (e *GoneError) Unwrap() error { return e.Cause }

// Is makes a GoneError an ErrOver: nothing can be done with the exchange.
func (e *GoneError) Is(target error) bool { return target == ErrOver }
