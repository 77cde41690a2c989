package h1

import "github.com/specht-http/specht/message"

// ClientConn is one connection of a client without callbacks, loop or clock, for
// whoever brings these: requests are appended to a buffer; octets are fed to
// Receive, which answers with events. It has one exchange at a time, and keeps
// no octets. [Client] is built of the same parts.
//
//	out, err = c.AppendHead(out, &head)     // then AppendContent and AppendEnd, if it has content
//	for c.Coupling() == CouplingKeep {
//		n, event := c.Receive(b)        // b: all octets that are not consumed
//		switch event {
//		case ResponseMessageMore:       // if n is 0, read more behind b, or c.ReceiveEnd(b)
//		case ResponseMessageHead:       // c.Response().Head, whose spans index b; c.IsInterim(): another one follows
//		case ResponseMessageContent:    // c.Response().Content.Of(b)
//		case ResponseMessageEnd:        // the response is whole; c.IsTunnel(): b[n:] is no HTTP any more
//		case ResponseMessageFailed:     // c.Fault() says why; close
//		}
//		b = b[n:]                       // not before: spans index what Receive was given
//	}
//
// Coupling is then CouplingNext, after which Next begins another exchange;
// CouplingClose; or CouplingDiscard: the response has ended before the request,
// which can still be ended, or the connection be closed.
//
// Limits of the message are held; those of time, and of content, are the
// caller's.
type ClientConn struct {
	responses Responses
	request   Request
	checker   RequestMessage
	trailers  fieldChecker
}

// NewClientConn is a connection with these limits, which it keeps.
func NewClientConn(limits *ResponseMessageLimits) *ClientConn {
	c := &ClientConn{responses: Responses{limits: limits}}
	c.request.reset(&c.checker, &c.trailers)
	return c
}

// ReadLeniently has heads read as ClientOptions.Lenient says. Receive then
// overwrites the folds of a head's field values by SP, in the octets that it was
// given. It comes before AppendHead.
func (c *ClientConn) ReadLeniently() { c.responses.Lenient = true }

// AppendHead is Request.AppendHead. From then on its response is awaited.
func (c *ClientConn) AppendHead(dst []byte, h *message.RequestHead) ([]byte, error) {
	b, err := c.request.AppendHead(dst, h)
	if err != nil {
		return b, err
	}
	offer := UpgradeOfferNone
	if c.request.Upgrades {
		offer = UpgradeOfferMade
	}
	c.responses.Await(c.request.Method, offer)
	return b, nil
}

// AppendContent is Request.AppendContent.
func (c *ClientConn) AppendContent(dst, p []byte) ([]byte, error) {
	return c.request.AppendContent(dst, p)
}

// AppendEnd is Request.AppendEnd.
func (c *ClientConn) AppendEnd(dst []byte, trailers ...message.Field) ([]byte, error) {
	return c.request.AppendEnd(dst, trailers...)
}

// Abort gives the request up: Coupling is CouplingClose once the response has
// ended.
func (c *ClientConn) Abort() { c.request.Abort() }

// Request is the request under way.
func (c *ClientConn) Request() *Request { return &c.request }

// Receive reads on in b, all octets that are not consumed, and consumes n of
// them: see ResponseMessage.Next. Octets that come while no response is awaited
// are refused.
func (c *ClientConn) Receive(b []byte) (n int, event ResponseMessageEvent) {
	return c.responses.Next(b, len(b))
}

// ReceiveEnd says that nothing comes after b: see Responses.End.
func (c *ClientConn) ReceiveEnd(b []byte) ResponseMessageEvent { return c.responses.End(b) }

// Response is the response under way, or nil before the first request.
func (c *ClientConn) Response() *ResponseMessage { return c.responses.Message }

// IsInterim is Responses.IsInterim.
func (c *ClientConn) IsInterim() bool { return c.responses.IsInterim() }

// IsTunnel is Responses.IsTunnel.
func (c *ClientConn) IsTunnel() bool { return c.responses.IsTunnel() }

// Fault is why the response was refused, or cut short; nil if it wasn't. Its
// offset counts from Began.
func (c *ClientConn) Fault() *message.Fault { return c.responses.Fault() }

// Began is the offset of the response's first octet on the connection.
func (c *ClientConn) Began() int64 { return c.responses.Began }

// Coupling says what the states of request and response together allow.
func (c *ClientConn) Coupling() Coupling {
	switch {
	case c.responses.fault != nil:
		return CouplingClose
	case c.responses.isAwaited, c.request.Direction == RequestDirectionIdle:
		return CouplingKeep
	}
	persistence := c.request.Persistence
	if c.responses.Message.Reuse == ReuseClose {
		persistence = PersistenceClose
	}
	return DecideCoupling(c.request.Direction, c.responses.Direction, persistence, RestOfRequestNone)
}

// Next begins the next exchange. It panics unless Coupling is CouplingNext.
func (c *ClientConn) Next() {
	if got := c.Coupling(); got != CouplingNext {
		panic("h1: bug: Next while Coupling is " + got.String())
	}
	c.request.reset(&c.checker, &c.trailers)
}
