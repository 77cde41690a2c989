package h2

import (
	"errors"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// How an exchange of a client calls its application back: see transit.Callbacks.

// errCallbackPanicked is why an exchange fails whose callback panicked.
var errCallbackPanicked = errors.New("h2: the callback panicked")

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
	case transit.CallResponse, transit.CallFlushed:
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
	x.pins++
	defer x.unpin()
	defer x.contain()
	return x.OnContent.(message.ResponseContentFunc)((*clientInTurn)(x), p, err)
}

func (x *clientExchange) unpin() { x.pins-- }

// callInterim calls OnInterim's callback.
func (x *clientExchange) callInterim(status message.Status, fields message.Fields) {
	defer x.contain()
	x.onInterim((*clientInTurn)(x), status, fields)
}

// tellResponse calls OnResponse's callback, now that the head is there. Who
// doesn't take the content then doesn't want it. x is pinned.
func (x *clientExchange) tellResponse() {
	if f := x.onResponse; f != nil {
		x.onResponse = nil
		x.Run(transit.Call{What: transit.CallResponse, F: f})
	}
	switch {
	case x.isDetached || x.OnContent != nil || x.successor != nil:
	case x.said == HTTP2MessageContent:
		x.ignore()
	default:
		x.close()
	}
}

// contain is deferred around what an application does in a turn. After a panic
// the exchange is reset. x is pinned.
func (x *clientExchange) contain() {
	if v := recover(); v != nil {
		x.client.tellPanic(v)
		x.OnContent = nil
		x.fail(errCallbackPanicked, frames.CodeCancel)
		x.close()
	}
}

// contained calls what is the application's and no exchange's.
func (c *Client) contained(f func()) {
	defer func() {
		if v := recover(); v != nil {
			c.tellPanic(v)
		}
	}()
	f()
}

// tellPanic calls OnPanic. That it panics itself is told to nobody.
func (c *Client) tellPanic(v any) {
	if c.options.OnPanic != nil {
		defer func() { _ = recover() }()
		c.options.OnPanic(v)
	}
}
