package h1

import "github.com/specht-http/specht/message"

// tellEnd calls OnEnd, whose panic is told as that of a handler is.
func (x *exchange) tellEnd() {
	s := x.server
	if s.service.OnEnd == nil {
		return
	}
	defer func() {
		if v := recover(); v != nil {
			s.tellPanic(v)
		}
	}()
	s.service.OnEnd((*inTurn)(x), x.summary())
}

// summary is what has become of the exchange.
func (x *exchange) summary() message.Summary {
	now, _ := x.server.host.Now()
	m := message.Summary{Status: x.response.status, ContentOctets: x.response.written, DurationNs: now - x.since, Err: x.err()}
	if x.response.framing == framingNone { // it was measured, and not sent
		m.ContentOctets = 0
	}
	if m.Err == message.ErrOver {
		m.Err = nil
	}
	return m
}
