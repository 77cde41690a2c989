package h1

import "github.com/specht-http/specht/message"

// ServerConn is one connection of a server without handlers, loop or clock, for
// whoever brings these: octets are fed to Receive, which answers with events;
// responses are appended to a buffer. It serves one exchange at a time, and
// keeps no octets. [Server] is built of the same parts.
//
//	for c.Coupling() != CouplingClose {
//		n, event := c.Receive(b)        // b: all octets that are not consumed
//		switch event {
//		case RequestMessageMore:        // if n is 0, read more behind b, or c.ReceiveEnd(b)
//		case RequestMessageHead:        // c.Request().Head, whose spans index b
//		case RequestMessageContent:     // c.Request().Content.Of(b)
//		case RequestMessageEnd:         // out, err = c.AppendWhole(out, &head, content)
//		case RequestMessageFailed:      // c.Fault().Status is the answer; then close
//		}
//		b = b[n:]                       // not before: spans index what Receive was given
//		if c.Coupling() == CouplingNext {
//			c.Next()
//		}
//	}
//
// After Receive has consumed something, what is left is offered again at once:
// there may be more in it. After ReceiveEnd, too, there may be a Fault to answer.
//
// Limits of the message are held; those of time, and of content, are the
// caller's.
type ServerConn struct {
	requests Requests
	response Response
	checker  fieldChecker
	paused   bool // the request has ended, and the exchange hasn't
}

// NewServerConn is a connection with these limits, which it keeps.
func NewServerConn(limits *RequestMessageLimits) *ServerConn {
	c := &ServerConn{requests: Requests{limits: limits}}
	c.response.reset(message.MethodOther, VersionHTTP11, &c.checker)
	return c
}

// ReadLeniently has heads read as Options.Lenient says. It comes before Receive.
func (c *ServerConn) ReadLeniently() { c.requests.Lenient = true }

// Receive reads on in b, all octets that are not consumed, and consumes n of
// them: see RequestMessage.Next. After the end of a request it consumes nothing
// until Next.
func (c *ServerConn) Receive(b []byte) (n int, event RequestMessageEvent) {
	if c.paused {
		return 0, RequestMessageMore
	}
	n, event = c.requests.Next(b, len(b))
	switch event {
	case RequestMessageHead:
		m := c.requests.Message
		c.response.reset(m.Head.MethodID, m.Version, &c.checker)
	case RequestMessageEnd:
		c.paused = true
	}
	return n, event
}

// ReceiveEnd says that nothing comes after b. If that cuts a request short,
// there is a Fault.
func (c *ServerConn) ReceiveEnd(b []byte) {
	if !c.paused {
		c.requests.End(b)
	}
}

// Request is the request under way, or nil before the first one.
func (c *ServerConn) Request() *RequestMessage { return c.requests.Message }

// Fault is why the request was refused; nil if it wasn't. Its offset counts
// from Began.
func (c *ServerConn) Fault() *message.Fault { return c.requests.Fault() }

// Began is the offset of the request's first octet on the connection.
func (c *ServerConn) Began() int64 { return c.requests.next() }

// AppendInterim is Response.AppendInterim.
func (c *ServerConn) AppendInterim(dst []byte, status message.Status, fields []message.Field) ([]byte, error) {
	return c.response.AppendInterim(dst, status, fields)
}

// AppendHead is Response.AppendHead. If the request, or its end, doesn't let
// the connection persist, the head says close, whatever h says.
func (c *ServerConn) AppendHead(dst []byte, h *ReplyHead) ([]byte, error) {
	said := c.say(h)
	return c.response.AppendHead(dst, &said)
}

// AppendWhole is Response.AppendWhole, as AppendHead is.
func (c *ServerConn) AppendWhole(dst []byte, h *ReplyHead, content []byte) ([]byte, error) {
	said := c.say(h)
	return c.response.AppendWhole(dst, &said, content)
}

// say is h with the persistence of the request.
func (c *ServerConn) say(h *ReplyHead) ReplyHead {
	said := *h
	if m := c.requests.Message; m == nil || c.requests.fault != nil || m.Persistence == PersistenceClose {
		said.Persistence = PersistenceClose
	}
	return said
}

// AppendContent is Response.AppendContent.
func (c *ServerConn) AppendContent(dst, p []byte) ([]byte, error) {
	return c.response.AppendContent(dst, p)
}

// AppendEnd is Response.AppendEnd.
func (c *ServerConn) AppendEnd(dst []byte, trailers ...message.Field) ([]byte, error) {
	return c.response.AppendEnd(dst, trailers...)
}

// AppendUpgrade is Response.AppendUpgrade. What Receive hasn't consumed, and
// what follows, isn't HTTP any more.
func (c *ServerConn) AppendUpgrade(dst []byte, status message.Status, fields []message.Field, date *Date) ([]byte, error) {
	return c.response.AppendUpgrade(dst, status, fields, date)
}

// Abort gives the response up: Coupling is CouplingClose from then on.
func (c *ServerConn) Abort() { c.response.Abort() }

// Coupling says what the states of request and response together allow.
func (c *ServerConn) Coupling() Coupling {
	return DecideCoupling(c.requests.Direction, c.response.Direction, c.response.Persistence, RestOfRequestNone)
}

// Next begins the next exchange. It panics unless Coupling is CouplingNext.
func (c *ServerConn) Next() {
	if got := c.Coupling(); got != CouplingNext {
		panic("h1: bug: Next while Coupling is " + got.String())
	}
	c.paused = false
	c.requests.begin()
	c.response.reset(message.MethodOther, VersionHTTP11, &c.checker)
}
