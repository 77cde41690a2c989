package extract

import (
	"fmt"
	"go/ast"
	"go/token"
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

// homes are the names of a register: the variable that it is in while the
// machine runs, and the field that it is in between calls.
func (c *checker) homes() map[automaton.Reg][2]string {
	if c.home != nil {
		return c.home
	}
	out := map[automaton.Reg][2]string{}
	c.home, c.types = out, map[automaton.Reg]string{}
	for _, l := range c.ma.Limits {
		c.types[l.Start] = "uint32"
		n := "m." + lower(l.Name) + "Start"
		out[l.Start] = [2]string{n, n}
	}
	for _, y := range c.ma.Yields {
		put := func(r automaton.Reg, local, field string) {
			if r < 0 {
				return
			}
			switch {
			case y.In != nil:
				out[r] = [2]string{"m.record." + field, "m.record." + field}
			case c.ma.Input == "value" && y.Span && (y.Event || y.In != nil):
				out[r] = [2]string{local, ""}
			default:
				out[r] = [2]string{"m." + field, "m." + field}
			}
		}
		c.types[y.Start], c.types[y.End], c.types[y.ID], c.types[y.Value] = "uint32", "uint32", "", "uint64"
		put(y.Start, lower(y.Into)+"Start", y.Into+".Start")
		put(y.End, lower(y.Into)+"End", y.Into+".End")
		put(y.ID, lower(y.Into)+"ID", y.Into+"ID")
		put(y.Value, "m."+y.Into, y.Into)
	}
	return out
}

// begin prepares a run in the state that ref is in, with in[:at] behind it.
// With resume, the machine is called again after it has stopped there;
// otherwise the run begins at the state's label.
func (c *checker) begin(ref *reference, in []byte, at int, resume bool, limits map[string]uint64) (r *run, start int) {
	if c.vars == nil {
		c.vars = make(map[string]value, 128)
	}
	clear(c.vars)
	r = &run{s: c.s, fn: c.fn, labels: c.labels, b: in, vars: c.vars, limits: limits}
	base := 0
	if c.ma.Input == "stream" { // what was consumed is gone
		r.b, base = in[at:], at
	}
	r.from = at - base
	r.vars["m.at"] = value{"uint32", uint64(at)}
	state := ref.state
	if v, ok := c.merged[state]; ok {
		state = v
	}
	r.vars["m.state"] = value{"uint8", uint64(state)}
	homes := c.homes()
	for reg, h := range homes {
		if h[1] != "" {
			r.vars[h[1]] = value{c.types[reg], ref.regs[reg]}
		}
	}
	if resume {
		return r, 0
	}
	// The declarations, and then the registers as they are in this state.
	for i, st := range c.fn.Body.List {
		if _, ok := st.(*ast.DeclStmt); !ok {
			start = i
			break
		}
		r.stmt(st)
	}
	r.outer = map[string]bool{}
	for name := range r.vars {
		r.outer[name] = !strings.HasPrefix(name, "m.")
	}
	r.vars["i"] = value{"int", uint64(r.from)}
	r.vars["resume"] = value{"uint8", 255}
	for reg, h := range homes {
		if h[0] != h[1] && h[1] != "" { // to be kept anew when the machine stops
			r.vars[h[1]] = value{r.vars[h[1]].typ, 0xdbdb}
		}
		v := r.vars[h[0]]
		v.n = ref.regs[reg]
		r.vars[h[0]] = v
	}
	return r, c.labels[label(state)]
}

// execute runs until the machine goes to a state after having consumed
// something, or returns. It is the label, or "" for a return.
func (r *run) execute(start int) (to string, err error) {
	defer func() {
		if p := recover(); p != nil {
			f, ok := p.(fault)
			if !ok {
				panic(p)
			}
			err = f.error
		}
	}()
	for pc := start; pc < len(r.fn.Body.List); {
		switch j := r.stmt(r.fn.Body.List[pc]); j.kind {
		case 0:
			pc++
		case token.GOTO:
			if stateLabel.MatchString(j.label) && int(r.vars["i"].n) > r.from {
				return j.label, nil
			}
			next, ok := r.labels[j.label]
			if !ok {
				return "", fmt.Errorf("goto %s, which is no label", j.label)
			}
			if r.steps++; r.steps > 1e6 {
				return "", fmt.Errorf("the machine goes round without consuming anything")
			}
			pc = next
		case token.RETURN:
			return "", nil
		default:
			return "", fmt.Errorf("%s outside a loop", j.kind)
		}
	}
	return "", fmt.Errorf("the function ends without a return")
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
	upto := at + int(r.vars["i"].n) - r.from
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
	if results := map[bool]int{true: 1, false: 2}[c.ma.Input == "value"]; to == "" && len(r.ret) != results {
		say("returns %v", r.ret)
		return false
	}
	c.outcome(r, f, in, upto, to, say)
	c.registers(r, f, to == "", ref.state == 0 && ref.whole, say)
	return len(c.errs) == before
}

// outcome compares how a run ended.
func (c *checker) outcome(r *run, f *reference, in []byte, upto int, to string, say func(string, ...any)) {
	s := &c.ma.DFA.States[f.state]
	if to != "" {
		var k int
		fmt.Sscanf(to, "s%d", &k)
		if !c.same(k, f.state) {
			say("goes to state %d, expected %d", k, f.state)
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
		if r.ret[0] != "i" || r.vars["m.at"].n != pos || r.vars["m.state"].n != uint64(len(c.ma.DFA.States)) {
			say("is done with m.at %d and m.state %d, returning %v", r.vars["m.at"].n, r.vars["m.state"].n, r.ret)
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
		if r.stop.why != why || !c.same(int(r.stop.state), f.state) || r.stop.at != pos || byte(r.vars["m.octet"].n) != in[upto] {
			say("refuses octet %q as %+v, octet %d", in[upto], *r.stop, r.vars["m.octet"].n)
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
		if r.ret[0] != "false" || int(r.vars["m.in"].n) != f.state || r.vars["m.at"].n != uint64(upto) || r.vars["m.why"].n != why || r.vars["m.octet"].n&0xffff != octet&0xffff {
			say("refuses with m.in %d, m.at %d, m.why %d, m.octet %d, returning %v; expected state %d at %d", r.vars["m.in"].n, r.vars["m.at"].n, r.vars["m.why"].n, int16(r.vars["m.octet"].n), r.ret, f.state, upto)
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
	for reg, h := range c.homes() {
		if v, ok := c.merged[f.state]; ok && c.ends[v] == reg || c.isTwin(f.state) && c.ends[f.state] == reg {
			continue // found by stepping back when the value ends
		}
		if h[1] == "" && returned {
			continue // the value is over
		}
		if c.ma.Input == "value" && returned && r.ret[0] == "false" {
			continue // nobody asks for the spans of a malformed value
		}
		name := h[0]
		if returned && !done && h[1] != "" {
			name = h[1] // kept for the next call
		}
		if got, want := r.vars[name].n, f.regs[reg]; got != want && !(done && c.ma.DFA.Regs[reg].Scope) {
			say("%s is %d, expected %d", name, got, want)
		}
	}
	if len(r.records) != len(f.records) {
		say("%d records, expected %d", len(r.records), len(f.records))
		return
	}
	for i, rec := range f.records {
		for k, want := range rec {
			if got := r.records[i][k].n; got != want {
				say("record %s is %d, expected %d", k, got, want)
			}
		}
		if len(r.records[i]) != len(rec) {
			say("a record of %d numbers, expected %d", len(r.records[i]), len(rec))
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
