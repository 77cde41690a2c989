package h1

import "github.com/specht-http/specht/message"

// inTurn is an exchange inside a turn: no method waits, and none takes a lock.
// It is valid until the exchange ends.
type inTurn exchange

var _ message.Exchange = (*inTurn)(nil)

// Read implements message.Exchange.
func (t *inTurn) Read(p []byte) (int, error) { return (*exchange)(t).read(p) }

// OnContent implements message.Exchange.
func (t *inTurn) OnContent(f message.ContentFunc) error {
	err := (*exchange)(t).listen(f)
	if err == nil {
		(*exchange)(t).deliverStored()
	}
	return err
}

// Resume implements message.Exchange.
func (t *inTurn) Resume() { (*exchange)(t).resume() }

// Trailers implements message.Exchange.
func (t *inTurn) Trailers() message.Fields { return message.NewFields(t.trailer, t.trailerFields) }

// Interim implements message.Exchange.
func (t *inTurn) Interim(status message.Status, fields []message.Field) error {
	return (*exchange)(t).interim(status, fields)
}

// Push implements message.Exchange.
func (t *inTurn) Push(*message.RequestHead) error { return errNoPush }

var errNoPush error = &message.PushError{Why: "HTTP/1 has no promises: link to it (RFC 8297), or leave it"}

// Respond implements message.Exchange.
func (t *inTurn) Respond(status message.Status, fields []message.Field, content []byte) error {
	return (*exchange)(t).respond(status, fields, content)
}

// Start implements message.Exchange.
func (t *inTurn) Start(status message.Status, fields []message.Field, contentLength int64) error {
	return (*exchange)(t).start(status, fields, contentLength)
}

// Write implements message.Exchange.
func (t *inTurn) Write(p []byte) (int, error) { return (*exchange)(t).write(p) }

// WriteLent implements message.Exchange.
func (t *inTurn) WriteLent(p []byte, done func(error)) error {
	err := (*exchange)(t).writeLent(p, done)
	if err != nil {
		done(err)
	}
	return err
}

// Flush implements message.Exchange.
func (t *inTurn) Flush() error { return (*exchange)(t).flush() }

// OnFlushed implements message.Exchange.
func (t *inTurn) OnFlushed(f func(message.Exchange, error)) { (*exchange)(t).onFlushed(f) }

// End implements message.Exchange.
func (t *inTurn) End(trailers ...message.Field) error { return (*exchange)(t).finish(trailers...) }

// Upgrade implements message.Exchange.
func (t *inTurn) Upgrade(status message.Status, fields []message.Field, take func(message.Stream, []byte)) error {
	return (*exchange)(t).upgrade(status, fields, take)
}

// Reset implements message.Exchange.
func (t *inTurn) Reset() { (*exchange)(t).reset() }

// Err implements message.Exchange.
func (t *inTurn) Err() error { return (*exchange)(t).err() }

// Wait implements message.Exchange.
func (t *inTurn) Wait() error { return (*exchange)(t).awaited() }

// OnOver implements message.Exchange.
func (t *inTurn) OnOver(f func(message.Exchange, error)) { (*exchange)(t).onOver(f) }

// Detach implements message.Exchange.
func (t *inTurn) Detach() message.Exchange {
	t.isDetached, t.isReturned = true, false
	return (*handle)(t)
}
