package extract

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
)

// What a sequence does with its head: who reads it, which values are fed to which
// machines, and which decisions are made of what they come to.

// variants are the machines that may read the head instead of the strict one.
func (c *sequenceChecker) variants() (out []*gen.Machine) {
	for _, ma := range c.m.Machines {
		if ma.Of == c.q.Parts[0].Machine {
			out = append(out, ma)
		}
	}
	return out
}

// lenient is what the only variant is called: a second one would need another name.
const lenient = "m.lenient"

// before are the states of a machine of the head in which the message hasn't begun:
// those that are reached before the octets of an element are counted.
func (c *sequenceChecker) before(ma *gen.Machine) map[uint64]bool {
	_, element, _ := strings.Cut(c.q.Before, " before ")
	i := slices.IndexFunc(ma.Limits, func(l *gen.Limit) bool { return strings.HasSuffix(l.Path, "/"+element) })
	out := map[uint64]bool{}
	if i < 0 {
		return out
	}
	begins := func(o automaton.Op) bool { return o.Kind == automaton.SetReg && o.Reg == ma.Limits[i].Start }
	var reach func(k int)
	reach = func(k int) {
		if out[uint64(k)] {
			return
		}
		out[uint64(k)] = true
		for _, e := range ma.DFA.States[k].Out {
			if !slices.ContainsFunc(e.Ops, begins) {
				reach(e.To)
			}
		}
	}
	reach(0)
	return out
}

// begins runs HasBegun in each part, and in each state of the machines of the head.
func (c *sequenceChecker) begins() error {
	read := consume(c.q.Parts[0].Machine, "Head", 0)
	if len(c.variants()) > 0 {
		read = "m.consumeHead(b, limits)"
	}
	for _, part := range append(c.partNames(), "end", "failed", "ended") {
		sc := c.scene(part, 0)
		sc.ret = []any{part != "ended"}
		if part == c.q.Parts[0].Name {
			sc.what, sc.vars["m.offset"] = "behind the first octet", uint64(1)
		}
		if err := c.run("HasBegun", sc); err != nil {
			return err
		}
	}
	head := c.q.Parts[0]
	if c.q.Before == "" {
		return c.beginsAtOnce()
	}
	for _, progress := range []string{"Done", "Failed"} {
		sc := c.scene(head.Name, 0)
		sc.vars["m.offset"] = uint64(0)
		sc.what = "the machine says " + progress
		sc.calls = []string{read, "m.forget()"} // it is read again
		sc.answer = func(string) []any { return []any{uint64(consumed), "message." + progress} }
		sc.ret = []any{true}
		if err := c.run("HasBegun", sc); err != nil {
			return err
		}
	}
	machines := map[string]*gen.Machine{"m.Head.state": head.Machine}
	for _, ma := range c.variants() {
		machines[lenient+".state"] = ma
	}
	for name, ma := range machines {
		before := c.before(ma)
		for k := range ma.DFA.States {
			sc := c.scene(head.Name, 0)
			sc.what = fmt.Sprintf("in state %d of %s", k, ma.Name)
			sc.vars["m.offset"], sc.vars["m.Lenient"], sc.vars[name] = uint64(0), ma.Of != nil, uint64(k)
			sc.calls = []string{read}
			sc.answer = func(string) []any { return []any{uint64(0), "message.More"} }
			sc.ret = []any{!before[uint64(k)]}
			if err := c.run("HasBegun", sc); err != nil {
				return err
			}
		}
	}
	return nil
}

// beginsAtOnce: any octet begins a message.
func (c *sequenceChecker) beginsAtOnce() error {
	for _, octets := range []uint64{0, 3} {
		sc := c.scene(c.q.Parts[0].Name, 0)
		sc.vars["m.offset"], sc.vars["len(b)"] = uint64(0), octets
		sc.ret = []any{octets > 0}
		if err := c.run("HasBegun", sc); err != nil {
			return err
		}
	}
	return nil
}

func (c *sequenceChecker) partNames() (out []string) {
	for _, p := range c.q.Parts {
		out = append(out, p.Name)
	}
	if c.isAgain() {
		out = append(out, again)
	}
	return out
}

// head runs consumeHead: the strict machine reads unless a variant was asked for.
func (c *sequenceChecker) head() error {
	if len(c.variants()) == 0 {
		return nil
	}
	for _, isLenient := range []bool{false, true} {
		call := strings.Replace(consume(c.q.Parts[0].Machine, "Head", 0), "b[0:]", "b", 1)
		if isLenient {
			call = "m.consumeLenient(b, limits)"
		}
		sc := &scene{what: fmt.Sprint("lenient: ", isLenient), vars: map[string]any{"m.Lenient": isLenient}, args: map[string]any{"b": "b", "limits": "limits"}}
		sc.calls = []string{call}
		sc.answer = func(string) []any { return []any{uint64(consumed), "message.Done"} }
		sc.ret = sc.answer("")
		if err := c.run("consumeHead", sc); err != nil {
			return err
		}
	}
	return nil
}

// taken runs consumeLenient: all that the variant yields is the head's.
func (c *sequenceChecker) taken() error {
	for _, ma := range c.variants() {
		for _, progress := range []string{"More", "Failed", "Done"} {
			for _, made := range []string{lenient, "nil"} {
				sc := &scene{what: fmt.Sprintf("the variant, %s, says %s", made, progress), vars: map[string]any{lenient: made, "m.Lenient": true}, args: map[string]any{"b": "b", "limits": "limits"}}
				v := made
				if made == "nil" {
					v = "new " + goName(ma.Name)
				}
				sc.after = map[string]any{lenient: v}
				members := c.yielded(c.q.Parts[0].Machine)
				for _, name := range members {
					sc.vars["m.Head."+name] = "old " + name
					sc.vars[v+"."+name] = "new " + name
					if progress == "Done" {
						sc.after["m.Head."+name] = "new " + name
					}
				}
				if progress == "Done" && slices.Contains(members, "Fields") {
					sc.after[v+".Fields"] = "old Fields" // whose memory is used again
				}
				sc.calls = []string{strings.Replace(strings.Replace(consume(c.q.Parts[0].Machine, "Head", 0), "b[0:]", "b", 1), "m.Head.", v+".", 1)}
				if progress == "Done" && ma.FoldsAny() {
					sc.calls = append(sc.calls, "m.unfold(b)")
				}
				sc.answer = func(string) []any { return []any{uint64(consumed), "message." + progress} }
				sc.ret = sc.answer("")
				if err := c.run("consumeLenient", sc); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// yielded are the members in which a machine keeps what it yields.
func (c *sequenceChecker) yielded(ma *gen.Machine) (out []string) {
	for name := range c.s.structs[TypeOf(ma)] {
		if name[0] >= 'A' && name[0] <= 'Z' {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// headScene is a run of decide over a head. Each member has a value of its own.
func (c *sequenceChecker) headScene() *scene {
	sc := &scene{vars: map[string]any{"len(b)": uint64(500), "lines": uint64(0), "m.by": "", "m.refused": "RefusalNone", "m.cause": uint64(0)}, args: map[string]any{"b": "b"}, after: map[string]any{}}
	for _, y := range c.q.Parts[0].Machine.Yields {
		switch {
		case y.In != nil || y.Event || y.Mark:
		case y.Base > 0:
			sc.vars["m.Head."+y.Into] = "the number " + y.Into
		case y.Span:
			sc.vars["m.Head."+y.Into] = span{}
			if y.Keyword != "" {
				sc.vars["m.Head."+y.Into+"ID"] = "the word " + y.Keyword
			}
		}
	}
	for _, name := range []string{"Version", "Target"} { // where they are to blame
		if _, ok := sc.vars["m.Head."+name]; ok || c.s.structs[goName(c.q.Parts[0].Machine.Name)][name] != "" {
			sc.vars["m.Head."+name] = span{}
		}
	}
	for _, f := range c.feeds {
		of := "m." + goName(f.Machine.Name)
		sc.vars[of+".Outcome"] = "what " + f.Machine.Name + " comes to"
		if c.s.structs[c.typ][goName(f.Machine.Name)+"At"] != "" {
			sc.vars[of+"At"] = span{}
		}
		if f.From != nil && f.From != c.q.Parts[0].Machine {
			sc.vars["m."+goName(f.From.Name)+"."+f.Span.Into] = span{}
		}
	}
	for _, d := range c.given {
		sc.vars["m."+goName(d.Name)] = "the given " + d.Name
	}
	for _, d := range c.decisions {
		sc.vars["m."+goName(d.Name)] = "undecided"
		sc.after["m."+goName(d.Name)] = "decided " + d.Name
	}
	return sc
}

// fed is what is called when a value, at some octets of the head, is fed to a machine,
// and what members have then.
func (c *sequenceChecker) fed(ma *gen.Machine, at span, isGood bool, sc *scene) {
	of := "m." + goName(ma.Name)
	sc.calls = append(sc.calls, fmt.Sprintf("%s.Consume(b[%d:%d])", of, at.start, at.end))
	if _, ok := sc.vars[of+"At"]; ok {
		sc.after[of+"At"] = at
	}
	if !isGood {
		return
	}
	for _, f := range c.feeds {
		if f.From != ma {
			continue
		}
		if s := sc.vars[of+"."+f.Span.Into].(span); s.end > s.start {
			c.fed(f.Machine, span{at.start + s.start, at.start + s.end}, isGood, sc)
		}
	}
}

// decideAll adds the calls of all decisions, none of which refuses.
func (c *sequenceChecker) decideAll(sc *scene, isGood bool) {
	for _, d := range c.decisions {
		sc.calls = append(sc.calls, c.decision(d))
	}
	sc.answer = func(call string) []any {
		if strings.Contains(call, ".Consume(") {
			return []any{isGood}
		}
		return []any{c.decided(call), "RefusalNone"}
	}
	sc.ret = []any{true}
}

// decision is the call of a decision.
func (c *sequenceChecker) decision(d *gen.Decision) string {
	var args []string
	for _, in := range d.Inputs {
		args = append(args, c.input(in))
	}
	return "Decide" + goName(d.Name) + "(" + strings.Join(args, ", ") + ")"
}

// decided is what the call of a decision comes to.
func (c *sequenceChecker) decided(call string) string {
	for _, d := range c.decisions {
		if strings.HasPrefix(call, "Decide"+goName(d.Name)+"(") {
			return "decided " + d.Name
		}
	}
	return "nothing"
}

// input is what an input of decisions is, of all that a scene has.
func (c *sequenceChecker) input(in *gen.Domain) string {
	for _, f := range c.feeds {
		if f.Outcome.Name == in.Name {
			return "what " + f.Machine.Name + " comes to"
		}
	}
	for _, y := range c.q.Parts[0].Machine.Yields {
		switch {
		case y.IsInput(in):
			return "the number " + y.Into
		case y.Keyword != "" && y.In == nil && in.Set() != nil && in.Set().Name == y.Keyword:
			return "the word " + y.Keyword
		}
	}
	if slices.Contains(c.given, in) {
		return "the given " + in.Name
	}
	return "decided " + in.Name
}

// feeding runs decide over heads with each known field, with all of them, and with
// spans that are fed.
func (c *sequenceChecker) feeding() error {
	names := c.m.KeywordSet("field-name")
	var all []string
	for _, w := range names.Words {
		all = append(all, "message.FieldName"+w.Name)
	}
	spans := c.spans()
	for _, isGood := range []bool{true, false} {
		for pick := range 1 << len(spans) {
			for _, lines := range append(each(all), nil, all, slices.Concat(all, all)) {
				if len(lines) == 1 && pick > 0 && pick < 1<<len(spans)-1 {
					continue // each field with no spans and with all
				}
				if err := c.feedOnce(lines, spans, pick, isGood); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func each(all []string) (out [][]string) {
	for _, one := range all {
		out = append(out, []string{one})
	}
	return out
}

// spans are those that are fed: the members that have them.
func (c *sequenceChecker) spans() (out []string) {
	for _, f := range c.feeds {
		if f.From == nil {
			continue
		}
		name := "m." + goName(f.From.Name) + "." + f.Span.Into
		if f.From == c.q.Parts[0].Machine {
			name = "m.Head." + f.Span.Into
		}
		if !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (c *sequenceChecker) feedOnce(lines, spans []string, pick int, isGood bool) error {
	sc := c.headScene()
	sc.what = fmt.Sprintf("fields %v, spans %b, good: %v", lines, pick, isGood)
	for i, name := range spans {
		if pick>>i&1 == 1 {
			sc.vars[name] = span{uint64(3 + 2*i), uint64(4 + 2*i)}
		}
	}
	for _, f := range c.feeds {
		if f.From == c.q.Parts[0].Machine {
			if s := sc.vars["m.Head."+f.Span.Into].(span); s.end > s.start {
				c.fed(f.Machine, s, isGood, sc)
			}
		}
	}
	sc.vars["lines"] = uint64(len(lines))
	for i, name := range lines {
		at := span{uint64(20 + 10*i), uint64(25 + 10*i)}
		sc.vars[fmt.Sprintf("m.Head.Fields[%d].NameID", i)] = name
		sc.vars[fmt.Sprintf("m.Head.Fields[%d].Value", i)] = at
		for _, f := range c.feeds {
			if f.From == nil && letters("message.FieldName"+f.Field) == letters(name) {
				c.fed(f.Machine, at, isGood, sc)
			}
		}
	}
	c.decideAll(sc, isGood)
	return c.run("decide", sc)
}

// deciding runs decide where each decision refuses that can.
func (c *sequenceChecker) deciding() error {
	for i, d := range c.decisions {
		if !slices.ContainsFunc(d.Rows, func(r *gen.DecisionRow) bool { return r.Refuse != nil }) {
			continue
		}
		sc := c.headScene()
		sc.what = d.Name + " refuses"
		c.decideAll(sc, true)
		sc.calls = sc.calls[:i+1]
		for _, later := range c.decisions[i+1:] {
			delete(sc.after, "m."+goName(later.Name))
		}
		answer := sc.answer
		sc.answer = func(call string) []any {
			if call == c.decision(d) {
				return []any{"decided " + d.Name, "RefusalSomething"}
			}
			return answer(call)
		}
		sc.after["m.refused"], sc.after["m.by"] = "RefusalSomething", d.Name
		sc.ret = []any{false}
		if err := c.blamed(d, sc); err != nil {
			return err
		}
	}
	return nil
}

// blamed runs a decision that refuses, with the values that it goes by at different
// octets: the last of them is to blame; without any, the end of the head. What is
// decided of a part of the head that has its name is that part's fault.
func (c *sequenceChecker) blamed(d *gen.Decision, sc *scene) error {
	if part := "m.Head." + goName(d.Name); sc.vars[part] == (span{}) {
		sc.vars[part], sc.after["m.cause"] = span{11, 13}, uint64(11)
		return c.run("decide", sc)
	}
	var at []string
	for _, f := range c.feeds {
		name := "m." + goName(f.Machine.Name) + "At"
		if _, ok := sc.vars[name]; ok && slices.ContainsFunc(d.Inputs, func(in *gen.Domain) bool { return in.Name == f.Outcome.Name }) && !slices.Contains(at, name) {
			at = append(at, name)
		}
	}
	for pick := range 1 << len(at) {
		one := *sc
		one.vars, one.after = maps.Clone(sc.vars), maps.Clone(sc.after)
		cause := uint64(500 - 2)
		for i, name := range at {
			one.vars[name] = span{}
			if pick>>i&1 == 1 {
				one.vars[name] = span{uint64(1 + i), 40}
				cause = uint64(1 + i)
			}
		}
		if len(at) > 0 {
			one.after["m.cause"] = cause
		}
		if err := c.run("decide", &one); err != nil {
			return err
		}
	}
	return nil
}

// resets runs forget and Reset: of a message nothing is left for the next one.
func (c *sequenceChecker) resets() error {
	known := []string{"Head", "Lenient", "lenient", "Content", "left", "offset", "start", "cause", "refused", "by", "part"}
	sc := c.scene("failed", 0)
	sc.vars["m.cause"], sc.vars["m.refused"] = uint64(7), "RefusalSomething"
	sc.args, sc.isUnordered = nil, true
	sc.after = map[string]any{"m.cause": uint64(0), "m.refused": "RefusalNone"}
	for _, d := range c.decisions {
		known = append(known, goName(d.Name))
		sc.vars["m."+goName(d.Name)], sc.after["m."+goName(d.Name)] = "decided", uint64(0)
	}
	for _, isFed := range []bool{true, false} {
		sc.what = fmt.Sprint("fed: ", isFed)
		sc.calls = []string{"m.Head.Reset()"}
		sc.vars[lenient] = "nil"
		if isFed && len(c.variants()) > 0 {
			sc.vars[lenient] = lenient
			sc.calls = append(sc.calls, lenient+".Reset()")
		}
		for _, f := range c.feeds {
			name := goName(f.Machine.Name)
			reset, at := "m."+name+".Reset()", "m."+name+"At"
			known = append(known, name, name+"At")
			if slices.Contains(sc.calls, reset) {
				continue
			}
			if c.s.structs[c.typ][name+"At"] != "" {
				sc.vars[at], sc.after[at] = span{}, span{}
				if !isFed {
					continue // nothing to forget
				}
				sc.vars[at] = span{1, 2}
			}
			sc.calls = append(sc.calls, reset)
		}
		if err := c.run("forget", sc); err != nil {
			return err
		}
	}
	sc = c.scene("failed", 0)
	sc.vars["m.Content"], sc.vars["m.by"] = span{1, 2}, "somebody"
	sc.args, sc.isUnordered = nil, true
	sc.calls = []string{"m.forget()"}
	sc.after = map[string]any{"m.left": uint64(0), "m.offset": uint64(0), "m.start": uint64(0), "m.by": "", "m.part": c.at(c.q.Parts[0].Name), "m.Content": span{}}
	for _, p := range c.q.Parts[1:] {
		if p.Machine != nil {
			known = append(known, goName(p.Machine.Name))
			sc.calls = append(sc.calls, "m."+goName(p.Machine.Name)+".Reset()")
		}
	}
	for _, d := range c.given {
		known = append(known, goName(d.Name))
		sc.vars["m."+goName(d.Name)], sc.after["m."+goName(d.Name)] = "given", uint64(0)
	}
	for _, l := range c.overheads(nil) {
		known = append(known, lower(l.Name))
		sc.after["m."+lower(l.Name)] = uint64(0)
	}
	for name := range c.s.structs[c.typ] {
		if !slices.Contains(known, name) {
			return fmt.Errorf("nothing tells whether the member %s is reset", name)
		}
	}
	return c.run("Reset", sc)
}
