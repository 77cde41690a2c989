package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// Server is the engine of one connection of a server. Its methods are those of
// engine.Engine: the driver calls them, one at a time.
//
//	Read ──> Requests ──> exchange ──> Handler
//	                         │
//	NextWrite <── out <── Response
//
// Each event of Requests is dispatched when the machines are at rest. After
// that, and at the end of each turn, settle brings the list of exchanges to
// where their states say, by the table coupling:
//
//	keep     wait for the response
//	next     the exchange is over; the one behind it is open
//	discard  the rest of the request's content is thrown away
//	close    the exchange is over, and the connection closes (closing.go)
type Server struct {
	service *Service
	host    engine.Host
	about   any

	work     *workspace // nil at rest
	requests Requests   // whose Message is in work
	sent     uint64     // octets that were queued before the last rest; the flow has them all

	first, last *exchange // under way, in the order of their requests
	receiving   *exchange // whose content is due, or nil
	waiters     int32
	taker       func(message.Exchange) bool // see offer.go; nil for nobody

	// How the connection ends: see closing.go.
	isLast     bool // no further request is taken
	awaitsLast bool // the request that is waited for is the last
	isEnded    bool // the peer has closed its side
	isClosing  bool // no further response is made
	isReadOver bool // NextRead is Close
	isGone     bool // the flow is broken
	isParted   bool // the driver has been told that both directions are finished
	isAborting bool // a plain end would look like the end of a response

	isPartial bool // the driver holds octets of a head
	isLeft    bool // it holds octets that weren't looked at: see isFull and room
	isTrim    bool // the connection is due to rest
	waitsFor  waiting

	drainLeft int64
	cause     *message.GoneError // why the flow is broken
	timer     timer
}

var _ engine.Engine = (*Server)(nil)

// Attach implements engine.Engine.
func (s *Server) Attach(h engine.Host) {
	if s.host != nil {
		panic("h1: bug: Attach of an engine that is attached")
	}
	s.host = h
	s.rearm()
}

// NextRead implements engine.Engine.
func (s *Server) NextRead() engine.Op {
	switch {
	case s.isLeaving():
		if s.queued() == 0 {
			return engine.Upgrade
		}
		return engine.Yield
	case s.isReadOver && s.callsDue() != 0 && s.isDone() && !s.isGone: // left to the driver
		return engine.Yield
	case s.isReadOver:
		return engine.Close
	case s.isDraining():
		if s.drainLeft > 0 || s.isClosing {
			return engine.Read
		}
		return engine.Yield
	case s.receiving != nil && s.receiving.room() <= 0:
		return engine.Yield
	case s.receiving == nil && s.isLeft && s.isFull():
		return engine.Yield
	}
	return engine.Read
}

// isFull says whether no request is begun for now: too many are under way, or
// one that others must not be served beside, or the peer asks for more than it
// reads. Reading stops with the next octet that arrives, not before, so that a
// peer that closes its side is noticed.
func (s *Server) isFull() bool {
	w := s.work
	return w != nil && (w.count >= s.service.PipelinedMax || w.headOctets >= s.service.PipelinedHeadOctets ||
		s.last != nil && (s.last.mayLeave || !s.last.methodID.IsSafe()) ||
		w.out.Size() >= s.service.WriteWindowOctets)
}

// isDraining says whether what arrives is thrown away.
func (s *Server) isDraining() bool {
	return s.isClosing || s.isLast && s.receiving == nil && !s.mayLeave()
}

// Read implements engine.Engine.
func (s *Server) Read(b []byte) (n int) {
	if op := s.NextRead(); op != engine.Read {
		panic("h1: bug: Read, but NextRead is " + op.String())
	}
	for {
		n += s.receive(b[n:])
		s.endTurn()
		// What a callback has made room for isn't offered again by the driver.
		if n == len(b) || !s.isLeft || s.NextRead() != engine.Read {
			return n
		}
	}
}

// ReadEOF implements engine.Engine.
func (s *Server) ReadEOF(b []byte) (n int) {
	if s.isReadOver {
		return len(b)
	}
	s.isEnded = true
	if len(b) > 0 {
		n = s.receive(b)
	}
	s.isReadOver, s.isPartial = true, false
	if !s.isDraining() {
		s.endInput(b[n:])
	}
	s.stopRequests()
	s.endTurn()
	return len(b)
}

// endTurn does what follows from a turn, and tells who waits.
func (s *Server) endTurn() {
	s.finishTurn()
	s.signal()
}

// signal has every handler that waits look again.
func (s *Server) signal() {
	if s.waiters > 0 {
		s.host.Signal()
	}
}

// finishTurn does what follows from a turn: until nothing does, or until
// callbacks have gone on asking for callbacks for long enough.
func (s *Server) finishTurn() {
	s.settle()
	if w := s.work; w != nil {
		w.Run(s.settle)
		isDone := s.isDone()
		w.Leave(s.host, isDone)
		if isDone {
			s.rest()
		}
	}
	s.rearm()
}

// leaveTurn is finishTurn for another goroutine than the driver's. It leaves the
// calls that are due to the driver, as long as there is one: who calls in may
// hold locks that callbacks want, as a proxy does.
func (s *Server) leaveTurn() {
	s.settle()
	if w := s.work; w != nil {
		w.Sweep()
		isDone := s.isGone || s.isParted
		w.Leave(s.host, isDone)
		if w.Due > 1 {
			w.Due-- // now
		}
		if isDone {
			s.rest()
		}
	}
	s.rearm()
}

// settle brings the exchanges to where their states say.
func (s *Server) settle() {
	for s.first != nil && !s.isClosing {
		s.openFirst()
		x := s.first
		if s.isLeaving() {
			return
		}
		switch DecideCoupling(x.direction, x.response.Direction, x.persistence, x.rest()) {
		case CouplingKeep:
			return
		case CouplingNext:
			s.pop()
			s.serveHeld()
		case CouplingDiscard:
			if x.IsDiscarding {
				return
			}
			x.discard() // which takes what is stored; then the table is asked again
		case CouplingClose:
			isCut := x.response.Direction == ResponseDirectionFailed
			s.isAborting = isCut && x.isUntilClose()
			s.pop()
			s.close(isCut)
		}
	}
	if s.first == nil && s.isLast && !s.isClosing {
		s.close(false)
	}
}

// NextWrite implements engine.Engine.
func (s *Server) NextWrite() (engine.Op, [][]byte) {
	switch {
	case s.isAborting:
		return engine.Abort, nil
	case s.isGone:
		return engine.Close, nil
	case s.queued() > 0:
		return engine.Write, s.work.out.Offer()
	case s.isLeaving():
		return engine.Upgrade, nil
	case s.isClosing:
		s.isParted = s.NextRead() == engine.Close
		return engine.Close, nil
	}
	return engine.Yield, nil
}

// ReportWrite implements engine.Engine.
func (s *Server) ReportWrite(n int, err error) {
	if w := s.work; w != nil {
		w.out.Report(s.host, n, w.Returned)
	}
	if err != nil {
		s.breakUp(err)
	}
	s.endTurn()
}

// date is the value of Date, made once a second.
func (s *Server) date() *Date {
	_, unix := s.host.Now()
	clock := &s.wake().clock
	clock.Set(unix)
	return clock
}
