package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// onPushPromise is that a PUSH_PROMISE frame begins (RFC 9113, Section 6.6).
func (c *Conn) onPushPromise(f frames.PushPromise) Event {
	c.endInput()
	id := f.PromisedStreamID
	switch {
	case c.isServer:
		return c.fail(frames.CodeProtocolError, "PUSH_PROMISE from a client (RFC 9113, Section 8.4)")
	case !c.options.TakesPush:
		return c.fail(frames.CodeProtocolError, "PUSH_PROMISE, though SETTINGS_ENABLE_PUSH is 0 (RFC 9113, Section 6.6)")
	case id == 0 || c.isOurs(id) || id <= c.lastPeers:
		return c.fail(frames.CodeProtocolError, "PUSH_PROMISE of a stream that isn't idle (RFC 9113, Section 6.6)")
	}
	s := c.find(c.header.StreamID)
	state := c.stateOf(c.header.StreamID)
	if s != nil {
		state = s.State
	}
	a := state.On(StreamStateOnReceivedPushPromise)
	if a.Scope == frames.ScopeConnection {
		return c.fail(a.Code, a.Rule)
	}
	c.skip(id)
	if s != nil && s.Received == HTTP2MessageTunnel { // rfc9113#8.5/2
		c.beginBlock(s, sectionPromise)
		c.fieldBlock.refusal, c.fieldBlock.refusalRule = frames.CodeProtocolError, "PUSH_PROMISE in a tunnel (RFC 9113, Section 8.5)"
		c.refuseStream(id, frames.CodeCancel)
		return EventMore // the reset of the tunnel is paid for
	}
	if s == nil || a.Ignore || a.Scope == frames.ScopeStream || c.streams.count-c.own >= c.options.StreamsMax {
		c.beginBlock(nil, sectionPromise)
		c.refuseStream(id, frames.CodeRefusedStream)
		return c.pay(BudgetResetCredit)
	}
	c.beginBlock(s, sectionPromise)
	p := c.add(id, false)
	c.enter(p)
	c.move(p, StreamStateOnReceivedPromised)
	c.fieldBlock.promised = p
	return EventMore
}

// onPromiseEnd is that the request of a promise is whole. What is wrong with it is
// told by Fault alone, for nobody has the stream.
func (c *Conn) onPromiseEnd(fault *message.Fault) Event {
	p := c.fieldBlock.promised
	if fault != nil || !c.section.MethodID.IsSafe() {
		c.Fault = c.newError(frames.ScopeStream, frames.CodeProtocolError, "")
		c.Fault.StreamID, c.Fault.Fault = p.ID, fault
		c.reset(p, frames.CodeProtocolError)
		c.Release(p)
		return c.pay(BudgetResetCredit)
	}
	p.isEmpty = c.section.MethodID == message.MethodHead
	c.Stream, c.Promised, c.Section = c.fieldBlock.stream, p, &c.section
	return EventPromise
}
