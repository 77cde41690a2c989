package h1

import "github.com/specht-http/specht/message"

// How the content of a request gets to the application: see incoming.

var _ recipient = (*exchange)(nil)

// room is how much content can be taken in.
func (x *exchange) room() int {
	if x.isDiscarding || x.server.isEnded { // the driver holds no more than a window
		return 1 << 30
	}
	return x.server.service.ContentWindowOctets - x.store.size()
}

// arrive takes content in, which is valid during the call.
func (x *exchange) arrive(p []byte) {
	if x.expectation == expectationPending {
		x.expectation = expectationMet // it didn't wait
	}
	x.incoming.arrive(x.server.host, x, p, x.server.service.ContentWindowOctets)
}

// deliverStored gives the callback what is stored, then the end.
func (x *exchange) deliverStored() { x.incoming.deliverStored(x.server.host, x) }

// notifyEnd calls the callback for the last time.
func (x *exchange) notifyEnd(err error) { x.incoming.notifyEnd(x, err) }

// contentOver implements recipient.
func (x *exchange) contentOver() { x.settleDebt() }

// contentErr implements recipient.
func (x *exchange) contentErr() error {
	switch {
	case x.isDiscarding:
		return x.lack
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
	n, err := x.incoming.read(x.server.host, x, p)
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
	case x.onContent != nil:
		return &message.MisuseError{Call: "OnContent", Rule: "it is set already"}
	case x.isEnded: // with the reason, if there is one, as Read has it
		return x.refusal()
	}
	x.onContent = f
	x.ask()
	return nil
}

// resume is message.Exchange.Resume.
func (x *exchange) resume() { x.incoming.resume(x) }

// laterContent implements recipient.
func (x *exchange) laterContent() {
	x.pins++
	x.server.later(call{x: x, what: callContent})
}

// laterEnd implements recipient.
func (x *exchange) laterEnd(err error) {
	x.pins++
	x.server.later(call{x: x, what: callContentEnd, err: err})
}

// discard throws away what is stored, and what comes.
func (x *exchange) discard() {
	if x.isDiscarding {
		return
	}
	err := x.contentErr()
	if err == nil || x.store.size() > 0 && x.fault == nil {
		err = message.ErrDiscarded
		if x.response.Direction == ResponseDirectionFailed {
			err = x.cause
		}
	}
	x.incoming.discard(x.server.host, x, err)
}
