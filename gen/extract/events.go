package extract

// events compares the table of what each keyword is to the table of transitions that a
// value tells with the words and the events of the specification: runs tell that the
// table is asked for a word, and not what stands there.
func (c *checker) events() {
	if c.feed() == nil {
		return
	}
	for _, y := range c.ma.Yields {
		if y.Keyword == "" || !y.Event {
			continue
		}
		name := lower(c.typ[:len(c.typ)-len("Value")]) + "Events"
		t, words := c.s.tables[name], c.m.KeywordSet(y.Keyword).Words
		if t == nil || t.n != len(words)+1 {
			c.errorf("the table %s is missing, or hasn't one element for each of %d words and one for others", name, len(words))
			return
		}
		regs := make([]uint64, len(c.ma.DFA.Regs))
		for id := range t.n {
			regs[y.ID] = uint64(id)
			word := "another word"
			if id > 0 {
				word = words[id-1].Text
			}
			want := c.eventOf(y, regs)
			if v, ok := t.rows[id].(value); !ok || v.n != want {
				c.errorf("%s: %s is event %d, expected %d", name, word, v.n, want)
			}
		}
	}
}
