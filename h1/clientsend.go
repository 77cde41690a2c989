package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

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
	b, err := x.request.AppendContent(q.Tail(x.client.host, len(p)+chunkOctetsMax), p)
	q.Commit(x.client.host, b)
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
		x.later(transit.Call{What: transit.CallDone, F: done})
		return nil
	}
	x.pins++
	q, h := x.queue(), x.client.host
	if x.request.framing != framingChunked {
		q.Lend(x, p, done)
		return nil
	}
	q.Commit(h, x.request.appendBefore(q.Tail(h, chunkOctetsMax), len(p)))
	q.Lend(x, p, done)
	q.Commit(h, x.request.appendAfter(q.Tail(h, chunkOctetsMax)))
	return nil
}

// finish is message.ClientExchange.End.
func (x *clientExchange) finish(trailers []message.Field) error {
	if err := x.sendable(); err != nil {
		return err
	}
	q := x.queue()
	b, err := x.request.AppendEnd(q.Tail(x.client.host, chunkOctetsMax+fieldsOctets(trailers)), trailers...)
	q.Commit(x.client.host, b)
	if err != nil {
		return err
	}
	x.client.open()
	return nil
}

// flush is message.ClientExchange.Flush.
func (x *clientExchange) flush() error {
	switch {
	case x.IsTaken(x.position()):
		return nil
	case x.IsLost():
		return x.LostErr()
	}
	return message.ErrWouldBlock
}

// onFlushed is message.ClientExchange.OnFlushed.
func (x *clientExchange) onFlushed(f func(message.ClientExchange, error)) {
	if f == nil {
		panic("h1: bug: OnFlushed without a callback")
	}
	x.pins++
	x.client.callbacks.Await(transit.Mark{X: x, What: transit.CallFlushed, Position: x.position(), F: f})
}

// proceed lets content go that waited for 100 (Continue).
func (x *clientExchange) proceed() {
	if x.isWaiting && x.isOpen {
		x.isWaiting = false
		x.out.MoveTo(&x.client.out.Queue)
	}
}
