package h1

import "github.com/specht-http/specht/message"

// How a connection ends (RFC 9112, Section 9.6). In stages, so that the last
// response isn't lost to octets that nobody reads:
//
//	isLast      a request said close, or was refused, or the service ends:
//	            what arrives behind it is thrown away, within a limit
//	isClosing   the last response is queued: NextWrite is Close behind it,
//	            and reading goes on until the peer has closed, or too much or
//	            too long
//	isReadOver  NextRead is Close
//
// When a response is cut, there is nothing to wait for: both directions end.
// Where the end of the connection would be taken for the end of the response,
// the connection is aborted.

// close ends the connection behind what is queued. isCut says that this isn't
// the end of a response.
func (s *Server) close(isCut bool) {
	s.stopRequests()
	s.isClosing = true
	s.isPartial = false
	if s.isEnded || isCut || s.service.DrainNs < 0 {
		s.isReadOver = true
	}
	s.abandon(message.ErrReset)
}

// abandon gives up all exchanges.
func (s *Server) abandon(err error) {
	for s.first != nil {
		s.first.fail(err)
		s.pop()
	}
	s.receiving = nil
}

// drain throws n octets away.
func (s *Server) drain(n int) int {
	s.drainLeft -= int64(n)
	if s.isClosing && s.drainLeft <= 0 {
		s.isReadOver = true
	}
	return n
}

// breakUp is that the flow takes no more octets, or has none.
func (s *Server) breakUp(err error) {
	if s.isGone {
		return
	}
	s.isGone, s.isLast, s.isClosing, s.isReadOver = true, true, true, true
	s.cause = &message.GoneError{Cause: err}
	s.isPartial = false
	s.isAborting = s.first != nil && s.first.isUntilClose()
	s.abandon(s.gone())
	if w := s.work; w != nil {
		w.out.Break(s.host, w.Lost)
	}
}

// gone is why the connection can't be used.
func (s *Server) gone() error { return s.cause }

// ReportError implements engine.Engine.
func (s *Server) ReportError(err error) {
	s.breakUp(err)
	s.endTurn()
}

// Closed implements engine.Engine.
func (s *Server) Closed() bool { return s.isDone() }

// isDone says whether both directions are finished.
func (s *Server) isDone() bool {
	return s.isGone || s.isReadOver && s.isClosing && s.queued() == 0 && !s.isAborting
}

// Shutdown implements engine.Engine: the requests that have been received, or
// begun, are answered, and a connection without one closes at once. The first
// request of a connection is waited for a little longer (freshNs): it may be on
// its way, and its client has no other connection to send it over.
func (s *Server) Shutdown() {
	if s.isLast || s.awaitsLast {
		return
	}
	if s.first == nil && (s.isUntouched() || s.isPartial) {
		s.awaitsLast = true
		s.setDeadline()
		return
	}
	s.stopRequests()
	if s.first == nil {
		s.isReadOver = true
	}
	s.endTurn()
}

// freshNs is how long a connection may be without its first request before
// Shutdown closes it.
const freshNs = second

// isUntouched says whether no octet has ever come.
func (s *Server) isUntouched() bool { return s.work == nil && s.requests.Began == 0 }
