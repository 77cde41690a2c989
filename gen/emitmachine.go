package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
)

// machineEmitter prints one octet machine. The machine is one function with a
// label for each state: the octet is looked at, the ops are done, and goto goes
// to the next state. Where the octets run out it returns, and the next call
// jumps back to the label.
type machineEmitter struct {
	*emitter
	ma   *Machine
	f    *jen.File
	typ  string
	low  string // the type's name as the beginning of an unexported one
	plan []statePlan
	sets []abnf.Set // that are looked up in the machine's table, a bit each

	hashed []*wordHash
	after  []func() // what is printed behind Consume
}

// The reasons why a machine stopped, before those of its limits.
const (
	whyMore = iota
	whySyntax
	whyOverflow
	whyLimit
)

func (e *emitter) machine(ma *Machine) {
	p := &machineEmitter{
		emitter: e, ma: ma, typ: exported(ma.Name), low: unexported(ma.Name),
		f: e.file(ma.Room, ma.Doc),
	}
	if ma.Input == "value" {
		p.typ += "Value"
	}
	p.plan = planStates(ma)
	p.limits()
	p.declare()
	p.reset()
	p.consume()
	if ma.Input != "value" {
		p.stop()
	}
	p.fault()
	p.table()
	for _, f := range p.after {
		f()
	}
}

// needsLimits says whether Consume takes limits.
func (p *machineEmitter) needsLimits() bool { return len(p.allLimits()) > 0 }

func (p *machineEmitter) params() []jen.Code {
	out := []jen.Code{jen.Id("b").Index().Byte()}
	if p.needsLimits() {
		out = append(out, jen.Id("limits").Op("*").Id(p.limitsType()))
	}
	return out
}

func (p *machineEmitter) consume() {
	switch p.ma.Input {
	case "window":
		doc(p.f, "Consume reads on in b, which holds the input from its first octet: all that was offered before, and more. It is Done when the input is whole, and n is then the number of its octets; otherwise n is 0 and b is to be offered again with more behind it. It does not allocate, but for the records.")
	case "stream":
		doc(p.f, "Consume reads on with b, the octets after those that were given before. It consumes n octets: all of b, unless the input ends in it. It does not allocate.")
	case "value":
		doc(p.f, "Consume reads b, a whole value. It is false if the value is malformed. It does not allocate.")
	}
	results := []jen.Code{jen.Id("n").Int(), jen.Id("p").Add(p.qual("message", "Progress"))}
	if p.ma.Input == "value" {
		results = []jen.Code{jen.Bool()}
	}
	p.f.Func().Params(jen.Id("m").Op("*").Id(p.typ)).Id("Consume").Params(p.params()...).Params(results...).BlockFunc(func(g *jen.Group) {
		p.entry(g)
		for k := range p.ma.DFA.States {
			if p.ma.Input == "value" || k != p.header() {
				p.state(g, k)
			}
		}
		p.exits(g)
	})
	p.f.Line()
}

// entry prints the variables and the jump to where the machine stopped.
func (p *machineEmitter) entry(g *jen.Group) {
	g.Var().DefsFunc(func(g *jen.Group) {
		g.Id("c").Byte()
		g.Id("end").Op("=").Len(jen.Id("b"))
		switch p.ma.Input {
		case "window":
			g.Id("i").Op("=").Int().Call(jen.Id("m").Dot("at"))
		default:
			g.Id("i").Int()
		}
		if p.ma.Input != "value" {
			g.Id("state").Uint8()
			g.Id("why").Uint8().Op("=").Lit(whySyntax)
		}
		for _, l := range p.locals() {
			g.Id(l.name).Add(l.typ)
		}
	})
	if p.ma.Input == "value" {
		for _, b := range p.ma.Yields {
			if p.ma.keeps(b) { // of the value before
				g.Id("m").Dot(b.Into).Op("=").Add(p.qual("message", "Span")).Values()
			}
		}
		g.Goto().Id("s0")
		return
	}
	p.enter(g)
}

// enter prints the jump to where the machine stopped. If the automaton goes
// round through one state, everything enters there: the compiler then sees
// proper loops, and keeps registers and proofs of bounds across them.
func (p *machineEmitter) enter(g *jen.Group) {
	g.Id("resume").Op(":=").Id("m").Dot("state")
	h := p.header()
	if h < 0 {
		p.dispatch(g, h)
		return
	}
	// Every state is entered through the state that the loops go round by.
	g.Line()
	p.describe(g, h)
	if h != 0 {
		g.Goto().Id(label(h))
	}
	g.Id(label(h)).Op(":")
	g.If(jen.Id("resume").Op("!=").Lit(running)).BlockFunc(func(g *jen.Group) { p.dispatch(g, h) })
	p.body(g, h)
}

// running is the value of resume when the machine is not about to be entered.
const running = 255

// dispatch prints the jump to the state that the machine stopped in.
func (p *machineEmitter) dispatch(g *jen.Group, h int) {
	g.Id("k").Op(":=").Id("resume")
	g.Id("resume").Op("=").Lit(running)
	g.Switch(jen.Id("k")).BlockFunc(func(g *jen.Group) {
		for k := range p.ma.DFA.States {
			if p.plan[k].final || p.plan[k].merged {
				continue
			}
			if k == h {
				g.Case(jen.Lit(k))
				continue
			}
			g.Case(jen.Lit(k)).Block(jen.Goto().Id(label(k)))
		}
		g.Case(jen.Lit(p.done())).Block(jen.Return(jen.Lit(0), p.qual("message", "Done")))
		g.Default().Block(jen.Return(jen.Lit(0), p.qual("message", "Failed")))
	})
}

func label(k int) string { return fmt.Sprintf("s%d", k) }

// local is a variable of a machine that reads whole values.
type local struct {
	name string
	typ  *jen.Statement
}

// locals are the registers that are variables: those of machines that read
// whole values. The others keep theirs in m, where the next call finds them;
// few variables are all in registers of the processor, and that is a fifth of
// the time.
func (p *machineEmitter) locals() (out []local) {
	if p.ma.Input != "value" {
		return nil
	}
	for _, b := range p.ma.Yields {
		if p.ma.keeps(b) {
			continue
		}
		if b.Span {
			out = append(out, local{unexported(b.Into) + "Start", jen.Uint32()}, local{unexported(b.Into) + "End", jen.Uint32()})
		}
		if b.set != nil {
			out = append(out, local{unexported(b.Into) + "ID", p.qual(p.keywordRoom(b.set), keywordType(b.set))})
		}
	}
	if p.emptyEvent() {
		out = append(out, local{"some", jen.Bool()})
	}
	return out
}

// emptyEvent says whether a value without elements is an event.
func (p *machineEmitter) emptyEvent() bool {
	f := p.feedOf()
	if f == nil {
		return false
	}
	for _, e := range f.Outcome.Events {
		if e == "empty" {
			return true
		}
	}
	return false
}

// pos is the position as a number of octets from the start of the input.
func (p *machineEmitter) pos() *jen.Statement {
	if p.ma.Input == "stream" {
		return jen.Id("m").Dot("at").Op("+").Uint32().Call(jen.Id("i"))
	}
	return jen.Uint32().Call(jen.Id("i"))
}

// reg is where a register is while Consume runs.
func (p *machineEmitter) reg(r automaton.Reg) *jen.Statement {
	for i, l := range p.ma.Limits {
		if l.Start == r {
			return jen.Id("m").Dot(p.start(i))
		}
	}
	for _, b := range p.ma.Yields {
		name := func(suffix string) *jen.Statement {
			if p.ma.Input == "value" && b.Span && !p.ma.keeps(b) {
				return jen.Id(unexported(b.Into) + suffix)
			}
			home := jen.Id("m")
			if b.In != nil {
				home.Dot("record")
			}
			if suffix == "ID" {
				return home.Dot(b.Into + "ID")
			}
			return home.Dot(b.Into).Dot(suffix)
		}
		switch r {
		case b.Start:
			return name("Start")
		case b.End:
			return name("End")
		case b.ID:
			return name("ID")
		case b.Value:
			return jen.Id("m").Dot(b.Into)
		}
	}
	panic("gen: bug: unknown register")
}

// ops prints what an edge does before its octet is consumed.
func (p *machineEmitter) ops(g *jen.Group, k int, ops []automaton.Op) {
	for _, op := range ops {
		switch op.Kind {
		case automaton.SetReg:
			// m.record.Name.Start = uint32(i)
			g.Add(p.reg(op.Reg)).Op("=").Add(p.pos())
		case automaton.Zero:
			g.Add(p.reg(op.Reg)).Op("=").Lit(0)
		case automaton.Mark:
			g.Add(p.reg(op.Reg)).Op("=").True()
		case automaton.Keyword:
			// m.record.NameID = message.LookupFieldName(b[m.record.Name.Start:m.record.Name.End])
			b := p.ma.Yields[op.Arg]
			g.Add(p.reg(op.Reg)).Op("=").Add(p.qual(p.keywordRoom(b.set), "Lookup"+keywordType(b.set))).Call(
				jen.Id("b").Index(p.reg(b.Start), p.reg(b.End)))
		case automaton.Record:
			p.append(g, k, op)
		case automaton.Event:
			p.raise(g, op)
		case automaton.Check:
			p.check(g, k, op)
		}
	}
}

func (p *machineEmitter) fields() *jen.Statement { return jen.Id("m").Dot("Fields") }

// append prints the end of a record.
func (p *machineEmitter) append(g *jen.Group, k int, op automaton.Op) {
	b := p.ma.Yields[op.Arg]
	if l := p.ma.RecordLimit; l != nil {
		// if uint32(len(m.Fields)) >= limits.FieldLines {
		//	state, why = 18, 5
		//	goto stop
		// }
		g.If(jen.Uint32().Call(jen.Len(p.fields())).Op(">=").Id("limits").Dot(l.Name)).Block(
			jen.List(jen.Id("state"), jen.Id("why")).Op("=").List(jen.Lit(k), jen.Lit(whyLimit+len(p.ma.Limits))),
			jen.Goto().Id("stop"))
	}
	// m.Fields = append(m.Fields, message.FieldLine{
	//	Name: message.Span{Start: m.record.Name.Start, End: m.record.Name.End}, …
	// })
	g.Add(p.fields()).Op("=").Append(p.fields(), p.recordType(b).ValuesFunc(func(g *jen.Group) {
		for _, x := range recordFields(p.ma, b) {
			g.Line().Id(x.Into).Op(":").Add(p.qual("message", "Span")).Values(jen.Id("Start").Op(":").Add(p.reg(x.Start)), jen.Id("End").Op(":").Add(p.reg(x.End)))
			if x.set != nil {
				g.Line().Id(x.Into + "ID").Op(":").Add(p.reg(x.ID))
			}
		}
		g.Line()
	}))
}

// check prints the end of an element whose length is limited.
func (p *machineEmitter) check(g *jen.Group, k int, op automaton.Op) {
	l := p.ma.Limits[op.Arg]
	// if uint32(i)-fieldLineOctetsStart > limits.FieldLineOctets {
	//	state, why = 18, 3
	//	goto stop
	// }
	g.If(p.pos().Op("-").Add(p.reg(op.Reg)).Op(">").Id("limits").Dot(l.Name)).Block(
		jen.List(jen.Id("state"), jen.Id("why")).Op("=").List(jen.Lit(k), jen.Lit(whyLimit+op.Arg)),
		jen.Goto().Id("stop"))
}

// raise prints an event of a value machine.
func (p *machineEmitter) raise(g *jen.Group, op automaton.Op) {
	f := p.feedOf()
	if f == nil {
		return
	}
	if p.emptyEvent() {
		g.Id("some").Op("=").True()
	}
	name := exported(f.Outcome.Name)
	b := p.ma.Yields[op.Arg]
	ev := jen.Id(name + "On" + exported(b.event()))
	if b.set != nil {
		ev = jen.Id(p.low + "Events").Index(p.reg(b.ID))
	}
	// m.Outcome, _ = m.Outcome.On(connectionEvents[optionsID])
	g.List(jen.Id("m").Dot("Outcome"), jen.Id("_")).Op("=").Id("m").Dot("Outcome").Dot("On").Call(ev)
}

// digits prints what an edge does with its octet as a digit.
func (p *machineEmitter) digits(g *jen.Group, k int, e automaton.Edge) {
	for _, op := range e.Digits {
		b := p.ma.Yields[op.Arg]
		v := func() *jen.Statement { return p.reg(op.Reg) }
		digit := jen.Uint64().Call(jen.Id("c").Op("-").LitRune('0'))
		if b.Base == 16 {
			// A letter's low bits are 1 to 6, and bit 6 tells letters from digits.
			digit = jen.Uint64().Call(jen.Id("c").Op("&").Lit(15).Op("+").Id("c").Op(">>").Lit(6).Op("*").Lit(9))
		}
		if p.assigns(e, op) {
			g.Add(v()).Op("=").Add(digit)
			continue
		}
		// if d := uint64(c - '0'); m.Length > (9223372036854775807-d)/10 {
		//	state, why = 1, 2
		//	goto stop
		// }
		over := []jen.Code{jen.Id("m").Dot("at"), jen.Id("m").Dot("in"), jen.Id("m").Dot("why"), jen.Id("m").Dot("octet")}
		g.If(jen.Id("d").Op(":=").Add(digit), v().Op(">").Parens(jen.Lit(int(b.Max)).Op("-").Id("d")).Op("/").Lit(b.Base)).BlockFunc(func(g *jen.Group) {
			if p.ma.Input == "value" {
				g.List(over...).Op("=").List(p.pos(), jen.Lit(k), jen.Lit(whyOverflow), jen.Int16().Call(jen.Id("c")))
				p.refuse(g)
				return
			}
			g.List(jen.Id("state"), jen.Id("why")).Op("=").List(jen.Lit(k), jen.Lit(whyOverflow))
			g.Goto().Id("stop")
		})
		g.Add(v()).Op("=").Add(v()).Op("*").Lit(b.Base).Op("+").Add(digit)
	}
}

// assigns says whether a digit is the first of its number, so that the number
// is the digit.
func (p *machineEmitter) assigns(e automaton.Edge, digit automaton.Op) bool {
	b := p.ma.Yields[digit.Arg]
	return uint64(b.Base-1) <= b.Max && slices.ContainsFunc(e.Ops, func(o automaton.Op) bool {
		return o.Kind == automaton.Zero && o.Reg == digit.Reg
	})
}

// needed is ops without the zeros that a digit of the same edge overwrites.
func (p *machineEmitter) needed(e automaton.Edge, ops []automaton.Op) []automaton.Op {
	return slices.DeleteFunc(slices.Clone(ops), func(o automaton.Op) bool {
		return o.Kind == automaton.Zero && slices.ContainsFunc(e.Digits, func(d automaton.Op) bool {
			return d.Reg == o.Reg && p.assigns(e, d)
		})
	})
}

// state prints one state.
func (p *machineEmitter) state(g *jen.Group, k int) {
	pl := p.plan[k]
	if pl.final || pl.merged {
		return
	}
	g.Line()
	p.describe(g, k)
	g.Id(label(k)).Op(":")
	p.body(g, k)
}

// body prints what happens in a state: the quick ways, then the look at one
// octet.
func (p *machineEmitter) body(g *jen.Group, k int) {
	s := &p.ma.DFA.States[k]
	pl := p.plan[k]
	p.jump(g, k)
	if p.scans(k) {
		p.scan(g, k)
	} else {
		p.fetch(g, k)
	}
	if pl.merge >= 0 {
		p.stepBack(g, k)
	}
	for _, o := range p.order(k) {
		e := s.Out[o]
		if pl.skip(e) {
			continue
		}
		cond := p.condition(s.On(o))
		g.If(cond).BlockFunc(func(g *jen.Group) {
			p.ops(g, k, p.needed(e, pl.without(e.Ops)))
			p.digits(g, k, e)
			g.Id("i").Op("++")
			p.arrive(g, e.To)
		})
	}
	p.otherwise(g, k)
}

// arrive prints the way to the next state, or the end.
func (p *machineEmitter) arrive(g *jen.Group, to int) {
	if !p.plan[to].final {
		g.Goto().Id(label(to))
		return
	}
	p.ops(g, to, p.ma.DFA.States[to].End)
	g.Goto().Id("done")
}

// otherwise prints what happens with an octet that nothing waits for.
func (p *machineEmitter) otherwise(g *jen.Group, k int) {
	if p.ma.Input == "value" {
		g.List(jen.Id("m").Dot("at"), jen.Id("m").Dot("in"), jen.Id("m").Dot("why"), jen.Id("m").Dot("octet")).Op("=").
			List(p.pos(), jen.Lit(k), jen.Lit(whySyntax), jen.Int16().Call(jen.Id("c")))
		p.refuse(g)
		return
	}
	g.Id("state").Op("=").Lit(k)
	g.Goto().Id("stop")
}

// fetch prints the look at the next octet, and what happens when there is
// none.
func (p *machineEmitter) fetch(g *jen.Group, k int) {
	g.If(jen.Uint().Call(jen.Id("i")).Op(">=").Uint().Call(jen.Id("end"))).BlockFunc(func(g *jen.Group) {
		if p.ma.Input != "value" {
			g.List(jen.Id("state"), jen.Id("why")).Op("=").List(jen.Lit(k), jen.Lit(whyMore))
			g.Goto().Id("stop")
			return
		}
		s := &p.ma.DFA.States[k]
		if s.Final {
			p.ops(g, k, s.End)
			g.Goto().Id("done")
			return
		}
		g.List(jen.Id("m").Dot("at"), jen.Id("m").Dot("in"), jen.Id("m").Dot("why"), jen.Id("m").Dot("octet")).Op("=").
			List(p.pos(), jen.Lit(k), jen.Lit(whySyntax), jen.Lit(-1))
		p.refuse(g)
	})
	g.Id("c").Op("=").Id("b").Index(jen.Id("i"))
}

// refuse prints the end of a value that can't be read: the event of its error.
func (p *machineEmitter) refuse(g *jen.Group) {
	g.Goto().Id("refuse")
}

// exits prints the ends of Consume.
func (p *machineEmitter) exits(g *jen.Group) {
	g.Line()
	switch p.ma.Input {
	case "value":
		g.Id("done").Op(":")
		if p.emptyEvent() {
			name := exported(p.feedOf().Outcome.Name)
			g.If(jen.Op("!").Id("some")).Block(
				jen.List(jen.Id("m").Dot("Outcome"), jen.Id("_")).Op("=").Id("m").Dot("Outcome").Dot("On").Call(jen.Id(name + "OnEmpty")))
		}
		g.Return(jen.True())
		g.Line()
		g.Id("refuse").Op(":")
		if f := p.feedOf(); f != nil {
			// m.Outcome, _ = m.Outcome.On(m.event())
			g.List(jen.Id("m").Dot("Outcome"), jen.Id("_")).Op("=").Id("m").Dot("Outcome").Dot("On").Call(jen.Id("m").Dot("event").Call())
		}
		g.Return(jen.False())
		return
	}
	g.Id("done").Op(":")
	if p.ma.Input == "stream" {
		g.Id("m").Dot("at").Op("+=").Uint32().Call(jen.Id("i"))
	} else {
		g.Id("m").Dot("at").Op("=").Uint32().Call(jen.Id("i"))
	}
	g.Id("m").Dot("state").Op("=").Lit(p.done())
	g.Return(jen.Id("i"), p.qual("message", "Done"))
	g.Line()
	g.Id("stop").Op(":")
	g.If(jen.Id("why").Op("==").Lit(whySyntax).Op("||").Id("why").Op("==").Lit(whyOverflow)).Block(
		jen.Id("m").Dot("octet").Op("=").Int16().Call(jen.Id("c")))
	args := []jen.Code{jen.Id("state"), jen.Id("why"), p.pos()}
	if p.needsLimits() {
		args = append(args, jen.Id("limits"))
	}
	if p.ma.Input == "stream" {
		g.Return(jen.Id("i"), jen.Id("m").Dot("stop").Call(args...))
	} else {
		g.Return(jen.Lit(0), jen.Id("m").Dot("stop").Call(args...))
	}
}

// describe prints the comment over a state.
func (p *machineEmitter) describe(g *jen.Group, k int) {
	s := &p.ma.DFA.States[k]
	after := "At the start"
	if len(s.Path) > 0 {
		after = fmt.Sprintf("After %q", s.Path)
	}
	comment(g, fmt.Sprintf("%s: %s; expected %s.", after, ruleText(s.Rule), list(s.Want)))
}

func ruleText(f *automaton.Frame) string {
	if f == nil {
		return "the input"
	}
	if f.Source == "" {
		return f.Rule
	}
	return fmt.Sprintf("%s (%s)", f.Rule, f.Source)
}

// list is "a, b or c".
func list(words []string) string {
	n := len(words)
	if n < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:n-1], ", ") + " or " + words[n-1]
}
