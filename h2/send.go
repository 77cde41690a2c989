package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// What leaves: heads, content and trailers, appended in the order in which they
// are sent. Nothing is appended, and nothing changes, with an error.

// AppendInterim appends an interim response to s (RFC 9110, Section 15.2).
func (c *Conn) AppendInterim(dst []byte, s *Stream, status message.Status, fields []message.Field) ([]byte, error) {
	if !status.IsInterim() || status == message.StatusSwitchingProtocols {
		return dst, &message.StatusError{Status: status, Why: "it isn't interim: use a status of 100 to 199, but not 101"}
	}
	next, err := s.nextSent("Interim", HTTP2MessageOnInterimHead)
	if err != nil {
		return dst, err
	}
	if err := c.maySendHeaders(s); err != nil {
		return dst, err
	}
	b, err := c.encoder.appendResponse(c.scratch(), status, fields, ownFields{contentLength: -1})
	if err != nil {
		return dst, err
	}
	c.sentHeaders(s)
	s.Sent = next
	return c.appendBlock(dst, s, b, false), nil
}

// ReplyHead is what a final response begins with.
type ReplyHead struct {
	Status message.Status
	Fields []message.Field
	// ContentLength is declared unless it is -1; octets.
	ContentLength int64
	// Date is the value of Date, unless Fields have one; "" for none.
	Date string
}

// AppendResponse appends the head of the final response to s. isEnd is that
// there is no content, and no trailers.
func (c *Conn) AppendResponse(dst []byte, s *Stream, h *ReplyHead, isEnd bool) ([]byte, error) {
	event := HTTP2MessageOnFinalHead
	next, err := s.nextSent("Start", event)
	if err != nil {
		return dst, err
	}
	if !h.Status.IsValid() || h.Status.IsInterim() {
		return dst, &message.StatusError{Status: h.Status, Why: "a final response has a status of 200 to 599"}
	}
	if err := c.maySendHeaders(s); err != nil {
		return dst, err
	}
	b, err := c.encoder.appendResponse(c.scratch(), h.Status, h.Fields, ownFields{contentLength: h.ContentLength, date: h.Date})
	if err != nil {
		return dst, err
	}
	c.sentHeaders(s)
	s.Sent = next
	dst = c.appendBlock(dst, s, b, isEnd)
	if isEnd {
		s.Sent = s.Sent.On(HTTP2MessageOnEnd).Next
		c.sentEnd(s)
	}
	return dst, nil
}

// AppendTrailers appends a trailer section, which ends the message.
func (c *Conn) AppendTrailers(dst []byte, s *Stream, fields []message.Field) ([]byte, error) {
	next, err := s.nextSent("End", HTTP2MessageOnTrailers)
	if err != nil {
		return dst, err
	}
	if err := c.maySendHeaders(s); err != nil {
		return dst, err
	}
	b, err := c.encoder.appendTrailers(c.scratch(), fields)
	if err != nil {
		return dst, err
	}
	c.sentHeaders(s)
	s.Sent = next
	dst = c.appendBlock(dst, s, b, true)
	c.sentEnd(s)
	return dst, nil
}

// AppendData appends the header of a DATA frame with n octets of content, at
// most Room, which the caller has to put behind it. isEnd is that the message
// ends with them.
func (c *Conn) AppendData(dst []byte, s *Stream, n int, isEnd bool) []byte {
	if n > c.Room(s) && n > 0 {
		panic("h2: bug: more content than there is room for")
	}
	a := c.move(s, StreamStateOnSentData)
	if a.Scope != frames.ScopeNone {
		panic("h2: bug: content on a stream that is " + s.State.String())
	}
	s.sendWindow -= int64(n)
	s.sent += int64(n)
	c.windows.sending -= int64(n)
	c.windows.sent += int64(n)
	h := frames.Header{Length: uint32(n), Type: frames.TypeData, StreamID: s.ID}
	if isEnd {
		h.Flags = frames.FlagEndStream
	}
	dst = frames.AppendHeader(dst, h)
	if isEnd {
		s.Sent = s.Sent.On(HTTP2MessageOnEnd).Next
		c.sentEnd(s)
	}
	c.earn(BudgetWindowUpdateCredit, 2) // one for the stream, and one for the connection
	c.earn(BudgetPingCredit, 1)         // by which peers measure how fast it comes
	return dst
}

// nextSent asks the table how far a message is behind an event.
func (s *Stream) nextSent(call string, e HTTP2MessageEvent) (HTTP2Message, error) {
	a := s.Sent.On(e)
	if a.Scope != frames.ScopeNone {
		return s.Sent, &message.MisuseError{Call: call, Rule: a.Rule}
	}
	return a.Next, nil
}

// maySendHeaders asks the table, before fields are encoded: what is encoded has to
// be sent, or the peer's table of fields is another one than ours.
func (c *Conn) maySendHeaders(s *Stream) error {
	if a := s.State.On(StreamStateOnSentHeaders); a.Scope != frames.ScopeNone {
		return &message.MisuseError{Call: "HEADERS", Rule: a.Rule}
	}
	return nil
}

// sentHeaders is that HEADERS go out.
func (c *Conn) sentHeaders(s *Stream) {
	if a := c.move(s, StreamStateOnSentHeaders); a.Scope != frames.ScopeNone {
		panic("h2: bug: HEADERS on a stream that is " + s.State.String())
	}
}

// sentEnd is that END_STREAM goes out.
func (c *Conn) sentEnd(s *Stream) {
	if a := c.move(s, StreamStateOnSentEnd); a.Scope != frames.ScopeNone {
		panic("h2: bug: END_STREAM on a stream that is " + s.State.String())
	}
	c.earn(BudgetResetCredit, 1)
	c.earn(BudgetPriorityCredit, 2) // it may have been moved meanwhile
	c.earn(BudgetEmptyCredit, 1)
	c.earn(BudgetUnknownCredit, 2) // some send one behind each HEADERS, and DATA
}

// trim lets go of what large field sections took, behind a turn: neither Section
// nor what was appended is used any more.
func (c *Conn) trim() {
	if c.section.trim(); c.section.Arena == nil || c.section.Lines == nil {
		c.lastBlock.isUsable = false
	}
	if cap(c.encoded) > arenaOctetsKept {
		c.encoded = nil
	}
	if cap(c.gathered) > arenaOctetsKept && len(c.gathered) == 0 {
		c.gathered = nil
	}
}

// scratch is where a field block is put together.
func (c *Conn) scratch() []byte { return c.encoded[:0] }

// appendBlock appends a field block as HEADERS, and as many CONTINUATION as the
// peer's frame size asks for.
func (c *Conn) appendBlock(dst []byte, s *Stream, b []byte, isEnd bool) []byte {
	h := frames.Header{Type: frames.TypeHeaders, StreamID: s.ID}
	if isEnd {
		h.Flags = frames.FlagEndStream
	}
	c.encoded = b
	return c.appendFragments(dst, h, nil, b)
}

// appendFragments appends a frame whose payload is fixed and the beginning of b,
// and the rest of b in CONTINUATION frames.
func (c *Conn) appendFragments(dst []byte, h frames.Header, fixed, b []byte) []byte {
	most := int(c.peer.MaxFrameSize)
	for {
		k := min(len(b), most-len(fixed))
		if k == len(b) {
			h.Flags |= frames.FlagEndHeaders
		}
		h.Length = uint32(len(fixed) + k)
		dst = frames.AppendHeader(dst, h)
		dst = append(append(dst, fixed...), b[:k]...)
		if b, fixed = b[k:], nil; len(b) == 0 {
			return dst
		}
		h = frames.Header{Type: frames.TypeContinuation, StreamID: h.StreamID}
	}
}

// blockOctets is what a field section takes in frames, at most, if its names and
// values have n octets in count fields.
func (c *Conn) blockOctets(n, count int) int {
	n += 64 + 12*count
	return n + frames.HeaderOctets*(2+n/int(c.peer.MaxFrameSize))
}

// Connect is that the final head to CONNECT has been sent, or received: from here
// on the stream is a tunnel (RFC 9113, Section 8.5).
func (c *Conn) Connect(s *Stream) {
	s.Received, s.Sent = s.Received.On(HTTP2MessageOnConnected).Next, s.Sent.On(HTTP2MessageOnConnected).Next
}
