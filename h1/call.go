package h1

import "github.com/specht-http/specht/message"

// What an application is told by callback happens at the end of a turn, when
// the engine is at rest; content alone goes up at once, since it is lent by the
// driver. A panic goes no further than here.
//
// What is due when a turn ends is called. A call may ask for another one that
// is due at once, such as OnFlushed behind content that isn't sent: these are
// called too, up to chainedMax of them. What is left then has a turn of its own
// soon, by Deadline, so that other connections have theirs in between.

// chainedMax is how many calls of one turn may come of its other calls.
const chainedMax = 64

// call is a callback that is due. It pins its exchange.
type call struct {
	x       *exchange
	what    callKind
	flushed func(message.Exchange, error)
	done    func(error)
	err     error
}

type callKind uint8

const (
	callServe      callKind = iota // the inline handler
	callContent                    // stored content, to a callback that was resumed
	callContentEnd                 // the last call of a content callback
	callFlushed
	callDone
)

// mark is a place in a response whose passing somebody waits for.
type mark struct {
	x        *exchange
	position uint64
	flushed  func(message.Exchange, error)
}

// later makes c be called at the end of the turn. Its pin is taken already.
func (s *Server) later(c call) { s.calls = append(s.calls, c) }

// runCalls calls what is due, the first most of it, and returns how much that
// was.
func (s *Server) runCalls(most int) int {
	n := min(most, len(s.calls))
	for i := range n {
		c := s.calls[i]
		s.calls[i] = call{}
		s.run(c)
		s.over(c)
	}
	k := copy(s.calls, s.calls[n:])
	clear(s.calls[k:])
	s.calls = s.calls[:k]
	return n
}

// over is that a call has been had. Its pin ends.
func (s *Server) over(c call) {
	c.x.pins--
	c.x.settleDebt()
	c.x.release()
}

// leaveCalls makes the next turn come soon if this one leaves calls. A
// connection that is over has no more turns: there each call is had but those
// of callbacks that ask again for what they have been told.
func (s *Server) leaveCalls() {
	s.callsDue = 0
	if len(s.calls) == 0 {
		return
	}
	if !s.isDone() {
		now, _ := s.host.Now()
		s.callsDue = now + 1
		return
	}
	for i := 0; i < len(s.calls); i++ {
		c := s.calls[i]
		if c.what != callFlushed {
			s.run(c)
		}
		s.over(c)
	}
	clear(s.calls)
	s.calls = s.calls[:0]
	for _, m := range s.marks {
		m.x.pins--
		m.x.release()
	}
	clear(s.marks)
	s.marks = s.marks[:0]
}

// run calls one callback.
func (s *Server) run(c call) {
	defer c.x.contain()
	switch c.what {
	case callServe:
		s.service.Handler.Serve((*inTurn)(c.x))
	case callContent:
		c.x.isPaused = false
		c.x.deliverStored()
	case callContentEnd:
		c.x.notifyEnd(c.err)
	case callFlushed:
		c.flushed((*inTurn)(c.x), c.err)
	case callDone:
		c.done(c.err)
	}
}

// call calls the content callback.
func (x *exchange) call(p []byte, err error) (n int) {
	defer x.contain()
	return x.onContent((*inTurn)(x), p, err)
}

// contain is deferred around what an application does in a turn. After a panic
// the answer is 500, or the connection is cut if the response has begun.
func (x *exchange) contain() {
	if v := recover(); v != nil {
		x.panicked(v)
	}
}

// panicked is that a handler or callback of x panicked with v.
func (x *exchange) panicked(v any) {
	s := x.server
	s.tellPanic(v)
	x.onContent = nil
	switch x.response.Direction {
	case ResponseDirectionIdle:
		s.answer(x, ErrPanicked, message.StatusInternalServerError)
	case ResponseDirectionContent:
		x.fail(ErrPanicked)
	}
}

// tellPanic calls OnPanic. That it panics itself is told to nobody.
func (s *Server) tellPanic(v any) {
	if s.service.OnPanic != nil {
		defer func() { _ = recover() }()
		s.service.OnPanic(v)
	}
}

// sweep makes calls of the marks that are passed, and of all that never will
// be.
func (s *Server) sweep() {
	if len(s.marks) == 0 {
		return
	}
	kept := s.marks[:0]
	for _, m := range s.marks {
		switch {
		case m.x.isTaken(m.position):
			s.later(call{x: m.x, what: callFlushed, flushed: m.flushed})
		case m.x.isLost():
			s.later(call{x: m.x, what: callFlushed, flushed: m.flushed, err: m.x.lostErr()})
		default:
			kept = append(kept, m)
		}
	}
	clear(s.marks[len(kept):])
	s.marks = kept
}

// isLost says whether the flow will never take what it hasn't.
func (x *exchange) isLost() bool { return x.server.isGone || x.isDropped }

// lostErr is why.
func (x *exchange) lostErr() error {
	if x.server.isGone {
		return x.server.gone()
	}
	return x.cause
}

// returned and lost are for segments that the output is done with: the flow has
// taken them, or never will.
func (s *Server) returned(g *segment) {
	if g.done != nil {
		s.later(call{x: g.x, what: callDone, done: g.done})
	}
}

func (s *Server) lost(g *segment) {
	if g.done != nil {
		s.later(call{x: g.x, what: callDone, done: g.done, err: g.x.lostErr()})
	}
}
