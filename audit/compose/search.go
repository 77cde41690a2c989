package compose

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
)

// Pair is two machines that read one stream.
type Pair struct {
	A, B *Machine
	// MostConfigs is how many pairs are looked at before the search gives up. 0 means
	// 2,000,000.
	MostConfigs int

	walksAll bool // pairs that agree, too: for tests
}

// Found is a stream on which both accept a message that begins with its first octet,
// and end it at different octets.
type Found struct {
	Stream     []byte
	EndA, EndB string // see EndOn
}

// Result is what a search came to.
type Result struct {
	Found *Found // or nil
	// IsComplete is that all was looked at: there is no such stream, in this model.
	IsComplete bool
	Visited    int // pairs
	Agree      int // pairs of which nothing can come, that weren't walked on
	Heads      int // states of a head that both read alike; 0 if they don't
	Cut        int // branches that ended at a number which isn't explored
}

// both are the numbers of two Configs.
type both struct{ a, b int32 }

// walked are the pairs that were come to, in the order in which they are walked from.
type walked struct {
	ids   map[both]int32
	pairs []both
	from  []int32 // the pair before, or of those that are begun with, -1 - the number of the octets that lead there
	by    []byte  // the octet that led there
	heads [][]byte
}

// add adds a pair if it isn't there.
func (w *walked) add(at both, from int32, o byte) {
	if _, ok := w.ids[at]; ok {
		return
	}
	w.ids[at] = int32(len(w.pairs))
	w.pairs, w.from, w.by = append(w.pairs, at), append(w.from, from), append(w.by, o)
}

// Desync looks for the shortest stream on which the two end a message at different
// octets. Each message begins in the same state, whatever stood before it, so one
// message is enough.
func (p *Pair) Desync() Result {
	most := p.MostConfigs
	if most == 0 {
		most = 2_000_000
	}
	each := placesOf(common(p.A, p.B))
	r := Result{IsComplete: true}
	w := p.begin(&r)
	g := p.agree()
	var next []choice
	for i := 0; i < len(w.pairs); i++ {
		if len(w.pairs) > most {
			r.IsComplete = false
			break
		}
		if !p.walksAll && p.agrees(g, w.pairs[i]) {
			r.Agree++
			continue
		}
		next = p.choices(next[:0], w.pairs[i])
		for _, c := range next {
			switch c.verdict {
			case goesOn:
				w.add(c.to, int32(i), automaton.Readable[c.on.First()])
			case cutOff:
				r.Cut += c.on.Intersect(each).Len()
			case apart:
				if r.Found = p.found(w, int32(i), automaton.Readable[c.on.First()]); r.Found != nil {
					r.Visited = len(w.pairs)
					return r
				}
			}
		}
	}
	r.Visited = len(w.pairs)
	return r
}

// choice is what comes of some octets to a pair.
type choice struct {
	on      abnf.Set // their places
	to      both
	verdict verdict
}

// choices is what may come of a pair, in the order of the octets, without what nothing
// comes of.
func (p *Pair) choices(all []choice, at both) []choice {
	waysA, waysB := p.A.from(at.a), p.B.from(at.b)
	for i := range waysA {
		for k := range waysB {
			on := waysA[i].on.Intersect(waysB[k].on)
			if on.Empty() {
				continue
			}
			to, verdict := p.judge(p.A.lead(waysA[i].to), p.B.lead(waysB[k].to))
			if verdict != stuck {
				all = append(all, choice{on, to, verdict})
			}
		}
	}
	if p.A.counts(at.a) && p.B.counts(at.b) {
		for i := range all {
			all[i].on = abnf.Of(0) // one octet is as good as another
		}
	}
	slices.SortFunc(all, func(c, d choice) int { return int(c.on.First()) - int(d.on.First()) })
	return all
}

// begin are the pairs that are walked from, with the octets that lead there: the
// beginning, or the ends of all heads if both read heads alike.
func (p *Pair) begin(r *Result) *walked {
	w := &walked{ids: map[both]int32{}}
	if !p.afterHeads(w, r) {
		w = &walked{ids: map[both]int32{}, heads: [][]byte{{}}}
		w.add(both{p.A.id(p.A.Start()), p.B.id(p.B.Start())}, -1, 0)
	}
	return w
}

// afterHeads begins behind the heads; it is false if they aren't read alike, or if the
// two part at the end of one.
func (p *Pair) afterHeads(w *walked, r *Result) bool {
	if !p.A.sameHead(p.B) {
		return false
	}
	l := p.A.leave()
	starts := map[both][]byte{}
	for _, e := range l.exits {
		to, verdict := p.judge(p.A.lead(e.to), p.B.behind(p.A.heads.exits[toExit-e.to]))
		switch _, isKnown := starts[to]; {
		case verdict == apart || verdict == cutOff:
			return false
		case verdict == goesOn && !isKnown:
			starts[to] = e.stream
		}
	}
	r.Cut, r.Heads = l.cut, l.heads
	order := slices.Collect(maps.Keys(starts))
	slices.SortFunc(order, func(a, b both) int {
		return cmp.Or(len(starts[a])-len(starts[b]), bytes.Compare(starts[a], starts[b]), int(a.a-b.a), int(a.b-b.b))
	})
	for i, at := range order {
		w.heads = append(w.heads, starts[at])
		w.add(at, -1-int32(i), 0)
	}
	return true
}

// counts says whether all octets are alike there.
func (c *Machine) counts(id int32) bool {
	return id == ended || id&inBody != 0 && c.machine(c.config(id).part) == nil
}

// isUnbounded says whether more octets are counted there than are walked through.
func (c *Machine) isUnbounded(id int32) bool {
	if id == ended || id&inBody == 0 {
		return false
	}
	n := &c.config(id).count
	return n.huge > 0 || n.toEnd
}

// verdict is what came of an octet to a pair.
type verdict uint8

const (
	goesOn verdict = iota
	apart          // they have ended apart, or will
	stuck          // nothing more comes of it
	cutOff
)

// judge says what comes of a pair whose two sides were led to a and b.
func (p *Pair) judge(a, b int32) (both, verdict) {
	switch {
	case a == toRefused || b == toRefused:
		return both{}, stuck
	case a == toCut || b == toCut:
		return both{}, cutOff
	case a == toEnded && b == toEnded:
		return both{}, stuck // together, and so is what follows
	}
	to := both{max(a, ended), max(b, ended)}
	switch {
	case to.a == ended && to.b == ended:
		return to, apart
	case to.a == ended && p.B.isUnbounded(to.b), to.b == ended && p.A.isUnbounded(to.a):
		return to, apart
	case p.A.isUnbounded(to.a) && p.B.isUnbounded(to.b):
		if p.A.config(to.a).count == p.B.config(to.b).count {
			return to, stuck // both count the same, of which nothing can be told
		}
		return to, apart
	}
	return to, goesOn
}

// found builds the stream that leads to a pair; nil if both count on to the same
// octet after all.
func (p *Pair) found(w *walked, at int32, o byte) *Found {
	f := &Found{Stream: []byte{o}}
	for ; w.from[at] >= 0; at = w.from[at] {
		f.Stream = append(f.Stream, w.by[at])
	}
	slices.Reverse(f.Stream)
	f.Stream = slices.Concat(w.heads[-1-w.from[at]], f.Stream)
	f.EndA, f.EndB = p.A.EndOn(f.Stream), p.B.EndOn(f.Stream)
	if f.EndA == f.EndB {
		return nil
	}
	return f
}

// EndOn says where the first message of a stream ends, in octets from its beginning
// and in words: a number, or "the end of input".
func (c *Machine) EndOn(stream []byte) string {
	at := c.id(c.Start())
	counting := 0 // where the content begins that is counted
	for i, o := range stream {
		to := c.follow(at, o)
		switch {
		case to == toEnded:
			return fmt.Sprint("octet ", i+1)
		case to == toCut:
			return fmt.Sprintf("cut at octet %d, at a number that isn't explored", i+1)
		case to < 0:
			return fmt.Sprintf("refused at octet %d", i+1)
		}
		if !c.isUnbounded(at) {
			counting = i + 1
		}
		at = to
	}
	cfg := c.config(at)
	switch {
	case cfg.count.toEnd:
		return "the end of input"
	case cfg.count.huge > 0:
		n := c.numerals[c.seq.Parts[cfg.part].Count.Base].vals[cfg.count.huge-1]
		return fmt.Sprint("octet ", new(big.Int).Add(n, big.NewInt(int64(counting))))
	}
	return "not in these octets"
}
