package h1

import (
	"errors"

	"github.com/specht-http/specht/message"
)

// ErrorResponse is a response that the engine makes on its own. An error
// handler may change its Fields and Content, and its Status. Framing is the
// engine's, as in every response.
type ErrorResponse struct {
	// Cause is why: a *message.Fault for what the peer did, with an offset
	// from the first octet of the request; else one of the errors of this
	// package.
	Cause error
	// Began is the offset of the request's first octet on the connection.
	Began int64

	Status  message.Status
	Fields  []message.Field
	Content []byte
}

// Causes of an ErrorResponse that are no faults of the peer, for errors.Is.
var (
	// ErrUnanswered is a handler that returned without a response.
	ErrUnanswered = errors.New("h1: the handler returned without a response")
	// ErrPanicked is a handler or callback that panicked.
	ErrPanicked = errors.New("h1: the handler panicked")
	// ErrBusy is an executor at its cap.
	ErrBusy = errors.New("h1: too many handlers are running")
)

var plainText = message.Field{Name: "Content-Type", Value: "text/plain; charset=utf-8"}

// answer makes the engine's own response to x, which has none yet. What the
// application does to it afterwards fails with the cause.
func (s *Server) answer(x *exchange, cause error, status message.Status) {
	if x.response.Direction != ResponseDirectionIdle {
		return
	}
	r := &ErrorResponse{
		Cause: cause, Began: x.began, Status: status,
		Fields:  []message.Field{plainText}, // the error handler may change it
		Content: []byte(status.String() + "\n\n" + cause.Error() + "\n" + advice(status)),
	}
	s.adorn(r)
	if err := x.respond(r.Status, r.Fields, r.Content); err != nil {
		if err := x.respond(status, nil, nil); err != nil {
			panic("h1: bug: an error response can't be sent: " + err.Error())
		}
	}
	x.cause = cause
}

// advice is what else a status asks the engine to say: of a version that isn't
// supported, which ones are (rfc9110#15.6.6/1).
func advice(status message.Status) string {
	if status == message.StatusHTTPVersionNotSupported {
		return "This server speaks HTTP/1.1 and HTTP/1.0.\n"
	}
	return ""
}

// adorn asks the error handler what to say.
func (s *Server) adorn(r *ErrorResponse) {
	if s.service.ErrorHandler == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			s.tellPanic(v)
		}
	}()
	s.service.ErrorHandler(r)
}

// refuse answers x by a fault, and closes the connection after that: framing
// can't be relied upon any more.
func (s *Server) refuse(x *exchange, f *message.Fault) {
	s.stopRequests()
	x.persistence = PersistenceClose
	x.fault = f
	if x.onContent != nil { // which may answer
		x.notifyEnd(f)
	}
	s.answer(x, f, message.Status(f.Status))
}

// refuseNew is refuse for a request that is no exchange yet.
func (s *Server) refuseNew(f *message.Fault) {
	x := s.begin()
	x.direction = s.requests.Direction
	m := s.requests.Message
	if m != nil && m.Head.MethodID == message.MethodHead {
		x.response.method = message.MethodHead
	}
	s.refuse(x, f)
}

// failContent is that the content of the request under way has a fault.
func (s *Server) failContent(f *message.Fault) {
	x := s.receiving
	x.direction = s.requests.Direction
	s.receiving = nil
	s.refuse(x, f)
}

// stopRequests is that nothing more is taken for a request.
func (s *Server) stopRequests() {
	if !s.isLast {
		s.isLast = true
		s.drainLeft = max(s.service.DiscardOctets, 0)
	}
}
