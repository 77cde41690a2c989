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
	// ErrUnwanted is why no more content of a request is sent: the peer has
	// answered without waiting for it, and goes.
	ErrUnwanted = errors.New("message: the peer has answered, and wants no more of the content")
	// ErrBusy is a client that has as many requests as it may.
	ErrBusy = errors.New("message: too many requests are waiting for this connection")
	// ErrClosing is a connection that takes no further request.
	ErrClosing = errors.New("message: the connection takes no further request")
	// ErrDiscarded is why content doesn't arrive any more: the request has
	// been answered without waiting for it, or nobody wanted the response.
	ErrDiscarded = errors.New("message: content discarded, for nobody wants it")
	// ErrNoContent says that the response has no content, so that writing more
	// of it is of no use. The response is as good as before.
	ErrNoContent = errors.New("message: the response has no content, to HEAD or by its status: stop writing, and end it")
	// ErrNoTrailers says that the response can't have trailers as it is framed.
	// Nothing has been done.
	ErrNoTrailers = errors.New("message: the response has no room for trailers: it needs HTTP/1.1 and a length that isn't declared")
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

// PushError says that no response can be pushed here, and why. Nothing has been done,
// and nothing is amiss: the client asks for itself.
type PushError struct{ Why string }

// Error implements error.
func (e *PushError) Error() string { return "message: nothing can be pushed: " + e.Why }

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

// UnansweredError is a request whose final response hasn't begun and never
// will, and what there is to know before it is sent again.
type UnansweredError struct {
	IsSent       bool  // octets of it may have reached the peer
	IsRefused    bool  // the peer has said that it has done nothing with it (RFC 9113, Section 8.7)
	IsIdempotent bool  // its method is (RFC 9110, Section 9.2.2)
	Cause        error // a *GoneError if the connection has ended, a *Fault if the peer answered what can't be read
}

// Error implements error.
func (e *UnansweredError) Error() string {
	s := "message: the request is unanswered: "
	switch {
	case !e.IsSent:
		s = "message: the request wasn't sent: "
	case e.IsRefused:
		s = "message: the peer has refused the request, and done nothing with it: "
	case !e.IsRetryable():
		s = "message: the request is unanswered, and can't be sent again by itself: "
	}
	return s + e.Cause.Error()
}

// IsRetryable says whether the request may be sent again by itself, on another
// connection: it can't have had an effect, or the connection has ended and a
// second effect is none (RFC 9110, Section 9.2.2). Content that came from a
// stream is the caller's to bring again.
func (e *UnansweredError) IsRetryable() bool {
	_, isGone := e.Cause.(*GoneError)
	return !e.IsSent || e.IsRefused || e.IsIdempotent && isGone
}

// Unwrap is the cause.
func (e *UnansweredError) Unwrap() error { return e.Cause }

// TruncatedError is a response that ends before its end: less than was
// declared, or malformed.
type TruncatedError struct{ Cause error }

// Error implements error.
func (e *TruncatedError) Error() string {
	return "message: the response isn't whole: " + e.Cause.Error()
}

// Unwrap is the cause.
func (e *TruncatedError) Unwrap() error { return e.Cause }
