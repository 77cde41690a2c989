package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// What an application does to a response, in a turn. Each method is that of
// message.Exchange of the same name, and changes nothing if it fails.

// interim is message.Exchange.Interim. 100 (Continue) is sent once.
func (x *exchange) interim(status message.Status, fields []message.Field) error {
	if err := x.refusal(); err != nil {
		return err
	}
	if x.isFull() {
		return message.ErrWouldBlock
	}
	isContinue := status == message.StatusContinue && x.expectation != expectationNone
	if isContinue && x.expectation == expectationMet && x.response.Direction == ResponseDirectionIdle {
		return nil
	}
	q := x.queue()
	b, err := x.response.AppendInterim(q.Tail(x.server.host, headOctetsMax+fieldsOctets(fields)), status, fields)
	q.Commit(x.server.host, b)
	if isContinue && err == nil {
		x.expectation = expectationMet
	}
	return err
}

// respond is message.Exchange.Respond.
func (x *exchange) respond(status message.Status, fields []message.Field, content []byte) error {
	if err := x.refusal(); err != nil {
		return err
	}
	h := x.responseHead(status, fields)
	h.Persistence = x.decidePersistence(true)
	q := x.queue()
	b, err := x.response.AppendWhole(q.Tail(x.server.host, headOctetsMax+fieldsOctets(fields)+len(content)), &h, content)
	q.Commit(x.server.host, b)
	if err != nil {
		return err
	}
	x.said()
	return nil
}

// start is message.Exchange.Start.
func (x *exchange) start(status message.Status, fields []message.Field, contentLength int64) error {
	if err := x.refusal(); err != nil {
		return err
	}
	h := x.responseHead(status, fields)
	h.ContentLength = contentLength
	h.Persistence = x.decidePersistence(false)
	q := x.queue()
	b, err := x.response.AppendHead(q.Tail(x.server.host, headOctetsMax+fieldsOctets(fields)), &h)
	q.Commit(x.server.host, b)
	if err != nil {
		return err
	}
	x.said()
	return nil
}

// said is that the head of the response is out: what it says of the connection
// holds.
func (x *exchange) said() {
	x.persistence = x.response.Persistence
	if x.persistence == PersistenceClose {
		x.server.stopRequests()
	}
}

// refusal is why the exchange can't be answered by the application: the engine
// has done it, or can't any more.
func (x *exchange) refusal() error {
	if x.isEnded && x.cause == nil {
		return message.ErrOver
	}
	return x.cause
}

// responseHead is a head without framing.
func (x *exchange) responseHead(status message.Status, fields []message.Field) ReplyHead {
	return ReplyHead{Status: status, Fields: fields, Date: x.server.date(), ContentLength: -1, Persistence: PersistencePersist}
}

// decidePersistence says whether the connection goes on after this response, as
// far as that is known before its head is written. isWhole is that the response
// ends with the same call, so that what remains of the request will be
// discarded.
func (x *exchange) decidePersistence(isWhole bool) Persistence {
	server, client, rest := ServerStateRunning, ClientStateWelcome, RestOfRequestNone
	if x.server.isLast && x.server.last == x { // nothing is read behind this request
		server = ServerStateEnding
	}
	if x.expectation == expectationPending {
		client = ClientStateAwaited
	}
	if isWhole {
		rest = x.rest()
	}
	if rest == RestOfRequestWithin && x.server.service.DiscardOctets < 0 {
		rest = RestOfRequestAbove // nothing is thrown away, and nobody knows whether there is something
	}
	return DecideResponsePersistence(x.persistence, server, ResponseDelimiterInTheMessage, client, rest, ApplicationOptionSilent).persistence()
}

// persistence is the outcome as that of a request.
func (p ResponsePersistence) persistence() Persistence {
	if p == ResponsePersistenceClose {
		return PersistenceClose
	}
	return PersistencePersist
}

// rest is how much of the request's content has to be thrown away if nobody
// takes any more, measured by what may be (Options.DiscardOctets).
func (x *exchange) rest() RestOfRequest {
	switch {
	case x.direction != RequestDirectionContent:
		return RestOfRequestNone
	case x.Discarded+x.remaining() > max(x.server.service.DiscardOctets, 0):
		return RestOfRequestAbove
	}
	return RestOfRequestWithin
}

// remaining is how much content of the request is still to come, as far as that
// is known.
func (x *exchange) remaining() int64 {
	if x.server.receiving != x || x.contentLength < 0 {
		return 0
	}
	return x.contentLength - x.received()
}

// received is how much content of the request has come.
func (x *exchange) received() int64 {
	return x.server.requests.offset() - int64(len(x.head))
}

// write is message.Exchange.Write: all of p, or nothing.
func (x *exchange) write(p []byte) (int, error) {
	if err := x.refusal(); err != nil {
		return 0, err
	}
	if len(p) > 0 && x.isDropping() {
		return 0, message.ErrNoContent
	}
	if len(p) > 0 && x.isFull() {
		return 0, message.ErrWouldBlock
	}
	q := x.queue()
	b, err := x.response.AppendContent(q.Tail(x.server.host, len(p)+chunkOctetsMax), p)
	q.Commit(x.server.host, b)
	if err != nil {
		return 0, x.misuse(err)
	}
	return len(p), nil
}

// chunkOctetsMax is what a chunk takes besides its octets, at most.
const chunkOctetsMax = 16 + len("\r\n") + len("\r\n")

// isFull says whether so much is queued that Write has to wait.
func (x *exchange) isFull() bool { return x.queued() >= x.server.service.WriteWindowOctets }

// isDropping says whether whoever writes content of a response without any must
// be told: at once if the status has none, and in answer to HEAD when enough has
// been dropped.
func (x *exchange) isDropping() bool {
	r := &x.response
	return r.Direction == ResponseDirectionContent &&
		(r.isBare || r.framing == framingNone && r.written >= int64(x.server.service.WriteWindowOctets))
}

// misuse is an error of the response, once its framing can say more than the
// table.
func (x *exchange) misuse(err error) error {
	if x.response.Direction == ResponseDirectionDone {
		return message.ErrOver
	}
	return err
}

// writeLent is message.Exchange.WriteLent, but for calling done if it fails.
func (x *exchange) writeLent(p []byte, done func(error)) error {
	if err := x.refusal(); err != nil {
		return err
	}
	if len(p) > 0 && x.isDropping() {
		return message.ErrNoContent
	}
	if len(p) > 0 && x.isFull() {
		return message.ErrWouldBlock
	}
	if err := x.response.onContent(len(p)); err != nil {
		return x.misuse(err)
	}
	x.pins++
	if len(p) == 0 || x.response.framing == framingNone {
		x.server.later(transit.Call{X: x, What: transit.CallDone, F: done})
		return nil
	}
	q, h := x.queue(), x.server.host
	if x.response.framing != framingChunked {
		q.Lend(x, p, done)
		return nil
	}
	q.Commit(h, x.response.appendBefore(q.Tail(h, chunkOctetsMax), len(p)))
	q.Lend(x, p, done)
	q.Commit(h, x.response.appendAfter(q.Tail(h, chunkOctetsMax)))
	return nil
}

// finish is message.Exchange.End.
func (x *exchange) finish(trailers ...message.Field) error {
	if err := x.refusal(); err != nil {
		return err
	}
	q := x.queue()
	b, err := x.response.AppendEnd(q.Tail(x.server.host, chunkOctetsMax+fieldsOctets(trailers)), trailers...)
	q.Commit(x.server.host, b)
	if err != nil {
		return x.misuse(err)
	}
	return nil
}

// flush is message.Exchange.Flush.
func (x *exchange) flush() error {
	switch {
	case x.IsTaken(x.position()):
		return nil
	case x.IsLost():
		return x.LostErr()
	}
	return message.ErrWouldBlock
}

// onFlushed is message.Exchange.OnFlushed.
func (x *exchange) onFlushed(f func(message.Exchange, error)) {
	if f == nil {
		panic("h1: bug: OnFlushed without a callback")
	}
	x.pins++
	w := x.server.wake()
	w.Await(transit.Mark{X: x, What: transit.CallFlushed, Position: x.position(), F: f})
}

// onOver is message.Exchange.OnOver.
func (x *exchange) onOver(f func(message.Exchange, error)) {
	if f == nil {
		panic("h1: bug: OnOver without a callback")
	}
	x.pins++
	x.watches++
	w := x.server.wake()
	w.Await(transit.Mark{X: x, What: transit.CallOver, F: f})
}

// reset is message.Exchange.Reset.
func (x *exchange) reset() {
	if !x.isEnded {
		x.fail(message.ErrReset)
	}
}
