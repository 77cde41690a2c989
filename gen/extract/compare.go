package extract

import (
	"fmt"
	"strings"

	"github.com/specht-http/specht/gen/automaton"
)

// huge is a limit that nothing passes.
const huge = 1<<32 - 1

// lower is a name with a small first letter, as a local variable has it, or a
// small first word if that is an abbreviation: httpDate.
func lower(s string) string {
	isLarge := func(i int) bool { return i == len(s) || s[i] >= '0' && s[i] <= '9' || s[i] >= 'A' && s[i] <= 'Z' }
	n := 1
	for n < len(s) && s[n] >= 'A' && s[n] <= 'Z' && isLarge(n+1) {
		n++
	}
	return strings.ToLower(s[:n]) + s[n:]
}

// home is where a register is: the variable that it is in while the machine runs,
// and the member that it is in between calls, or -1.
type home struct {
	reg         automaton.Reg
	name, field string
	at, kept    int // their slots
}

// homes are those of all registers. Variables that the machine doesn't use are
// made, so that what isn't written shows.
func (c *checker) homes() (out []home) {
	seen := map[automaton.Reg]bool{}
	put := func(r automaton.Reg, name, field string) {
		if r < 0 || seen[r] {
			return
		}
		seen[r] = true
		h := home{reg: r, name: name, field: field, kept: -1}
		h.at = c.prog.own(name)
		if field != "" {
			h.kept = c.prog.own(field)
		}
		out = append(out, h)
	}
	for _, l := range c.ma.Limits {
		n := "m." + lower(l.Name) + "Start"
		put(l.Start, n, n)
	}
	for _, y := range c.ma.Yields {
		span := func(r automaton.Reg, local, field string) {
			switch {
			case y.In != nil:
				put(r, "m.record."+field, "m.record."+field)
			case c.ma.Input == "value" && y.Span && y.Event:
				put(r, local, "")
			default:
				put(r, "m."+field, "m."+field)
			}
		}
		span(y.Start, lower(y.Into)+"Start", y.Into+".Start")
		span(y.End, lower(y.Into)+"End", y.Into+".End")
		span(y.ID, lower(y.Into)+"ID", y.Into+"ID")
		span(y.Value, "m."+y.Into, y.Into)
	}
	return out
}

// own is the slot of a variable of the function or a member, which is made if the
// function doesn't have it.
func (p *program) own(name string) int {
	if k, ok := p.names[name]; ok {
		return k
	}
	if k, ok := p.find(name); ok {
		return k
	}
	p.slots = append(p.slots, slot{name: name})
	p.names[name] = len(p.slots) - 1
	return p.names[name]
}

// begin prepares a run in the state that ref is in, with in[:at] behind it.
// With resume, the machine is called again after it has stopped there;
// otherwise the run begins at the state's label.
func (c *checker) begin(ref *reference, in []byte, at int, resume bool, limits map[string]uint64) (r *run, start int) {
	c.runs++
	r = &c.again
	r.start(c.prog, limits)
	r.b = in
	base := 0
	if c.ma.Input == "stream" { // what was consumed is gone
		r.b, base = in[at:], at
	}
	r.from = at - base
	r.put("m.at", uint64(at))
	state := ref.state
	if v, ok := c.merged[state]; ok {
		state = v
	}
	r.put("m.state", uint64(state))
	for _, h := range c.home {
		if h.kept >= 0 {
			r.vars[h.kept], r.set[h.kept] = ref.regs[h.reg], true
		}
		isSpan := strings.HasSuffix(h.field, ".Start") || strings.HasSuffix(h.field, ".End")
		if c.ma.Input == "value" && resume && isSpan {
			r.vars[h.kept] = 0xdbdb // of the value before
		}
	}
	if resume {
		return r, 0
	}
	// The declarations, and then the registers as they are in this state.
	for _, f := range c.prog.body[:c.prog.decls] {
		f(r)
	}
	r.vars[c.prog.i], r.set[c.prog.i] = uint64(r.from), true
	r.put("resume", 255)
	for _, h := range c.home {
		if h.kept >= 0 && h.kept != h.at { // to be kept anew when the machine stops
			r.vars[h.kept] = 0xdbdb
		}
		r.vars[h.at], r.set[h.at] = ref.regs[h.reg], true
	}
	return r, c.labels[label(state)]
}

// unlimited are limits that nothing passes.
func (c *checker) unlimited() map[string]uint64 {
	if c.none == nil {
		c.none = map[string]uint64{}
		for _, l := range c.ma.Limits {
			c.none[l.Name] = huge
		}
		if l := c.ma.RecordLimit; l != nil {
			c.none[l.Name] = huge
		}
	}
	return c.none
}

// compare runs the source from ref's state over in[at:] and walks the
// automaton over what it consumed. It reports whether they agree.
func (c *checker) compare(ref *reference, in []byte, at int, resume bool) bool {
	before := len(c.errs)
	say := func(format string, args ...any) {
		tail := in[at:]
		if len(tail) > 60 {
			tail = tail[:60]
		}
		c.errorf("in state %d, after %q, with %q: %s", ref.state, in[:at], tail, fmt.Sprintf(format, args...))
	}
	r, start := c.begin(ref, in, at, resume, c.unlimited())
	to, err := r.execute(start)
	if err != nil {
		say("%v", err)
		return false
	}
	f := ref.clone()
	upto := at + int(r.vars[c.prog.i]) - r.from
	if upto < at || upto > len(in) {
		say("the position is %d of %d", upto, len(in))
		return false
	}
	for k := at; k < upto; k++ {
		if ok, _ := f.step(in, k); !ok {
			say("octet %d is consumed, which the specification refuses", k)
			return false
		}
	}
	if results := map[bool]int{true: 1, false: 2}[c.ma.Input == "value"]; to == nil && len(r.ret) != results {
		say("returns %v", r.ret)
		return false
	}
	c.outcome(r, f, in, upto, to, say)
	c.registers(r, f, to == nil, ref.state == 0 && ref.whole, say)
	return len(c.errs) == before
}

// outcome compares how a run ended.
func (c *checker) outcome(r *run, f *reference, in []byte, upto int, to *target, say func(string, ...any)) {
	s := &c.ma.DFA.States[f.state]
	if to != nil {
		if !c.same(to.state, f.state) {
			say("goes to state %d, expected %d", to.state, f.state)
		}
		return
	}
	refused, overflow := false, false
	if upto < len(in) && (c.ma.Input == "value" || !s.Final || len(s.Out) > 0) {
		g := f.clone()
		ok, over := g.step(in, upto)
		refused, overflow = !ok, over
	}
	if c.ma.Input == "value" {
		c.valueOutcome(r, f, in, upto, refused, overflow, say)
		return
	}
	last := r.ret[len(r.ret)-1]
	pos := uint64(upto)
	switch {
	case s.Final && len(s.Out) == 0:
		f.end(in)
		if last != "message.Done" {
			say("returns %v at the end of the input", r.ret)
		}
		if r.ret[0] != "i" || r.get("m.at") != pos || r.get("m.state") != uint64(len(c.ma.DFA.States)) {
			say("is done with m.at %d and m.state %d, returning %v", r.get("m.at"), r.get("m.state"), r.ret)
		}
	case last != "stop":
		say("returns %v", r.ret)
	case upto == len(in):
		if r.stop.why != 0 || !c.same(int(r.stop.state), f.state) || r.stop.at != pos {
			say("stops as %+v for more octets in state %d at %d", *r.stop, f.state, pos)
		}
	case !refused:
		say("stops as %+v although octet %q is expected", *r.stop, in[upto])
	default:
		why := uint64(1)
		if overflow {
			why = 2
		}
		if r.stop.why != why || !c.same(int(r.stop.state), f.state) || r.stop.at != pos || byte(r.get("m.octet")) != in[upto] {
			say("refuses octet %q as %+v, octet %d", in[upto], *r.stop, r.get("m.octet"))
		}
	}
	want := "0"
	if c.ma.Input == "stream" || last == "message.Done" {
		want = "i"
	}
	if r.ret[0] != want {
		say("returns %s octets, expected %s", r.ret[0], want)
	}
}

func (c *checker) valueOutcome(r *run, f *reference, in []byte, upto int, refused, overflow bool, say func(string, ...any)) {
	final := c.ma.DFA.States[f.state].Final
	switch {
	case upto == len(in) && final:
		f.end(in)
		if r.ret[0] != "true" {
			say("returns %v at the end of a good value", r.ret)
		}
	case upto < len(in) && !refused:
		say("stops although octet %q is expected", in[upto])
	default:
		octet := ^uint64(0)
		if upto < len(in) {
			octet = uint64(in[upto])
		}
		why := uint64(1)
		if overflow {
			why = 2
		}
		if r.ret[0] != "false" || int(r.get("m.in")) != f.state || r.get("m.at") != uint64(upto) || r.get("m.why") != why || r.get("m.octet")&0xffff != octet&0xffff {
			say("refuses with m.in %d, m.at %d, m.why %d, m.octet %d, returning %v; expected state %d at %d", r.get("m.in"), r.get("m.at"), r.get("m.why"), int16(r.get("m.octet")), r.ret, f.state, upto)
		}
		if c.feed() != nil {
			if len(r.events) == 0 || r.events[len(r.events)-1] != "failure" {
				say("the failure is not an event")
			} else {
				r.events = r.events[:len(r.events)-1]
			}
		}
	}
}

// registers compares the registers, records and events after a run.
func (c *checker) registers(r *run, f *reference, returned, whole bool, say func(string, ...any)) {
	done := returned && r.ret[len(r.ret)-1] == "message.Done"
	for _, h := range c.home {
		reg := h.reg
		if v, ok := c.merged[f.state]; ok && c.ends[v] == reg || c.isTwin(f.state) && c.ends[f.state] == reg {
			continue // found by stepping back when the value ends
		}
		if h.kept < 0 && returned {
			continue // the value is over
		}
		if c.ma.Input == "value" && returned && r.ret[0] == "false" {
			continue // nobody asks for the spans of a malformed value
		}
		name, at := h.name, h.at
		if returned && !done && h.kept >= 0 {
			name, at = h.field, h.kept // kept for the next call
		}
		if got, want := r.vars[at], f.regs[reg]; got != want && !(done && c.ma.DFA.Regs[reg].Scope) {
			say("%s is %d, expected %d", name, got, want)
		}
	}
	if len(r.records) != len(f.records) {
		say("%d records, expected %d", len(r.records), len(f.records))
		return
	}
	for i, rec := range f.records {
		for k, name := range rec.names {
			if got, want := r.records[i].of(name), rec.vals[k]; got != want {
				say("record %s is %d, expected %d", name, got, want)
			}
		}
		if got := len(r.records[i].names); got != len(rec.names) {
			say("a record of %d numbers, expected %d", got, len(rec.names))
		}
	}
	if c.feed() == nil {
		return
	}
	events := r.events
	if c.raisesEmpty() && returned && len(events) > 0 && events[len(events)-1] == c.feedType()+"OnEmpty" {
		if len(f.events) > 0 {
			say("a value with elements raises empty")
		}
		events = events[:len(events)-1]
	} else if c.raisesEmpty() && whole && returned && r.ret[0] == "true" && len(f.events) == 0 {
		say("a value without elements doesn't raise empty")
	}
	if len(events) != len(f.events) {
		say("events %v, expected %v", events, f.events)
		return
	}
	for i, want := range f.events {
		if got, ok := c.eventNumber(events[i]); !ok || got != want {
			say("event %s, expected number %d", events[i], want)
		}
	}
}

func (c *checker) isTwin(v int) bool {
	_, ok := c.ends[v]
	return ok
}

func (c *checker) raisesEmpty() bool {
	for _, e := range c.feed().Outcome.Events {
		if e == "empty" {
			return true
		}
	}
	return false
}

// feedType is the Go name of the feed's outcome, as the constants begin.
func (c *checker) feedType() string {
	for name := range c.s.consts {
		if strings.HasSuffix(name, "OnMalformed") && strings.EqualFold(strings.TrimSuffix(name, "OnMalformed"), strings.ReplaceAll(c.feed().Outcome.Name, "-", "")) {
			return strings.TrimSuffix(name, "OnMalformed")
		}
	}
	return ""
}

// eventNumber is the number behind "ConnectionOnClose" or "events[1]".
func (c *checker) eventNumber(e string) (uint64, bool) {
	if name, rest, ok := strings.Cut(e, "["); ok {
		var i int
		fmt.Sscanf(rest, "%d]", &i)
		t := c.s.tables[name]
		if t == nil {
			return 0, false
		}
		v, ok := t.rows[i].(value)
		return v.n, ok
	}
	v, ok := c.s.consts[e]
	return v.n, ok
}
