package h2

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// BeginInTurn is Begin for who is in a turn already: in callbacks of this
// connection's exchanges, in ClientOptions.OnReady, and in Turn. The exchange
// is valid until its OnOver has returned, unless Detach is called.
func (c *Client) BeginInTurn(h *message.RequestHead) (message.ClientExchange, error) {
	x, err := c.begin(h)
	if err != nil {
		return nil, err
	}
	return (*clientInTurn)(x), nil
}

// ErrInTurn is Err for who is in a turn already, as in BeginInTurn: in an OnOver,
// it says whether the connection can be used again.
func (c *Client) ErrInTurn() error { return c.refusal() }

// clientInTurn is an exchange inside a turn: no method waits, and none takes a
// lock.
type clientInTurn clientExchange

var _ message.ClientExchange = (*clientInTurn)(nil)

// About implements message.ClientExchange.
func (t *clientInTurn) About() any { return t.about }

// Write implements message.ClientExchange.
func (t *clientInTurn) Write(p []byte) (int, error) { return (*clientExchange)(t).write(p) }

// WriteLent implements message.ClientExchange.
func (t *clientInTurn) WriteLent(p []byte, done func(error)) error {
	err := (*clientExchange)(t).writeLent(p, done)
	if err != nil {
		done(err)
	}
	return err
}

// Flush implements message.ClientExchange.
func (t *clientInTurn) Flush() error {
	x := (*clientExchange)(t)
	return x.flush(x.position())
}

// OnFlushed implements message.ClientExchange.
func (t *clientInTurn) OnFlushed(f func(message.ClientExchange, error)) {
	(*clientExchange)(t).onFlushed(f)
}

// End implements message.ClientExchange.
func (t *clientInTurn) End(trailers ...message.Field) error {
	return (*clientExchange)(t).finish(trailers)
}

// Await implements message.ClientExchange.
func (t *clientInTurn) Await() error { return (*clientExchange)(t).await() }

// OnResponse implements message.ClientExchange.
func (t *clientInTurn) OnResponse(f func(message.ClientExchange, error)) {
	(*clientExchange)(t).awaitBy(f)
}

// OnInterim implements message.ClientExchange.
func (t *clientInTurn) OnInterim(f func(message.ClientExchange, message.Status, message.Fields)) {
	t.onInterim = f
}

// Status implements message.ClientExchange.
func (t *clientInTurn) Status() message.Status { return t.status }

// Reason implements message.ClientExchange.
func (t *clientInTurn) Reason() []byte { return nil }

// Version implements message.ClientExchange.
func (t *clientInTurn) Version() message.Version { return message.HTTP2 }

// Fields implements message.ClientExchange.
func (t *clientInTurn) Fields() message.Fields { return t.section.fields() }

// ContentLength implements message.ClientExchange.
func (t *clientInTurn) ContentLength() int64 { return t.contentLength }

// Read implements message.ClientExchange.
func (t *clientInTurn) Read(p []byte) (int, error) { return (*clientExchange)(t).read(p) }

// OnContent implements message.ClientExchange.
func (t *clientInTurn) OnContent(f message.ResponseContentFunc) error {
	return (*clientExchange)(t).listen(f)
}

// Resume implements message.ClientExchange.
func (t *clientInTurn) Resume() { (*clientExchange)(t).resume() }

// Trailers implements message.ClientExchange.
func (t *clientInTurn) Trailers() message.Fields { return t.trailer.fields() }

// Upgrade implements message.ClientExchange.
func (t *clientInTurn) Upgrade(take func(message.Stream, []byte)) error {
	return (*clientExchange)(t).upgrade(take)
}

// Close implements message.ClientExchange.
func (t *clientInTurn) Close() { (*clientExchange)(t).close() }

// Reset implements message.ClientExchange.
func (t *clientInTurn) Reset() { (*clientExchange)(t).reset() }

// Err implements message.ClientExchange.
func (t *clientInTurn) Err() error { return (*clientExchange)(t).err() }

// Wait implements message.ClientExchange.
func (t *clientInTurn) Wait() error { return (*clientExchange)(t).awaitEnd() }

// OnOver implements message.ClientExchange.
func (t *clientInTurn) OnOver(f func(message.ClientExchange, error)) {
	(*clientExchange)(t).overBy(f)
}

// Detach implements message.ClientExchange.
func (t *clientInTurn) Detach() message.ClientExchange {
	t.isDetached = true
	return (*clientHandle)(t)
}

// await is message.ClientExchange.Await in a turn.
func (x *clientExchange) await() error {
	switch {
	case x.status != 0:
		return nil
	case x.cause != nil:
		return x.cause
	case x.isEnded:
		return message.ErrOver
	}
	return message.ErrWouldBlock
}

// awaitBy is message.ClientExchange.OnResponse.
func (x *clientExchange) awaitBy(f func(message.ClientExchange, error)) {
	if err := x.await(); err != message.ErrWouldBlock {
		x.later(transit.Call{What: transit.CallResponse, F: f, Err: err})
		return
	}
	x.onResponse = f
}

// awaitEnd is message.ClientExchange.Wait in a turn.
func (x *clientExchange) awaitEnd() error {
	if err := x.err(); err != nil {
		return err
	}
	return message.ErrWouldBlock
}

// overBy is message.ClientExchange.OnOver.
func (x *clientExchange) overBy(f func(message.ClientExchange, error)) {
	x.onOver = f
	x.release() // it may be over already
}
