package h2

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// Server is the engine of one connection of a server. Its methods are those of
// engine.Engine: the driver calls them, one at a time.
//
//	Read ──> Conn ──> exchange ──> Handler
//	                      │
//	NextWrite <── out <── schedule
//
// Each event of the Conn is dispatched when it is told. What exchanges write is
// framed as windows let it, a frame at a time and in turn, by output.go; what
// the protocol itself says goes out first.
type Server struct {
	service *Service
	about   any
	output
	*workspace       // nil at rest
	late       int32 // handlers that run on though all was said
	orphans    int32 // handlers that run on though their streams were reset, and who has detached exchanges and doesn't know it
	open       int   // exchanges that aren't over

	// How the connection ends: see closing.go.
	isEnding   bool // it closes when its exchanges are over
	isEnded    bool // the peer has closed its side
	isClosing  bool // nothing more is queued
	isReadOver bool // NextRead is Close
	isGone     bool // the flow is broken
	isParted   bool // the driver has been told that both directions are finished
	isFailed   bool // the peer has broken the protocol

	cause *message.GoneError // why the flow is broken
	timers
}

var _ engine.Engine = (*Server)(nil)

// Attach implements engine.Engine.
func (s *Server) Attach(h engine.Host) {
	if s.host != nil {
		panic("h2: bug: Attach of an engine that is attached")
	}
	s.host = h
	if s.conn != nil {
		s.changeProtocol()
	}
	s.wake()
	s.flushPending()
	s.rearm()
}

// NextRead implements engine.Engine.
func (s *Server) NextRead() engine.Op {
	switch {
	case s.isReadOver && s.callbacks.Due != 0 && s.isDone() && !s.isGone: // left to the driver
		return engine.Yield
	case s.isReadOver:
		return engine.Close
	case s.out.Size() >= s.service.OutputOctets && !s.isClosing:
		return engine.Yield
	}
	return engine.Read
}

// Read implements engine.Engine.
func (s *Server) Read(b []byte) (n int) {
	if op := s.NextRead(); op != engine.Read {
		panic("h2: bug: Read, but NextRead is " + op.String())
	}
	s.wake()
	now, _ := s.host.Now()
	s.conn.Refill(now)
	for !s.isReadOver {
		if s.isClosing {
			n = len(b)
			break
		}
		k, event := s.conn.Receive(b[n:])
		n += k
		s.take(event)
		if event == EventMore {
			break
		}
		if s.out.Size() >= s.service.OutputOctets { // looked at before the next turn
			break
		}
	}
	s.isPartial = s.conn.IsPartial() || n < len(b)
	s.endTurn()
	return n
}

// ReadEOF implements engine.Engine.
func (s *Server) ReadEOF(b []byte) (n int) {
	if s.isReadOver {
		return len(b)
	}
	s.wake()
	for len(b) > n && !s.isClosing {
		k, event := s.conn.Receive(b[n:])
		n += k
		s.take(event)
		if event == EventMore {
			break
		}
	}
	s.isEnded, s.isReadOver, s.isPartial = true, true, false
	s.endInput()
	s.endCredit()
	s.endTurn()
	return len(b)
}

// take dispatches an event, and does what has to be done before the next one,
// whether that comes in this turn or in another.
func (s *Server) take(e Event) {
	s.on(e)
	s.finishIfOver()
	s.releaseEnded()
	s.flushPending()
}

// flushPending queues what the protocol itself has to say, if somebody hears it.
func (s *Server) flushPending() { s.sayPending(!s.isGone) }

// endTurn does what follows from a turn, and tells who waits.
func (s *Server) endTurn() {
	s.finishTurn()
	s.signal()
}

// finishTurn does what follows from a turn: until nothing does, or until
// callbacks have gone on asking for callbacks for long enough.
func (s *Server) finishTurn() {
	s.settle()
	s.callbacks.Run(s.settling)
	s.callbacks.Leave(s.host, s.isDone())
	s.conn.trim()
	if s.isDone() {
		s.rest()
	}
	s.rearm()
}

// leaveTurn is finishTurn for another goroutine than the driver's. It leaves the
// calls that are due to the driver, as long as there is one: who calls in may
// hold locks that callbacks want, as a proxy does.
func (s *Server) leaveTurn() {
	s.settle()
	s.callbacks.Sweep()
	s.callbacks.Leave(s.host, s.isGone || s.isParted)
	if s.callbacks.Due > 1 {
		s.callbacks.Due-- // now
	}
	s.rearm()
}

// settle frames what can be sent, and ends what is over.
func (s *Server) settle() {
	if !s.isGone && !s.isClosing {
		s.fill()
	}
	s.flushPending()
	s.finishIfOver()
	s.releaseEnded()
}

// finishIfOver closes a connection that was to end, and has no streams.
func (s *Server) finishIfOver() {
	if s.isEnding && s.open == 0 && !s.isClosing {
		s.finish()
	}
}

// NextWrite implements engine.Engine.
func (s *Server) NextWrite() (engine.Op, [][]byte) {
	switch {
	case s.isGone:
		return engine.Close, nil
	case s.out.Size() > 0:
		return engine.Write, s.out.Offer()
	case s.isClosing:
		s.isParted = s.NextRead() == engine.Close
		return engine.Close, nil
	}
	return engine.Yield, nil
}

// ReportWrite implements engine.Engine.
func (s *Server) ReportWrite(n int, err error) {
	s.wake()
	s.out.Report(s.host, n, s.callbacks.Returned)
	if err != nil {
		s.breakUp(err)
	}
	s.endTurn()
}
