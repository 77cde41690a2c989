package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// How the content of a response gets to the application: see transit.Incoming.
// What is consumed gives the peer credit.

// arrive takes content in, which is valid during the call.
func (x *clientExchange) arrive(p []byte) {
	x.Incoming.Arrive(x.client.host, x, p, x.client.options.ContentWindowOctets)
	x.credit()
}

// deliverStored gives the callback what is stored, then the end.
func (x *clientExchange) deliverStored() {
	x.Incoming.DeliverStored(x.client.host, x)
	x.credit()
}

// credit gives the peer credit for what was consumed since the last time.
func (x *clientExchange) credit() {
	if n := x.arrived - int64(x.Store.Size()) - x.credited; n > 0 && x.stream != nil {
		x.credited += n
		x.client.conn.Consume(x.stream, int(n))
	}
}

// ContentErr implements transit.Recipient.
func (x *clientExchange) ContentErr() error {
	switch {
	case x.IsDiscarding:
		return x.Lack
	case x.received == HTTP2MessageDone:
		return message.ErrEnd
	case x.cause != nil:
		return x.cause
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
	n, err := x.Incoming.Read(x.client.host, x, p)
	x.credit()
	return n, err
}

// listen is message.ClientExchange.OnContent.
func (x *clientExchange) listen(f message.ResponseContentFunc) error {
	switch {
	case f == nil:
		panic("h2: bug: OnContent without a callback")
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

// close is message.ClientExchange.Close: what isn't there yet isn't wanted. If
// that is little, it is thrown away when it comes.
func (x *clientExchange) close() {
	if x.isClosed || x.successor != nil { // who has the tunnel closes it
		return
	}
	x.pins++
	x.isClosed = true
	if x.isLittle() {
		x.ignore()
		x.client.times.await(x)
		x.pins--
		x.release()
		return
	}
	if x.stream != nil && !x.isEnded && !x.isDone() { // before the peer has credit for what is thrown away
		x.client.conn.Reset(x.stream, frames.CodeCancel)
	}
	x.ignore()
	x.cancel(message.ErrDiscarded)
	x.pins--
	x.release()
}

// isLittle says whether so little of the exchange is to come that it needn't be
// reset.
func (x *clientExchange) isLittle() bool {
	return x.received == HTTP2MessageContent && x.said == HTTP2MessageDone && !x.isSending() && !x.isEnded &&
		x.contentLength >= 0 && x.contentLength-x.arrived <= x.client.options.DiscardOctets
}

// ignore throws away what is stored of the response, and what comes.
func (x *clientExchange) ignore() {
	if !x.IsDiscarding && (x.ContentErr() == nil || x.Store.Size() > 0) {
		x.Incoming.Discard(x.client.host, x, message.ErrDiscarded)
		x.credit()
	}
}

// reset is message.ClientExchange.Reset.
func (x *clientExchange) reset() { x.cancel(message.ErrReset) }

// cancel gives up what isn't done (RFC 9113, Section 8.7). A request that has no
// stream yet is taken back.
func (x *clientExchange) cancel(err error) {
	if !x.isEnded && !x.isDone() {
		x.fail(err, frames.CodeCancel)
	}
}
