package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// How a connection ends (RFC 9113, Section 6.8):
//
//	Shutdown    says GOAWAY with the highest id, and pings: when that is answered,
//	            the peer has read it, and what it began before has come
//	stopped     says GOAWAY with the last stream that is served; isEnding
//	finish      when no stream is open: isClosing, NextWrite is Close behind what
//	            is queued, and reading goes on until the peer has closed, or too
//	            long
//	isReadOver  NextRead is Close

// closingPing is what the ping of Shutdown says.
var closingPing = [8]byte{'s', 'h', 'u', 't', 'd', 'o', 'w', 'n'}

// Shutdown implements engine.Engine: the requests that have been received, or are
// on their way, are answered, and nothing else.
func (s *Server) Shutdown() {
	if s.isEnding || s.isClosing || s.isAnnounced {
		return
	}
	s.wake()
	s.isAnnounced = true
	s.conn.Announce()
	s.conn.Ping(closingPing)
	s.flushPending()
	s.endTurn()
}

// onPong is that a ping is answered.
func (s *Server) onPong() {
	if s.isAnnounced && s.conn.Opaque == closingPing {
		s.stopRequests()
	}
}

// stopRequests is that no further stream is served.
func (s *Server) stopRequests() {
	if s.isEnding {
		return
	}
	s.isEnding = true
	s.conn.GoAway(frames.CodeNoError)
}

// failConnection is that the peer has broken the protocol: nothing of it is
// served any more. The GOAWAY that says so is queued.
func (s *Server) failConnection(err error) {
	s.isEnding, s.isFailed = true, true
	s.fill() // what was answered before goes out, however the octets came
	s.flushPending()
	s.abandon(err)
	s.finish()
}

// finish closes the connection behind what is queued.
func (s *Server) finish() {
	s.conn.GoAway(frames.CodeNoError)
	s.flushPending()
	s.isClosing = true
	s.isPartial = false
	if s.isEnded || s.service.DrainNs < 0 {
		s.isReadOver = true
	}
	s.abandon(message.ErrReset)
}

// abandon gives up all exchanges. Who is told of one may end another.
func (s *Server) abandon(err error) {
	s.conn.Streams(func(stream *Stream) {
		x, ok := stream.Owner.(*exchange)
		if !ok {
			return
		}
		if x.fault == nil && x.received != HTTP2MessageDone {
			x.fault = err
		}
		s.conn.Abandon(stream)
		x.lost(err)
	})
}

// breakUp is that the flow takes no more octets, or has none.
func (s *Server) breakUp(err error) {
	if s.isGone {
		return
	}
	s.isGone, s.isEnding, s.isClosing, s.isReadOver = true, true, true, true
	s.cause = &message.GoneError{Cause: err}
	s.isPartial = false
	s.abandon(s.cause)
	s.out.Break(s.host, s.callbacks.Lost)
}

// ReportError implements engine.Engine.
func (s *Server) ReportError(err error) {
	s.wake()
	s.breakUp(err)
	s.endTurn()
}

// Closed implements engine.Engine.
func (s *Server) Closed() bool { return s.isDone() }

// isDone says whether both directions are finished.
func (s *Server) isDone() bool {
	return s.isGone || s.isReadOver && s.isClosing && s.out.Size() == 0
}

// endCredit is that the peer has closed its side, and gives no more credit: who
// waits for some is looked at once more.
func (s *Server) endCredit() {
	s.conn.Streams(func(stream *Stream) {
		if x, ok := stream.Owner.(*exchange); ok {
			s.remove(&x.sending)
			s.ready(&x.sending)
		}
	})
}
