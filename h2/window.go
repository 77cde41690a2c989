package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// initialWindow is the window of a connection and of a stream before anybody
// has said otherwise, and windowMax the largest (RFC 9113, Section 6.9).
const (
	initialWindow = int64(65535)
	windowMax     = int64(1<<31 - 1)
)

// windows are those of the connection, in octets: what can be sent, what the
// peer may send, and what of that was consumed and not told it; and how much
// content has been sent.
type windows struct{ sending, received, owed, sent int64 }

func (w *windows) begin() { w.sending, w.received = initialWindow, initialWindow }

// countData takes a DATA frame from the window of the connection. All of its octets
// count, whatever becomes of it (RFC 9113, Section 6.9).
func (c *Conn) countData() Event {
	if c.windows.received -= int64(c.header.Length); c.windows.received < 0 {
		return c.fail(frames.CodeFlowControlError, "more content than the window of the connection (RFC 9113, Section 6.9.1)")
	}
	return EventMore
}

// onData is that a DATA frame begins. octets is how many aren't padding.
func (c *Conn) onData(octets uint32) Event {
	n := int64(c.header.Length)
	if e := c.countData(); e != EventMore {
		return e
	}
	s := c.find(c.header.StreamID)
	if s == nil {
		c.repay(nil, n)
		c.isMuted = true
		if e := c.onClosed(StreamStateOnReceivedData); e != EventMore {
			return e
		}
		if octets > 0 {
			return EventMore
		}
		return c.pay(BudgetEmptyCredit) // no window pays for it
	}
	switch a := c.move(s, StreamStateOnReceivedData); {
	case a.Scope != frames.ScopeNone:
		c.repay(nil, n)
		return c.breakStream(s, a.Scope, a.Code, a.Rule)
	}
	c.frameStream = s
	if s.receiveWindow -= n; s.receiveWindow < 0 && n > 0 { // an end needs none, where settings have made it negative
		c.repay(nil, n)
		return c.breakStream(s, frames.ScopeStream, frames.CodeFlowControlError, "more content than the window of the stream (RFC 9113, Section 6.9.1)")
	}
	event := HTTP2MessageOnContent
	if octets == 0 {
		event = HTTP2MessageOnEmptyContent
	}
	if octets > 0 || !c.header.Flags.Has(frames.FlagEndStream) {
		a := s.Received.On(event)
		if a.Scope != frames.ScopeNone {
			c.repay(nil, n)
			return c.breakStream(s, a.Scope, a.Code, a.Rule)
		}
		if e := c.pay(a.Pays); e != EventMore {
			return e
		}
	}
	s.arrived += int64(octets) // all at once: what comes of it doesn't depend on how it is cut
	if e := c.checkLength(s, false); e != EventMore {
		return e
	}
	if extra := n - int64(octets); extra > 0 { // padding is nobody's to consume
		c.repay(s, extra)
	}
	return EventMore
}

// onContent is that octets of a DATA frame have come.
func (c *Conn) onContent(b []byte) Event {
	s := c.frameStream
	if len(b) == 0 {
		return EventMore
	}
	if s.ID != c.header.StreamID || s.IsClosed() { // it was reset between two pieces
		c.repay(nil, int64(c.left))
		c.isMuted = true
		return EventMore
	}
	c.Stream, c.Content = s, b
	return EventContent
}

// onDataEnd is that a DATA frame is whole.
func (c *Conn) onDataEnd() Event {
	s := c.frameStream
	if !c.header.Flags.Has(frames.FlagEndStream) || s.ID != c.header.StreamID || s.IsClosed() {
		return EventMore
	}
	if e := c.checkLength(s, true); e != EventMore {
		return e
	}
	if e := c.endReceived(s); e != EventMore {
		return e
	}
	c.Stream, c.IsEnd = s, true
	return EventContent
}

// endReceived is that a stream's message has ended by END_STREAM.
func (c *Conn) endReceived(s *Stream) Event {
	if a := s.Received.On(HTTP2MessageOnEnd); a.Scope != frames.ScopeNone {
		return c.breakStream(s, a.Scope, a.Code, a.Rule)
	} else if !a.Ignore {
		s.Received = a.Next
	}
	if a := c.move(s, StreamStateOnReceivedEnd); a.Scope != frames.ScopeNone {
		return c.breakStream(s, a.Scope, a.Code, a.Rule)
	}
	return EventMore
}

// isNever says whether a response with this status has no content, whatever it
// declares (RFC 9110, Sections 15.3.5 and 15.4.5).
func isNever(s message.Status) bool {
	return s == message.StatusNoContent || s == message.StatusNotModified
}

// checkLength compares what has come with what content-length says (RFC 9113,
// Section 8.1.1).
func (c *Conn) checkLength(s *Stream, isEnd bool) Event {
	declared := LengthDeclaredAbsent
	switch {
	case s.isEmpty:
		declared = LengthDeclaredNoContent
	case s.declared >= 0:
		declared = LengthDeclaredPresent
	}
	arrived := LengthArrivedEqual
	switch want := max(s.declared, 0); {
	case s.isEmpty && s.arrived > 0:
		arrived = LengthArrivedMore
	case s.isEmpty:
	case s.arrived < want:
		arrived = LengthArrivedLess
	case s.arrived > want:
		arrived = LengthArrivedMore
	}
	at := LengthAtContent
	if isEnd {
		at = LengthAtEnd
	}
	if v := DecideContentLengthMatch(declared, arrived, at); v != ContentLengthMatchOk {
		if !isEnd { // of what has come, nobody consumes anything
			c.repay(nil, int64(c.left))
		}
		return c.breakStream(s, frames.ScopeStream, frames.CodeProtocolError, v.String()+" (RFC 9113, Section 8.1.1)")
	}
	return EventMore
}

// Consume is that n octets of a stream's content, which Receive has told, are
// used, or thrown away: the peer may send as many more, of this stream if it goes
// on, and of the connection in any case. s may be nil: then it is over.
func (c *Conn) Consume(s *Stream, n int) { c.repay(s, int64(n)) }

// repay gives credit, as soon as there is enough of it for a frame.
func (c *Conn) repay(s *Stream, n int64) {
	w := &c.windows
	if w.owed += n; w.owed >= int64(c.options.ConnectionWindowOctets)/2 {
		c.pending = frames.AppendWindowUpdateFrame(c.pending, 0, uint32(w.owed))
		w.received += w.owed
		w.owed = 0
	}
	if s == nil || s.IsClosed() || s.State == StreamStateHalfClosedRemote {
		return
	}
	if s.owed += n; s.owed >= int64(c.options.ContentWindowOctets)/2 {
		c.pending = frames.AppendWindowUpdateFrame(c.pending, s.ID, uint32(s.owed))
		s.receiveWindow += s.owed
		s.owed = 0
	}
}

const zeroIncrement = "WINDOW_UPDATE of 0 (RFC 9113, Section 6.9)"

// onWindowUpdate is RFC 9113, Section 6.9.
func (c *Conn) onWindowUpdate(increment uint32) Event {
	id := c.header.StreamID
	if id == 0 {
		c.windows.sending += int64(increment)
		switch {
		case increment == 0:
			return c.fail(frames.CodeProtocolError, zeroIncrement)
		case c.windows.sending > windowMax:
			return c.fail(frames.CodeFlowControlError, "the window of the connection is above 2^31-1 (RFC 9113, Section 6.9.1)")
		}
		return EventWindow
	}
	s := c.find(id)
	if s == nil {
		if e := c.onClosed(StreamStateOnReceivedWindowUpdate); e != EventMore || increment > 0 {
			return e
		}
		return c.breakFrame(frames.CodeProtocolError, zeroIncrement)
	}
	a := c.move(s, StreamStateOnReceivedWindowUpdate)
	if a.Scope != frames.ScopeNone {
		return c.breakStream(s, a.Scope, a.Code, a.Rule)
	}
	if e := c.pay(a.Pays); e != EventMore {
		return e
	}
	s.sendWindow += int64(increment)
	switch {
	case increment == 0:
		return c.breakStream(s, frames.ScopeStream, frames.CodeProtocolError, zeroIncrement)
	case s.sendWindow > windowMax:
		return c.breakStream(s, frames.ScopeStream, frames.CodeFlowControlError, "the window of the stream is above 2^31-1 (RFC 9113, Section 6.9.1)")
	}
	c.Stream = s
	return EventWindow
}

// Room is how many octets of content can be sent in the next DATA frame of s.
func (c *Conn) Room(s *Stream) int {
	return int(max(0, min(s.sendWindow, c.windows.sending, int64(c.peer.MaxFrameSize))))
}

// IsBlocked says whether no content can be sent on any stream: the window of the
// connection is used up.
func (c *Conn) IsBlocked() bool { return c.windows.sending <= 0 }

// HasCredit says whether the peer may send content on s.
func (c *Conn) HasCredit(s *Stream) bool { return s.receiveWindow > 0 && c.windows.received > 0 }
