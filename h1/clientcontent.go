package h1

import "github.com/specht-http/specht/message"

// How the content of a response gets to the application: see incoming.

// room is how much content can be taken in.
func (x *clientExchange) room() int {
	if x.isDiscarding || x.client.isEnded { // the driver holds no more than a window
		return 1 << 30
	}
	return x.client.options.ContentWindowOctets - x.store.size()
}

// arrive takes content in, which is valid during the call.
func (x *clientExchange) arrive(p []byte) {
	x.incoming.arrive(x.client.host, x, p, x.client.options.ContentWindowOctets)
}

// deliverStored gives the callback what is stored, then the end.
func (x *clientExchange) deliverStored() { x.incoming.deliverStored(x.client.host, x) }

// contentErr implements recipient.
func (x *clientExchange) contentErr() error {
	switch {
	case x.isDiscarding:
		return x.lack
	case x.cause != nil && x.direction != ResponseDirectionDone:
		return x.cause
	case x.direction == ResponseDirectionDone:
		return message.ErrEnd
	}
	return nil
}

// contentOver implements recipient.
func (x *clientExchange) contentOver() { x.release() }

// laterContent implements recipient.
func (x *clientExchange) laterContent() { x.later(call{what: callContent}) }

// laterEnd implements recipient.
func (x *clientExchange) laterEnd(err error) { x.later(call{what: callContentEnd, err: err}) }

// read is message.ClientExchange.Read in a turn.
func (x *clientExchange) read(p []byte) (int, error) {
	return x.incoming.read(x.client.host, x, p)
}

// listen is message.ClientExchange.OnContent.
func (x *clientExchange) listen(f message.ResponseContentFunc) error {
	switch {
	case f == nil:
		panic("h1: bug: OnContent without a callback")
	case x.onContent != nil:
		return &message.MisuseError{Call: "OnContent", Rule: "it is set already"}
	case x.isClosed:
		return message.ErrOver
	}
	x.onContent = f
	if x.store.size() > 0 || x.contentErr() != nil {
		x.later(call{what: callStored})
	}
	return nil
}

// resume is message.ClientExchange.Resume.
func (x *clientExchange) resume() { x.incoming.resume(x) }

// close is message.ClientExchange.Close.
func (x *clientExchange) close() {
	if x.isClosed {
		return
	}
	x.isClosed = true
	if x.request.Direction == RequestDirectionContent || x.isUntilEnd || x.isTunnel && x.successor == nil || !x.isOpen {
		x.reset()
	}
	x.ignore()
	x.release()
}

// ignore throws away what is stored of the response, and what comes.
func (x *clientExchange) ignore() {
	if !x.isDiscarding && (x.contentErr() == nil || x.store.size() > 0) {
		x.incoming.discard(x.client.host, x, message.ErrDiscarded)
	}
}

// checkDiscarded resets an exchange whose response nobody wants, and which is
// too large to be thrown away.
func (x *clientExchange) checkDiscarded() {
	if !x.isDiscarding || x.direction != ResponseDirectionContent {
		return
	}
	left := int64(0)
	if x.contentLength >= 0 {
		left = x.contentLength - x.arrived
	}
	if x.isUntilEnd || x.discarded+left > max(x.client.options.DiscardOctets, 0) {
		x.fail(message.ErrDiscarded)
	}
}

// reset is message.ClientExchange.Reset. A request of which nothing goes out
// yet is taken back.
func (x *clientExchange) reset() {
	if x.isEnded || x.isDone() {
		return
	}
	x.fail(message.ErrReset)
	if !x.isOpen {
		x.client.remove(x)
	}
}
