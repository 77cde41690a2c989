package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// What the application is told by callback: see transit.Callbacks.

var _ transit.Party = (*exchange)(nil)

// Over implements transit.Party.
func (x *exchange) Over() {
	x.pins--
	if x.isEnded && !x.isRunning {
		x.adopt()
	}
	x.settleDebt()
	x.release()
}

// Run implements transit.Party.
func (x *exchange) Run(c transit.Call) {
	defer x.containCall(c.What)
	switch c.What {
	case transit.CallServe:
		if !x.isEnded { // by a client that doesn't want what was promised
			x.server.service.Handler.Serve((*inTurn)(x))
		}
	case transit.CallContent:
		x.IsPaused = false
		x.deliverStored()
	case transit.CallStored:
		x.deliverStored()
	case transit.CallContentEnd:
		x.NotifyEnd(x, c.Err)
	case transit.CallOver:
		x.watches--
		fallthrough
	case transit.CallFlushed:
		c.F.(func(message.Exchange, error))((*inTurn)(x), c.Err)
	case transit.CallDone:
		c.F.(func(error))(c.Err)
	}
}

// contain is deferred around what an application does in a turn. After a panic
// the answer is 500, or the stream is reset if the response has begun.
func (x *exchange) contain() {
	if v := recover(); v != nil {
		x.panicked(v)
	}
}

// containCall is contain, for a call that has ended by its panic: it holds the
// exchange no more.
func (x *exchange) containCall(what transit.CallKind) {
	v := recover()
	switch {
	case v == nil:
	case what == transit.CallServe && x.isServing:
		x.isServing = false
		x.panicked(v)
	default:
		x.pins--
		x.panicked(v)
		x.pins++
	}
}

// panicked is that a handler or callback of x panicked with v.
func (x *exchange) panicked(v any) {
	s := x.server
	s.tellPanic(v)
	x.OnContent = nil
	switch x.said {
	case HTTP2MessageHead:
		s.answer(x, message.ErrPanicked, message.StatusInternalServerError)
	case HTTP2MessageContent:
		x.fail(message.ErrPanicked, frames.CodeInternalError)
	}
}

// tellPanic calls OnPanic. That it panics itself is told to nobody.
func (s *Server) tellPanic(v any) {
	if s.service.OnPanic != nil {
		defer func() { _ = recover() }()
		s.service.OnPanic(v)
	}
}
