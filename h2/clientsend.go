package h2

import (
	"strings"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// How a request begins, and what an application sends of it, in a turn. Each
// method is that of message.ClientExchange of the same name, and changes nothing
// if it fails.

// begin makes an exchange whose request begins with h: on the wire if it has a
// place, and as the last of those that wait otherwise.
func (c *Client) begin(h *message.RequestHead) (*clientExchange, error) {
	if err := c.refusal(); err != nil {
		return nil, err
	}
	if h.ContentLength < -1 {
		return nil, &message.LengthError{Declared: h.ContentLength}
	}
	x := c.make()
	x.prepare(h)
	var err error
	if !c.hasPlace() || h.Protocol != "" && !c.hasSettings {
		if _, _, err = c.conn.encoder.examine(sectionRequest, h, c.options.Scheme, h.Protocol); err == nil {
			c.queueUp(x, h)
		}
	} else {
		err = c.open(x, h)
	}
	if err != nil {
		c.unmake(x)
		return nil, err
	}
	return x, nil
}

// prepare takes from a head what is needed besides its octets.
func (x *clientExchange) prepare(h *message.RequestHead) {
	x.about = h.About
	x.method = methodOf(h.Method)
	x.declared = h.ContentLength
	x.said = HTTP2MessageContent
	switch {
	case x.method == message.MethodConnect: // content, if it becomes a tunnel
		x.declared = -1
		x.said = HTTP2MessageHead
	case h.ContentLength == 0:
		x.said = HTTP2MessageDone
	default:
		x.isWaiting = expects(h.Fields)
	}
	if x.client.options.OnPush != nil {
		x.authority = strings.Clone(h.Authority)
	}
}

// methodOf is the id of a method; GET's if it is empty.
func methodOf(method string) message.Method {
	if method == "" {
		return message.MethodGet
	}
	return lookupMethod(method)
}

// expects says whether fields have Expect: 100-continue (RFC 9110,
// Section 10.1.1).
func expects(fields []message.Field) bool {
	for i := range fields {
		if len(fields[i].Name) == len("expect") && strings.EqualFold(fields[i].Name, "expect") {
			return strings.EqualFold(fields[i].Value, "100-continue")
		}
	}
	return false
}

// queueUp puts x behind those that wait. Nothing of h is kept but copies.
func (c *Client) queueUp(x *clientExchange, h *message.RequestHead) {
	head := *h
	head.Method, head.Target, head.Authority, head.Protocol = strings.Clone(h.Method), strings.Clone(h.Target), strings.Clone(h.Authority), strings.Clone(h.Protocol)
	head.Fields = owned(h.Fields)
	x.head = &head
	c.append(x)
	if c.waiting == nil {
		c.waiting = x
	}
	c.waitingCount++
}

// openWaiting gives streams to those that wait, as far as there are places.
func (c *Client) openWaiting() {
	for c.waiting != nil && !c.isWriteOver && !c.conn.IsGoingAway() && c.conn.Own() < c.places() {
		x, h := c.waiting, c.waiting.head
		if h.Protocol != "" && !c.hasSettings {
			return
		}
		x.head = nil
		c.waiting = x.next
		c.waitingCount--
		if err := c.openStream(x, h); err != nil {
			x.fail(err, frames.CodeNoError)
		}
	}
}

// open gives x a stream, and a place in the list.
func (c *Client) open(x *clientExchange, h *message.RequestHead) error {
	if err := c.openStream(x, h); err != nil {
		return err
	}
	c.insert(x)
	return nil
}

// openStream gives x a stream, and queues its head.
func (c *Client) openStream(x *clientExchange, h *message.RequestHead) error {
	if h.Protocol != "" && c.conn.Peer().EnableConnectProtocol == 0 {
		return &message.RequestError{Part: "protocol", Value: h.Protocol, Why: "the peer takes no extended CONNECT: it hasn't sent SETTINGS_ENABLE_CONNECT_PROTOCOL (RFC 8441, Section 3)"}
	}
	c.flushPending() // a reset that makes the place, or the acknowledgement of settings that do
	isEnd := x.said == HTTP2MessageDone && !x.isSending() || x.isEnding && x.queue.Size() == 0 && len(x.trailers) == 0
	n := fieldsOctets(h.Fields) + len(h.Method) + len(h.Target) + len(h.Authority) + len(h.Protocol)
	b, s, err := c.conn.AppendRequest(c.out.Tail(c.host, c.conn.blockOctets(n, len(h.Fields)+6)), h, c.options.Scheme, isEnd)
	c.out.Commit(c.host, b)
	if err != nil {
		return err
	}
	x.stream, s.Owner = s, x
	x.framedAt = c.out.In
	if isEnd {
		x.isEnding = false
	}
	c.ready(&x.sending)
	c.times.await(x)
	if s.ID >= lastMax-1 {
		c.isLast = true // no ids are left (RFC 9113, Section 5.1.1)
	}
	return nil
}

// sendable is why nothing more can be sent.
func (x *clientExchange) sendable() error {
	switch {
	case x.isUnwanted:
		return message.ErrUnwanted
	case x.cause != nil:
		return x.cause
	case x.isDropped || x.client.isWriteOver:
		return x.client.gone()
	case x.said == HTTP2MessageDone && x.isEnded:
		return message.ErrOver
	}
	return nil
}

// part is how much of p is queued at once by who can wait for the rest.
func (x *clientExchange) part(p []byte) []byte {
	return p[:min(len(p), x.client.options.WriteWindowOctets)]
}

// isFull says whether Write has to wait: for a place, or for what is queued.
func (x *clientExchange) isFull() bool {
	window := x.client.options.WriteWindowOctets
	return x.stream == nil || x.queue.Size() >= window || x.queue.Size() > 0 && x.client.out.Size() >= outputOctets
}

// say asks the table whether the application may go on with this.
func (x *clientExchange) say(call string, e HTTP2MessageEvent) (HTTP2Message, error) {
	a := x.said.On(e)
	if a.Scope != frames.ScopeNone {
		return x.said, &message.MisuseError{Call: call, Rule: a.Rule}
	}
	return a.Next, nil
}

// mayWrite counts content that is about to be queued, or says why it can't be.
func (x *clientExchange) mayWrite(p []byte) error {
	if err := x.sendable(); err != nil {
		return err
	}
	next, err := x.say("Write", HTTP2MessageOnContent)
	switch {
	case err != nil:
		return err
	case len(p) == 0:
		return nil
	case x.isFull():
		return message.ErrWouldBlock
	}
	if err := x.count(len(p)); err != nil {
		return err
	}
	x.said = next
	return nil
}

// write is message.ClientExchange.Write: all of p, or nothing.
func (x *clientExchange) write(p []byte) (int, error) {
	if err := x.mayWrite(p); err != nil {
		return 0, err
	}
	if len(p) > 0 {
		h := x.client.host
		x.queue.Commit(h, append(x.queue.Tail(h, len(p)), p...))
		x.client.held += len(p)
		x.client.ready(&x.sending)
	}
	return len(p), nil
}

// writeLent is message.ClientExchange.WriteLent, but for calling done if it
// fails.
func (x *clientExchange) writeLent(p []byte, done func(error)) error {
	if err := x.mayWrite(p); err != nil {
		return err
	}
	if len(p) == 0 {
		x.later(transit.Call{What: transit.CallDone, F: done})
		return nil
	}
	x.pins++
	x.queue.Lend(x, p, done)
	x.client.held += len(p)
	x.client.ready(&x.sending)
	return nil
}

// finish is message.ClientExchange.End.
func (x *clientExchange) finish(trailers []message.Field) error {
	if err := x.sendable(); err != nil {
		return err
	}
	event := HTTP2MessageOnEnd
	if len(trailers) > 0 {
		event = HTTP2MessageOnTrailers
	}
	next, err := x.say("End", event)
	switch {
	case err != nil:
		return err
	case len(trailers) > 0 && x.declared >= 0:
		return message.ErrNoTrailers
	}
	if err := x.checkEnd(); err != nil {
		return err
	}
	if len(trailers) > 0 {
		if _, err := x.client.conn.encoder.check(sectionTrailers, trailers); err != nil {
			return err
		}
		x.trailers = owned(trailers)
	}
	x.said, x.isEnding = next, true
	x.client.ready(&x.sending)
	return nil
}

// onSent implements sender.
func (x *clientExchange) onSent() {
	x.client.times.await(x)
	x.settle()
}

// onBlocked implements sender.
func (*clientExchange) onBlocked() bool { return true }

// proceed lets content go that waited for 100 (Continue).
func (x *clientExchange) proceed() {
	if x.isWaiting {
		x.isWaiting = false
		x.client.times.await(x)
		x.client.ready(&x.sending)
	}
}

// stopRequest is that the peer doesn't want the rest of the request.
func (x *clientExchange) stopRequest() {
	if x.said == HTTP2MessageDone && !x.isSending() {
		return
	}
	x.isUnwanted, x.isDropped, x.isWaiting = true, true, false
	x.client.dropQueue(&x.sending)
}

// flush is message.ClientExchange.Flush.
func (x *clientExchange) flush(position uint64) error {
	switch {
	case x.IsTaken(position):
		return nil
	case x.IsLost():
		return x.LostErr()
	}
	return message.ErrWouldBlock
}

// onFlushed is message.ClientExchange.OnFlushed.
func (x *clientExchange) onFlushed(f func(message.ClientExchange, error)) {
	if f == nil {
		panic("h2: bug: OnFlushed without a callback")
	}
	x.pins++
	x.client.callbacks.Await(transit.Mark{X: x, What: transit.CallFlushed, Position: x.position(), F: f})
}
