package h1

import "github.com/specht-http/specht/message"

// ErrorResponse is a response that the engine makes on its own.
type ErrorResponse = message.ErrorResponse

// Causes of an ErrorResponse that are no faults of the peer, for errors.Is:
// those of package message, by the names that they have here.
var (
	ErrUnanswered = message.ErrUnanswered
	ErrPanicked   = message.ErrPanicked
	ErrBusy       = message.ErrOverloaded
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
	if s.adorn(x, r) {
		return
	}
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

// adorn asks the error handler what to say, and says whether it answers itself:
// by a response, or by having taken the exchange over. That can be nobody else's
// any more: an application that still has it could write between.
func (s *Server) adorn(x *exchange, r *ErrorResponse) (isAnswered bool) {
	if s.service.ErrorHandler == nil {
		return false
	}
	wasOwed, wasDetached := x.isOwed(), x.isDetached
	x.isDetached = false
	isGood := s.handleError(x, r)
	isTaken := isGood && !wasOwed && (x.isDetached || x.pins > x.watches)
	x.isDetached = x.isDetached || wasDetached
	switch {
	case x.response.Direction == ResponseDirectionIdle:
		return isTaken
	case x.response.Direction == ResponseDirectionContent && !isTaken:
		x.fail(r.Cause)
	case wasOwed:
		x.cause = r.Cause
	}
	return true
}

// handleError calls the error handler, and lets no panic through.
func (s *Server) handleError(x *exchange, r *ErrorResponse) (isGood bool) {
	defer func() {
		if v := recover(); v != nil {
			s.tellPanic(v)
			isGood = false
		}
	}()
	s.service.ErrorHandler((*inTurn)(x), r)
	return true
}

// refuse answers x by a fault, and closes the connection after that: framing
// can't be relied upon any more.
func (s *Server) refuse(x *exchange, f *message.Fault) {
	s.stopRequests()
	x.persistence = PersistenceClose
	x.fault = f
	if x.OnContent != nil { // which may answer
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
