package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// How the content of a response gets to the application: see incoming.

// room is how much content can be taken in.
func (x *clientExchange) room() int {
	if x.IsDiscarding || x.client.isEnded { // the driver holds no more than a window
		return 1 << 30
	}
	return x.client.options.ContentWindowOctets - x.Store.Size()
}

// arrive takes content in, which is valid during the call.
func (x *clientExchange) arrive(p []byte) {
	x.Incoming.Arrive(x.client.host, x, p, x.client.options.ContentWindowOctets)
}

// deliverStored gives the callback what is stored, then the end.
func (x *clientExchange) deliverStored() { x.Incoming.DeliverStored(x.client.host, x) }

// ContentErr implements transit.Recipient.
func (x *clientExchange) ContentErr() error {
	switch {
	case x.IsDiscarding:
		return x.Lack
	case x.cause != nil && x.direction != ResponseDirectionDone:
		return x.cause
	case x.direction == ResponseDirectionDone:
		return message.ErrEnd
	}
	return nil
}

// ContentOver implements transit.Recipient.
func (x *clientExchange) ContentOver() { x.release() }

// LaterContent implements transit.Recipient.
func (x *clientExchange) LaterContent() { x.later(transit.Call{What: transit.CallContent}) }

// LaterEnd implements transit.Recipient.
func (x *clientExchange) LaterEnd(err error) {
	x.later(transit.Call{What: transit.CallContentEnd, Err: err})
}

// read is message.ClientExchange.Read in a turn.
func (x *clientExchange) read(p []byte) (int, error) {
	return x.Incoming.Read(x.client.host, x, p)
}

// listen is message.ClientExchange.OnContent.
func (x *clientExchange) listen(f message.ResponseContentFunc) error {
	switch {
	case f == nil:
		panic("h1: bug: OnContent without a callback")
	case x.OnContent != nil:
		return &message.MisuseError{Call: "OnContent", Rule: "it is set already"}
	case x.isClosed:
		return message.ErrOver
	}
	x.OnContent = f
	if x.Store.Size() > 0 || x.ContentErr() != nil {
		x.later(transit.Call{What: transit.CallStored})
	}
	return nil
}

// resume is message.ClientExchange.Resume.
func (x *clientExchange) resume() { x.Incoming.Resume(x) }

// close is message.ClientExchange.Close.
func (x *clientExchange) close() {
	if x.isClosed {
		return
	}
	x.pins++ // it isn't used again before all this is done
	x.isClosed = true
	if x.request.Direction == RequestDirectionContent || x.isUntilEnd || x.isTunnel && x.successor == nil || !x.isOpen {
		x.reset()
	}
	x.ignore()
	x.pins--
	x.release()
}

// ignore throws away what is stored of the response, and what comes: of what a
// callback has been given, too, and doesn't take.
func (x *clientExchange) ignore() {
	if x.IsDiscarding || x.direction == ResponseDirectionDone && x.Store.Size() == 0 {
		return
	}
	err := x.cause
	if err == nil {
		err = message.ErrDiscarded
	}
	x.Incoming.Discard(x.client.host, x, err)
}

// checkDiscarded resets an exchange whose response nobody wants, and which is
// too large to be thrown away.
func (x *clientExchange) checkDiscarded() {
	if !x.IsDiscarding || x.direction != ResponseDirectionContent {
		return
	}
	left := int64(0)
	if x.contentLength >= 0 {
		left = x.contentLength - x.arrived
	}
	if x.isUntilEnd || x.Discarded+left > max(x.client.options.DiscardOctets, 0) {
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
	x.ignore()
	if !x.isOpen {
		x.client.remove(x)
	}
}
