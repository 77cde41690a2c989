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

	requests *Requests // nil before the first octet
	checker  *Trailers // nil while idle; of all responses
	out      outbound

	first, last *exchange // under way, in the order of their requests
	receiving   *exchange // whose content is due, or nil
	free        *exchange
	count       int32
	freeCount   int

	calls []call
	marks []mark

	// How the connection ends: see closing.go.
	isLast     bool // no further request is taken
	isEnded    bool // the peer has closed its side
	isClosing  bool // no further response is made
	isReadOver bool // NextRead is Close
	isGone     bool // the flow is broken
	drainLeft  int64
	cause      error

	isPartial bool // the driver holds octets of a head
	waiters   int32
	timer     timer

	dateUnix int64
	dateText [message.DateOctets]byte
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
	case s.isReadOver:
		return engine.Close
	case s.isDraining():
		if s.drainLeft > 0 || s.isClosing {
			return engine.Read
		}
		return engine.Yield
	case s.receiving != nil && s.receiving.room() <= 0:
		return engine.Yield
	case s.receiving == nil && int(s.count) >= s.service.PipelinedMax:
		return engine.Yield
	}
	return engine.Read
}

// isDraining says whether what arrives is thrown away.
func (s *Server) isDraining() bool { return s.isClosing || s.isLast && s.receiving == nil }

// Read implements engine.Engine.
func (s *Server) Read(b []byte) (n int) {
	if op := s.NextRead(); op != engine.Read {
		panic("h1: bug: Read, but NextRead is " + op.String())
	}
	n = s.receive(b)
	s.endTurn()
	return n
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

// receive reads on in b, as far as it can be used now.
func (s *Server) receive(b []byte) (n int) {
	if s.requests == nil {
		s.requests = NewRequests(s.service.Limits)
	}
	for !s.isReadOver {
		if s.isDraining() {
			s.isPartial = false
			return n + s.drain(len(b)-n)
		}
		if s.receiving == nil && (int(s.count) >= s.service.PipelinedMax || n == len(b) && !s.requests.isEnding()) {
			break
		}
		room := 0
		if s.receiving != nil {
			room = max(s.receiving.room(), 0)
		}
		k, event := s.requests.Next(b[n:], room)
		s.on(b[n:n+k], event)
		n += k
		if event == RequestMessageMore && k == 0 {
			break
		}
		s.settle()
	}
	s.isPartial = s.receiving == nil && !isEmptyLine(b[n:])
	return n
}

// on is an event of the request. b is the octets that it consumed.
func (s *Server) on(b []byte, event RequestMessageEvent) {
	x := s.receiving
	switch event {
	case RequestMessageHead:
		s.onHead(b)
	case RequestMessageContent:
		s.timer.octets += int64(s.requests.Message.Content.Len())
		x.direction = s.requests.Direction
		x.arrive(s.requests.Message.Content.Of(b))
		s.checkContent(x)
	case RequestMessageTrailers:
		x.takeTrailers(s.host, b, s.requests.Message)
	case RequestMessageEnd:
		if x != nil {
			x.direction = s.requests.Direction
			s.receiving = nil
			x.deliverStored()
		}
	case RequestMessageFailed:
		if x != nil {
			s.failContent(s.requests.Fault())
		} else {
			s.refuseNew(s.requests.Fault())
		}
	}
}

// onHead begins an exchange, and has it served.
func (s *Server) onHead(head []byte) {
	m := s.requests.Message
	x := s.begin()
	x.take(s.host, head, m)
	x.direction = s.requests.Direction
	x.persistence = m.Persistence
	x.response.reset(x.methodID, x.version, s.checker)
	if x.direction == RequestDirectionContent {
		s.receiving = x
	}
	fault := x.aim(s.service.scheme)
	if fault == nil {
		fault = x.expects(x.direction == RequestDirectionContent)
	}
	if limit := s.service.ContentOctets; fault == nil && limit >= 0 && x.contentLength > limit {
		fault = faultLimit("content too large", int64(len(head)), message.StatusContentTooLarge, "ContentOctets", limit)
	}
	if fault != nil {
		s.receiving = nil
		s.refuse(x, fault)
		return
	}
	if x.persistence == PersistenceClose {
		s.stopRequests()
	}
	s.serve(x)
}

// serve hands x to the handler.
func (s *Server) serve(x *exchange) {
	if s.service.isInline {
		s.serveInline(x)
		return
	}
	x.isRunning = true
	if !s.service.Executor.Execute((*task)(x)) {
		x.isRunning = false
		s.answer(x, ErrBusy, message.StatusServiceUnavailable)
	}
}

// serveInline runs the handler in the turn.
func (s *Server) serveInline(x *exchange) {
	x.isServing = true
	var began int64
	if invariants {
		began, _ = s.host.Now()
	}
	s.run(call{x: x, what: callServe})
	if invariants && s.service.InlineNs > 0 {
		if now, _ := s.host.Now(); now-began > s.service.InlineNs {
			panic("h1: bug: an inline handler took longer than Options.InlineNs: it must not block")
		}
	}
	x.isServing = false
	x.settleDebt()
}

// checkContent holds the limit of content whose length wasn't declared.
func (s *Server) checkContent(x *exchange) {
	limit := s.service.ContentOctets
	if limit < 0 || x.contentLength >= 0 || s.receiving != x {
		return
	}
	if x.arrived += int64(s.requests.Message.Content.Len()); x.arrived > limit {
		f := faultLimit("content too large", s.requests.offset(), message.StatusContentTooLarge, "ContentOctets", limit)
		s.requests.Fail(f)
		s.failContent(f)
	}
}

// endInput is that the peer has closed its side behind b.
func (s *Server) endInput(b []byte) {
	if s.requests == nil {
		s.requests = NewRequests(s.service.Limits)
	}
	s.requests.End(b)
	f := s.requests.Fault()
	switch {
	case f == nil:
	case s.receiving != nil:
		s.failContent(f)
	default:
		s.refuseNew(f)
	}
}

// endTurn does what follows from a turn, until nothing does.
func (s *Server) endTurn() {
	s.settle()
	s.sweep()
	for len(s.calls) > 0 {
		s.runCalls()
		s.settle()
		s.sweep()
	}
	s.rearm()
	if s.waiters > 0 {
		s.host.Signal()
	}
}

// settle brings the exchanges to where their states say.
func (s *Server) settle() {
	for s.first != nil && !s.isClosing {
		s.openFirst()
		x := s.first
		switch DecideCoupling(x.direction, x.response.Direction, x.persistence) {
		case CouplingKeep:
			return
		case CouplingNext:
			s.pop()
		case CouplingDiscard:
			x.discard()
			if x.discarded+x.remaining() <= max(s.service.DiscardOctets, 0) {
				return
			}
			x.persistence = PersistenceClose
		case CouplingClose:
			isCut := x.response.Direction == ResponseDirectionFailed
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
	case s.isGone:
		return engine.Close, nil
	case s.out.size() > 0:
		return engine.Write, s.out.lend()
	case s.isClosing:
		return engine.Close, nil
	}
	return engine.Yield, nil
}

// ReportWrite implements engine.Engine.
func (s *Server) ReportWrite(n int, err error) {
	s.out.report(s.host, n, s.returned)
	if err != nil {
		s.breakUp(err)
	}
	s.endTurn()
}

// date is the value of Date, made once a second.
func (s *Server) date() []byte {
	_, unix := s.host.Now()
	if unix != s.dateUnix || s.dateText[0] == 0 {
		s.dateUnix = unix
		message.AppendDate(s.dateText[:0], unix)
	}
	return s.dateText[:]
}
