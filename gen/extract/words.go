package extract

import (
	"bytes"
	"maps"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
)

// keywords reads a jump over words: every word in three spellings, every octet
// of it changed to every other, and every place to cut the input.
func (c *checker) keywords(k int, ref *reference, in []byte) {
	rest := []byte(" /a b HTTP/1.1\r\nHost: x\r\n\r\n")
	for _, y := range c.ma.Yields {
		if y.Keyword == "" || !c.begins(k, y.Start) {
			continue
		}
		set := c.m.KeywordSet(y.Keyword)
		// A second state that jumps over the same words uses the same table.
		first := !c.known[set.Name]
		if c.known == nil {
			c.known = map[string]bool{}
		}
		c.known[set.Name] = true
		for n, w := range set.Words {
			for _, text := range []string{w.Text, strings.ToLower(w.Text), strings.ToUpper(w.Text)} {
				for _, behind := range []byte(": \r\na") {
					line := with(with(in, []byte(text)...), behind)
					line = with(line, rest...)
					c.compare(ref, line, len(in), false)
					if c.keyword(y, []byte(text)) != 0 {
						c.quickly(k, ref, line, len(in), len(text))
						c.quickLimits(k, ref, line, len(in), len(text))
						c.quickly(k, ref, with(with(with(in, []byte(text)...), behind), rest[1:]...), len(in), len(text))
					}
					if behind == 'a' && n >= 4 {
						continue
					}
					if n < 4 || len(text) > 6 && len(text) < 10 || len(text) > 14 {
						for cut := len(in); cut < len(line); cut++ {
							c.compare(ref, line[:cut], len(in), false)
						}
					}
				}
				if text == w.Text {
					c.followed(ref, in, text, rest)
				}
				if text == w.Text && (first || n%8 == 0) {
					c.changed(ref, in, text, rest)
					c.padded(ref, in, text, rest, first)
				}
				if len(c.errs) > 0 {
					return
				}
			}
		}
		if first {
			c.others(k, y, ref, in, rest)
		}
		// What an empty entry of a table could be taken for.
		for n := 0; n < 36; n++ {
			for _, o := range []byte{0, 0xff, ':', ' ', 0x20, 0xdf, 'a', '-'} {
				for _, behind := range []byte(": \r") {
					body := make([]byte, n)
					for i := range body {
						body[i] = o
					}
					c.compare(ref, with(with(with(in, body...), behind), rest...), len(in), false)
				}
			}
		}
	}
}

// padded reads a word with octets put in between it and the octet behind it,
// which a comparison of masked words could take for nothing.
func (c *checker) padded(ref *reference, in []byte, text string, rest []byte, first bool) {
	for _, behind := range []byte(": \r") {
		for n := 1; n < 34; n++ {
			for o := range 256 {
				if len(c.errs) > 0 {
					return
				}
				if o != 0 && o != ' ' && o != 0xff && (n > 1 || !first || behind != ':') || n > 16 && o > 0 {
					continue
				}
				line := with(in, []byte(text)...)
				for range n {
					line = append(line, byte(o))
				}
				c.compare(ref, with(with(line, behind), rest...), len(in), false)
			}
		}
	}
}

// others reads words that are not known: of lengths around those that quick
// ways look at, with every octet at every place in it.
func (c *checker) others(k int, y *gen.Bound, ref *reference, in, rest []byte) {
	set := c.m.KeywordSet(y.Keyword)
	for n := 1; n < 34; n++ {
		line := with(in, bytes.Repeat([]byte("b"), n)...)
		line = with(with(line, delimiter(set.Words[0].Text)), rest...)
		if set.Fold {
			c.quickly(k, ref, line, len(in), n)
		}
		if n%8 > 1 && n%8 < 7 {
			continue
		}
		for i := range n {
			for o := range 256 {
				if len(c.errs) > 0 {
					return
				}
				line[len(in)+i] = byte(o)
				c.compare(ref, line, len(in), false)
			}
			line[len(in)+i] = 'b'
		}
	}
}

// quickly checks that a known word of at most 31 octets, with the octet behind
// it that ends it, is consumed at once: a quick way that is never taken would
// be right and useless.
func (c *checker) quickly(k int, ref *reference, in []byte, at, n int) {
	f := ref.clone()
	for i := at; i < at+n; i++ {
		if ok, _ := f.step(in, i); !ok {
			return
		}
	}
	if e, ok := c.ma.DFA.States[f.state].Edge(in[at+n]); !ok || e.To == f.state || n > 31 {
		return
	}
	r, start := c.begin(ref, in, at, false, c.unlimited())
	if _, err := r.execute(start); err == nil && int(r.vars[c.prog.i])-r.from != n+1 {
		c.errorf("in state %d the word %q is not jumped over", k, in[at:at+n])
	}
}

// quickLimits reads a word that is jumped over where a limited element ends
// behind it: with a limit that it passes, and with one that it doesn't.
func (c *checker) quickLimits(k int, ref *reference, in []byte, at, n int) {
	f := ref.clone()
	for i := at; i < at+n; i++ {
		if ok, _ := f.step(in, i); !ok {
			return
		}
	}
	e, _ := c.ma.DFA.States[f.state].Edge(in[at+n])
	for _, op := range e.Ops {
		if op.Kind != automaton.Check {
			continue
		}
		name, count := c.ma.Limits[op.Arg].Name, uint64(at+n)-f.regs[op.Reg]
		for _, limit := range []uint64{count - 1, count} {
			limits := maps.Clone(c.unlimited())
			limits[name] = limit
			r, start := c.begin(ref, in, at, false, limits)
			_, err := r.execute(start)
			stopped := err == nil && r.stop != nil && r.stop.why == uint64(3+op.Arg) && r.stop.at == uint64(at+n) && int(r.stop.state) == k
			if err != nil || stopped != (limit < count) {
				c.errorf("state %d, after the word %q: an element of %d passes limit %s of %d: %v, %v", k, in[at:at+n], count, name, limit, stopped, err)
			}
		}
	}
}

// delimiter is the octet behind a word.
func delimiter(text string) byte {
	switch {
	case strings.HasPrefix(text, "HTTP/"):
		return '\r'
	case strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz"):
		return ':'
	}
	return ' '
}

// followed reads a word with every octet behind its delimiter, which must not
// make it another word.
func (c *checker) followed(ref *reference, in []byte, text string, rest []byte) {
	line := with(with(with(in, []byte(text)...), delimiter(text)), rest...)
	for o := 0; o < 256 && len(c.errs) == 0; o++ {
		line[len(in)+len(text)+1] = byte(o)
		c.compare(ref, line, len(in), false)
	}
}

// changed reads a word with each octet of it changed to every other.
func (c *checker) changed(ref *reference, in []byte, text string, rest []byte) {
	line := with(with(with(in, []byte(text)...), delimiter(text)), rest...)
	for i := range len(text) + 1 {
		old := line[len(in)+i]
		for o := 0; o < 256 && len(c.errs) == 0; o++ {
			line[len(in)+i] = byte(o)
			c.compare(ref, line, len(in), false)
		}
		line[len(in)+i] = old
	}
}

// begins says whether an edge of the state sets the register.
func (c *checker) begins(k int, r automaton.Reg) bool {
	for _, e := range c.ma.DFA.States[k].Out {
		for _, op := range e.Ops {
			if op.Kind == automaton.SetReg && op.Reg == r {
				return true
			}
		}
	}
	return false
}
