package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

var plainText = message.Field{Name: "content-type", Value: "text/plain; charset=utf-8"}

// answer makes the engine's own response to x, which has none yet. What the
// application does to it afterwards fails with the cause.
func (s *Server) answer(x *exchange, cause error, status message.Status) {
	if x.said != HTTP2MessageHead || x.isEnded {
		return
	}
	r := &message.ErrorResponse{
		Cause: cause, Status: status,
		Fields:  []message.Field{plainText}, // the error handler may change it
		Content: []byte(status.String() + "\n\n" + cause.Error() + "\n"),
	}
	if s.adorn(x, r) {
		return
	}
	if err := x.respond(r.Status, r.Fields, r.Content); err != nil && !x.isEnded {
		if err := x.respond(status, nil, nil); err != nil {
			panic("h2: bug: an error response can't be sent: " + err.Error())
		}
	}
	x.cause = cause
}

// adorn asks the error handler what to say, and says whether it answers itself:
// by a response, or by having taken the exchange over. That can be nobody else's
// any more: an application that still has it could write between.
func (s *Server) adorn(x *exchange, r *message.ErrorResponse) (isAnswered bool) {
	if s.service.ErrorHandler == nil {
		return false
	}
	wasOwed, wasDetached := x.isOwed(), x.isDetached
	x.isDetached = false
	isGood := s.handleError(x, r)
	isTaken := isGood && !wasOwed && (x.isDetached || x.pins > x.watches)
	x.isDetached = x.isDetached || wasDetached
	switch {
	case x.said == HTTP2MessageHead && !x.isEnded:
		return isTaken
	case x.said == HTTP2MessageContent && !isTaken:
		x.fail(r.Cause, frames.CodeInternalError)
	case wasOwed:
		x.cause = r.Cause
	}
	return true
}

// handleError calls the error handler, and lets no panic through.
func (s *Server) handleError(x *exchange, r *message.ErrorResponse) (isGood bool) {
	defer func() {
		if v := recover(); v != nil {
			s.tellPanic(v)
			isGood = false
		}
	}()
	s.service.ErrorHandler((*inTurn)(x), r)
	return true
}

// faultTooMuch is field sections of a connection that are too large together.
func faultTooMuch(limit int) *message.Fault {
	return &message.Fault{
		Machine: "http2-message", Name: "field sections of all requests too large", Octet: -1,
		Status: int(message.StatusRequestHeaderFieldsTooLarge), Limit: "HeadsOctets", Value: uint64(limit),
	}
}

// faultContentTooLarge is a request with more content than ContentOctets.
func faultContentTooLarge(limit int64) *message.Fault {
	return &message.Fault{
		Machine: "http2-message", Name: "content too large", Offset: limit, Octet: -1,
		Status: int(message.StatusContentTooLarge), Limit: "ContentOctets", Value: uint64(limit),
	}
}

// faultContentTooSlow is a request whose content comes too slowly.
func faultContentTooSlow(at, limit int64) *message.Fault {
	return &message.Fault{
		Machine: "http2-message", Name: "content too slow", Offset: at, Octet: -1,
		Status: int(message.StatusRequestTimeout), Limit: "ContentOctetsPerSecondMin", Value: uint64(limit),
	}
}
