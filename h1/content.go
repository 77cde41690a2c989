package h1

import "github.com/specht-http/specht/message"

// How the content of a request gets to the application: by Read out of the
// store, or by the callback straight out of the window. What the callback
// doesn't take goes to the store, too.

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
	if x.isDiscarding {
		x.discarded += int64(len(p))
		return
	}
	if x.onContent != nil && !x.isPaused && x.store.size() == 0 {
		n := x.deliver(p)
		if x.isDiscarding { // the response was completed meanwhile
			return
		}
		p = p[n:]
	}
	x.store.add(x.server.host, p, x.server.service.ContentWindowOctets)
}

// deliver gives content to the callback, and returns how much it took.
func (x *exchange) deliver(p []byte) int {
	x.isResumed = false
	n := x.call(p, nil)
	if n < 0 || n > len(p) {
		panic("h1: bug: OnContent's callback took octets that it wasn't given")
	}
	if x.isPaused = n < len(p); x.isPaused && x.isResumed { // by the call itself
		x.laterContent()
	}
	return n
}

// deliverStored gives the callback what is stored, then the end.
func (x *exchange) deliverStored() {
	for x.onContent != nil && !x.isPaused && x.store.size() > 0 {
		n := x.deliver(x.store.octets())
		if x.store.size() > 0 { // it isn't discarded meanwhile
			x.store.take(x.server.host, n)
		}
	}
	if x.onContent != nil && !x.isPaused {
		if err := x.contentErr(); err != nil {
			x.notifyEnd(err)
		}
	}
}

// notifyEnd calls the callback for the last time.
func (x *exchange) notifyEnd(err error) {
	if x.onContent != nil {
		x.call(nil, err)
		x.onContent = nil
		x.settleDebt()
	}
}

// contentErr is why no content comes after what is stored; nil if some may.
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
	if x.onContent != nil {
		return 0, &message.MisuseError{Call: "Read", Rule: "content goes to OnContent's callback"}
	}
	if n := copy(p, x.store.octets()); n > 0 {
		x.store.take(x.server.host, n)
		return n, nil
	}
	if err := x.contentErr(); err != nil {
		return 0, err
	}
	if len(p) == 0 {
		return 0, nil
	}
	x.ask()
	return 0, message.ErrWouldBlock
}

// listen is message.Exchange.OnContent.
func (x *exchange) listen(f message.ContentFunc) error {
	switch {
	case f == nil:
		panic("h1: bug: OnContent without a callback")
	case x.onContent != nil:
		return &message.MisuseError{Call: "OnContent", Rule: "it is set already"}
	case x.isEnded:
		return message.ErrOver
	}
	x.onContent = f
	x.ask()
	x.deliverStored()
	return nil
}

// resume is message.Exchange.Resume. Called by the callback itself, it is kept
// until that has returned.
func (x *exchange) resume() {
	if x.isPaused && !x.isResumed {
		x.laterContent()
	}
	x.isResumed = true
}

// laterContent gives the callback what is stored at the end of the turn.
func (x *exchange) laterContent() {
	x.pins++
	x.server.later(call{x: x, what: callContent})
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
	x.isDiscarding, x.lack = true, err
	x.discarded += int64(x.store.size())
	x.store.clear(x.server.host)
	if x.onContent != nil {
		x.pins++
		x.server.later(call{x: x, what: callContentEnd, err: err})
	}
}
