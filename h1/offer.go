package h1

import "github.com/specht-http/specht/message"

// OnOffer has take asked about each request that offers another protocol
// (RFC 9110, Section 7.8), before it is served: with true it has taken the
// connection over, from the first octet behind the head on. The engine is closed
// then, says nothing, and consumes no further octet; Summary says 101 (Switching
// Protocols), which it is left to take's side to write. x is there for what it
// says of the request, and valid during the call, inside the turn.
//
// take isn't asked about a request with others before it that aren't answered, or
// whose answers haven't left, nor about the last one of a connection. OnOffer is
// called before Attach, by whoever composes engines: see package alpn.
func (s *Server) OnOffer(take func(x message.Exchange) bool) { s.taker = take }

// offer says whether somebody has taken the connection over.
func (s *Server) offer(x *exchange) bool {
	isAlone := x == s.first && s.queued() == 0 && !s.isLast && !s.awaitsLast && !s.isEnded
	if !isAlone || !s.taker((*inTurn)(x)) {
		return false
	}
	x.response.Direction, x.response.status = ResponseDirectionDone, message.StatusSwitchingProtocols
	s.isGone, s.isLast, s.isClosing, s.isReadOver = true, true, true, true
	s.cause = &message.GoneError{Cause: message.ErrOver}
	s.pop()
	return true
}
