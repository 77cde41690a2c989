package extract

import (
	"go/ast"
	"maps"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/automaton"
)

// at is the automaton after its shortest way to state k, in an input that
// begins some octets earlier: so no position is 0, and one that was forgotten
// shows.
func (c *checker) at(k int) (ref *reference, in []byte) { return c.behind(k, "earlier") }

func (c *checker) behind(k int, before string) (ref *reference, in []byte) {
	ref, in = c.reference(), with([]byte(before), c.ma.DFA.States[k].Path...)
	for i := len(before); i < len(in); i++ {
		ref.step(in, i)
	}
	ref.records, ref.events = nil, nil
	ref.whole = len(in) == len(before)
	for _, y := range c.ma.Yields {
		if y.Keyword != "" && k != 0 && c.ma.Input != "value" {
			ref.regs[y.ID] = 99 // no word's id, so that one that was forgotten shows
		}
	}
	return ref, in
}

// live are the states that have a label.
func (c *checker) live(yield func(k int, ref *reference, in []byte)) {
	for k := range c.ma.DFA.States {
		if _, ok := c.labels[label(k)]; ok && len(c.errs) == 0 {
			ref, in := c.at(k)
			yield(k, ref, in)
		}
	}
}

// with is in followed by more, in memory of its own.
func with(in []byte, more ...byte) []byte {
	return append(append(make([]byte, 0, len(in)+len(more)), in...), more...)
}

// edges reads the edges: in each state every octet, and the end of the input;
// from the label, and by calling the machine again. Where a state stands for
// its twin too, all short inputs over the octets that differ are read.
func (c *checker) edges() {
	c.live(func(k int, ref *reference, in []byte) {
		again := c.ma.Input != "value"
		c.compare(ref, in, len(in), false)
		if again {
			c.compare(ref, in, len(in), true)
		}
		for o := 0; o < 256 && len(c.errs) == 0; o++ {
			next := with(in, byte(o))
			c.compare(ref, next, len(in), false)
			if again {
				c.compare(ref, next, len(in), true)
			}
		}
		if k == 0 && !again { // and a value from the beginning
			ref, in := c.behind(0, "")
			for o := range 256 {
				c.compare(ref, with(in, byte(o)), 0, true)
			}
		}
		c.numbers(k, ref, in)
		c.far(k)
		if k == 0 && c.ma.Input == "value" {
			c.words(ref, in, []byte(", a;=\"5\x00"), 3)
		}
		if c.isTwin(k) {
			c.words(ref, in, c.different(k), 4)
		}
	})
}

// ended calls the machine again after it was done, and after it has failed.
func (c *checker) ended() {
	if c.ma.Input == "value" {
		return
	}
	for i, want := range []string{"message.Done", "message.Failed"} {
		ref, in := c.at(0)
		r, _ := c.begin(ref, with(in, []byte("GET / HTTP/1.1")...), len(in), true, c.unlimited())
		r.put("m.state", uint64(len(c.ma.DFA.States)+i))
		if _, err := r.execute(0); err != nil || !slices.Equal(r.ret, []string{"0", want}) {
			c.errorf("called again after the end, it returns %v, expected 0 and %s (%v)", r.ret, want, err)
		}
	}
}

// numbers reads digits where the number is about to pass its largest value.
func (c *checker) numbers(k int, ref *reference, in []byte) {
	s := &c.ma.DFA.States[k]
	for o := range 256 {
		e, ok := s.Edge(byte(o))
		if !ok || len(c.errs) > 0 {
			continue
		}
		for _, op := range e.Digits {
			y := c.ma.Yields[op.Arg]
			most := (y.Max - min(digit(byte(o)), y.Max)) / uint64(y.Base)
			for _, v := range []uint64{most, most + 1, most - min(most, 1), y.Max} {
				f := ref.clone()
				f.regs[op.Reg] = v
				c.compare(f, with(in, byte(o)), len(in), false)
			}
		}
	}
}

// far reads one octet of each edge far behind the beginning of the input, where
// a position that was cut to 16 bits shows.
func (c *checker) far(k int) {
	if c.ma.Input == "stream" {
		return // it counts in its own 32 bits
	}
	ref, in := c.behind(k, strings.Repeat("earlier", 10_001))
	s := &c.ma.DFA.States[k]
	for i := range s.Out {
		c.compare(ref, with(in, s.On(i).First()), len(in), false)
	}
	for _, y := range c.ma.Yields { // and one word of each quick way
		if y.Keyword != "" && c.begins(k, y.Start) {
			for _, behind := range []string{": ", " ", "\r\n"} {
				line := c.m.KeywordSet(y.Keyword).Words[0].Text + behind + strings.Repeat("more ", 8)
				c.compare(ref, with(in, []byte(line)...), len(in), false)
			}
		}
	}
}

// different is one octet of each class that the automaton tells apart around a
// state and its twin.
func (c *checker) different(v int) (out []byte) {
	seen := map[[2]int]bool{}
	w := v
	for s, t := range c.merged {
		if t == v {
			w = s
		}
	}
	for o := 0; o < 256; o++ {
		key := [2]int{c.ma.DFA.States[v].Edges[o], c.ma.DFA.States[w].Edges[o]}
		if !seen[key] {
			seen[key] = true
			out = append(out, byte(o))
		}
	}
	return out
}

func (c *checker) words(ref *reference, in, alphabet []byte, n int) {
	var rec func(tail []byte)
	rec = func(tail []byte) {
		if len(c.errs) > 0 {
			return
		}
		c.compare(ref, with(in, tail...), len(in), false)
		if len(tail) == n {
			return
		}
		for _, o := range alphabet {
			rec(with(tail, o))
		}
	}
	rec(nil)
}

// quick reads the quick ways of each state that has one.
func (c *checker) quick() {
	c.live(func(k int, ref *reference, in []byte) {
		bulk, words := c.looksAhead(k)
		if bulk {
			c.lanes(k, ref, in)
		}
		if words {
			c.keywords(k, ref, in)
		}
	})
}

// looksAhead says whether the code of a state looks at more than one octet: in
// a loop, or once.
func (c *checker) looksAhead(k int) (bulk, words bool) {
	for i := c.labels[label(k)]; i < len(c.fn.Body.List); i++ {
		st := c.fn.Body.List[i]
		if l, ok := st.(*ast.LabeledStmt); ok {
			if i > c.labels[label(k)] && stateLabel.MatchString(l.Label.Name) {
				return bulk, words
			}
			st = l.Stmt
		}
		ast.Inspect(st, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.ForStmt:
				if n.Cond != nil && ahead(n.Cond) {
					bulk = true
				}
			case *ast.IfStmt:
				words = words || ahead(n.Cond)
			}
			return true
		})
	}
	return bulk, words
}

func ahead(e ast.Expr) bool { return strings.Contains(render(e), "i <= end - ") }

// lanes reads a bulk scan: among octets that it goes through, every octet in
// every lane, at every offset from the end of the input.
func (c *checker) lanes(k int, ref *reference, in []byte) {
	loop := c.ma.DFA.States[k].On(c.ma.DFA.States[k].Edges[loopOctet(c, k)])
	fillers := []byte{loop.First(), 'a', 0x7e}
	if loop.Has(0xff) {
		fillers = append(fillers, 0x80, 0xff)
	}
	for _, fill := range fillers {
		if !loop.Has(fill) {
			continue
		}
		body := make([]byte, 70)
		for i := range body {
			body[i] = fill
		}
		for o := 0; o < 256; o++ {
			for lane := 0; lane < 34; lane++ {
				if len(c.errs) > 0 {
					return
				}
				if fill != 'a' && lane%8 > 1 && lane < 30 {
					continue // the other fillers: the edges of each word
				}
				line := with(in, body...)
				line[len(in)+lane] = byte(o)
				c.compare(ref, line, len(in), false)
				if o%16 == 13 { // and every length of the input
					for cut := lane; cut < 36; cut++ {
						c.compare(ref, line[:len(in)+cut], len(in), false)
					}
				}
			}
		}
	}
}

// loopOctet is an octet on which a state stays.
func loopOctet(c *checker, k int) byte {
	s := &c.ma.DFA.States[k]
	for _, o := range []byte("a!0/") {
		if e, ok := s.Edge(o); ok && e.To == k {
			return o
		}
	}
	return 'a'
}

// limits reads what happens when a limit is passed: where the limited element
// ends, and where the machine stops.
func (c *checker) limits() {
	if c.ma.Input == "value" {
		return
	}
	c.live(func(k int, ref *reference, in []byte) {
		s := &c.ma.DFA.States[k]
		for o := 0; o < 256; o++ {
			e, ok := s.Edge(byte(o))
			if !ok {
				continue
			}
			for _, op := range e.Ops {
				c.limit(k, ref, with(in, byte(o)), len(in), op, k)
			}
			if t := &c.ma.DFA.States[e.To]; t.Final && len(t.Out) == 0 {
				for _, op := range t.End {
					c.limit(k, ref, with(in, byte(o)), len(in), op, e.To)
				}
			}
			break
		}
		for o := range s.Edges {
			if e, ok := s.Edge(byte(o)); ok && len(e.Ops) > 0 && len(c.errs) == 0 {
				for _, op := range e.Ops {
					c.limit(k, ref, with(in, byte(o)), len(in), op, k)
				}
			}
		}
	})
	if len(c.errs) == 0 {
		c.stops()
	}
}

// limit runs one edge with a limit that its op finds passed, and with one that
// it doesn't. The op is of the edge, or if to is another state, of the end of
// input there.
func (c *checker) limit(k int, ref *reference, in []byte, at int, op automaton.Op, to int) {
	name, why, count := "", uint64(0), uint64(0)
	where, pos := k, at
	switch op.Kind {
	case automaton.Check:
		f := ref.clone()
		f.step(in, at)
		end := at
		if to != k {
			end++ // the element ends with the input
			where, pos = to, end
		}
		name, why, count = c.ma.Limits[op.Arg].Name, uint64(3+op.Arg), uint64(end)-f.regs[op.Reg]
	case automaton.Record:
		if c.ma.RecordLimit == nil {
			return
		}
		name, why = c.ma.RecordLimit.Name, uint64(3+len(c.ma.Limits))
		count = 1
	default:
		return
	}
	for _, pass := range []bool{false, true} {
		if pass && count == 0 {
			continue
		}
		limits := maps.Clone(c.unlimited())
		limits[name] = count
		if pass {
			limits[name] = count - 1
		}
		r, start := c.begin(ref, in, at, false, limits)
		label, err := r.execute(start)
		if err != nil {
			c.errorf("state %d, limit %s: %v", k, name, err)
			return
		}
		stopped := label == nil && r.stop != nil && r.stop.why == why
		if stopped && (!c.same(int(r.stop.state), where) || r.stop.at != uint64(pos)) {
			c.errorf("state %d: limit %s stops as %+v", k, name, *r.stop)
		}
		if stopped != pass {
			c.errorf("state %d: an element of %d passes limit %s of %d: %v, expected %v", k, count, name, limits[name], stopped, pass)
		}
	}
}

// stops runs the method stop: a limit that was passed before the place counts.
func (c *checker) stops() {
	var err error
	if c.stop, err = c.s.program(c.typ + ".stop"); err != nil {
		c.errorf("%v", err)
		return
	}
	for k := range c.ma.DFA.States {
		s := &c.ma.DFA.States[k]
		for n := range c.ma.Limits {
			for _, other := range []uint64{0, 3, 8} {
				for _, why := range []uint64{0, 1} {
					c.stopOnce(k, s, n, other, why)
				}
			}
		}
	}
}

// stopOnce runs stop at octet 20 with every element begun at octet 10; limit n
// is 5, the others are 7 more than other.
func (c *checker) stopOnce(k int, s *automaton.State, n int, other, why uint64) {
	r := &c.again
	r.start(c.stop, map[string]uint64{})
	r.put("state", uint64(k))
	r.put("why", why)
	r.put("at", 20)
	for _, name := range []string{"m.at", "m.state", "m.in", "m.why"} {
		r.put(name, 0)
	}
	r.put("m.octet", 7)
	at, want := uint64(20), why
	for i, l := range c.ma.Limits {
		// Elements begin one after the other.
		start := uint64(6 + 2*i)
		r.put("m."+lower(l.Name)+"Start", start)
		r.limits[l.Name] = 7 + other
		if i == n {
			r.limits[l.Name] = 5
		}
		for _, reg := range s.Open {
			if end := start + r.limits[l.Name]; reg == l.Start && end < at {
				at, want = end, uint64(3+i)
			}
		}
	}
	if _, err := r.execute(0); err != nil {
		c.errorf("stop: %v", err)
		return
	}
	state, failed := uint64(k), uint64(len(c.ma.DFA.States)+1)
	if want != 0 {
		state = failed
	}
	bad := r.get("m.at") != at || r.get("m.state") != state
	if want != 0 {
		bad = bad || r.get("m.why") != want || r.get("m.in") != uint64(k) || want >= 3 && r.get("m.octet") != 0 && int16(r.get("m.octet")) != -1
		bad = bad || r.ret[0] != "message.Failed"
	} else {
		bad = bad || r.ret[0] != "message.More" || r.get("m.why") != 0
	}
	if bad {
		c.errorf("stop in state %d: at %d, why %d, state %d, returns %v; expected at %d, why %d", k, r.get("m.at"), r.get("m.why"), r.get("m.state"), r.ret, at, want)
	}
}
