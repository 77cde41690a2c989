package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// How the content of a request gets to the application: see incoming.

var _ transit.Recipient = (*exchange)(nil)

// room is how much content can be taken in.
func (x *exchange) room() int {
	if x.IsDiscarding || x.server.isEnded { // the driver holds no more than a window
		return 1 << 30
	}
	return x.server.service.ContentWindowOctets - x.Store.Size()
}

// arrive takes content in, which is valid during the call.
func (x *exchange) arrive(p []byte) {
	if x.expectation == expectationPending {
		x.expectation = expectationMet // it didn't wait
	}
	x.Incoming.Arrive(x.server.host, x, p, x.server.service.ContentWindowOctets)
}

// deliverStored gives the callback what is stored, then the end.
func (x *exchange) deliverStored() { x.Incoming.DeliverStored(x.server.host, x) }

// notifyEnd calls the callback for the last time.
func (x *exchange) notifyEnd(err error) { x.Incoming.NotifyEnd(x, err) }

// ContentOver implements transit.Recipient.
func (x *exchange) ContentOver() { x.settleDebt() }

// ContentErr implements transit.Recipient.
func (x *exchange) ContentErr() error {
	switch {
	case x.IsDiscarding:
		return x.Lack
	case x.fault != nil:
		return x.fault
	case x.direction == RequestDirectionDone:
		return message.ErrEnd
	case x.response.Direction == ResponseDirectionFailed:
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
	return n, err
}

// listen is message.Exchange.OnContent.
func (x *exchange) listen(f message.ContentFunc) error {
	switch {
	case f == nil:
		panic("h1: bug: OnContent without a callback")
	case x.OnContent != nil:
		return &message.MisuseError{Call: "OnContent", Rule: "it is set already"}
	case x.isEnded: // with the reason, if there is one, as Read has it
		return x.refusal()
	}
	x.OnContent = f
	x.ask()
	return nil
}

// resume is message.Exchange.Resume.
func (x *exchange) resume() { x.Incoming.Resume(x) }

// LaterContent implements transit.Recipient.
func (x *exchange) LaterContent() {
	x.pins++
	x.server.later(transit.Call{X: x, What: transit.CallContent})
}

// LaterEnd implements transit.Recipient.
func (x *exchange) LaterEnd(err error) {
	x.pins++
	x.server.later(transit.Call{X: x, What: transit.CallContentEnd, Err: err})
}

// discard throws away what is stored, and what comes.
func (x *exchange) discard() {
	if x.IsDiscarding {
		return
	}
	err := x.ContentErr()
	if err == nil || x.Store.Size() > 0 && x.fault == nil {
		err = message.ErrDiscarded
		if x.response.Direction == ResponseDirectionFailed {
			err = x.cause
		}
	}
	x.Incoming.Discard(x.server.host, x, err)
}
