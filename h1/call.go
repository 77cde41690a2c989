package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

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

// callbacks are those of one connection, of a server or a client.
type callbacks struct {
	calls    []call
	callsDue int64 // when there is a turn for the calls that the last one left; 0 for none
	marks    []mark
}

// call is a callback that is due. It pins its exchange.
type call struct {
	x    party
	what callKind
	f    any // the function, if it is the call's own
	err  error
}

// party is an exchange, of a server or a client, to whoever calls back.
type party interface {
	// run calls back, and lets no panic through.
	run(c call)
	// over is that a call has been had. Its pin ends.
	over()
	// overErr is what Wait would return, nil while it would wait.
	overErr() error
	// isTaken says whether the flow has taken the octets before a position,
	// isLost whether it never will take what it hasn't, and lostErr why.
	isTaken(position uint64) bool
	isLost() bool
	lostErr() error
}

type callKind uint8

const (
	callServe      callKind = iota // the inline handler
	callContent                    // stored content, to a callback that was resumed
	callContentEnd                 // the last call of a content callback
	callFlushed                    // f is a func(message.Exchange, error)
	callOver                       // the same
	callDone                       // f is a func(error)
)

// mark is a place in a message whose passing somebody waits for, or the end of
// the exchange.
type mark struct {
	x        party
	what     callKind // callFlushed or callOver
	position uint64   // for callFlushed
	f        any
}

// later makes c be called at the end of the turn. Its pin is taken already.
func (s *callbacks) later(c call) { s.calls = append(s.calls, c) }

// runCalls calls what is due, the first most of it, and returns how much that
// was.
func (s *callbacks) runCalls(most int) int {
	n := min(most, len(s.calls))
	for i := range n {
		c := s.calls[i]
		s.calls[i] = call{}
		c.x.run(c)
		c.x.over()
	}
	k := copy(s.calls, s.calls[n:])
	clear(s.calls[k:])
	s.calls = s.calls[:k]
	return n
}

// over implements party.
func (x *exchange) over() {
	x.pins--
	x.settleDebt()
	x.release()
}

// leaveCalls makes the next turn come soon if this one leaves calls. A
// connection that is over has no more turns: there each call is had but those
// of callbacks that ask again for what they have been told.
func (s *callbacks) leaveCalls(h engine.Host, isDone bool) {
	s.callsDue = 0
	if len(s.calls) == 0 {
		return
	}
	if !isDone {
		now, _ := h.Now()
		s.callsDue = now + 1
		return
	}
	for i := 0; i < len(s.calls); i++ {
		c := s.calls[i]
		if c.what != callFlushed {
			c.x.run(c)
		}
		c.x.over()
	}
	clear(s.calls)
	s.calls = s.calls[:0]
	for _, m := range s.marks {
		m.x.over()
	}
	clear(s.marks)
	s.marks = s.marks[:0]
}

// run implements party.
func (x *exchange) run(c call) {
	defer x.containCall(c.what)
	switch c.what {
	case callServe:
		x.server.service.Handler.Serve((*inTurn)(x))
	case callContent:
		x.isPaused = false
		x.deliverStored()
	case callStored:
		x.deliverStored()
	case callContentEnd:
		x.notifyEnd(c.err)
	case callOver:
		x.watches--
		fallthrough
	case callFlushed:
		c.f.(func(message.Exchange, error))((*inTurn)(x), c.err)
	case callDone:
		c.f.(func(error))(c.err)
	}
}

// call implements recipient.
func (x *exchange) call(p []byte, err error) (n int) {
	defer x.contain()
	return x.onContent.(message.ContentFunc)((*inTurn)(x), p, err)
}

// contain is deferred around what an application does in a turn. After a panic
// the answer is 500, or the connection is cut if the response has begun.
func (x *exchange) contain() {
	if v := recover(); v != nil {
		x.panicked(v)
	}
}

// containCall is contain, for a call that has ended by its panic: it holds the
// exchange no more.
func (x *exchange) containCall(what callKind) {
	v := recover()
	switch {
	case v == nil:
	case what == callServe:
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
func (s *callbacks) sweep() {
	if len(s.marks) == 0 {
		return
	}
	kept := s.marks[:0]
	for _, m := range s.marks {
		switch {
		case m.what == callOver:
			if err := m.x.overErr(); err != nil {
				s.later(call{x: m.x, what: callOver, f: m.f, err: err})
			} else {
				kept = append(kept, m)
			}
		case m.x.isTaken(m.position):
			s.later(call{x: m.x, what: callFlushed, f: m.f})
		case m.x.isLost():
			s.later(call{x: m.x, what: callFlushed, f: m.f, err: m.x.lostErr()})
		default:
			kept = append(kept, m)
		}
	}
	clear(s.marks[len(kept):])
	s.marks = kept
}

// isLost implements party.
func (x *exchange) isLost() bool { return x.server.isGone || x.isDropped }

// lostErr implements party.
func (x *exchange) lostErr() error {
	if x.server.isGone {
		return x.server.gone()
	}
	return x.cause
}

// returned and lost are for segments that the output is done with: the flow has
// taken them, or never will.
func (s *callbacks) returned(g *segment) {
	if g.done != nil {
		s.later(call{x: g.x, what: callDone, f: g.done})
	}
}

func (s *callbacks) lost(g *segment) {
	if g.done != nil {
		s.later(call{x: g.x, what: callDone, f: g.done, err: g.x.lostErr()})
	}
}
