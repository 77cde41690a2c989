package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// How a client's connection leaves HTTP (RFC 9110, Sections 7.8 and 9.3.6).
//
//	isTunnel   the response is 101, or 2xx to CONNECT: nothing is read behind it,
//	           for it isn't HTTP any more, and the exchange isn't over
//	successor  the application has said who has the connection next: NextRead
//	           and NextWrite are Upgrade, and Upgraded is the end

var _ engine.Upgrader = (*Client)(nil)

// onTunnel is that the response makes a tunnel of the connection. A request
// that hasn't ended would go on in it.
func (c *Client) onTunnel(x *clientExchange) bool {
	x.isTunnel = true
	if x.request.Direction == RequestDirectionDone && x.out.Size() == 0 {
		return true
	}
	c.fail(&message.Fault{
		Machine: "response-message", Name: "protocol switched before the request has ended", Offset: c.responses.offset(), Octet: -1,
		Source: "RFC 9110, Section 7.8", Want: "an interim or final response of HTTP", Status: int(message.StatusBadGateway), Requirement: "rfc9110#7.8/12",
	})
	return false
}

// upgrade is message.ClientExchange.Upgrade.
func (x *clientExchange) upgrade(take func(message.Stream, []byte)) error {
	wrong := func(rule string) error { return &message.MisuseError{Call: "Upgrade", Rule: rule} }
	switch {
	case take == nil:
		panic("h1: bug: Upgrade without a function that takes the connection")
	case x.cause != nil:
		return x.cause
	case x.successor != nil:
		return wrong("somebody has the connection already")
	case x.isEnded && x.isTunnel:
		return message.ErrOver
	case !x.isTunnel:
		return wrong("the response doesn't switch: it is neither 101 (Switching Protocols), nor 2xx to CONNECT")
	}
	x.successor = take
	return nil
}

// isLeaving says whether the connection leaves when all is written.
func (c *Client) isLeaving() bool { return c.first != nil && c.first.successor != nil }

// Upgraded implements engine.Upgrader.
func (c *Client) Upgraded() func(stream engine.Stream, rest []byte) {
	if op := c.NextRead(); op != engine.Upgrade {
		panic("h1: bug: Upgraded, but NextRead is " + op.String())
	}
	take := c.first.successor
	c.pop()
	c.cause = message.ErrOver
	c.breakUp(message.ErrOver)
	c.endTurn()
	c.trim()
	return func(stream engine.Stream, rest []byte) {
		defer c.containTake(stream)
		take(stream, rest)
	}
}

// containTake is deferred around what an application does with a connection
// that has left.
func (c *Client) containTake(stream engine.Stream) {
	if v := recover(); v != nil {
		_ = stream.Close() // nobody is left to be told
		c.host.Lock()
		defer c.host.Unlock()
		c.tellPanic(v)
	}
}
