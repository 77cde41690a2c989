package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// How an exchange of a client calls its application back: see transit.Callbacks.

// later makes a call at the end of the turn, which pins x until then.
func (x *clientExchange) later(what transit.Call) {
	x.pins++
	what.X = x
	x.client.callbacks.Later(what)
}

// Run implements transit.Party.
func (x *clientExchange) Run(c transit.Call) {
	defer x.contain()
	switch c.What {
	case transit.CallContent:
		x.IsPaused = false
		x.deliverStored()
	case transit.CallStored:
		x.deliverStored()
	case transit.CallContentEnd:
		x.NotifyEnd(x, c.Err)
	case transit.CallResponse:
		c.F.(func(message.ClientExchange, error))((*clientInTurn)(x), c.Err)
	case transit.CallFlushed:
		c.F.(func(message.ClientExchange, error))((*clientInTurn)(x), c.Err)
	case transit.CallDone:
		c.F.(func(error))(c.Err)
	case transit.CallOver:
		f := x.onOver
		x.onOver = nil
		f((*clientInTurn)(x), x.err())
	}
}

// Over implements transit.Party.
func (x *clientExchange) Over() {
	x.pins--
	x.release()
}

// Call implements transit.Recipient.
func (x *clientExchange) Call(p []byte, err error) (n int) {
	defer x.contain()
	return x.OnContent.(message.ResponseContentFunc)((*clientInTurn)(x), p, err)
}

// callInterim calls OnInterim's callback.
func (x *clientExchange) callInterim(status message.Status, fields message.Fields) {
	defer x.contain()
	x.onInterim((*clientInTurn)(x), status, fields)
}

// tellResponse calls OnResponse's callback, now that the head is there. Who
// doesn't take the content then doesn't want it.
func (x *clientExchange) tellResponse() {
	if f := x.onResponse; f != nil {
		x.onResponse = nil
		x.pins++
		x.Run(transit.Call{What: transit.CallResponse, F: f})
		x.pins--
	}
	switch {
	case x.isDetached || x.OnContent != nil || x.successor != nil:
	case x.request.Direction == RequestDirectionContent:
		x.ignore()
	default:
		x.close()
	}
	x.release()
}

// contain is deferred around what an application does in a turn. After a panic
// the exchange is reset.
func (x *clientExchange) contain() {
	if v := recover(); v != nil {
		x.client.tellPanic(v)
		x.OnContent = nil
		if !x.isEnded {
			x.fail(ErrPanicked)
		}
		x.close()
	}
}

// tellPanic calls OnPanic. That it panics itself is told to nobody.
func (c *Client) tellPanic(v any) {
	if c.options.OnPanic != nil {
		defer func() { _ = recover() }()
		c.options.OnPanic(v)
	}
}
