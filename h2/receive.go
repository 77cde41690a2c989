package h2

import "github.com/specht-http/specht/frames"

// part is what of a frame is read next.
type part uint8

const (
	partPreface  part = iota // the client's preface
	partHeader               // the frame header
	partFixed                // the fields of known length in front
	partVariable             // the field of variable length
	partPadding
	partNone // nothing: the connection has failed
)

// reader is where Receive is.
//
//	| header | fixed | variable             | padding |
//	  9        0–8     left octets to come    padding octets to come
//
// The header, the fixed part and SETTINGS are read when they are whole; until then
// they stay with the caller. Everything else is consumed as it comes.
type reader struct {
	part    part
	input   ConnectionInput
	header  frames.Header
	fixed   int    // octets
	left    uint32 // octets
	padding uint32 // octets
	isMuted bool   // the frame's content goes nowhere: its stream takes none
	at      int64  // octets consumed before this call of Receive
	frameAt int64  // where the frame began
	matched int    // octets of the preface
}

// Receive reads on in b, all octets that are not consumed, and consumes n of
// them. With EventMore it has consumed what it can: what is left is offered again
// with more behind it. After any other event, what is left is offered again at
// once. After EventFailed everything is consumed.
func (c *Conn) Receive(b []byte) (n int, e Event) {
	c.Stream, c.Content, c.IsEnd = nil, nil, false
	for e == EventMore {
		k := 0
		was := c.part
		k, e = c.receivePart(b[n:], int64(n))
		n += k
		if e == EventMore && k == 0 && c.part == was {
			break
		}
	}
	if c.part == partVariable && c.isMuted && c.left+c.padding == 0 {
		c.part = partHeader
	}
	c.at += int64(n)
	return n, e
}

// receivePart reads what it can of the part of the frame that is next.
func (c *Conn) receivePart(b []byte, at int64) (n int, e Event) {
	switch c.part {
	case partPreface:
		return c.receivePreface(b)
	case partHeader:
		if len(b) < frames.HeaderOctets {
			return 0, EventMore
		}
		c.frameAt = c.at + at
		c.header = frames.ReadHeader(b)
		return frames.HeaderOctets, c.onHeader()
	case partFixed:
		if len(b) < c.fixed {
			return 0, EventMore
		}
		return c.fixed, c.onFixed(b[:c.fixed])
	case partVariable:
		return c.receiveVariable(b)
	case partPadding:
		n = min(len(b), int(c.padding))
		c.padding -= uint32(n)
		if c.padding == 0 {
			return n, c.onFrameEnd()
		}
		return n, EventMore
	}
	return len(b), EventMore
}

// receivePreface compares the client's preface.
func (c *Conn) receivePreface(b []byte) (n int, e Event) {
	for n < len(b) && c.matched < len(Preface) {
		if b[n] != Preface[c.matched] {
			c.frameAt = c.at + int64(n)
			a := c.input.On(ConnectionInputOnNoPreface)
			return n, c.fail(a.Code, a.Rule)
		}
		n++
		c.matched++
	}
	if c.matched == len(Preface) {
		c.part, c.input = partHeader, c.input.On(ConnectionInputOnPreface).Next
	}
	return n, EventMore
}

// inputEvents are the events of connection-input by type, where the type alone
// says which.
var inputEvents = [...]ConnectionInputEvent{
	frames.TypeData:        ConnectionInputOnData,
	frames.TypeHeaders:     ConnectionInputOnHeaders,
	frames.TypePriority:    ConnectionInputOnPriority,
	frames.TypeRSTStream:   ConnectionInputOnRSTStream,
	frames.TypePushPromise: ConnectionInputOnPushPromise,
	frames.TypeGoAway:      ConnectionInputOnGoAway,
}

// inputEvent is what the frame is to the table of the connection.
func (c *Conn) inputEvent() ConnectionInputEvent {
	h := &c.header
	isAck := h.Flags.Has(frames.FlagAck)
	switch {
	case h.Type == frames.TypeSettings && isAck:
		return ConnectionInputOnSettingsAck
	case h.Type == frames.TypeSettings:
		return ConnectionInputOnSettings
	case h.Type == frames.TypePing && isAck:
		return ConnectionInputOnPingAck
	case h.Type == frames.TypePing:
		return ConnectionInputOnPing
	case h.Type == frames.TypeWindowUpdate && h.StreamID == 0:
		return ConnectionInputOnConnectionWindowUpdate
	case h.Type == frames.TypeWindowUpdate:
		return ConnectionInputOnWindowUpdate
	case h.Type == frames.TypeContinuation && h.StreamID != c.fieldBlock.id:
		return ConnectionInputOnContinuationElsewhere
	case h.Type == frames.TypeContinuation && h.Length == 0 && !h.Flags.Has(frames.FlagEndHeaders):
		return ConnectionInputOnEmptyContinuation
	case h.Type == frames.TypeContinuation:
		return ConnectionInputOnContinuation
	case h.Type == frames.TypePriorityUpdate:
		return ConnectionInputOnPriorityUpdate
	case int(h.Type) < len(inputEvents):
		return inputEvents[h.Type]
	}
	return ConnectionInputOnUnknown
}

// onHeader is that a frame header has come.
func (c *Conn) onHeader() Event {
	h := &c.header
	a := c.input.On(c.inputEvent())
	if a.Scope == frames.ScopeConnection {
		return c.fail(a.Code, a.Rule)
	}
	c.input = a.Next
	if e := c.pay(a.Pays); e != EventMore {
		return e
	}
	c.isMuted = false
	c.fixed, c.left, c.padding = 0, h.Length, 0
	scope, code, rule := h.Check(c.ours.MaxFrameSize)
	switch scope {
	case frames.ScopeConnection:
		return c.fail(code, rule)
	case frames.ScopeStream:
		if h.Type == frames.TypeData {
			if e := c.countData(); e != EventMore {
				return e
			}
			c.repay(nil, int64(h.Length))
		}
		c.isMuted = true
		c.part = partVariable
		return c.breakFrame(code, rule)
	}
	switch h.Type {
	case frames.TypeData:
		c.fixed = frames.DataOctets(h.Flags)
	case frames.TypeHeaders:
		c.fixed = frames.HeadersOctets(h.Flags)
	case frames.TypePushPromise:
		c.fixed = frames.PushPromiseOctets(h.Flags)
	case frames.TypePriority:
		c.fixed = frames.PriorityOctets
	case frames.TypeRSTStream:
		c.fixed = frames.RSTStreamOctets
	case frames.TypePing:
		c.fixed = frames.PingOctets
	case frames.TypeGoAway:
		c.fixed = frames.GoAwayOctets
	case frames.TypeWindowUpdate:
		c.fixed = frames.WindowUpdateOctets
	case frames.TypePriorityUpdate:
		c.fixed = frames.PriorityUpdateOctets
	}
	if int(h.Length) < c.fixed {
		return c.fail(frames.CodeFrameSizeError, "the frame is too short for its flags (RFC 9113, Section 4.2)")
	}
	c.part = partFixed
	if c.fixed == 0 {
		return c.onFixed(nil)
	}
	return EventMore
}

// onFixed is that the fixed part has come.
func (c *Conn) onFixed(b []byte) Event {
	h := &c.header
	padLength := c.padLength(b)
	octets, ok := h.Variable(c.fixed, padLength)
	if !ok { // before anything is done to a stream, for which there is no event any more
		return c.fail(frames.CodeProtocolError, "the padding is longer than the frame (RFC 9113, Section 6.1)")
	}
	c.part = partVariable
	var e Event
	switch h.Type {
	case frames.TypeData:
		e = c.onData(octets)
	case frames.TypeHeaders:
		e = c.onHeaders(frames.ReadHeaders(h.Flags, b))
	case frames.TypePushPromise:
		e = c.onPushPromise(frames.ReadPushPromise(h.Flags, b))
	case frames.TypeContinuation:
		e = c.onContinuation()
	case frames.TypePriority:
		e = c.onPriority(frames.ReadPriority(b))
	case frames.TypeRSTStream:
		e = c.onReset(frames.ReadRSTStream(b).ErrorCode)
	case frames.TypePing:
		e = c.onPing(frames.ReadPing(b).OpaqueData)
	case frames.TypeGoAway:
		e = c.onGoAway(frames.ReadGoAway(b))
	case frames.TypeWindowUpdate:
		e = c.onWindowUpdate(frames.ReadWindowUpdate(b).WindowSizeIncrement)
	case frames.TypePriorityUpdate:
		e = c.onPriorityUpdate(frames.ReadPriorityUpdate(b))
	}
	if c.part == partNone {
		return e
	}
	c.left, c.padding = octets, uint32(padLength)
	switch {
	case c.left+c.padding > 0:
		return e
	case e == EventMore:
		return c.onFrameEnd()
	}
	c.part = partHeader
	return e
}

// padLength is how much padding the fixed part says there is.
func (c *Conn) padLength(b []byte) uint8 {
	switch h := &c.header; h.Type {
	case frames.TypeData:
		return frames.ReadData(h.Flags, b).PadLength
	case frames.TypeHeaders:
		return frames.ReadHeaders(h.Flags, b).PadLength
	case frames.TypePushPromise:
		return frames.ReadPushPromise(h.Flags, b).PadLength
	}
	return 0
}

// receiveVariable reads of the field of variable length what is there.
func (c *Conn) receiveVariable(b []byte) (n int, e Event) {
	n = min(len(b), int(c.left))
	switch {
	case c.left == 0: // an event was told before the end of the frame
	case c.isMuted:
	case c.header.Type == frames.TypeData:
		e = c.onContent(b[:n])
	case c.header.Type == frames.TypeHeaders, c.header.Type == frames.TypePushPromise, c.header.Type == frames.TypeContinuation:
		e = c.onFragment(b[:n])
	case c.header.Type == frames.TypeSettings && n < int(c.left): // they hold from their acknowledgement on, all at once
		return 0, EventMore
	case c.header.Type == frames.TypeSettings:
		e = c.onSettings(b[:n])
	case c.header.Type == frames.TypeGoAway, c.header.Type == frames.TypePriorityUpdate:
		c.keep(b[:n])
	}
	if c.part == partNone {
		return n, e
	}
	c.left -= uint32(n)
	if c.left > 0 {
		return n, e
	}
	if c.padding > 0 {
		c.part = partPadding
		return n, e
	}
	if end := c.onFrameEnd(); end != EventMore {
		if e == EventContent && end != EventContent { // nobody is told of it, nor consumes it
			c.Content = nil
			c.repay(nil, int64(n))
		}
		return n, end
	}
	return n, e
}

// onFrameEnd is that the frame is whole.
func (c *Conn) onFrameEnd() Event {
	c.part = partHeader
	if c.isMuted {
		return EventMore
	}
	h := &c.header
	switch h.Type {
	case frames.TypeData:
		return c.onDataEnd()
	case frames.TypeHeaders, frames.TypePushPromise, frames.TypeContinuation:
		if h.Flags.Has(frames.FlagEndHeaders) {
			return c.onBlockEnd()
		}
	case frames.TypeSettings:
		return c.onSettingsEnd()
	case frames.TypeGoAway:
		return c.onGoAwayEnd()
	case frames.TypePriorityUpdate:
		return c.onPriorityUpdateEnd()
	}
	return EventMore
}

// keptOctetsMax is how much is kept of debug data and of a priority's value.
const keptOctetsMax = 256

// keep copies what is small and may come in pieces.
func (c *Conn) keep(b []byte) {
	k := min(len(b), keptOctetsMax-len(c.kept))
	c.kept = append(c.kept, b[:max(k, 0)]...)
}
