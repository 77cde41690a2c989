package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// Push is a request that the server has made for us, and answers (RFC 9113,
// Section 8.4). All of it is valid until the callback has returned.
type Push struct {
	// Exchange is the promised response.
	Exchange message.ClientExchange
	// Of is the exchange whose response the server has pushed it for.
	Of message.ClientExchange
	// The head of the request.
	Method, Target, Authority []byte
	Fields                    message.Fields
}

// onPromise is that the server promises a response. Only for the authority that
// it was asked for is it known to have authority (RFC 9113, Section 8.4).
func (c *Client) onPromise(of *clientExchange, promised *Stream, section *FieldSection) {
	authority := section.Authority.Of(section.Arena)
	switch {
	case string(authority) != of.authority || string(section.Scheme.Of(section.Arena)) != c.options.Scheme:
		c.refusePush(promised, frames.CodeProtocolError)
		return
	case c.isLast || of.isClosed:
		c.refusePush(promised, frames.CodeCancel)
		return
	}
	x := c.make()
	x.isPushed, x.said = true, HTTP2MessageDone
	x.method, x.authority = section.MethodID, of.authority
	x.stream, promised.Owner = promised, x
	c.insert(x)
	c.times.await(x)
	p := &Push{
		Exchange: (*clientInTurn)(x), Of: (*clientInTurn)(of),
		Method: section.Method.Of(section.Arena), Target: section.Target.Of(section.Arena), Authority: authority,
		Fields: message.NewFields(section.Arena, section.Lines),
	}
	x.pins++
	c.contained(func() { c.options.OnPush(p) })
	if !x.isDetached && x.onResponse == nil {
		x.close()
		c.payReset()
	}
	x.pins--
	x.release()
}

// refusePush resets a stream that nobody wants, which the peer pays for.
func (c *Client) refusePush(promised *Stream, code frames.ErrorCode) {
	c.conn.Reset(promised, code)
	c.conn.Release(promised)
	c.payReset()
}

// payReset is that the peer has had us reset a stream.
func (c *Client) payReset() {
	if e := c.conn.pay(BudgetResetCredit); e != EventMore {
		c.on(e)
	}
}
