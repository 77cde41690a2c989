package gen

import (
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
)

// foldRule is the rule that folds a line (RFC 9112, Section 5.2). What an
// option makes of it takes two things that grammar can't say: the record of a
// line that may be folded is made one octet behind the line (below), and
// whoever reads the head gets values without folds (emitvariant.go).
const foldRule = "fold"

// folds says whether a variant has alternatives of a rule that read folds.
func (ma *Machine) folds(r *abnf.Rule) (yes bool) {
	for _, def := range ma.extras[r] {
		walk(def, func(n abnf.Node) {
			ref, ok := n.(*abnf.Ref)
			yes = yes || ok && ref.Name == foldRule
		})
	}
	return yes
}

// foldsAny says whether a variant reads folded lines.
func (ma *Machine) foldsAny() bool {
	for r := range ma.extras {
		if ma.folds(r) {
			return true
		}
	}
	return false
}

// late are the records that are made where a sequence ends, and not where its
// first element does, for that may go on behind what ends it: a field line may
// behind its CRLF, if it is folded. The octet behind the sequence decides.
func (c *compiler) late(n *abnf.Seq, s scope) (records []*Yield) {
	if c.ma == nil || len(n.Parts) < 2 {
		return nil
	}
	ref, ok := n.Parts[0].(*abnf.Ref)
	if !ok {
		return nil
	}
	r, err := c.m.Grammar.Lookup(s.space, ref.Name, ref.At)
	if err != nil || c.m.notes[r] == nil || !c.ma.folds(r) {
		return nil
	}
	for _, y := range c.m.notes[r].yields {
		if y.Record {
			records = append(records, y)
		}
	}
	return records
}

// recordLate makes records.
func (c *compiler) recordLate(records []*Yield, s scope, next int) int {
	for _, y := range records {
		next = c.nfa.Do(automaton.Op{Kind: automaton.Record, Arg: c.index(c.bind(y, s.record))}, next)
	}
	return next
}

// hoist says that something else makes these records, or no longer.
func (c *compiler) hoist(records []*Yield, elsewhere bool) {
	for _, y := range records {
		if c.hoisted == nil {
			c.hoisted = map[*Yield]bool{}
		}
		c.hoisted[y] = elsewhere
	}
}
