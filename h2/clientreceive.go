package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// What arrives at a client becomes events, and each event is dispatched before
// the next one is looked for: a head to OnInterim or OnResponse, content to
// whoever takes it.

// receive reads on in b.
func (c *Client) receive(b []byte) (n int) {
	now, _ := c.host.Now()
	c.conn.Refill(now)
	for !c.isOver {
		k, event := c.conn.Receive(b[n:])
		n += k
		c.on(event)
		c.flushPending()
		if event == EventMore {
			return n
		}
	}
	return len(b)
}

// on dispatches an event of the connection.
func (c *Client) on(e Event) {
	switch e {
	case EventMore, EventPriority, EventAgreed:
	case EventWindow:
		c.onWindow(c.conn.Stream)
	case EventSettings:
		c.hasSettings = true
		c.onWindows()
		if c.options.OnSettings != nil {
			c.contained(func() { c.options.OnSettings(c) })
		}
	case EventPong:
		c.onPong(c.conn.Opaque)
	case EventGoAway:
		c.onGoAway(&GoAwayError{Code: c.conn.Code, Debug: string(c.conn.Content)})
	case EventFailed:
		c.tellError(c.conn.Fault)
		c.close(c.conn.Fault)
	default:
		c.onStream(e, c.conn.Stream)
	}
}

// onStream dispatches an event of a stream.
func (c *Client) onStream(e Event, s *Stream) {
	x, ok := s.Owner.(*clientExchange)
	if !ok { // it has none any more
		c.conn.Consume(s, len(c.conn.Content))
		return
	}
	x.pins++
	switch e {
	case EventHead:
		if c.conn.Section.Status.IsInterim() {
			c.onInterim(x, c.conn.Section)
		} else {
			c.onHead(x, c.conn.Section, c.conn.IsEnd)
		}
	case EventContent:
		c.onContent(x, c.conn.Content, c.conn.IsEnd)
	case EventTrailers:
		x.trailer.take(c.host, c.conn.Section)
		x.onEnd()
	case EventReset:
		c.onReset(x, &ResetError{Code: c.conn.Code, IsPeer: true})
	case EventBroken, EventRefused:
		c.tellError(c.conn.Fault)
		x.fail(c.conn.Fault, frames.CodeProtocolError)
	case EventPromise:
		c.onPromise(x, c.conn.Promised, c.conn.Section)
	}
	x.pins--
	x.release()
}

// onInterim is that an interim response is there. 100 (Continue) lets content
// go that waits for it.
func (c *Client) onInterim(x *clientExchange, section *FieldSection) {
	if x.interims++; x.interims > c.options.InterimMax {
		x.fail(faultResponse("too many interim responses", int64(x.interims), message.StatusBadGateway, "InterimMax", int64(c.options.InterimMax)), frames.CodeEnhanceYourCalm)
		return
	}
	if section.Status == message.StatusContinue {
		x.proceed()
	}
	c.times.await(x) // the next head has its own time
	if x.onInterim != nil && !x.isClosed {
		x.callInterim(section.Status, message.NewFields(section.Arena, section.Lines))
	}
}

// onHead is that the head of the final response is there.
func (c *Client) onHead(x *clientExchange, section *FieldSection, isEnd bool) {
	x.status = section.Status
	x.received = HTTP2MessageContent
	x.section.take(c.host, section)
	x.contentLength = section.ContentLength
	if isEnd && x.contentLength < 0 && x.method != message.MethodHead && x.status != message.StatusNotModified {
		x.contentLength = 0
	}
	x.since, _ = c.host.Now()
	c.times.forget(x)
	switch {
	case x.method == message.MethodConnect && x.status/100 == 2:
		c.onTunnel(x, isEnd)
		return
	case x.method == message.MethodConnect: // there is nothing to say
		x.said, x.isEnding = HTTP2MessageDone, true
		c.ready(&x.sending)
	case x.isWaiting && x.status >= 300: // rfc9110#10.1.1: the content isn't wanted
		x.stopRequest()
	default:
		x.proceed()
	}
	if limit := c.options.ContentOctets; !isEnd && limit >= 0 && x.contentLength > limit {
		x.fail(faultResponse("content too large", 0, message.StatusBadGateway, "ContentOctets", limit), frames.CodeCancel)
		return
	}
	if isEnd {
		x.received = HTTP2MessageDone
	}
	x.tellResponse()
	if isEnd && !x.isEnded {
		x.onEnd()
	}
}

// onContent is that content has arrived. It holds the limit of content whose
// length wasn't declared: what is within it still goes up.
func (c *Client) onContent(x *clientExchange, p []byte, isEnd bool) {
	x.stretch += int64(len(p))
	limit := c.options.ContentOctets
	over := 0
	if limit >= 0 && !x.isTunnel {
		over = int(max(0, x.arrived+int64(len(p))-limit))
	}
	x.arrived += int64(len(p) - over)
	if len(p) > over {
		x.arrive(p[:len(p)-over])
	}
	if over > 0 {
		x.fail(faultResponse("content too large", limit, message.StatusBadGateway, "ContentOctets", limit), frames.CodeCancel)
		c.conn.Consume(nil, over)
		return
	}
	if isEnd && !x.isEnded {
		x.onEnd()
	}
}

// onEnd is that the response is whole. A request that isn't goes on, unless
// nobody wants it.
func (x *clientExchange) onEnd() {
	x.received = HTTP2MessageDone
	x.deliverStored()
	if x.isUnwanted {
		x.client.conn.Reset(x.stream, frames.CodeCancel)
	}
	x.settle()
}

// onReset is that the peer has reset a stream. If the response is whole, it
// doesn't want the rest of the request (RFC 9113, Section 8.1).
func (c *Client) onReset(x *clientExchange, err *ResetError) {
	if x.received == HTTP2MessageDone {
		x.stopRequest()
		x.settle()
		return
	}
	x.lose(err)
	x.end()
}

// onGoAway is that the peer takes no more streams: those that it has begun are
// finished, the others fail, and can be repeated elsewhere.
func (c *Client) onGoAway(err *GoAwayError) {
	c.isLast = true
	if c.options.OnGoAway != nil {
		c.contained(func() { c.options.OnGoAway(c) })
	}
	if c.cause == nil && err.Code != frames.CodeNoError {
		c.cause = err
	}
	for x := c.first; x != nil; {
		next := x.next
		if x.stream == nil || c.conn.IsRefused(x.stream) {
			x.fail(&message.GoneError{Cause: err}, frames.CodeCancel)
		}
		x = next
	}
}

// tellError calls OnError.
func (c *Client) tellError(e *Error) {
	if c.options.OnError != nil {
		c.contained(func() { c.options.OnError(e) })
	}
}

// faultResponse is a response that is past a limit of ours.
func faultResponse(name string, at int64, status message.Status, limit string, value int64) *message.Fault {
	return &message.Fault{
		Machine: "http2-message", Name: name, Offset: at, Octet: -1,
		Status: int(status), Limit: limit, Value: uint64(value),
	}
}
