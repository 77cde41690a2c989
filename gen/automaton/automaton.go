// Package automaton compiles grammars to minimal deterministic automata with
// tags, and answers questions about the languages that they accept.
//
// Nouns: an [NFA] is a grammar with its actions, as Thompson built them; a
// [DFA] is the minimal automaton of it, whose edges carry [Op]s; a [Reg] is a
// register, such as the start of a span. An op on an edge is done at the
// position before the octet that the edge consumes, so an automaton decides
// with one octet of lookahead and never goes back.
//
// There is one register for each tag. A grammar for which that is not enough,
// because two readings of the same octets are both still possible and would
// need different values, is refused, and so is one with two readings that end
// with different values and no preference between them.
package automaton

import (
	"github.com/specht-http/specht/gen/abnf"
)

// Frame is where in the grammar a state is: a chain of rules, innermost first.
type Frame struct {
	Rule   string // the rule's name
	Source string // its section
	Marked bool   // a table names it, so that errors may
	Node   any    // the element of the grammar, as the caller knows it
	Parent *Frame
}

// OpKind says what an op does.
type OpKind uint8

// The kinds of ops.
const (
	SetReg  OpKind = iota + 1 // register := position
	Zero                      // register := 0 (a number before its first digit)
	Digit                     // register := register*base + digit; on the edge that consumes the digit
	Mark                      // register := 1
	Keyword                   // register := id of the keyword between two registers
	Record                    // append a record
	Event                     // raise an event
	Check                     // a limited element ends: compare its length with its limit
)

// Reg is the index of a register in an NFA.
type Reg int

// Op is one action on an edge.
type Op struct {
	Kind OpKind
	Reg  Reg // the register that is set, or the start of what Check counts
	Arg  int // what the kind needs: an index into the caller's list of yields or limits
}

// Register describes a register to the compiler.
type Register struct {
	Name string
	// Lax registers hold something of use only on readings that set them, such
	// as a number; a reading that doesn't may leave anything in them.
	Lax bool
	// Scope registers are cleared by Check: they are the starts of elements
	// whose length is limited.
	Scope bool
}

type stateKind uint8

const (
	charState stateKind = iota
	splitState
	opState
	acceptState
)

type nfaState struct {
	kind  stateKind
	next  int
	alts  []int // of a split, preferred first
	fork  int   // of a split: index into forks
	op    Op
	set   abnf.Set
	label string // what is expected here, for errors
	frame *Frame
	digit []Op // Digit ops done when the octet is consumed
}

// fork is a place where the grammar leaves a choice.
type fork struct {
	preferred bool
	where     string
}

// NFA is built back to front: each method takes the state that comes after
// and returns the state that comes before.
type NFA struct {
	states []nfaState
	forks  []fork
	regs   []Register
	start  int
	accept int
}

// NewNFA is an NFA with an accepting state and nothing else.
func NewNFA() *NFA {
	n := &NFA{}
	n.accept = n.add(nfaState{kind: acceptState})
	n.start = n.accept
	return n
}

// Accept is the accepting state.
func (n *NFA) Accept() int { return n.accept }

// SetStart says where the automaton begins.
func (n *NFA) SetStart(s int) { n.start = s }

// Register adds a register.
func (n *NFA) Register(r Register) Reg {
	n.regs = append(n.regs, r)
	return Reg(len(n.regs) - 1)
}

func (n *NFA) add(s nfaState) int {
	n.states = append(n.states, s)
	return len(n.states) - 1
}

// Char consumes one octet of the set.
func (n *NFA) Char(set abnf.Set, label string, frame *Frame, digit []Op, next int) int {
	return n.add(nfaState{kind: charState, set: set, label: label, frame: frame, digit: digit, next: next})
}

// Do does an op.
func (n *NFA) Do(op Op, next int) int {
	return n.add(nfaState{kind: opState, op: op, next: next})
}

// Split goes on at one of alts. With preferred, alts are in the order of
// preference; otherwise a choice that shows in the registers is an error that
// names where.
func (n *NFA) Split(alts []int, preferred bool, where string) int {
	n.forks = append(n.forks, fork{preferred, where})
	return n.add(nfaState{kind: splitState, alts: alts, fork: len(n.forks) - 1})
}

// Patch lets a loop be closed: it sets the alternatives of a split.
func (n *NFA) Patch(split int, alts []int) { n.states[split].alts = alts }

// Bare takes all ops away: what is left is the language.
func (n *NFA) Bare() {
	n.regs = nil
	for i := range n.states {
		s := &n.states[i]
		s.digit = nil
		if s.kind == opState {
			n.forks = append(n.forks, fork{})
			*s = nfaState{kind: splitState, alts: []int{s.next}, fork: len(n.forks) - 1}
		}
	}
}

// liveness computes for each state and register whether the register's value
// may still be read from there: at a keyword, a record, an event, a check, or
// at the end.
func (n *NFA) liveness() [][]bool {
	live := make([][]bool, len(n.states))
	for i := range live {
		live[i] = make([]bool, len(n.regs))
	}
	for r, reg := range n.regs {
		live[n.accept][r] = !reg.Scope
	}
	for changed := true; changed; {
		changed = false
		for i := range n.states {
			s := &n.states[i]
			for r := range n.regs {
				v := live[i][r]
				switch s.kind {
				case charState:
					v = v || live[s.next][r]
				case splitState:
					for _, a := range s.alts {
						v = v || live[a][r]
					}
				case opState:
					v = v || n.reads(s.op, Reg(r)) || !s.op.writes(Reg(r)) && live[s.next][r]
				}
				if v != live[i][r] {
					live[i][r], changed = v, true
				}
			}
		}
	}
	return live
}

func (o Op) writes(r Reg) bool {
	switch o.Kind {
	case SetReg, Zero, Mark, Keyword, Check:
		return o.Reg == r
	}
	return false
}

// reads says whether the op looks at the register. Which spans a keyword, a
// record or an event is about is the caller's to know, so they look at all.
func (n *NFA) reads(o Op, r Reg) bool {
	switch o.Kind {
	case Check:
		return o.Reg == r
	case Keyword:
		return o.Reg != r && !n.regs[r].Scope
	}
	return o.effect() && !n.regs[r].Scope
}

// effect says whether the op does something that can't be undone or redone.
func (o Op) effect() bool { return o.Kind == Record || o.Kind == Event }
