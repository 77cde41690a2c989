package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
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
}

// jumpWord is one keyword of a jump, with the numbers that its digits make.
type jumpWord struct {
	Keyword
	numbers map[automaton.Reg]uint64
}

// planJump finds the jump that begins in state k: one edge of k begins a span
// that is looked up, and every keyword of at most 15 octets is read from
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
			return j
		}
	}
	return nil
}

// tryWord walks the automaton along a keyword and adds it to the jump if it
// fits.
func (p *machineEmitter) tryWord(j *jumpPlan, w Keyword) {
	if len(w.Text) > 15 {
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

// jumpByHash prints a search for the octet behind the keyword in the next
// sixteen octets, and one look in a hash table without collisions.
func (p *machineEmitter) jumpByHash(g *jen.Group, j *jumpPlan) {
	name := p.jumpTable(j)
	find := func(w string) []jen.Code {
		// t = w ^ 0x3a3a3a3a3a3a3a3a
		// t = (t - 0x0101010101010101) &^ t & 0x8080808080808080
		return []jen.Code{
			jen.Id("t").Op("=").Id(w).Op("^").Add(hex(ones * uint64(j.after))),
			jen.Id("t").Op("=").Parens(jen.Id("t").Op("-").Add(hex(ones))).Op("&^").Id("t").Op("&").Add(hex(highs)),
		}
	}
	mask := func(w string) jen.Code {
		// w &= (t&-t)<<1 - 1: the octets up to the lowest mark, with the one
		// behind the word: without it, zeros behind a word would be taken for
		// nothing
		return jen.Id(w).Op("&=").Parens(jen.Id("t").Op("&").Op("-").Id("t")).Op("<<").Lit(1).Op("-").Lit(1)
	}
	tz := jen.Qual("math/bits", "TrailingZeros64").Call(jen.Id("t")).Op(">>").Lit(3)
	two := j.two()
	fold := func(w string) *jen.Statement {
		if j.yield.set.Fold {
			return jen.Parens(jen.Id(w).Op("|").Add(hex(ones * 0x20)))
		}
		return jen.Id(w)
	}
	g.If(room(8)).BlockFunc(func(g *jen.Group) {
		g.Id("w").Op(":=").Add(load8(0))
		g.Var().Id("t").Uint64()
		var length *jen.Statement
		if two {
			g.Var().Id("x").Uint64()
			g.Id("k").Op(":=").Id("i")
			for _, c := range find("w") {
				g.Add(c)
			}
			g.If(jen.Id("t").Op("!=").Lit(0)).Block(
				mask("w"),
				jen.Id("k").Op("+=").Add(tz),
			).Else().If(jen.Id("i").Op("<=").Id("end").Op("-").Lit(16)).BlockFunc(func(g *jen.Group) {
				g.Id("x").Op("=").Add(load8(8))
				for _, c := range find("x") {
					g.Add(c)
				}
				g.Add(mask("x"))
				g.Id("k").Op("+=").Lit(8).Op("+").Add(tz)
			})
			length = jen.Id("k")
		} else {
			for _, c := range find("w") {
				g.Add(c)
			}
			g.Add(mask("w"))
		}
		h := fold("w").Op("*").Add(hex(j.mulW()))
		if two {
			h = jen.Parens(h.Op("^").Add(fold("x")).Op("*").Add(hex(j.mulX())))
		} else {
			h = jen.Parens(h)
		}
		g.Id("e").Op(":=").Op("&").Id(name).Index(h.Op(">>").Lit(64 - j.bits()))
		cond := jen.Id("t").Op("!=").Lit(0).Op("&&")
		eq := func(w string) *jen.Statement {
			if j.yield.set.Fold {
				return jen.Id(w).Op("|").Id("e").Dot(w + "fold").Op("==").Id("e").Dot(w)
			}
			return jen.Id(w).Op("==").Id("e").Dot(w)
		}
		cond.Add(eq("w"))
		if two {
			cond.Op("&&").Add(eq("x"))
		}
		g.If(cond).BlockFunc(func(g *jen.Group) {
			p.ops(g, j.from, j.begin)
			if length != nil {
				g.Id("i").Op("=").Add(length)
			} else {
				g.Id("i").Op("+=").Add(tz)
			}
			p.jumpEnd(g, j, jen.Id("e").Dot("id"))
		})
	})
}

// The hash is (w*mulW ^ x*mulX) >> (64 - bits). hash searches multipliers
// without collisions, always in the same order.
func (j *jumpPlan) bits() int    { b, _, _ := j.hash(); return b }
func (j *jumpPlan) mulW() uint64 { _, w, _ := j.hash(); return w }
func (j *jumpPlan) mulX() uint64 { _, _, x := j.hash(); return x }
func (j *jumpPlan) key(w, x uint64) (uint64, uint64) {
	if j.yield.set.Fold {
		return w | ones*0x20, x | ones*0x20
	}
	return w, x
}

var hashes = map[string][3]uint64{}

func (j *jumpPlan) hash() (bits int, mulW, mulX uint64) {
	var id strings.Builder
	for _, w := range j.words {
		fmt.Fprint(&id, w.Text, " ")
	}
	if h, ok := hashes[id.String()]; ok {
		return int(h[0]), h[1], h[2]
	}
	seed := uint64(1)
	next := func() uint64 { // splitmix64
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return (z ^ z>>31) | 1
	}
	for bits = 3; ; bits++ {
		if 1<<bits < 2*len(j.words) {
			continue
		}
		for range 200000 {
			mulW, mulX = next(), next()
			seen := make([]bool, 1<<bits)
			ok := true
			for _, w := range j.words {
				h := j.slot(w.Text, bits, mulW, mulX)
				if seen[h] {
					ok = false
					break
				}
				seen[h] = true
			}
			if ok {
				hashes[id.String()] = [3]uint64{uint64(bits), mulW, mulX}
				return bits, mulW, mulX
			}
		}
	}
}

// slot is where a keyword goes in the table.
func (j *jumpPlan) slot(text string, bits int, mulW, mulX uint64) uint64 {
	w, x := j.words2(text)
	w, x = j.key(w, x)
	if !j.two() {
		return w * mulW >> (64 - bits)
	}
	return (w*mulW ^ x*mulX) >> (64 - bits)
}

// two says whether some keyword needs a second word.
func (j *jumpPlan) two() bool {
	return slices.ContainsFunc(j.words, func(w jumpWord) bool { return len(w.Text) > 7 })
}

// words2 is a keyword, with the octet behind it, as two words.
func (j *jumpPlan) words2(text string) (w, x uint64) {
	text += string(rune(j.after))
	if j.yield.set.Fold {
		text = strings.ToLower(text)
	}
	return pack(text[:min(8, len(text))]), pack(text[min(8, len(text)):])
}

// jumpTable prints the table of a jump, once for all states that use it.
func (p *machineEmitter) jumpTable(j *jumpPlan) string {
	name := p.low + exported(j.yield.set.Name) + "Jumps"
	if slices.Contains(p.tables, name) {
		return name
	}
	p.tables = append(p.tables, name)
	bits, mulW, mulX := j.hash()
	set := j.yield.set
	two := j.two()
	entries := make([]*jumpWord, 1<<bits)
	for i := range j.words {
		entries[j.slot(j.words[i].Text, bits, mulW, mulX)] = &j.words[i]
	}
	p.after = append(p.after, func() {
		doc(p.f, fmt.Sprintf("%s finds a %s by a hash without collisions: the octets of the name in w and x, the first one lowest, with 0x20 in the lanes of letters in wfold and xfold.", name, set.Name))
		p.f.Var().Id(name).Op("=").Index(jen.Lit(1 << bits)).StructFunc(func(g *jen.Group) {
			members := []jen.Code{jen.Id("w")}
			if set.Fold {
				members = append(members, jen.Id("wfold"))
			}
			if two {
				members = append(members, jen.Id("x"))
				if set.Fold {
					members = append(members, jen.Id("xfold"))
				}
			}
			g.List(members...).Uint64()
			g.Id("id").Add(p.qual(p.keywordRoom(set), keywordType(set)))
		}).ValuesFunc(func(g *jen.Group) {
			for i, e := range entries {
				if e == nil {
					// No name matches: one with octets in x has fewer than eight
					// there, and one without has fewer than eight in w.
					last := "w"
					if two {
						last = "x"
					}
					g.Line().Lit(i).Op(":").Values(jen.Id(last).Op(":").Add(hex(1<<64 - 1)))
					continue
				}
				w, x := j.words2(e.Text)
				v := []jen.Code{hex(w)}
				text := e.Text
				if set.Fold {
					v = append(v, hex(folds(text[:min(8, len(text))])))
				}
				if two {
					v = append(v, hex(x))
					if set.Fold {
						v = append(v, hex(folds(text[min(8, len(text)):])))
					}
				}
				v = append(v, p.wordID(j, *e))
				g.Line().Lit(i).Op(":").Values(v...)
			}
			g.Line()
		})
		p.f.Line()
	})
	return name
}
