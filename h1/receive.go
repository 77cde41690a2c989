package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// What arrives becomes events, and each event is dispatched before the next
// one is looked for: a head to the handler, content to whoever takes it.

// receive reads on in b, as far as it can be used now.
func (s *Server) receive(b []byte) (n int) {
	s.wake()
	s.isLeft = false
	for !s.isReadOver && !s.isLeaving() {
		if s.isDraining() {
			s.isPartial = false
			return n + s.drain(len(b)-n)
		}
		if s.receiving == nil && s.isFull() && !s.requests.isEnding() {
			s.isLeft = n < len(b)
			break
		}
		if s.receiving == nil && n == len(b) && !s.requests.isEnding() {
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
			s.isLeft = s.receiving != nil && room == 0
			break
		}
		s.settle()
	}
	s.isPartial = s.receiving == nil && s.requests.hasBegun(b[n:])
	return n
}

// on is an event of the request. b is the octets that it consumed.
func (s *Server) on(b []byte, event RequestMessageEvent) {
	x := s.receiving
	switch event {
	case RequestMessageHead:
		s.onHead(b)
	case RequestMessageContent:
		s.work.octets += int64(s.requests.Message.Content.Len())
		x.direction = s.requests.Direction
		s.onContent(x, s.requests.Message.Content.Of(b))
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
	s.work.headOctets += len(head)
	x.direction = s.requests.Direction
	x.persistence = m.Persistence
	x.response.reset(x.methodID, x.version, &s.work.checker)
	x.offersUpgrade = m.ProtocolsOffered == ProtocolsOfferedYes
	x.wantsTrailers = x.isToldOfTrailers(m)
	x.mayLeave = x.methodID == message.MethodConnect || x.offersUpgrade
	if x.direction == RequestDirectionContent {
		s.receiving = x
	}
	x.aim(m, s.service.scheme)
	if m.Waits == WaitsYes && x.contentLength != 0 {
		x.expectation = expectationPending
	}
	if limit := s.service.ContentOctets; limit >= 0 && x.contentLength > limit {
		s.receiving = nil
		s.refuse(x, faultLimit("request-message", "content too large", int64(len(head)), message.StatusContentTooLarge, "ContentOctets", limit))
		return
	}
	if s.taker != nil && x.offersUpgrade && s.offer(x) {
		return
	}
	if s.awaitsLast || x.persistence == PersistenceClose && !x.mayLeave {
		s.stopRequests()
	}
	// Only requests whose methods are safe are served while others of their
	// connection are (rfc9112#9.3.2/2): whoever sends PUT and GET without waiting
	// means that order. So one that isn't is held until it is the first, and
	// nothing is read behind it.
	if s.first != x && !x.methodID.IsSafe() {
		x.isHeld = true
		return
	}
	s.serve(x)
}

// serveHeld serves the first exchange, if it was held.
func (s *Server) serveHeld() {
	x := s.first
	if x == nil || !x.isHeld {
		return
	}
	x.isHeld = false
	if x.response.Direction == ResponseDirectionIdle {
		s.openFirst()
		s.serve(x)
	}
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
	x.Run(transit.Call{X: x, What: transit.CallServe})
	if invariants && s.service.InlineNs > 0 {
		if now, _ := s.host.Now(); now-began > s.service.InlineNs {
			panic("h1: bug: an inline handler took longer than Options.InlineNs: it must not block")
		}
	}
	x.isServing = false
	x.settleDebt()
}

// onContent is that content has arrived. It holds the limit of content whose
// length wasn't declared: what is within it still goes up.
func (s *Server) onContent(x *exchange, p []byte) {
	limit := s.service.ContentOctets
	if limit < 0 || x.contentLength >= 0 || x.arrived+int64(len(p)) <= limit {
		x.arrived += int64(len(p))
		x.arrive(p)
		return
	}
	within := limit - x.arrived
	x.arrived = limit
	if within > 0 {
		x.arrive(p[:within])
	}
	offset := s.requests.offset() - int64(len(p)) + within
	f := faultLimit("request-message", "content too large", offset, message.StatusContentTooLarge, "ContentOctets", limit)
	s.requests.Fail(f)
	s.failContent(f)
}

// endInput is that the peer has closed its side behind b.
func (s *Server) endInput(b []byte) {
	s.wake()
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
