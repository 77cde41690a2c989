package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// fieldBlock is a field block that is being received: the fragments of a HEADERS or
// PUSH_PROMISE frame and of the CONTINUATION frames behind it (RFC 9113,
// Section 4.3). Whatever becomes of its stream, it is decoded, for later blocks
// refer to it.
type fieldBlock struct {
	id          uint32 // of the stream whose frames these are
	stream      *Stream
	promised    *Stream
	kind        sectionKind
	isEnd       bool // END_STREAM
	isDropped   bool // nobody is told of it
	octets      int
	fragments   int
	refusal     frames.ErrorCode // the stream is reset with this at the end; CodeNoError for not
	refusalRule string
	isBegun     bool    // the section has been made ready for it
	isRepeated  bool    // the section is that of the block before
	frameStream *Stream // of the DATA frame that is being received
}

// beginBlock begins a field block. With a nil stream it is dropped.
func (c *Conn) beginBlock(s *Stream, kind sectionKind) {
	c.fieldBlock.id, c.fieldBlock.stream, c.fieldBlock.promised, c.fieldBlock.kind = c.header.StreamID, s, nil, kind
	c.fieldBlock.isEnd, c.fieldBlock.isDropped = c.header.Flags.Has(frames.FlagEndStream), s == nil
	c.fieldBlock.octets, c.fieldBlock.fragments = 0, 0
	c.fieldBlock.refusal, c.fieldBlock.refusalRule = frames.CodeNoError, ""
	c.fieldBlock.isBegun, c.fieldBlock.isRepeated = false, false
}

// onHeaders is that a HEADERS frame begins.
func (c *Conn) onHeaders(f frames.Headers) Event {
	id := c.header.StreamID
	c.endInput()
	s := c.find(id)
	if s == nil {
		if e := c.openByHeaders(id); e != EventMore {
			return e
		}
		s = c.fieldBlock.stream
	} else {
		a := c.move(s, StreamStateOnReceivedHeaders)
		switch {
		case a.Scope == frames.ScopeConnection:
			return c.fail(a.Code, a.Rule)
		case a.Scope == frames.ScopeStream:
			c.beginBlock(s, c.kindOf(s))
			c.fieldBlock.refusal, c.fieldBlock.refusalRule = a.Code, a.Rule
		default:
			c.beginBlock(s, c.kindOf(s))
		}
	}
	if s != nil && f.StreamDependency == id && c.header.Flags.Has(frames.FlagPriority) && c.fieldBlock.refusal == frames.CodeNoError {
		c.fieldBlock.refusal, c.fieldBlock.refusalRule = frames.CodeProtocolError, "a stream depends on itself (RFC 7540, Section 5.3.1)"
	}
	return EventMore
}

// kindOf is what a field section on a stream is.
func (c *Conn) kindOf(s *Stream) sectionKind {
	switch {
	case s.Received != HTTP2MessageHead:
		return sectionTrailers
	case c.isServer:
		return sectionRequest
	}
	return sectionResponse
}

// openByHeaders is a HEADERS frame on a stream that isn't in the buckets.
func (c *Conn) openByHeaders(id uint32) Event {
	state := c.stateOf(id)
	event := StreamStateOnReceivedHeaders
	if c.isOurs(id) || !c.isServer {
		event = StreamStateOnReceivedUnexpectedHeaders
	}
	a := state.On(event)
	switch {
	case a.Scope == frames.ScopeConnection:
		return c.fail(a.Code, a.Rule)
	case a.Scope == frames.ScopeStream: // it is closed, and stays so
		c.beginBlock(nil, sectionTrailers)
		c.fieldBlock.refusal, c.fieldBlock.refusalRule = a.Code, a.Rule
		return EventMore
	case a.Ignore:
		c.beginBlock(nil, sectionTrailers)
		return c.pay(a.Pays)
	}
	c.skip(id)
	if c.goaway.isBeyond(id) { // the peer knows that it isn't served
		c.beginBlock(nil, sectionRequest)
		c.remember(id, id, state.On(StreamStateOnRefused).Next)
		return c.pay(BudgetResetCredit)
	}
	if c.peers >= c.options.StreamsMax {
		c.beginBlock(nil, sectionRequest)
		c.refuseStream(id, frames.CodeRefusedStream)
		return c.pay(BudgetResetCredit)
	}
	s := c.add(id, false)
	c.enter(s)
	c.move(s, event)
	c.beginBlock(s, sectionRequest)
	return EventMore
}

// onContinuation is that a CONTINUATION frame begins.
func (c *Conn) onContinuation() Event {
	c.endInput()
	if c.fieldBlock.fragments++; c.fieldBlock.fragments > c.options.ContinuationsMax {
		return c.fail(frames.CodeEnhanceYourCalm, "more CONTINUATION frames than ContinuationsMax")
	}
	return EventMore
}

// endInput tells the table of the connection that the block ends with this frame.
func (c *Conn) endInput() {
	if c.header.Flags.Has(frames.FlagEndHeaders) {
		c.input = c.input.On(ConnectionInputOnEndHeaders).Next
	}
}

// onFragment takes a fragment, and decodes a block that is whole with it. One that
// comes in pieces is gathered before: hpack keeps what it gathers for as long as the
// connection lives, and goes over it again with each piece. Who is told of each
// field is told at once.
func (c *Conn) onFragment(b []byte) Event {
	if c.fieldBlock.octets += len(b); c.fieldBlock.octets > c.options.FieldBlockOctets {
		return c.fail(frames.CodeEnhanceYourCalm, "a field block of more octets than FieldBlockOctets")
	}
	if c.isRepeat(b) {
		c.fieldBlock.isBegun, c.fieldBlock.isRepeated = true, true
		return EventMore
	}
	c.beginSection()
	switch {
	case c.isWhole(b):
		c.noteBlock(b)
	case c.decoder.onField == nil:
		c.gather(b)
		return EventMore
	}
	return c.decode(b)
}

// gather keeps a piece of a block.
func (c *Conn) gather(b []byte) {
	if n := len(c.gathered) + len(b); n > cap(c.gathered) {
		c.gathered = append(make([]byte, 0, max(n, 2*cap(c.gathered))), c.gathered...)
	}
	c.gathered = append(c.gathered, b...)
}

// decode decodes a block, or a piece of one.
func (c *Conn) decode(b []byte) Event {
	if err := c.decoder.decode(b); err != nil {
		return c.fail(frames.CodeCompressionError, err.Error()+" (RFC 9113, Section 4.3)")
	}
	return EventMore
}

// beginSection makes the section ready, once a block. It isn't that of the block
// before any more, be there octets in this one or not.
func (c *Conn) beginSection() {
	if !c.fieldBlock.isBegun {
		c.fieldBlock.isBegun = true
		c.section.begin(c.fieldBlock.kind)
		c.lastBlock.isUsable, c.lastBlock.size = false, 0
	}
}

// lastBlock is the field block that the section was made of, as far as it can be
// told when it comes again: it was whole in one piece, of nothing but indices, and
// no block has changed the table since. Clients ask alike; then nothing has to be
// decoded and checked anew.
type lastBlock struct {
	octets   [lastBlockMax]byte
	size     int
	kind     sectionKind
	isUsable bool
}

// lastBlockMax is how long such a block is at most.
const lastBlockMax = 48

// isRepeat says whether b is a whole block that is the same as the last one.
func (c *Conn) isRepeat(b []byte) bool {
	l := &c.lastBlock
	return l.isUsable && l.size == len(b) && !c.fieldBlock.isBegun && c.isWhole(b) && l.kind == c.fieldBlock.kind &&
		!c.decoder.mustUpdate && c.decoder.onField == nil && string(l.octets[:l.size]) == string(b)
}

// isWhole says whether b, of which octets is told already, is all of its block: the
// end of one that came in pieces isn't.
func (c *Conn) isWhole(b []byte) bool {
	return c.fieldBlock.octets == len(b) && len(b) == int(c.left) && c.header.Flags.Has(frames.FlagEndHeaders) && c.header.Type != frames.TypeContinuation
}

// noteBlock keeps a block that is whole and about to be decoded, if it can be told
// again.
func (c *Conn) noteBlock(b []byte) {
	l := &c.lastBlock
	if len(b) <= lastBlockMax && isIndices(b) {
		l.size, l.kind = copy(l.octets[:], b), c.fieldBlock.kind
	}
}

// onBlockEnd is that a field block is whole.
func (c *Conn) onBlockEnd() Event {
	k := &c.fieldBlock
	var fault *message.Fault
	if !k.isRepeated {
		c.beginSection() // a block without octets
		b := c.gathered
		c.gathered = b[:0]
		if e := c.decode(b); e != EventMore {
			return e
		}
		if err := c.decoder.close(); err != nil {
			return c.fail(frames.CodeCompressionError, err.Error()+" (RFC 9113, Section 4.3)")
		}
		fault = c.section.end()
		c.lastBlock.isUsable = fault == nil && c.lastBlock.size > 0
	}
	s := k.stream
	if s != nil && (s.ID != k.id || s.IsClosed()) { // it was reset between two fragments
		if s = nil; k.promised != nil {
			c.reset(k.promised, frames.CodeCancel)
			c.Release(k.promised)
		}
		k.isDropped, k.refusal = true, frames.CodeNoError
	}
	switch {
	case k.refusal != frames.CodeNoError && s == nil:
		return c.breakFrame(k.refusal, k.refusalRule)
	case k.refusal != frames.CodeNoError:
		return c.breakStream(s, frames.ScopeStream, k.refusal, k.refusalRule)
	case k.isDropped:
		return EventMore
	case k.kind == sectionPromise:
		return c.onPromiseEnd(fault)
	}
	if fault != nil {
		e := c.newError(frames.ScopeStream, frames.CodeProtocolError, "")
		e.Fault = fault
		if c.section.isTooLarge && k.kind == sectionRequest {
			return c.onRefusedHead(s, e)
		}
		return c.breakBy(s, e)
	}
	if k.kind == sectionTrailers {
		return c.onTrailers(s)
	}
	return c.onHead(s)
}

// onHead is that a head is whole.
func (c *Conn) onHead(s *Stream) Event {
	event := HTTP2MessageOnFinalHead
	isInterim := c.fieldBlock.kind == sectionResponse && c.section.Status.IsInterim()
	switch {
	case isInterim && c.fieldBlock.isEnd:
		return c.breakStream(s, frames.ScopeStream, frames.CodeProtocolError, "an interim response with END_STREAM (RFC 9113, Section 8.1)")
	case isInterim:
		event = HTTP2MessageOnInterimHead
	}
	a := s.Received.On(event)
	if a.Scope != frames.ScopeNone {
		return c.breakStream(s, a.Scope, a.Code, a.Rule)
	}
	s.Received = a.Next
	if e := c.pay(a.Pays); e != EventMore {
		return e
	}
	if !isInterim {
		s.declared = c.section.ContentLength
		if s.isConnect && c.section.Status/100 == 2 { // a tunnel has no length (rfc9110#9.3.6/7)
			s.declared = -1
		}
		if c.section.HasPriority {
			s.Priority, s.IsPrioritized = c.section.Priority, true
		}
		s.isEmpty = s.isEmpty || !c.isServer && isNever(c.section.Status)
	}
	c.Section, c.Stream, c.IsEnd = &c.section, s, c.fieldBlock.isEnd
	if c.IsEnd {
		if e := c.checkLength(s, true); e != EventMore {
			return e
		}
		if e := c.endReceived(s); e != EventMore {
			return e
		}
	}
	return EventHead
}

// onRefusedHead is that a head is whole which can be answered, by e: unless
// something else is wrong with it, for which its stream is reset.
func (c *Conn) onRefusedHead(s *Stream, e *Error) Event {
	if event := c.onHead(s); event != EventHead {
		return event
	}
	c.Fault = e
	return EventRefused
}

// onTrailers is that a trailer section is whole.
func (c *Conn) onTrailers(s *Stream) Event {
	event := HTTP2MessageOnTrailers
	if !c.fieldBlock.isEnd {
		event = HTTP2MessageOnSectionWithoutEnd
	}
	a := s.Received.On(event)
	if a.Scope != frames.ScopeNone {
		return c.breakStream(s, a.Scope, a.Code, a.Rule)
	}
	s.Received = a.Next
	if e := c.checkLength(s, true); e != EventMore {
		return e
	}
	if a := c.move(s, StreamStateOnReceivedEnd); a.Scope != frames.ScopeNone {
		return c.breakStream(s, a.Scope, a.Code, a.Rule)
	}
	c.Section, c.Stream, c.IsEnd = &c.section, s, true
	return EventTrailers
}
