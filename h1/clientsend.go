package h1

import "github.com/specht-http/specht/message"

// What an application sends of a request behind its head, in a turn. Each
// method is that of message.ClientExchange of the same name, and changes
// nothing if it fails.

// sendable is why nothing more can be sent.
func (x *clientExchange) sendable() error {
	switch {
	case x.isUnwanted:
		return message.ErrUnwanted
	case x.cause != nil:
		return x.cause
	case x.isDropped:
		return x.client.gone()
	case x.request.Direction == RequestDirectionDone && x.isEnded:
		return message.ErrOver
	}
	return nil
}

// isFull says whether Write has to wait: too much is queued, or a head that
// asks for 100 (Continue) isn't out yet.
func (x *clientExchange) isFull() bool {
	return x.queued() >= x.client.options.WriteWindowOctets || x.isWaiting && !x.isOpen
}

// write is message.ClientExchange.Write: all of p, or nothing.
func (x *clientExchange) write(p []byte) (int, error) {
	if err := x.sendable(); err != nil {
		return 0, err
	}
	if len(p) > 0 && x.isFull() {
		return 0, message.ErrWouldBlock
	}
	q := x.queue()
	b, err := x.request.AppendContent(q.tail(x.client.host, len(p)+chunkOctetsMax), p)
	q.commit(x.client.host, b)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// writeLent is message.ClientExchange.WriteLent, but for calling done if it
// fails.
func (x *clientExchange) writeLent(p []byte, done func(error)) error {
	if err := x.sendable(); err != nil {
		return err
	}
	if len(p) > 0 && x.isFull() {
		return message.ErrWouldBlock
	}
	if err := x.request.onContent(len(p)); err != nil {
		return err
	}
	if len(p) == 0 {
		x.later(call{what: callDone, f: done})
		return nil
	}
	x.pins++
	q, h := x.queue(), x.client.host
	if x.request.framing != framingChunked {
		q.lend(x, p, done)
		return nil
	}
	q.commit(h, x.request.appendBefore(q.tail(h, chunkOctetsMax), len(p)))
	q.lend(x, p, done)
	q.commit(h, x.request.appendAfter(q.tail(h, chunkOctetsMax)))
	return nil
}

// finish is message.ClientExchange.End.
func (x *clientExchange) finish(trailers []message.Field) error {
	if err := x.sendable(); err != nil {
		return err
	}
	q := x.queue()
	b, err := x.request.AppendEnd(q.tail(x.client.host, chunkOctetsMax+fieldsOctets(trailers)), trailers...)
	q.commit(x.client.host, b)
	if err != nil {
		return err
	}
	x.client.open()
	return nil
}

// flush is message.ClientExchange.Flush.
func (x *clientExchange) flush() error {
	switch {
	case x.isTaken(x.position()):
		return nil
	case x.isLost():
		return x.lostErr()
	}
	return message.ErrWouldBlock
}

// onFlushed is message.ClientExchange.OnFlushed.
func (x *clientExchange) onFlushed(f func(message.ClientExchange, error)) {
	if f == nil {
		panic("h1: bug: OnFlushed without a callback")
	}
	x.pins++
	x.client.marks = append(x.client.marks, mark{x: x, what: callFlushed, position: x.position(), f: f})
}

// proceed lets content go that waited for 100 (Continue).
func (x *clientExchange) proceed() {
	if x.isWaiting && x.isOpen {
		x.isWaiting = false
		x.out.moveTo(&x.client.out.queue)
	}
}
