package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// AppendRequest begins a stream: it appends the head of a request. isEnd is that
// there is no content, and no trailers. Whether the peer takes another stream, is
// the caller's to see: Own, Peer, IsGoingAway.
func (c *Conn) AppendRequest(dst []byte, h *message.RequestHead, scheme string, isEnd bool) ([]byte, *Stream, error) {
	id := c.lastOurs + 2
	if c.lastOurs == 0 {
		id = 1
	}
	if c.isServer || id > lastMax {
		return dst, nil, &message.MisuseError{Call: "Begin", Rule: "no stream can be begun: a server begins none, and a client has 2^30 (RFC 9113, Section 5.1.1)"}
	}
	b, err := c.encoder.appendRequest(c.scratch(), h, scheme, h.Protocol)
	if err != nil {
		return dst, nil, err
	}
	c.lastOurs = id
	s := c.add(id, true)
	c.enter(s)
	s.isEmpty, s.isConnect = h.Method == "HEAD", h.Method == "CONNECT"
	if a := c.move(s, StreamStateOnSentHeaders); a.Scope != frames.ScopeNone {
		panic("h2: bug: HEADERS on a stream that is " + s.State.String())
	}
	s.Sent = s.Sent.On(HTTP2MessageOnFinalHead).Next
	dst = c.appendBlock(dst, s, b, isEnd)
	if isEnd {
		s.Sent = s.Sent.On(HTTP2MessageOnEnd).Next
		c.sentEnd(s)
	}
	return dst, s, nil
}

// Own is how many streams of this side count among the concurrent ones.
func (c *Conn) Own() int { return c.own }
