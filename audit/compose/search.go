package compose

import (
	"bytes"
	"cmp"
	"fmt"
	"math/big"
	"slices"
)

// Pair is two machines that read one stream.
type Pair struct {
	A, B *Machine
	// MostConfigs is how many pairs are looked at before the search gives up. 0 means
	// 2,000,000.
	MostConfigs int
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
	Heads      int // states of a head that both read alike; 0 if they don't
	Cut        int // branches that ended at a number which isn't explored
}

// both are the numbers of two Configs; ended is that one is behind its message.
type both struct{ a, b int32 }

const ended int32 = -1

// step is how a pair was come to.
type step struct {
	from both
	o    byte
}

// Desync looks for the shortest stream on which the two end a message at different
// octets. Each message begins in the same state, whatever stood before it, so one
// message is enough.
func (p *Pair) Desync() Result {
	most := p.MostConfigs
	if most == 0 {
		most = 2_000_000
	}
	octets := common(p.A, p.B)
	r := Result{IsComplete: true}
	came := map[both]step{}
	heads := p.starts(&r)
	queue := make([]both, 0, len(heads))
	for at := range heads {
		queue = append(queue, at)
		came[at] = step{}
	}
	slices.SortFunc(queue, func(a, b both) int { return cmp.Or(len(heads[a])-len(heads[b]), bytes.Compare(heads[a], heads[b])) })
	for ; len(queue) > 0; queue = queue[1:] {
		if len(came) > most {
			r.IsComplete = false
			break
		}
		at := queue[0]
		try := octets
		if p.A.counts(at.a) && p.B.counts(at.b) {
			try = octets[:1] // one is as good as another
		}
		for _, o := range try {
			to, verdict := p.step(at, o)
			if verdict == apart {
				if r.Found = p.found(came, heads, at, o); r.Found != nil {
					r.Visited = len(came)
					return r
				}
				continue
			}
			if verdict == cutOff {
				r.Cut++
			}
			if verdict != goesOn {
				continue
			}
			if _, isKnown := came[to]; !isKnown {
				came[to] = step{at, o}
				queue = append(queue, to)
			}
		}
	}
	r.Visited = len(came)
	return r
}

// starts are the pairs that are walked from, with the octets that lead there: the
// beginning, or the ends of all heads if both read heads alike.
func (p *Pair) starts(r *Result) map[both][]byte {
	heads := map[both][]byte{}
	if !p.A.sameHead(p.B) {
		heads[both{p.A.id(p.A.Start()), p.B.id(p.B.Start())}] = []byte{}
		return heads
	}
	bodies, cut := p.A.bodies()
	r.Cut, r.Heads = cut, len(p.A.configs)
	for _, b := range bodies {
		heads[both{p.A.id(b.cfg), p.B.id(b.cfg)}] = b.stream
	}
	return heads
}

// counts says whether all octets are alike there.
func (c *Machine) counts(id int32) bool { return id == ended || c.machine(c.configs[id].part) == nil }

// isUnbounded says whether more octets are counted there than are walked through.
func (c *Machine) isUnbounded(id int32) bool {
	return id != ended && (c.configs[id].count.huge > 0 || c.configs[id].count.toEnd)
}

// verdict is what came of an octet to a pair.
type verdict uint8

const (
	goesOn verdict = iota
	apart          // they have ended apart, or will
	stuck          // nothing more comes of it
	cutOff
)

// step has both take an octet.
func (p *Pair) step(at both, o byte) (both, verdict) {
	a, b := p.A.take(at.a, o), p.B.take(at.b, o)
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
		if p.A.configs[to.a].count == p.B.configs[to.b].count {
			return to, stuck // both count the same, of which nothing can be told
		}
		return to, apart
	}
	return to, goesOn
}

// take has one side take an octet. Behind its message it takes any.
func (c *Machine) take(id int32, o byte) int32 {
	if id == ended {
		return ended
	}
	return c.go_(id, o)
}

// found builds the stream that leads to a pair; nil if both count on to the same
// octet after all.
func (p *Pair) found(came map[both]step, heads map[both][]byte, at both, o byte) *Found {
	f := &Found{Stream: []byte{o}}
	for ; heads[at] == nil; at = came[at].from {
		f.Stream = append(f.Stream, came[at].o)
	}
	slices.Reverse(f.Stream)
	f.Stream = slices.Concat(heads[at], f.Stream)
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
		to := c.go_(at, o)
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
	cfg := c.configs[at]
	switch {
	case cfg.count.toEnd:
		return "the end of input"
	case cfg.count.huge > 0:
		n := c.numerals[c.seq.Parts[cfg.part].Count.Base].vals[cfg.count.huge-1]
		return fmt.Sprint("octet ", new(big.Int).Add(n, big.NewInt(int64(counting))))
	}
	return "not in these octets"
}
