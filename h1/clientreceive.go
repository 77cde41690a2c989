package h1

import "github.com/specht-http/specht/message"

// What arrives at a client becomes events, and each event is dispatched before
// the next one is looked for: a head to OnInterim or OnResponse, content to
// whoever takes it.

// receive reads on in b, as far as it can be used now.
func (c *Client) receive(b []byte) (n int) {
	if c.responses == nil {
		c.responses = NewResponses(c.options.Limits)
		c.responses.Lenient = c.options.Lenient
	}
	c.hasRest = false
	for !c.isOver {
		x := c.first
		if x == nil || !x.isOffered() {
			return n + c.receiveUnasked(b[n:])
		}
		if x.isTunnel || n == len(b) && x.direction == ResponseDirectionIdle {
			break
		}
		room := 0
		if x.direction == ResponseDirectionContent {
			room = max(x.room(), 0)
		}
		c.expect(x)
		k, event := c.responses.Next(b[n:], room)
		c.on(x, b[n:n+k], event)
		n += k
		if event == ResponseMessageMore && k == 0 {
			c.hasRest = x.direction == ResponseDirectionContent && room == 0
			break
		}
		c.settle()
	}
	if c.isOver {
		return len(b)
	}
	return n
}

// expect tells the reader whose response comes next.
func (c *Client) expect(x *clientExchange) {
	if c.expected == x.serial {
		return
	}
	c.expected = x.serial
	offer := UpgradeOfferNone
	if x.request.Upgrades {
		offer = UpgradeOfferMade
	}
	c.responses.Await(x.request.Method, offer)
}

// receiveUnasked is that b arrives and no request waits for it, so that it can
// be no response (RFC 9112, Section 9.2). Empty lines are harmless.
func (c *Client) receiveUnasked(b []byte) int {
	for i, octet := range b {
		if octet != '\r' && octet != '\n' {
			f := &message.Fault{
				Machine: "response-message", Name: "octets that answer no request", Offset: int64(i), Octet: int(octet),
				Source: "RFC 9112, Section 9.2", Want: "nothing", Status: int(message.StatusBadGateway), Requirement: "rfc9112#9.2/2",
			}
			c.close(f)
			break
		}
	}
	return len(b)
}

// on is an event of the response to x. b is the octets that it consumed.
func (c *Client) on(x *clientExchange, b []byte, event ResponseMessageEvent) {
	m := c.responses.Message
	switch event {
	case ResponseMessageHead:
		if c.responses.IsInterim() {
			c.onInterim(x, b)
		} else {
			c.onHead(x, b)
		}
	case ResponseMessageContent:
		c.timer.octets += int64(m.Content.Len())
		if x.arrived += int64(m.Content.Len()); c.checkContent(x) {
			x.arrive(m.Content.Of(b))
		}
	case ResponseMessageTrailers:
		if len(m.Trailers.Fields) > 0 {
			x.trailer.take(c.host, b, &m.Trailers.Fields)
		}
	case ResponseMessageEnd:
		c.onEnd(x)
	case ResponseMessageFailed:
		c.fail(c.responses.Fault())
	}
}

// onInterim is that an interim response is there. 100 (Continue) lets content
// go that waits for it.
func (c *Client) onInterim(x *clientExchange, head []byte) {
	m := c.responses.Message
	if x.interims++; x.interims > c.options.InterimMax {
		c.fail(faultLimit("response-message", "too many interim responses", 0, message.StatusBadGateway, "InterimMax", int64(c.options.InterimMax)))
		return
	}
	c.timer.serial = 0 // so that what is waited for next has its own time
	status := message.Status(m.Head.Status)
	if status == message.StatusContinue {
		x.proceed()
	}
	if x.onInterim != nil && !x.isClosed {
		x.callInterim(status, message.NewFields(head, m.Head.Fields))
	}
}

// onHead is that the head of the final response is there.
func (c *Client) onHead(x *clientExchange, head []byte) {
	m := c.responses.Message
	x.direction = c.responses.Direction
	x.status, x.reason, x.version = message.Status(m.Head.Status), m.Head.Reason, m.Version
	x.isUntilEnd = m.ResponseBodyLength == ResponseBodyLengthUntilClose
	x.contentLength = declaredLength(m)
	x.head.take(c.host, head, &m.Head.Fields)
	c.version = m.Version
	if m.Reuse == ReuseClose {
		x.persistence = PersistenceClose
	}
	if x.direction == ResponseDirectionDone {
		c.responses.Next(nil, 0) // the event End
	}
	if c.responses.IsTunnel() {
		if c.onTunnel(x) {
			x.tellResponse()
		}
		return
	}
	x.judgeRequest(m.Reuse)
	if x.persistence == PersistenceClose {
		c.isLast = true
	}
	if limit := c.options.ContentOctets; limit >= 0 && m.ResponseBodyLength == ResponseBodyLengthFixed && x.contentLength > limit {
		c.fail(faultLimit("response-message", "content too large", int64(len(head)), message.StatusBadGateway, "ContentOctets", limit))
		return // x is over, and may be used again
	}
	x.tellResponse()
}

// declaredLength is the length of content that a head declares; of the content
// that a GET would have got if it answers HEAD, or is 304; -1 if nobody knows.
func declaredLength(m *ResponseMessage) int64 {
	isOfGet := m.MethodClass == MethodClassHead || m.StatusClass == StatusClassNotModified
	switch {
	case m.ResponseBodyLength == ResponseBodyLengthNone && !isOfGet:
		return 0
	case m.ContentLength.Outcome == message.ContentLengthOne:
		return int64(m.ContentLength.Length)
	}
	return -1
}

// judgeRequest has the rest of a request sent or stopped whose response begins
// before it has ended. reuse is what the head says of the connection.
func (x *clientExchange) judgeRequest(reuse Reuse) {
	if x.request.Direction != RequestDirectionContent && x.out.Size() == 0 {
		x.isWaiting = false
		return
	}
	status, flow := FinalStatusOther, ContentFlowFlowing
	if x.status >= 400 {
		status = FinalStatusError
	}
	if x.isWaiting {
		flow = ContentFlowHeld
	}
	if DecideEarlyResponse(status, reuse, flow) == EarlyResponseSend {
		x.proceed()
		return
	}
	x.persistence = PersistenceClose
	x.isWaiting = false
	x.stopRequest()
	x.client.stopWrites() // all that is in it is of this request
}

// stopRequest is that the peer doesn't want the rest of the request.
func (x *clientExchange) stopRequest() {
	x.isUnwanted, x.isDropped = true, true
	x.request.Abort()
	x.out.Clear(x.client.host, x.client.callbacks.Lost)
}

// checkContent holds the limit of content whose length wasn't declared. It is
// false if that is passed.
func (c *Client) checkContent(x *clientExchange) bool {
	limit := c.options.ContentOctets
	if limit < 0 || x.arrived <= limit {
		return true
	}
	c.fail(faultLimit("response-message", "content too large", c.responses.offset(), message.StatusBadGateway, "ContentOctets", limit))
	return false
}

// onEnd is that the response is whole.
func (c *Client) onEnd(x *clientExchange) {
	x.direction = c.responses.Direction
	x.deliverStored()
}

// fail is that what arrives can't be relied upon any more.
func (c *Client) fail(f *message.Fault) {
	if x := c.first; x != nil {
		x.fail(f)
	}
	c.close(f)
}

// endInput is that the peer has closed its side behind b.
func (c *Client) endInput(b []byte) {
	x := c.first
	if x != nil && !c.isOver && x.isOffered() && (x.direction == ResponseDirectionContent || len(b) > 0) {
		c.responses.End(b)
		f := c.responses.Fault()
		if f != nil {
			x.fail(&message.GoneError{Cause: f})
		} else {
			x.direction = c.responses.Direction
			x.persistence = PersistenceClose
			x.deliverStored()
		}
		c.settle()
	}
	c.close(nil)
}
