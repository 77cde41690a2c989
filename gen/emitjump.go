package gen

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
)

// jumpPlan is the quick way from a state over a keyword and the octet behind
// it. It does at once what the automaton does on the way.
type jumpPlan struct {
	yield *Bound
	from  int
	after byte // the octet behind the keyword
	to    int
	words []jumpWord
	begin []automaton.Op // done before the first octet
	final []automaton.Op // done before the octet behind the keyword
	other abnf.Set       // octets of words that are not keywords, if they are jumped over too
}

// jumpWord is one keyword of a jump, with the numbers that its digits make.
type jumpWord struct {
	Keyword
	numbers map[automaton.Reg]uint64
}

// planJump finds the jump that begins in state k: one edge of k begins a span
// that is looked up, and every keyword of at most 31 octets is read from
// there to one and the same state.
func (p *machineEmitter) planJump(k int) *jumpPlan {
	if p.ma.Input != "window" {
		return nil
	}
	for _, b := range p.ma.Yields {
		if b.set == nil {
			continue
		}
		j := &jumpPlan{yield: b, from: k, to: -1}
		for _, w := range b.set.Words {
			p.tryWord(j, w)
		}
		if len(j.words) > 0 {
			p.findOther(j)
			return j
		}
	}
	return nil
}

// tryWord walks the automaton along a keyword and adds it to the jump if it
// fits.
func (p *machineEmitter) tryWord(j *jumpPlan, w Keyword) {
	if len(w.Text) > 31 {
		return
	}
	at := j.from
	word := jumpWord{Keyword: w, numbers: map[automaton.Reg]uint64{}}
	var begin []automaton.Op
	for i := range len(w.Text) {
		e, ok := p.ma.DFA.States[at].Edge(w.Text[i])
		if !ok {
			return
		}
		for _, op := range e.Ops {
			switch {
			case op.Kind == automaton.Zero:
				word.numbers[op.Reg] = 0
			case op.Kind == automaton.SetReg && i == 0:
				begin = append(begin, op)
			default:
				return
			}
		}
		for _, op := range e.Digits {
			base := uint64(p.ma.Yields[op.Arg].Base)
			word.numbers[op.Reg] = word.numbers[op.Reg]*base + digitOf(w.Text[i])
		}
		at = e.To
	}
	begins := false
	for _, op := range begin {
		begins = begins || op.Reg == j.yield.Start
	}
	if !begins {
		return
	}
	// The one octet behind it on which the keyword is looked up.
	s := &p.ma.DFA.States[at]
	after := -1
	var edge automaton.Edge
	for c := range 256 {
		e, ok := s.Edge(byte(c))
		if !ok || !slices.ContainsFunc(e.Ops, func(o automaton.Op) bool { return o.Kind == automaton.Keyword && o.Reg == j.yield.ID }) {
			continue
		}
		if after >= 0 {
			return
		}
		after, edge = c, e
	}
	if after < 0 || len(edge.Digits) > 0 {
		return
	}
	if len(j.words) > 0 && (j.to != edge.To || int(j.after) != after || !slices.Equal(j.begin, begin) || !slices.Equal(j.final, edge.Ops)) {
		return
	}
	j.to, j.after, j.begin, j.final = edge.To, byte(after), begin, edge.Ops
	j.words = append(j.words, word)
}

// findOther finds whether words that are not keywords can be jumped over: if
// all keywords are in the jump, so that a word which it doesn't find is none;
// if every word begins as the keywords do, and goes on in one state that does
// nothing; and if the octet behind it does what it does behind a keyword.
func (p *machineEmitter) findOther(j *jumpPlan) {
	d := p.ma.DFA
	first := d.States[j.from].Edges[j.words[0].Text[0]]
	e := d.States[j.from].Out[first]
	if len(j.words) != len(j.yield.set.Words) || !slices.Equal(e.Ops, j.begin) || len(e.Digits) > 0 {
		return
	}
	set := d.States[j.from].On(first)
	next := &d.States[e.To]
	self := p.plan[e.To].self
	if self < 0 || next.On(self) != set || set.Has(j.after) {
		return
	}
	behind, ok := next.Edge(j.after)
	if ok && behind.To == j.to && slices.Equal(behind.Ops, j.final) && len(behind.Digits) == 0 {
		j.other = set
	}
}

func digitOf(c byte) uint64 {
	if c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' {
		return uint64(c&15) + 9
	}
	return uint64(c - '0')
}

// pack is up to eight octets as Load8 reads them, zeros behind.
func pack(s string) (w uint64) {
	for i := range len(s) {
		w |= uint64(s[i]) << (8 * i)
	}
	return w
}

// folds has 0x20 in the lanes of letters.
func folds(s string) (f uint64) {
	for i := range len(s) {
		if c := s[i] | 0x20; c >= 'a' && c <= 'z' {
			f |= 0x20 << (8 * i)
		}
	}
	return f
}

// jump prints the quick way over keywords, if the state has one.
func (p *machineEmitter) jump(g *jen.Group, k int) {
	j := p.planJump(k)
	if j == nil {
		return
	}
	if same, n := j.oneLength(); same && n == 8 && !j.yield.set.Fold {
		p.jumpOver8(g, j)
		return
	}
	if j.few() {
		p.jumpByWords(g, j)
		return
	}
	p.jumpByHash(g, j)
}

// few says whether the keywords are few and short enough to be compared one
// after the other. The processor then guesses where the next octet is from
// which keyword it was last time, and need not wait to find out.
func (j *jumpPlan) few() bool {
	for _, w := range j.words {
		if len(w.Text) > 7 || len(w.numbers) > 0 {
			return false
		}
	}
	return len(j.words) <= 12 && !j.yield.set.Fold
}

// jumpByWords prints a comparison with each keyword and the octet behind it.
func (p *machineEmitter) jumpByWords(g *jen.Group, j *jumpPlan) {
	// if i >= 0 && i <= end-8 {
	//	w := uint64(b[i]) | …
	//	switch {
	//	case w&0x00000000ffffffff == 0x0000000020544547: // "GET "
	//		requestLineOctetsStart = uint32(i)
	//		…
	g.If(room(8)).Block(
		jen.Id("w").Op(":=").Add(load8(0)),
		jen.Switch().BlockFunc(func(g *jen.Group) {
			for _, w := range j.words {
				text := w.Text + string(rune(j.after))
				cond := jen.Id("w").Op("==").Add(hex(pack(text)))
				if len(text) < 8 {
					cond = jen.Id("w").Op("&").Add(hex(1<<(8*len(text)) - 1)).Op("==").Add(hex(pack(text)))
				}
				g.Case(cond).Comment(fmt.Sprintf("// %q", text))
				p.ops(g, j.from, j.begin)
				g.Id("i").Op("+=").Lit(len(w.Text))
				p.jumpEnd(g, j, p.wordID(j, w))
			}
		}))
}

func (j *jumpPlan) oneLength() (same bool, n int) {
	n = len(j.words[0].Text)
	for _, w := range j.words {
		if len(w.Text) != n {
			return false, 0
		}
	}
	return true, n
}

// final prints the ops at the octet behind the keyword; the id is known.
func (p *machineEmitter) jumpEnd(g *jen.Group, j *jumpPlan, id *jen.Statement) {
	for _, op := range j.final {
		if op.Kind == automaton.Keyword {
			g.Add(p.reg(op.Reg)).Op("=").Add(id)
			continue
		}
		p.ops(g, j.from, []automaton.Op{op})
	}
	g.Id("i").Op("++")
	p.arrive(g, j.to)
}

// jumpOver8 prints comparisons with keywords of eight octets.
func (p *machineEmitter) jumpOver8(g *jen.Group, j *jumpPlan) {
	// if i >= 0 && i <= end-9 && b[i+8] == '\r' {
	//	switch message.Load8(b[i:]) {
	//	case 0x312e312f50545448: // HTTP/1.1
	//		m.Version.Start = uint32(i)
	//		m.Major = 1
	//		…
	g.If(room(9).Op("&&").Id("b").Index(jen.Id("i").Op("+").Lit(8)).Op("==").Add(octet(j.after))).Block(
		jen.Switch(load8(0)).BlockFunc(func(g *jen.Group) {
			for _, w := range j.words {
				g.Case(hex(pack(w.Text))).Comment("// " + w.Text)
				p.ops(g, j.from, j.begin)
				for _, y := range p.ma.Yields {
					if v, ok := w.numbers[y.Value]; ok && y.Base > 0 {
						g.Add(p.reg(y.Value)).Op("=").Lit(int(v))
					}
				}
				g.Id("i").Op("+=").Lit(8)
				p.jumpEnd(g, j, p.wordID(j, w))
			}
		}))
}

func (p *machineEmitter) wordID(j *jumpPlan, w jumpWord) *jen.Statement {
	set := j.yield.set
	return p.qual(p.keywordRoom(set), keywordType(set)+exported(w.Name))
}
