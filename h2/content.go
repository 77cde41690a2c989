package h2

import (
	"errors"

	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// How the content of a request gets to the application: see transit.Incoming.
// What is consumed gives the peer credit.

var errEndOfInput = errors.New("the peer has closed its side")

// arrive takes content in, which is valid during the call.
func (x *exchange) arrive(p []byte) {
	if x.expectation == expectationPending {
		x.expectation = expectationMet // it didn't wait
	}
	x.Incoming.Arrive(x.server.host, x, p, x.server.service.ContentWindowOctets)
	x.credit()
}

// credit gives the peer credit for what was consumed since the last time.
func (x *exchange) credit() {
	n := x.arrived - int64(x.Store.Size()) - x.credited
	if n > 0 {
		x.credited += n
		x.server.conn.Consume(x.stream, int(n))
	}
}

// deliverStored gives the callback what is stored, then the end.
func (x *exchange) deliverStored() {
	x.Incoming.DeliverStored(x.server.host, x)
	x.credit()
}

// ContentOver implements transit.Recipient.
func (x *exchange) ContentOver() { x.settleDebt() }

// Call implements transit.Recipient.
func (x *exchange) Call(p []byte, err error) (n int) {
	defer x.contain()
	return x.OnContent.(message.ContentFunc)((*inTurn)(x), p, err)
}

// ContentErr implements transit.Recipient.
func (x *exchange) ContentErr() error {
	switch {
	case x.IsDiscarding:
		return x.Lack
	case x.fault != nil:
		return x.fault
	case x.received == HTTP2MessageDone:
		return message.ErrEnd
	case x.isFailed:
		return x.cause
	}
	return nil
}

// read is message.Exchange.Read in a turn.
func (x *exchange) read(p []byte) (int, error) {
	n, err := x.Incoming.Read(x.server.host, x, p)
	if err == message.ErrWouldBlock {
		x.ask()
	}
	x.credit()
	return n, err
}

// listen is message.Exchange.OnContent.
func (x *exchange) listen(f message.ContentFunc) error {
	switch {
	case f == nil:
		panic("h2: bug: OnContent without a callback")
	case x.OnContent != nil:
		return &message.MisuseError{Call: "OnContent", Rule: "it is set already"}
	case x.isEnded && x.Store.Size() == 0:
		return x.refusal()
	}
	x.OnContent = f
	x.ask()
	return nil
}

// ask makes a client send that waits for 100 (Continue): the handler wants
// content. Once the response has begun it isn't asked any more.
func (x *exchange) ask() {
	if x.expectation != expectationPending || x.said != HTTP2MessageHead || x.isEnded {
		return
	}
	x.expectation = expectationMet
	if err := x.sendInterim(message.StatusContinue, nil); err != nil {
		panic("h2: bug: 100 (Continue) can't be sent: " + err.Error())
	}
}

// resume is message.Exchange.Resume.
func (x *exchange) resume() { x.Incoming.Resume(x) }

// LaterContent implements transit.Recipient.
func (x *exchange) LaterContent() {
	x.pins++
	x.server.callbacks.Later(transit.Call{X: x, What: transit.CallContent})
}

// LaterEnd implements transit.Recipient.
func (x *exchange) LaterEnd(err error) {
	x.pins++
	x.server.callbacks.Later(transit.Call{X: x, What: transit.CallContentEnd, Err: err})
}

// discard throws away what is stored, and what comes.
func (x *exchange) discard() {
	if x.IsDiscarding {
		return
	}
	err := x.ContentErr()
	if err == nil || x.Store.Size() > 0 && x.fault == nil {
		err = message.ErrDiscarded
		if x.isFailed {
			err = x.cause
		}
	}
	x.Incoming.Discard(x.server.host, x, err)
	x.credit()
}
