package h2

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// What an application does to a response, in a turn. Each method is that of
// message.Exchange of the same name, and changes nothing if it fails.

// refusal is why the exchange can't be answered by the application: the engine
// has done it, or can't any more.
func (x *exchange) refusal() error {
	if x.isEnded && x.cause == nil {
		return message.ErrOver
	}
	return x.cause
}

// say asks the table whether the application may go on with this.
func (x *exchange) say(call string, e HTTP2MessageEvent) (HTTP2Message, error) {
	a := x.said.On(e)
	if a.Scope != frames.ScopeNone {
		return x.said, &message.MisuseError{Call: call, Rule: a.Rule}
	}
	return a.Next, nil
}

// interim is message.Exchange.Interim. 100 (Continue) is sent once.
func (x *exchange) interim(status message.Status, fields []message.Field) error {
	if err := x.refusal(); err != nil {
		return err
	}
	if x.isFull() {
		return message.ErrWouldBlock
	}
	isContinue := status == message.StatusContinue && x.expectation != expectationNone
	if isContinue && x.expectation == expectationMet && x.said == HTTP2MessageHead {
		return nil
	}
	if _, err := x.say("Interim", HTTP2MessageOnInterimHead); err != nil {
		return err
	}
	if err := x.begin(); err != nil {
		return err
	}
	err := x.sendInterim(status, fields)
	if isContinue && err == nil {
		x.expectation = expectationMet
	}
	return err
}

func (x *exchange) sendInterim(status message.Status, fields []message.Field) error {
	s := x.server
	b, err := s.conn.AppendInterim(s.out.Tail(s.host, s.conn.blockOctets(fieldsOctets(fields), len(fields))), x.stream, status, fields)
	s.out.Commit(s.host, b)
	x.framedAt = s.out.In
	return err
}

// respond is message.Exchange.Respond.
func (x *exchange) respond(status message.Status, fields []message.Field, content []byte) error {
	if err := x.refusal(); err != nil {
		return err
	}
	if _, err := x.say("Respond", HTTP2MessageOnFinalHead); err != nil {
		return err
	}
	declared := int64(len(content))
	switch {
	case isBare(status) && len(content) > 0 && status != message.StatusNotModified:
		return &message.StatusError{Status: status, Why: "it has no content: give none, or take another status"}
	case status == message.StatusNotModified && len(content) == 0: // what a GET would get isn't known
		declared = -1
	}
	isEmpty := len(content) == 0 || x.methodID == message.MethodHead || isBare(status)
	if err := x.sendHead(status, fields, declared, isEmpty); err != nil {
		return err
	}
	x.written = int64(len(content))
	x.said = HTTP2MessageDone
	if isEmpty {
		x.isMeasured = len(content) > 0
		x.onSent()
		return nil
	}
	x.isEnding = true
	x.send(content)
	return nil
}

// start is message.Exchange.Start.
func (x *exchange) start(status message.Status, fields []message.Field, contentLength int64) error {
	if err := x.refusal(); err != nil {
		return err
	}
	next, err := x.say("Start", HTTP2MessageOnFinalHead)
	if err != nil {
		return err
	}
	switch {
	case contentLength < -1:
		return &message.LengthError{Declared: contentLength}
	case isBare(status) && contentLength > 0 && status != message.StatusNotModified:
		return &message.StatusError{Status: status, Why: "it has no content: declare 0 octets, or take another status"}
	}
	if err := x.sendHead(status, fields, contentLength, false); err != nil {
		return err
	}
	x.said, x.declared = next, contentLength
	x.isMeasured = x.methodID == message.MethodHead
	x.isBare = isBare(status)
	if x.isBare || x.isMeasured { // and nothing written counts
		x.declared = -1
	}
	return nil
}

// sendHead sends the head of the final response.
func (x *exchange) sendHead(status message.Status, fields []message.Field, length int64, isEnd bool) error {
	s := x.server
	if x.methodID == message.MethodConnect && status/100 == 2 { // rfc9110#9.3.6/6
		return &message.StatusError{Status: status, Why: "in answer to CONNECT it opens a tunnel: use Upgrade, or another status"}
	}
	if err := x.begin(); err != nil {
		return err
	}
	if status == message.StatusNoContent || status == message.StatusResetContent && length <= 0 {
		length = -1
	}
	h := ReplyHead{Status: status, Fields: fields, ContentLength: length, Date: s.date()}
	b, err := s.conn.AppendResponse(s.out.Tail(s.host, s.conn.blockOctets(fieldsOctets(fields), len(fields)+3)), x.stream, &h, isEnd)
	s.out.Commit(s.host, b)
	if err != nil {
		return err
	}
	x.status, x.framedAt = status, s.out.In
	return nil
}

// isBare says whether a response with this status has no content (RFC 9110,
// Section 6.4.1).
func isBare(status message.Status) bool {
	return status == message.StatusNoContent || status == message.StatusNotModified || status == message.StatusResetContent
}

// send queues content, and frames at once what there is room for.
func (x *exchange) send(p []byte) {
	s := x.server
	if !x.isReady && x.queue.IsEmpty() && s.out.Size() < outputOctets && len(p) <= min(frameOctets, s.conn.Room(x.stream)) && (len(p) > 0 || x.isEnding) {
		isLast := x.isEnding && len(x.trailers) == 0
		b := s.conn.AppendData(s.out.Tail(s.host, len(p)+frameRoom), x.stream, len(p), isLast)
		s.out.Commit(s.host, append(b, p...))
		x.framedAt = s.out.In
		if isLast {
			x.isEnding = false
			x.onSent()
		}
		return
	}
	if len(p) > 0 {
		b := x.queue.Tail(s.host, len(p))
		x.queue.Commit(s.host, append(b, p...))
		s.held += len(p)
	}
	s.ready(&x.sending)
}

// write is message.Exchange.Write: all of p, or nothing.
func (x *exchange) write(p []byte) (int, error) {
	if err := x.mayWrite(p); err != nil {
		return 0, err
	}
	if len(p) > 0 && !x.isMeasured {
		x.send(p)
	}
	return len(p), nil
}

// mayWrite counts content that is about to be queued, or says why it can't be.
func (x *exchange) mayWrite(p []byte) error {
	if err := x.refusal(); err != nil {
		return err
	}
	next, err := x.say("Write", HTTP2MessageOnContent)
	if err != nil {
		return x.misuse(err)
	}
	switch {
	case len(p) == 0:
		return nil
	case x.isBare, x.isMeasured && x.written >= int64(x.server.service.WriteWindowOctets):
		return message.ErrNoContent
	case x.isFull():
		return message.ErrWouldBlock
	}
	if err := x.count(len(p)); err != nil {
		return err
	}
	x.said = next
	return nil
}

// littleOctets is how much a stream may queue, whatever others have queued.
const littleOctets = 4 << 10

// part is how much of p is queued at once by who can wait for the rest.
func (x *exchange) part(p []byte) []byte {
	most := x.server.service.WriteWindowOctets
	if x.server.held >= x.server.service.OutputOctets {
		most = min(most, littleOctets)
	}
	return p[:min(len(p), most)]
}

// isFull says whether so much is queued that Write has to wait. A stream always
// has a little, whatever others have queued.
func (x *exchange) isFull() bool {
	o := &x.server.service.Options
	return x.queue.Size() >= o.WriteWindowOctets || x.server.out.Size() >= o.OutputOctets ||
		x.server.held >= o.OutputOctets && x.queue.Size() >= littleOctets || x.queue.Size() > 0 && x.server.out.Size() >= o.WriteWindowOctets
}

// misuse is an error of the response, once its framing can say more than the
// table.
func (x *exchange) misuse(err error) error {
	if x.said == HTTP2MessageDone {
		return message.ErrOver
	}
	return err
}

// writeLent is message.Exchange.WriteLent, but for calling done if it fails.
func (x *exchange) writeLent(p []byte, done func(error)) error {
	if err := x.mayWrite(p); err != nil {
		return err
	}
	x.pins++
	if len(p) == 0 || x.isMeasured {
		x.server.callbacks.Later(transit.Call{X: x, What: transit.CallDone, F: done})
		return nil
	}
	x.queue.Lend(x, p, done)
	x.server.held += len(p)
	x.server.ready(&x.sending)
	return nil
}

// finish is message.Exchange.End.
func (x *exchange) finish(trailers ...message.Field) error {
	if err := x.refusal(); err != nil {
		return err
	}
	event := HTTP2MessageOnEnd
	if len(trailers) > 0 {
		event = HTTP2MessageOnTrailers
	}
	next, err := x.say("End", event)
	if err != nil {
		return x.misuse(err)
	}
	if err := x.checkEnd(); err != nil {
		return err
	}
	if len(trailers) > 0 {
		if x.declared >= 0 && !x.isMeasured {
			return message.ErrNoTrailers
		}
		if _, err := x.server.conn.encoder.check(sectionTrailers, trailers); err != nil {
			return err
		}
		if !x.isBare && !x.isMeasured {
			x.trailers = owned(trailers)
		}
	}
	x.said = next
	x.isEnding = true
	if x.queue.IsEmpty() && len(x.trailers) == 0 {
		x.send(nil)
		return nil
	}
	x.server.ready(&x.sending)
	return nil
}

// owned is a copy of fields that shares nothing with whoever gave them.
func owned(fields []message.Field) []message.Field {
	c := slices.Clone(fields)
	for i := range c {
		c[i] = message.Field{Name: strings.Clone(c[i].Name), Value: strings.Clone(c[i].Value)}
	}
	return c
}

// flush is message.Exchange.Flush.
func (x *exchange) flush(position uint64) error {
	switch {
	case x.IsTaken(position):
		return nil
	case x.IsLost():
		return x.LostErr()
	}
	return message.ErrWouldBlock
}

// position is how much content was queued.
func (x *exchange) position() uint64 { return x.queue.In }

// IsTaken implements transit.Party.
func (x *exchange) IsTaken(position uint64) bool {
	return x.queue.Taken >= position && x.server.out.Taken >= x.framedAt && !x.server.isGone
}

// IsLost implements transit.Party.
func (x *exchange) IsLost() bool { return x.server.isGone || x.isFailed }

// LostErr implements transit.Party.
func (x *exchange) LostErr() error {
	if x.server.isGone {
		return x.server.cause
	}
	return x.cause
}

// onFlushed is message.Exchange.OnFlushed.
func (x *exchange) onFlushed(f func(message.Exchange, error)) {
	if f == nil {
		panic("h2: bug: OnFlushed without a callback")
	}
	x.pins++
	x.server.callbacks.Await(transit.Mark{X: x, What: transit.CallFlushed, Position: x.position(), F: f})
}

// onOver is message.Exchange.OnOver.
func (x *exchange) onOver(f func(message.Exchange, error)) {
	if f == nil {
		panic("h2: bug: OnOver without a callback")
	}
	x.pins++
	x.watches++
	x.server.callbacks.Await(transit.Mark{X: x, What: transit.CallOver, F: f})
}

// reset is message.Exchange.Reset.
func (x *exchange) reset() { x.fail(message.ErrReset, frames.CodeInternalError) }
