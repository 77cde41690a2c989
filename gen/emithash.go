package gen

import (
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"
)

// wordHash is a table of keywords that is looked up by a hash without
// collisions. The octets of a word, with the one behind it, are taken as
// numbers of eight octets each: w, and where there are longer words x, or x, y
// and z.
type wordHash struct {
	jump  *jumpPlan
	name  string // of the table
	words []jumpWord
	loads []string // the names of the numbers
	bits  int
	muls  []uint64 // for each number
}

// jumpByHash prints a search for the octet behind the keyword in the next
// sixteen octets, then in sixteen more, and one look in a table for each.
func (p *machineEmitter) jumpByHash(g *jen.Group, j *jumpPlan) {
	short, long := p.hashes(j)
	g.If(room(8)).BlockFunc(func(g *jen.Group) {
		g.Id("w").Op(":=").Add(load8(0))
		g.Var().Id("t").Uint64()
		g.Id("k").Op(":=").Id("i")
		find(g, "w", j.after)
		if len(short.loads) == 1 {
			mask(g, "w", 0)
		} else {
			// if t != 0 {
			//	w &= (t&-t)<<1 - 1
			//	k = i + bits.TrailingZeros64(t)>>3
			// } else if i <= end-16 {
			//	x = …
			// }
			g.Var().Id("x").Uint64()
			g.If(jen.Id("t").Op("!=").Lit(0)).BlockFunc(func(g *jen.Group) {
				mask(g, "w", 0)
			}).Else().If(jen.Id("i").Op("<=").Id("end").Op("-").Lit(16)).BlockFunc(func(g *jen.Group) {
				g.Id("x").Op("=").Add(load8(8))
				find(g, "x", j.after)
				mask(g, "x", 8)
			})
		}
		// if t != 0 {
		//	…
		// } else if b[i] != '\r' && i <= end-32 {
		//	y := …
		found := jen.If(jen.Id("t").Op("!=").Lit(0)).BlockFunc(func(g *jen.Group) { p.lookUp(g, short) })
		if long == nil {
			g.Add(found)
			return
		}
		cond := jen.Null()
		for _, c := range p.delimiters(j) {
			cond.Byte().Call(jen.Id("w")).Op("!=").Add(octet(c)).Op("&&")
		}
		g.Add(found).Else().If(cond.Id("i").Op("<=").Id("end").Op("-").Lit(32)).BlockFunc(func(g *jen.Group) {
			g.Id("y").Op(":=").Add(load8(16))
			g.Var().Id("z").Uint64()
			find(g, "y", j.after)
			g.If(jen.Id("t").Op("!=").Lit(0)).BlockFunc(func(g *jen.Group) {
				mask(g, "y", 16)
			}).Else().BlockFunc(func(g *jen.Group) {
				g.Id("z").Op("=").Add(load8(24))
				find(g, "z", j.after)
				mask(g, "z", 24)
			})
			g.If(jen.Id("t").Op("!=").Lit(0)).BlockFunc(func(g *jen.Group) { p.lookUp(g, long) })
		})
	})
}

// delimiters are the octets that are waited for beside words, each on an edge
// of its own: there is no need to search a word there.
func (p *machineEmitter) delimiters(j *jumpPlan) (out []byte) {
	s := &p.ma.DFA.States[j.from]
	for o := range s.Out {
		if on := s.On(o); on.Len() == 1 && o != int(s.Edges[j.words[0].Text[0]]) {
			out = append(out, on.First())
		}
	}
	return out
}

// find prints the search for an octet in eight: the lowest mark in t is at the
// first one.
func find(g *jen.Group, word string, octet byte) {
	// t = w ^ 0x3a3a3a3a3a3a3a3a
	// t = (t - 0x0101010101010101) &^ t & 0x8080808080808080
	g.Id("t").Op("=").Id(word).Op("^").Add(hex(ones * uint64(octet)))
	g.Id("t").Op("=").Parens(jen.Id("t").Op("-").Add(hex(ones))).Op("&^").Id("t").Op("&").Add(hex(highs))
}

// mask prints how what is behind the lowest mark is taken off the word. The
// octet at the mark stays: without it, zeros behind a word would be taken for
// nothing. If there is no mark, everything stays.
func mask(g *jen.Group, word string, off int) {
	// w &= (t&-t)<<1 - 1
	// k = i + 8 + bits.TrailingZeros64(t)>>3
	g.Id(word).Op("&=").Parens(jen.Id("t").Op("&").Op("-").Id("t")).Op("<<").Lit(1).Op("-").Lit(1)
	k := jen.Id("i")
	if off > 0 {
		k.Op("+").Lit(off)
	}
	g.Id("k").Op("=").Add(k).Op("+").Qual("math/bits", "TrailingZeros64").Call(jen.Id("t")).Op(">>").Lit(3)
}

// lookUp prints one look in a table for the word from i to k, and what is done
// if it is there, or if it is another word.
func (p *machineEmitter) lookUp(g *jen.Group, h *wordHash) {
	j := h.jump
	cond := jen.Null()
	for i, w := range h.loads {
		if i > 0 {
			cond.Op("&&")
		}
		cond.Id(w)
		if j.yield.set.Fold {
			cond.Op("|").Id("e").Dot(w + "fold")
		}
		cond.Op("==").Id("e").Dot(w)
	}
	// e := &requestHeadFieldNameJumps[((w|0x2020…)*0x… ^ (x|0x2020…)*0x…)>>57]
	// if w|e.wfold == e.w && x|e.xfold == e.x {
	g.Id("e").Op(":=").Op("&").Id(h.name).Index(h.sum().Op(">>").Lit(64 - h.bits))
	g.If(cond).BlockFunc(func(g *jen.Group) {
		p.ops(g, j.from, j.begin)
		g.Id("i").Op("=").Id("k")
		p.jumpEnd(g, j, jen.Id("e").Dot("id"))
	})
	if j.other.Empty() {
		return
	}
	// n := i
	// for requestHeadOctets[b[n]]&1 != 0 {
	//	n++ // as far as k at most
	// }
	// if n == k && n > i {
	g.Id("n").Op(":=").Id("i")
	g.For(p.lookup(jen.Id("b").Index(jen.Id("n")), j.other).Op("!=").Lit(0)).Block(jen.Id("n").Op("++").Comment("// as far as k at most"))
	g.If(jen.Id("n").Op("==").Id("k").Op("&&").Id("n").Op(">").Id("i")).BlockFunc(func(g *jen.Group) {
		p.ops(g, j.from, j.begin)
		g.Id("i").Op("=").Id("k")
		set := j.yield.set
		p.jumpEnd(g, j, p.qual(p.keywordRoom(set), keywordType(set)+"Other"))
	})
}

// sum is the hash before its highest bits are taken.
func (h *wordHash) sum() *jen.Statement {
	s := jen.Null()
	for i, w := range h.loads {
		if i > 0 {
			s.Op("^")
		}
		if h.jump.yield.set.Fold {
			s.Parens(jen.Id(w).Op("|").Add(hex(ones * 0x20)))
		} else {
			s.Id(w)
		}
		s.Op("*").Add(hex(h.muls[i]))
	}
	return jen.Parens(s)
}

// hashes are the tables of a jump: of words that fill at most two numbers with
// the octet behind them, and of longer ones, or nil. They are printed once for
// all states that use them.
func (p *machineEmitter) hashes(j *jumpPlan) (short, long *wordHash) {
	names := []string{"w", "x", "y", "z"}
	var words [2][]jumpWord
	longest := 0
	for _, w := range j.words {
		n := 0
		if len(w.Text) > 15 {
			n = 1
		} else {
			longest = max(longest, len(w.Text))
		}
		words[n] = append(words[n], w)
	}
	name := p.low + exported(j.yield.set.Name)
	n := 2
	if longest < 8 && len(words[1]) == 0 {
		n = 1
	}
	short = p.hash(j, name+"Jumps", words[0], names[:n])
	if len(words[1]) > 0 {
		long = p.hash(j, name+"LongJumps", words[1], names)
	}
	return short, long
}

// hash searches multipliers without collisions, always in the same order.
func (p *machineEmitter) hash(j *jumpPlan, name string, words []jumpWord, loads []string) *wordHash {
	for _, h := range p.hashed {
		if h.name == name {
			return &wordHash{j, name, words, loads, h.bits, h.muls}
		}
	}
	seed := uint64(1)
	next := func() uint64 { // splitmix64
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return (z ^ z>>31) | 1
	}
	h := &wordHash{jump: j, name: name, words: words, loads: loads, bits: 3, muls: make([]uint64, len(loads))}
	all := make([][]uint64, len(words))
	for i, w := range words {
		all[i] = h.folded(w.Text)
	}
	for ; ; h.bits++ {
		if 1<<h.bits < 2*len(words) {
			continue
		}
		for range 200000 {
			for i := range h.muls {
				h.muls[i] = next()
			}
			if !h.collides(all) {
				p.hashed = append(p.hashed, h)
				p.after = append(p.after, func() { p.hashTable(h) })
				return h
			}
		}
	}
}

// collides says whether two of the words, given as numbers, have the same slot.
func (h *wordHash) collides(words [][]uint64) bool {
	seen := make([]bool, 1<<h.bits)
	for _, w := range words {
		s := h.slot(w)
		if seen[s] {
			return true
		}
		seen[s] = true
	}
	return false
}

// slot is where a keyword goes in the table, given as folded numbers.
func (h *wordHash) slot(folded []uint64) (sum uint64) {
	for i, w := range folded {
		sum ^= w * h.muls[i]
	}
	return sum >> (64 - h.bits)
}

// folded are the numbers of a keyword, as they are hashed.
func (h *wordHash) folded(text string) []uint64 {
	out := h.numbers(text)
	for i := range out {
		if h.jump.yield.set.Fold {
			out[i] |= ones * 0x20
		}
	}
	return out
}

// octets is a part of a word for each number.
func (h *wordHash) octets(text string) (out []string) {
	for i := range h.loads {
		out = append(out, text[min(8*i, len(text)):min(8*i+8, len(text))])
	}
	return out
}

// numbers is a keyword, with the octet behind it.
func (h *wordHash) numbers(text string) (out []uint64) {
	text += string(rune(h.jump.after))
	if h.jump.yield.set.Fold {
		text = strings.ToLower(text)
	}
	for _, s := range h.octets(text) {
		out = append(out, pack(s))
	}
	return out
}

// hashTable prints a table.
func (p *machineEmitter) hashTable(h *wordHash) {
	set := h.jump.yield.set
	entries := make([]*jumpWord, 1<<h.bits)
	for i := range h.words {
		entries[h.slot(h.folded(h.words[i].Text))] = &h.words[i]
	}
	var members []jen.Code
	for _, w := range h.loads {
		members = append(members, jen.Id(w))
		if set.Fold {
			members = append(members, jen.Id(w+"fold"))
		}
	}
	last := len(h.loads) - 1
	in, folds := strings.Join(h.loads[:last], ", ")+" and "+h.loads[last], "with 0x20 in the lanes of letters in those named fold."
	if last == 0 {
		in = h.loads[0]
	}
	doc(p.f, fmt.Sprintf("%s finds a %s by a hash without collisions: the octets of the name in %s, the first one lowest, %s", h.name, set.Name, in, folds))
	p.f.Var().Id(h.name).Op("=").Index(jen.Lit(1<<h.bits)).Struct(
		jen.List(members...).Uint64(),
		jen.Id("id").Add(p.qual(p.keywordRoom(set), keywordType(set))),
	).ValuesFunc(func(g *jen.Group) {
		for i, e := range entries {
			if e == nil {
				// No word matches: where one has octets in the last number, it has
				// the octet behind it there too.
				g.Line().Lit(i).Op(":").Values(jen.Id(h.loads[last]).Op(":").Add(hex(1<<64 - 1)))
				continue
			}
			g.Line().Lit(i).Op(":").Values(p.hashEntry(h, e)...)
		}
		g.Line()
	})
	p.f.Line()
}

// hashEntry is one element of a table.
func (p *machineEmitter) hashEntry(h *wordHash, e *jumpWord) (v []jen.Code) {
	letters := h.octets(e.Text)
	for i, n := range h.numbers(e.Text) {
		v = append(v, hex(n))
		if h.jump.yield.set.Fold {
			v = append(v, hex(folds(letters[i])))
		}
	}
	return append(v, p.wordID(h.jump, *e))
}
