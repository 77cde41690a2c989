package h2

import "github.com/specht-http/specht/frames"

// goaway is how far the connection is on its way to its end, in both directions
// (RFC 9113, Section 6.8).
type goaway struct {
	sent     GoawaySent
	received GoawayReceived
	lastSent uint32 // the last of the peer's streams that is served, once that was said
	lastRead uint32 // the last of ours that the peer serves
}

// lastMax is what the first of two GOAWAY frames says: nobody is refused yet.
const lastMax = 1<<31 - 1

// isBeyond says whether the peer has been told that this stream isn't served.
func (g *goaway) isBeyond(id uint32) bool { return g.sent >= GoawaySentFinal && id > g.lastSent }

// Announce makes the first of two GOAWAY frames pending: the peer begins no more
// streams once it has it, and those that it has begun before are served.
func (c *Conn) Announce() { c.sayGoAway(GoawaySentOnAnnounce, lastMax, frames.CodeNoError, "") }

// GoAway makes the final GOAWAY pending: streams above those that have come
// aren't served.
func (c *Conn) GoAway(code frames.ErrorCode) { c.goAway(code, "") }

func (c *Conn) goAway(code frames.ErrorCode, debug string) {
	event := GoawaySentOnFinal
	if code != frames.CodeNoError {
		event = GoawaySentOnFailure
	}
	c.sayGoAway(event, c.lastPeers, code, debug)
}

func (c *Conn) sayGoAway(e GoawaySentEvent, last uint32, code frames.ErrorCode, debug string) {
	a := c.goaway.sent.On(e)
	if a.Scope != frames.ScopeNone || a.Ignore {
		return
	}
	if c.goaway.sent == GoawaySentFinal { // which isn't raised (rfc9113#6.8/6)
		last = min(last, c.goaway.lastSent)
	}
	c.goaway.sent = a.Next
	c.goaway.lastSent = last
	c.pending = frames.AppendGoAwayFrame(c.pending, last, code, []byte(debug))
}

// IsGoingAway says whether the peer has said that it takes no more streams.
func (c *Conn) IsGoingAway() bool { return c.goaway.received != GoawayReceivedRunning }

// IsRefused says whether the peer has said that it doesn't serve this stream of
// ours: its request can be repeated elsewhere.
func (c *Conn) IsRefused(s *Stream) bool {
	return s.isOurs && c.IsGoingAway() && s.ID > c.goaway.lastRead
}

// onGoAway is that a GOAWAY frame begins.
func (c *Conn) onGoAway(f frames.GoAway) Event {
	c.kept = c.kept[:0]
	event := GoawayReceivedOnGoAway
	switch {
	case f.LastStreamID == lastMax && f.ErrorCode == frames.CodeNoError:
		event = GoawayReceivedOnAnnouncement
	case c.goaway.received == GoawayReceivedTold && f.LastStreamID > c.goaway.lastRead:
		event = GoawayReceivedOnHigherGoAway
	}
	a := c.goaway.received.On(event)
	if a.Scope != frames.ScopeNone {
		return c.fail(a.Code, a.Rule)
	}
	c.goaway.received = a.Next
	if e := c.pay(a.Pays); e != EventMore {
		return e
	}
	c.goaway.lastRead = f.LastStreamID
	c.LastStreamID, c.Code = f.LastStreamID, f.ErrorCode
	return EventMore
}

func (c *Conn) onGoAwayEnd() Event {
	c.Content = c.kept
	return EventGoAway
}
