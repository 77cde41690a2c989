package message

import "errors"

// ErrorResponse is a response that an engine makes on its own. An error handler
// may change its Fields and Content, and its Status. Framing is the engine's, as
// in every response. Or it answers itself: see the engine's Options.ErrorHandler.
type ErrorResponse struct {
	// Cause is why: a *Fault for what the peer did, with an offset from the first
	// octet of what its machine reads; else one of the errors below.
	Cause error
	// Began is the offset of the request's first octet on the connection; 0 over
	// HTTP/2, where requests have no place of their own.
	Began int64

	Status  Status
	Fields  []Field
	Content []byte
}

// Causes of an ErrorResponse that are no faults of the peer, for errors.Is.
var (
	// ErrUnanswered is a handler that returned without a response.
	ErrUnanswered = errors.New("message: the handler returned without a response")
	// ErrPanicked is a handler or callback that panicked.
	ErrPanicked = errors.New("message: the handler panicked")
	// ErrOverloaded is an executor at its cap.
	ErrOverloaded = errors.New("message: too many handlers are running")
)
