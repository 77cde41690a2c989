package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// AppendPromise promises the response to a request that the client hasn't made (RFC
// 9113, Section 8.4), ahead of the rest of what answers another one. The stream is
// that of the response: AppendResponse and so on go on with it. The section is
// the request as it would have been received, until the next promise. How many are promised at once is the
// caller's to see: Own, Peer. A *message.PushError says that nothing can be promised
// here, any other error that this can't be.
func (c *Conn) AppendPromise(dst []byte, of *Stream, h *message.RequestHead, scheme string) ([]byte, *Stream, *FieldSection, error) {
	id := c.lastOurs + 2
	switch {
	case !c.isServer:
		return dst, nil, nil, &message.MisuseError{Call: "Push", Rule: "a client promises nothing (RFC 9113, Section 8.4)"}
	case of.isOurs:
		return dst, nil, nil, &message.PushError{Why: "this response was pushed itself (RFC 9113, Section 8.4.1)"}
	case of.Sent == HTTP2MessageTunnel:
		return dst, nil, nil, &message.PushError{Why: "in a tunnel there are no promises (RFC 9113, Section 8.5)"}
	case c.peer.EnablePush == 0:
		return dst, nil, nil, &message.PushError{Why: "the client takes none (RFC 9113, Section 6.5.2)"}
	case c.IsGoingAway() || c.goaway.sent != GoawaySentRunning || id > lastMax:
		return dst, nil, nil, &message.PushError{Why: "the connection is about to end (RFC 9113, Section 6.8)"}
	}
	if a := of.State.On(StreamStateOnSentPushPromise); a.Scope != frames.ScopeNone {
		return dst, nil, nil, &message.MisuseError{Call: "Push", Rule: a.Rule}
	}
	section := c.promise()
	b, err := c.encoder.appendPromise(c.scratch(), section, h, scheme)
	if err != nil {
		return dst, nil, nil, err
	}
	c.encoded = b
	c.move(of, StreamStateOnSentPushPromise)
	c.lastOurs = id
	s := c.add(id, true)
	c.enter(s)
	c.move(s, StreamStateOnSentPromised)
	s.Received = s.Received.On(HTTP2MessageOnFinalHead).Next.On(HTTP2MessageOnEnd).Next
	s.Priority, s.IsPrioritized = section.Priority, section.HasPriority
	var fixed [4]byte
	p := frames.AppendPushPromise(fixed[:0], 0, frames.PushPromise{PromisedStreamID: id})
	return c.appendFragments(dst, frames.Header{Type: frames.TypePushPromise, StreamID: of.ID}, p, b), s, section, nil
}

// promise is where a promised request is taken in: not where what comes is, for a
// field block may be under way there.
func (c *Conn) promise() *FieldSection {
	if c.encoder.promise == nil {
		c.encoder.promise = new(FieldSection)
		c.encoder.promise.init(sectionLimits{octets: 1 << 30, lines: 1 << 20})
	}
	return c.encoder.promise
}
