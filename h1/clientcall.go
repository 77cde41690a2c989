package h1

import "github.com/specht-http/specht/message"

// What a client has called besides the calls of callKind.
const (
	callStored   callKind = iota + 100 // stored content, to its callback
	callResponse                       // OnResponse's callback; err is why there is no response
	callClientOver
)

// later makes a call at the end of the turn, which pins x until then.
func (x *clientExchange) later(what call) {
	x.pins++
	what.x = x
	x.client.later(what)
}

// run implements party.
func (x *clientExchange) run(c call) {
	defer x.contain()
	switch c.what {
	case callContent:
		x.isPaused = false
		x.deliverStored()
	case callStored:
		x.deliverStored()
	case callContentEnd:
		x.notifyEnd(x, c.err)
	case callResponse:
		c.f.(func(message.ClientExchange, error))((*clientInTurn)(x), c.err)
	case callFlushed:
		c.f.(func(message.ClientExchange, error))((*clientInTurn)(x), c.err)
	case callDone:
		c.f.(func(error))(c.err)
	case callClientOver:
		f := x.onOver
		x.onOver = nil
		f((*clientInTurn)(x), x.err())
	}
}

// over implements party.
func (x *clientExchange) over() {
	x.pins--
	x.release()
}

// call implements recipient.
func (x *clientExchange) call(p []byte, err error) (n int) {
	defer x.contain()
	return x.onContent.(message.ResponseContentFunc)((*clientInTurn)(x), p, err)
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
		x.run(call{what: callResponse, f: f})
		x.pins--
	}
	switch {
	case x.isDetached || x.onContent != nil || x.successor != nil:
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
		x.onContent = nil
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
