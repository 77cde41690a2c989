package h2

import "github.com/specht-http/specht/frames"

// Frames of the connection and what they do: SETTINGS, PING, GOAWAY, and resets
// in both directions.

// onClosed is what the table says to a frame of a stream that isn't in the
// buckets: nothing, or an error.
func (c *Conn) onClosed(e StreamStateEvent) Event {
	id := c.header.StreamID
	state := c.stateOf(id)
	a := state.On(e)
	switch a.Scope {
	case frames.ScopeConnection:
		return c.fail(a.Code, a.Rule)
	case frames.ScopeStream:
		return c.breakFrame(a.Code, a.Rule)
	}
	if !a.Ignore && a.Next != state {
		c.remember(id, id, a.Next)
	}
	return c.pay(a.Pays)
}

// breakFrame resets the stream of a frame by its id, whether it is in the buckets
// or not. One that was reset already isn't again; where there is nothing to reset,
// the connection fails. Fault says why, though no event tells of a stream that
// isn't there.
func (c *Conn) breakFrame(code frames.ErrorCode, rule string) Event {
	id := c.header.StreamID
	if s := c.find(id); s != nil {
		return c.breakStream(s, frames.ScopeStream, code, rule)
	}
	a := c.stateOf(id).On(StreamStateOnSentReset)
	switch {
	case a.Scope == frames.ScopeNone:
		c.remember(id, id, a.Next)
		c.pending = frames.AppendRSTStreamFrame(c.pending, id, code)
		c.Fault = c.newError(frames.ScopeStream, code, rule)
	case c.stateOf(id) != StreamStateClosedBySentReset: // it can't be reset (rfc9113#5.4.1/3)
		return c.fail(code, rule)
	}
	return c.pay(BudgetResetCredit)
}

// refuseStream resets a stream that was opened by the frame that is being read,
// and that has no place.
func (c *Conn) refuseStream(id uint32, code frames.ErrorCode) {
	c.remember(id, id, StreamStateOpen.On(StreamStateOnSentReset).Next)
	c.pending = frames.AppendRSTStreamFrame(c.pending, id, code)
}

// refuse resets a stream whose head has come, for there is no place for what it
// asks for. It is EventFailed if the peer has had that done too often.
func (c *Conn) refuse(s *Stream) Event {
	c.reset(s, frames.CodeRefusedStream)
	return c.pay(BudgetResetCredit)
}

// breakStream resets a stream for what the peer did.
func (c *Conn) breakStream(s *Stream, scope frames.Scope, code frames.ErrorCode, rule string) Event {
	e := c.newError(scope, code, rule)
	e.StreamID = s.ID
	return c.breakBy(s, e)
}

func (c *Conn) breakBy(s *Stream, e *Error) Event {
	if e.Scope == frames.ScopeConnection {
		return c.failBy(e)
	}
	if c.part == partVariable {
		c.isMuted = true
	}
	if v := c.pay(BudgetResetCredit); v != EventMore {
		return v
	}
	c.reset(s, e.Code)
	c.Stream, c.Fault, c.Code = s, e, e.Code
	return EventBroken
}

// reset makes RST_STREAM pending, if the stream isn't closed.
func (c *Conn) reset(s *Stream, code frames.ErrorCode) {
	if s.IsClosed() {
		return
	}
	if a := c.move(s, StreamStateOnSentReset); a.Scope == frames.ScopeNone && !a.Ignore {
		c.pending = frames.AppendRSTStreamFrame(c.pending, s.ID, code)
	}
}

// Reset gives a stream up, by RST_STREAM with this code. What was said of it
// before goes out, what isn't appended yet can't be. It does nothing to a stream
// that is closed.
func (c *Conn) Reset(s *Stream, code frames.ErrorCode) { c.reset(s, code) }

// onReset is RFC 9113, Section 6.4.
func (c *Conn) onReset(code frames.ErrorCode) Event {
	id := c.header.StreamID
	s := c.find(id)
	if s == nil {
		return c.onClosed(StreamStateOnReceivedReset)
	}
	if e := c.pay(s.State.On(StreamStateOnReceivedReset).Pays); e != EventMore { // before it isn't among the streams any more, which all fail
		return e
	}
	if a := c.move(s, StreamStateOnReceivedReset); a.Scope != frames.ScopeNone {
		return c.breakStream(s, a.Scope, a.Code, a.Rule)
	}
	c.Stream, c.Code = s, code
	return EventReset
}

// onSettings is the settings of a SETTINGS frame, in order (RFC 9113,
// Section 6.5.3).
func (c *Conn) onSettings(b []byte) Event {
	for ; len(b) > 0; b = b[frames.SettingOctets:] {
		x := frames.ReadSetting(b)
		if scope, code, rule := x.Check(); scope != frames.ScopeNone {
			return c.fail(code, rule)
		}
		if x.Identifier == frames.SettingEnablePush && !c.isServer && x.Value != 0 {
			return c.fail(frames.CodeProtocolError, "a server enables push (RFC 9113, Section 6.5.2)")
		}
		was := c.peer
		c.peer.Set(x)
		switch x.Identifier {
		case frames.SettingInitialWindowSize:
			if e := c.shiftWindows(int64(c.peer.InitialWindowSize) - int64(was.InitialWindowSize)); e != EventMore {
				return e
			}
		case frames.SettingHeaderTableSize:
			c.encoder.limit(min(x.Value, uint32(c.options.EncoderTableOctets)))
		}
	}
	return EventMore
}

// shiftWindows changes what can be sent on all streams (RFC 9113,
// Section 6.9.2).
func (c *Conn) shiftWindows(by int64) Event {
	isOver := false
	c.Streams(func(s *Stream) {
		s.sendWindow += by
		isOver = isOver || s.sendWindow > windowMax
	})
	if isOver {
		return c.fail(frames.CodeFlowControlError, "SETTINGS_INITIAL_WINDOW_SIZE makes a window larger than 2^31-1 (RFC 9113, Section 6.9.2)")
	}
	return EventMore
}

// onSettingsEnd is that a SETTINGS frame is whole.
func (c *Conn) onSettingsEnd() Event {
	if !c.header.Flags.Has(frames.FlagAck) {
		c.pending = frames.AppendSettingsAck(c.pending)
		return EventSettings
	}
	a := c.settings.On(SettingsStateOnReceivedAck)
	if a.Scope != frames.ScopeNone {
		return c.fail(a.Code, a.Rule)
	}
	c.settings = a.Next
	if c.ours.HeaderTableSize != c.inEffect.HeaderTableSize {
		c.decoder.limit(c.ours.HeaderTableSize)
	}
	by := int64(c.ours.InitialWindowSize) - int64(c.inEffect.InitialWindowSize)
	c.inEffect = c.ours
	c.Streams(func(s *Stream) { s.receiveWindow += by })
	return EventAgreed
}

// onPing is RFC 9113, Section 6.7.
func (c *Conn) onPing(data [8]byte) Event {
	if c.header.Flags.Has(frames.FlagAck) {
		c.Opaque = data
		return EventPong
	}
	c.pending = frames.AppendPingFrame(c.pending, true, data)
	return EventMore
}

// Ping makes a PING pending. EventPong with the same octets answers it.
func (c *Conn) Ping(data [8]byte) {
	c.pending = frames.AppendPingFrame(c.pending, false, data)
	c.earn(BudgetPingCredit, 1) // which pays for its answer
}

// onPriority is RFC 9113, Section 5.3.2: nothing, but that a stream can't depend
// on itself.
func (c *Conn) onPriority(f frames.Priority) Event {
	state := c.stateOf(c.header.StreamID)
	if e := c.pay(state.On(StreamStateOnReceivedPriority).Pays); e != EventMore {
		return e
	}
	if f.StreamDependency == c.header.StreamID {
		return c.breakFrame(frames.CodeProtocolError, "a stream depends on itself (RFC 7540, Section 5.3.1)")
	}
	return EventMore
}

// onPriorityUpdate is that a PRIORITY_UPDATE frame begins (RFC 9218,
// Section 7.1).
func (c *Conn) onPriorityUpdate(f frames.PriorityUpdate) Event {
	c.kept = c.kept[:0]
	c.fieldBlock.id = f.PrioritizedStreamID
	if f.PrioritizedStreamID == 0 {
		return c.fail(frames.CodeProtocolError, "PRIORITY_UPDATE of stream 0 (RFC 9218, Section 7.1)")
	}
	if !c.isServer {
		return c.fail(frames.CodeProtocolError, "PRIORITY_UPDATE from a server (RFC 9218, Section 7.1)")
	}
	return EventMore
}

func (c *Conn) onPriorityUpdateEnd() Event {
	s := c.find(c.fieldBlock.id)
	if s == nil {
		return EventMore
	}
	c.Priority = parsePriority(c.kept)
	s.Priority, s.IsPrioritized = c.Priority, true
	c.Stream = s
	return EventPriority
}
