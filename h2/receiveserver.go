package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// on dispatches an event of the connection.
func (s *Server) on(e Event) {
	c := s.conn
	switch e {
	case EventHead:
		s.onHead(c.Stream, c.Section, c.IsEnd)
	case EventContent:
		if x, ok := c.Stream.Owner.(*exchange); ok {
			s.onContent(x, c.Content, c.IsEnd)
		} else {
			s.onUnwanted(c.Stream, len(c.Content), c.IsEnd)
		}
	case EventTrailers:
		if x, ok := c.Stream.Owner.(*exchange); ok {
			s.onTrailers(x, c.Section)
		} else {
			s.onUnwanted(c.Stream, 0, true)
		}
	case EventRefused:
		s.onRefused(c.Stream, c.Section, c.Fault)
	case EventReset:
		s.onReset(c.Stream, &ResetError{Code: c.Code, IsPeer: true})
	case EventBroken:
		s.tellError(c.Fault)
		s.onReset(c.Stream, c.Fault)
	case EventWindow:
		s.onWindow(c.Stream)
	case EventSettings:
		s.onWindows()
		if c.upgraded != nil {
			s.flushPending() // which acknowledges them, before a response that obeys them
			s.on(c.beginUpgraded())
		}
	case EventAgreed:
		s.isAgreed = true
	case EventPong:
		s.onPong()
	case EventGoAway:
		s.onGoAway()
	case EventPriority:
		if x, ok := c.Stream.Owner.(*exchange); ok && x.isReady {
			s.remove(&x.sending)
			s.push(&x.sending, false)
		}
	case EventFailed:
		s.tellError(c.Fault)
		s.failConnection(c.Fault)
	}
}

// onHead begins an exchange, and has it served.
func (s *Server) onHead(stream *Stream, section *FieldSection, isEnd bool) {
	if s.isEnding && s.isEnded || !s.hasPlace() || !s.hasRoomFor(len(section.Arena)) {
		isFailed := s.conn.refuse(stream) == EventFailed
		s.conn.Release(stream)
		if isFailed {
			s.on(EventFailed)
		}
		return
	}
	x := s.begin(stream)
	x.take(s.host, section)
	s.heads += len(x.head)
	x.received = HTTP2MessageContent
	if isEnd {
		x.received = HTTP2MessageDone
		x.contentLength = 0
	} else if section.IsExpecting {
		x.expectation = expectationPending
	}
	if limit := s.service.ContentOctets; limit >= 0 && x.contentLength > limit {
		s.refuse(x, faultContentTooLarge(limit))
		return
	}
	s.serve(x)
}

// hasPlace says whether another handler may run. Those that have said all count
// only if there are as many of them as there may be others: mostly they return
// before their peer has read what they said, and asked again.
func (s *Server) hasPlace() bool {
	most := s.service.StreamsMax
	n := s.open - s.pushes + int(s.orphans)
	return n < most && n+int(s.late) < 2*most
}

// hasRoomFor says whether a connection keeps another field section. A peer can
// have one of FieldSectionOctets made of an octet for each 4 KiB, by the table.
func (s *Server) hasRoomFor(octets int) bool {
	limit := s.service.HeadsOctets
	return limit < 0 || s.open == 0 || s.heads+octets <= limit
}

// onTrailers is that the request ends by a trailer section.
func (s *Server) onTrailers(x *exchange, section *FieldSection) {
	if !s.hasRoomFor(len(section.Arena)) {
		x.fault = faultTooMuch(s.service.HeadsOctets)
		x.fail(x.fault, frames.CodeEnhanceYourCalm)
		if e := s.conn.pay(BudgetResetCredit); e != EventMore {
			s.on(e)
		}
		return
	}
	x.takeTrailers(s.host, section)
	s.heads += len(x.trailer)
	s.onRequestEnd(x)
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
		s.answer(x, message.ErrOverloaded, message.StatusServiceUnavailable)
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
			panic("h2: bug: an inline handler took longer than Options.InlineNs: it must not block")
		}
	}
	x.isServing = false
	x.settleDebt()
	x.release()
}

// onContent is that content has arrived. It holds the limit of content whose
// length wasn't declared: what is within it still goes up.
func (s *Server) onContent(x *exchange, p []byte, isEnd bool) {
	x.stretch += int64(len(p))
	limit := s.service.ContentOctets
	isOver := limit >= 0 && !x.isTunnel && x.arrived+int64(len(p)) > limit
	if isOver {
		s.conn.Consume(x.stream, len(p)-int(limit-x.arrived))
		p = p[:limit-x.arrived]
	}
	x.arrived += int64(len(p))
	x.arrive(p)
	switch {
	case isOver && !x.isEnded:
		s.refuse(x, faultContentTooLarge(limit))
	case isEnd:
		s.onRequestEnd(x)
	}
}

// onRequestEnd is that the request is whole.
func (s *Server) onRequestEnd(x *exchange) {
	x.received = HTTP2MessageDone
	x.deliverStored()
	if x.isTunnel && x.said == HTTP2MessageDone && !x.isSending() {
		x.end()
	}
}

// onRefused is a request whose head can't be taken: it is answered.
func (s *Server) onRefused(stream *Stream, section *FieldSection, e *Error) {
	x := s.begin(stream)
	x.methodID = section.MethodID
	x.received = HTTP2MessageContent
	if s.conn.IsEnd {
		x.received = HTTP2MessageDone
	}
	s.tellError(e)
	s.refuse(x, e.Fault)
}

// onReset is that a stream was reset, by the peer or for what it did.
func (s *Server) onReset(stream *Stream, err error) {
	x, ok := stream.Owner.(*exchange)
	if !ok {
		s.conn.Release(stream)
		return
	}
	if x.fault == nil && x.received != HTTP2MessageDone {
		x.fault = err
	}
	x.lost(err)
}

// refuse answers x by a fault.
func (s *Server) refuse(x *exchange, f *message.Fault) {
	x.fault = f
	if x.OnContent != nil { // which may answer
		x.NotifyEnd(x, f)
	}
	s.answer(x, f, message.Status(f.Status))
}

// endInput is that the peer has closed its side: requests that aren't whole never
// will be.
func (s *Server) endInput() {
	err := &message.GoneError{Cause: errEndOfInput}
	s.conn.Streams(func(stream *Stream) {
		if x, ok := stream.Owner.(*exchange); ok && x.received != HTTP2MessageDone {
			x.fault = err
			x.fail(err, frames.CodeCancel)
		}
	})
	s.isEnding = true
}

// tellError calls OnError, whose panic is told as that of a handler is.
func (s *Server) tellError(e *Error) {
	if s.service.OnError == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			s.tellPanic(v)
		}
	}()
	s.service.OnError(s.about, e)
}
