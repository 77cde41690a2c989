package transit

import "github.com/specht-http/specht/engine"

// What an application is told by callback happens at the end of a turn, when
// the engine is at rest; content alone goes up at once, since it is lent by the
// driver. A panic goes no further than here.
//
// What is due when a turn ends is called. A call may ask for another one that
// is due at once, such as OnFlushed behind content that isn't sent: these are
// called too, up to ChainedMax of them. What is left then has a turn of its own
// soon, by Deadline, so that other connections have theirs in between.

// ChainedMax is how many calls of one turn may come of its other calls.
const ChainedMax = 64

// Callbacks are those of one connection, of a server or a client.
type Callbacks struct {
	calls []Call
	marks []Mark
	// Due is when there is a turn for the calls that the last one left; 0 for
	// none.
	Due int64
}

// Call is a callback that is due. It pins its exchange.
type Call struct {
	X    Party
	What CallKind
	F    any // the function, if it is the call's own
	Err  error
}

// Party is an exchange, of a server or a client, to whoever calls back.
type Party interface {
	// Run calls back, and lets no panic through.
	Run(c Call)
	// Over is that a call has been had. Its pin ends.
	Over()
	// OverErr is what Wait would return, nil while it would wait.
	OverErr() error
	// IsTaken says whether the flow has taken the octets before a position,
	// IsLost whether it never will take what it hasn't, and LostErr why.
	IsTaken(position uint64) bool
	IsLost() bool
	LostErr() error
}

// CallKind is what a Call calls.
type CallKind uint8

// The kinds. F is a func(message.Exchange, error) or, of a client, a
// func(message.ClientExchange, error), where nothing else is said.
const (
	CallServe      CallKind = iota // the inline handler; there is no F
	CallContent                    // stored content, to a callback that was resumed; there is no F
	CallStored                     // the same, to one that is new, or content that has ended
	CallContentEnd                 // the last call of a content callback; there is no F
	CallFlushed                    // OnFlushed's callback
	CallOver                       // OnOver's callback
	CallResponse                   // OnResponse's callback; Err is why there is no response
	CallDone                       // F is a func(error)
)

// Mark is a place in a message whose passing somebody waits for, or the end of
// the exchange.
type Mark struct {
	X        Party
	What     CallKind // CallFlushed, CallDone or CallOver
	Position uint64   // for CallFlushed and CallDone
	F        any
}

// Later makes c be called at the end of the turn. Its pin is taken already.
func (s *Callbacks) Later(c Call) { s.calls = append(s.calls, c) }

// Await makes a call of m when it is passed, or never will be. Its pin is taken
// already.
func (s *Callbacks) Await(m Mark) { s.marks = append(s.marks, m) }

// IsEmpty says whether nothing is due and nobody waits.
func (s *Callbacks) IsEmpty() bool { return len(s.calls)+len(s.marks) == 0 }

// Run calls what is due at the end of a turn, and what follows from that: until
// nothing does, or until callbacks have gone on asking for callbacks for long
// enough. settle brings the exchanges to where their states say.
func (s *Callbacks) Run(settle func()) {
	s.Sweep()
	for budget := len(s.calls) + ChainedMax; len(s.calls) > 0 && budget > 0; {
		budget -= s.runSome(budget)
		settle()
		s.Sweep()
	}
}

// runSome calls what is due, the first most of it, and returns how much that
// was.
func (s *Callbacks) runSome(most int) int {
	n := min(most, len(s.calls))
	for i := range n {
		c := s.calls[i]
		s.calls[i] = Call{}
		c.X.Run(c)
		c.X.Over()
	}
	k := copy(s.calls, s.calls[n:])
	clear(s.calls[k:])
	s.calls = s.calls[:k]
	return n
}

// Leave makes the next turn come soon if this one leaves calls. A
// connection that is over has no more turns: there each call is had, whether or
// not Run was called before, but those of callbacks that ask again and again for
// what they have been told.
func (s *Callbacks) Leave(h engine.Host, isDone bool) {
	s.Due = 0
	if len(s.calls) == 0 {
		return
	}
	if !isDone {
		now, _ := h.Now()
		s.Due = now + 1
		return
	}
	s.Run(func() {})
	for i := 0; i < len(s.calls); i++ {
		c := s.calls[i]
		if c.What != CallFlushed {
			c.X.Run(c)
		}
		c.X.Over()
	}
	clear(s.calls)
	s.calls = s.calls[:0]
	for _, m := range s.marks {
		m.X.Over()
	}
	clear(s.marks)
	s.marks = s.marks[:0]
}

// Sweep makes calls of the marks that are passed, and of all that never will
// be.
func (s *Callbacks) Sweep() {
	if len(s.marks) == 0 {
		return
	}
	kept := s.marks[:0]
	for _, m := range s.marks {
		switch {
		case m.What == CallOver:
			if err := m.X.OverErr(); err != nil {
				s.Later(Call{X: m.X, What: CallOver, F: m.F, Err: err})
			} else {
				kept = append(kept, m)
			}
		case m.X.IsTaken(m.Position):
			s.Later(Call{X: m.X, What: m.What, F: m.F})
		case m.X.IsLost():
			s.Later(Call{X: m.X, What: m.What, F: m.F, Err: m.X.LostErr()})
		default:
			kept = append(kept, m)
		}
	}
	clear(s.marks[len(kept):])
	s.marks = kept
}

// Returned is for segments that the output is done with: the flow has taken
// them.
func (s *Callbacks) Returned(g *Segment) {
	if g.done != nil {
		s.Later(Call{X: g.x, What: CallDone, F: g.done})
	}
}

// AwaitTaken is for segments that were copied into an output, whose octets the
// flow has taken at this position of its party.
func (s *Callbacks) AwaitTaken(g *Segment, position uint64) {
	if g.done != nil {
		s.Await(Mark{X: g.x, What: CallDone, Position: position, F: g.done})
	}
}

// Lost is for segments that the flow never will take.
func (s *Callbacks) Lost(g *Segment) {
	if g.done != nil {
		s.Later(Call{X: g.x, What: CallDone, F: g.done, Err: g.x.LostErr()})
	}
}

// Emptied are callbacks of nobody with the memory of these, which are empty: for
// another connection. Memory for more than most of them is let go.
func (s *Callbacks) Emptied(most int) Callbacks {
	return Callbacks{calls: Emptied(s.calls, most), marks: Emptied(s.marks, most)}
}

// Trim lets the memory go that a connection at rest doesn't need.
func (s *Callbacks) Trim() {
	if s.IsEmpty() {
		s.calls, s.marks = nil, nil
	}
}
