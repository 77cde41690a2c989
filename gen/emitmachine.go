package gen

import (
	"fmt"
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

	tables []string // of jumps
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

// limits prints the machine's limits and their defaults.
func (p *machineEmitter) limits() {
	all := p.allLimits()
	if len(all) == 0 {
		return
	}
	name := p.typ + "Limits"
	doc(p.f, name+" are the limits of "+p.typ+", in octets or in numbers of field lines. What is longer than its limit is a fault.")
	p.f.Type().Id(name).StructFunc(func(g *jen.Group) {
		for _, l := range all {
			g.Comment("// " + l.Row.String())
			g.Id(l.Name).Uint32()
		}
	})
	p.f.Line()
	doc(p.f, "Default"+name+" are the limits that the specifications give.")
	p.f.Func().Id("Default" + name).Params().Id(name).Block(
		jen.Return(jen.Id(name).ValuesFunc(func(g *jen.Group) {
			for _, l := range all {
				g.Line().Id(l.Name).Op(":").Lit(int(l.Default))
			}
			g.Line()
		})))
	p.f.Line()
}

func (p *machineEmitter) allLimits() []*Limit {
	all := append([]*Limit(nil), p.ma.Limits...)
	if p.ma.RecordLimit != nil {
		all = append(all, p.ma.RecordLimit)
	}
	return all
}

// record is the yield that the machine's records are made by, or nil.
func (p *machineEmitter) record() *Bound {
	for _, b := range p.ma.Yields {
		if b.Record {
			return b
		}
	}
	return nil
}

// feedOf is where the machine's events go, or nil.
func (p *machineEmitter) feedOf() *Feed { return p.feed(p.ma) }

func (p *machineEmitter) declare() {
	ma := p.ma
	what := map[string]string{
		"window": "Octets stay where they are until it is done, and its spans are offsets from the first of them.",
		"stream": "It consumes all that it is given.",
		"value":  "It reads whole values, one after the other, and adds up what they come to.",
	}[ma.Input]
	doc(p.f, fmt.Sprintf("%s is the machine for %s (%s): %s\n%s", p.typ, ma.Name, ma.rule.Source, abnf.String(ma.Root), what))
	p.f.Type().Id(p.typ).StructFunc(func(g *jen.Group) {
		for i := len(ma.Yields) - 1; i >= 0; i-- {
			b := ma.Yields[i]
			if b.In != nil {
				continue
			}
			note := "// " + b.Path
			switch {
			case b.Record:
				g.Id("Fields").Index().Add(p.recordType(b)).Comment(note + ", in order; the slice is reused")
			case b.Mark:
				g.Id(b.Into).Bool().Comment(note + " was read")
			case b.Base > 0:
				g.Id(b.Into).Uint64().Comment(note)
			case b.Span && ma.Input != "value":
				g.Id(b.Into).Add(p.qual("message", "Span")).Comment(note)
				if b.set != nil {
					g.Id(b.Into + "ID").Add(p.qual(p.keywordRoom(b.set), keywordType(b.set)))
				}
			}
		}
		if f := p.feedOf(); f != nil {
			g.Id("Outcome").Id(exported(f.Outcome.Name)).Comment("// of all values since Reset")
		}
		g.Line()
		if ma.Input != "value" {
			for i := range ma.Limits {
				g.Id(p.start(i)).Uint32().Comment("// where the element of limit " + ma.Limits[i].Name + " began")
			}
			if r := p.record(); r != nil {
				g.Id("record").Add(p.recordType(r)).Comment("// the one under way")
			}
			g.Id("at").Uint32().Comment("// octets read so far, or where the fault is")
			g.Id("state").Uint8()
		} else {
			g.Id("at").Uint32().Comment("// where the fault is")
		}
		g.Id("in").Uint8().Comment("// the state that failed")
		g.Id("why").Uint8().Comment("// how it failed: 1 syntax, 2 overflow, then the limits")
		g.Id("octet").Int16().Comment("// the octet at fault, or -1")
	})
	p.f.Line()
}

func (p *machineEmitter) recordType(b *Bound) *jen.Statement {
	return p.qual(p.m.room(p.document(b.Pos)), b.Into)
}

func (p *machineEmitter) start(limit int) string {
	return unexported(p.ma.Limits[limit].Name) + "Start"
}

// done and failed are the states beside the automaton's own.
func (p *machineEmitter) done() int   { return len(p.ma.DFA.States) }
func (p *machineEmitter) failed() int { return len(p.ma.DFA.States) + 1 }

func (p *machineEmitter) reset() {
	doc(p.f, "Reset makes the machine ready for another input. What the last one yielded stays until the next is Done.")
	// func (m *RequestHead) Reset() {
	//	m.Fields = m.Fields[:0]
	//	m.at, m.state, m.why = 0, 0, 0
	// }
	p.f.Func().Params(jen.Id("m").Op("*").Id(p.typ)).Id("Reset").Params().BlockFunc(func(g *jen.Group) {
		if p.ma.Input == "value" {
			g.Op("*").Id("m").Op("=").Id(p.typ).Values()
			return
		}
		for _, b := range p.ma.Yields {
			switch {
			case b.Record:
				g.Id("m").Dot("Fields").Op("=").Id("m").Dot("Fields").Index(jen.Empty(), jen.Lit(0))
			case b.Mark:
				g.Id("m").Dot(b.Into).Op("=").False()
			}
		}
		g.List(jen.Id("m").Dot("at"), jen.Id("m").Dot("state"), jen.Id("m").Dot("why")).Op("=").List(jen.Lit(0), jen.Lit(0), jen.Lit(0))
	})
	p.f.Line()
}

// needsLimits says whether Consume takes limits.
func (p *machineEmitter) needsLimits() bool { return len(p.allLimits()) > 0 }

func (p *machineEmitter) params() []jen.Code {
	out := []jen.Code{jen.Id("b").Index().Byte()}
	if p.needsLimits() {
		out = append(out, jen.Id("limits").Op("*").Id(p.typ+"Limits"))
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
		g.Goto().Id("s0")
		return
	}
	if p.record() != nil {
		g.Id("fields").Op(":=").Id("m").Dot("Fields")
	}
	p.enter(g)
}

// enter prints the jump to where the machine stopped. If the automaton goes
// round through one state, everything enters there: the compiler then sees
// proper loops, and keeps registers and proofs of bounds across them.
func (p *machineEmitter) enter(g *jen.Group) {
	// resume := m.state
	// if resume != 0 {
	//	nameStart = m.record.Name.Start
	//	…
	// }
	g.Id("resume").Op(":=").Id("m").Dot("state")
	if ls := p.locals(); len(ls) > 0 {
		g.If(jen.Id("resume").Op("!=").Lit(0)).BlockFunc(func(g *jen.Group) {
			for _, l := range ls {
				g.Id(l.name).Op("=").Add(l.home)
			}
		})
	}
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

// local is a register that is kept in a variable while Consume runs.
type local struct {
	name string
	typ  *jen.Statement
	home *jen.Statement // where it is kept between calls
}

func (p *machineEmitter) locals() (out []local) {
	u32 := func() *jen.Statement { return jen.Uint32() }
	if r := p.record(); r != nil {
		for _, b := range recordFields(p.ma, r) {
			home := func() *jen.Statement { return jen.Id("m").Dot("record").Dot(b.Into) }
			out = append(out, local{unexported(b.Into) + "Start", u32(), home().Dot("Start")}, local{unexported(b.Into) + "End", u32(), home().Dot("End")})
			if b.set != nil {
				out = append(out, local{unexported(b.Into) + "ID", p.qual(p.keywordRoom(b.set), keywordType(b.set)), jen.Id("m").Dot("record").Dot(b.Into + "ID")})
			}
		}
	}
	if p.ma.Input == "value" {
		for _, b := range p.ma.Yields {
			if b.Span {
				out = append(out, local{unexported(b.Into) + "Start", u32(), nil}, local{unexported(b.Into) + "End", u32(), nil})
			}
			if b.set != nil {
				out = append(out, local{unexported(b.Into) + "ID", p.qual(p.keywordRoom(b.set), keywordType(b.set)), nil})
			}
		}
		if p.emptyEvent() {
			out = append(out, local{"some", jen.Bool(), nil})
		}
		return out
	}
	for i := range p.ma.Limits {
		out = append(out, local{p.start(i), u32(), jen.Id("m").Dot(p.start(i))})
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
			return jen.Id(p.start(i))
		}
	}
	for _, b := range p.ma.Yields {
		local := b.In != nil || p.ma.Input == "value" && b.Span
		name := func(suffix string) *jen.Statement {
			if local {
				return jen.Id(unexported(b.Into) + suffix)
			}
			if suffix == "ID" {
				return jen.Id("m").Dot(b.Into + "ID")
			}
			return jen.Id("m").Dot(b.Into).Dot(suffix)
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
			// nameStart = uint32(i)
			g.Add(p.reg(op.Reg)).Op("=").Add(p.pos())
		case automaton.Zero:
			g.Add(p.reg(op.Reg)).Op("=").Lit(0)
		case automaton.Mark:
			g.Add(p.reg(op.Reg)).Op("=").True()
		case automaton.Keyword:
			// nameID = message.LookupFieldName(b[nameStart:nameEnd])
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

// append prints the end of a record.
func (p *machineEmitter) append(g *jen.Group, k int, op automaton.Op) {
	b := p.ma.Yields[op.Arg]
	if l := p.ma.RecordLimit; l != nil {
		// if uint32(len(fields)) >= limits.FieldLines {
		//	state, why = 18, 5
		//	goto stop
		// }
		g.If(jen.Uint32().Call(jen.Len(jen.Id("fields"))).Op(">=").Id("limits").Dot(l.Name)).Block(
			jen.List(jen.Id("state"), jen.Id("why")).Op("=").List(jen.Lit(k), jen.Lit(whyLimit+len(p.ma.Limits))),
			jen.Goto().Id("stop"))
	}
	// fields = append(fields, message.FieldLine{
	//	Name: message.Span{Start: nameStart, End: nameEnd}, …
	// })
	g.Id("fields").Op("=").Append(jen.Id("fields"), p.recordType(b).ValuesFunc(func(g *jen.Group) {
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
	ev := jen.Id(name + "OnOther")
	if b := p.ma.Yields[op.Arg]; b.set != nil {
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
		first := false
		for _, o := range e.Ops {
			first = first || o.Kind == automaton.Zero && o.Reg == op.Reg
		}
		if first && uint64(b.Base-1) <= b.Max {
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
			p.ops(g, k, pl.without(e.Ops))
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
	if p.record() != nil {
		g.Id("m").Dot("Fields").Op("=").Id("fields")
	}
	if p.ma.Input == "stream" {
		g.Id("m").Dot("at").Op("+=").Uint32().Call(jen.Id("i"))
	} else {
		g.Id("m").Dot("at").Op("=").Uint32().Call(jen.Id("i"))
	}
	g.Id("m").Dot("state").Op("=").Lit(p.done())
	g.Return(jen.Id("i"), p.qual("message", "Done"))
	g.Line()
	g.Id("stop").Op(":")
	if p.record() != nil {
		g.Id("m").Dot("Fields").Op("=").Id("fields")
	}
	for _, l := range p.locals() {
		g.Add(l.home).Op("=").Id(l.name)
	}
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

// condition is the test whether c is in a set: comparisons, or a look-up in
// the machine's table.
func (p *machineEmitter) condition(set abnf.Set) *jen.Statement {
	r := set.Ranges()
	if len(r) > 2 {
		return p.lookup(jen.Id("c"), set).Op("!=").Lit(0)
	}
	s := jen.Null()
	for i, x := range r {
		if i > 0 {
			s.Op("||")
		}
		s.Add(inRange(x))
	}
	return s
}

// lookup is the bit of a set in the machine's table, for an octet.
func (p *machineEmitter) lookup(c *jen.Statement, set abnf.Set) *jen.Statement {
	bit := -1
	for i, s := range p.sets {
		if s == set {
			bit = i
		}
	}
	if bit < 0 {
		bit = len(p.sets)
		p.sets = append(p.sets, set)
	}
	return jen.Id(p.low + "Octets").Index(c).Op("&").Lit(1 << bit)
}

func inRange(x [2]byte) *jen.Statement {
	lo, hi := x[0], x[1]
	switch {
	case lo == hi:
		return jen.Id("c").Op("==").Add(octet(lo))
	case lo == 0:
		return jen.Id("c").Op("<=").Add(octet(hi))
	case hi == 255:
		return jen.Id("c").Op(">=").Add(octet(lo))
	}
	return jen.Add(octet(lo)).Op("<=").Id("c").Op("&&").Id("c").Op("<=").Add(octet(hi))
}

// octet is an octet as a person would write it in Go.
func octet(c byte) *jen.Statement {
	switch {
	case c == '\r' || c == '\n' || c == '\t' || c > ' ' && c < 0x7f || c == ' ':
		return jen.LitRune(rune(c))
	}
	return jen.Id(fmt.Sprintf("0x%02x", c))
}

// table prints the table that sets are looked up in.
func (p *machineEmitter) table() {
	if len(p.sets) > 8 {
		panic("gen: bug: more than eight sets in a table")
	}
	if len(p.sets) > 0 {
		var about []string
		for i, s := range p.sets {
			about = append(about, fmt.Sprintf("bit %d: %s", i, s))
		}
		p.f.Comment("// " + p.low + "Octets has a bit for each set of octets that is looked up.")
		for _, a := range about {
			p.f.Comment("// " + a)
		}
		p.f.Var().Id(p.low + "Octets").Op("=").Index(jen.Lit(256)).Uint8().ValuesFunc(func(g *jen.Group) {
			for c := 0; c < 256; c++ {
				v := 0
				for i, s := range p.sets {
					if s.Has(byte(c)) {
						v |= 1 << i
					}
				}
				if c%16 == 0 {
					g.Line().Lit(v)
				} else {
					g.Lit(v)
				}
			}
			g.Line()
		})
		p.f.Line()
	}
	f := p.feedOf()
	if f == nil {
		return
	}
	name := exported(f.Outcome.Name)
	for _, b := range p.ma.Yields {
		if b.set == nil || !b.Event {
			continue
		}
		typ := keywordType(b.set)
		p.f.Comment("// " + p.low + "Events are the events of the keywords.")
		p.f.Var().Id(p.low + "Events").Op("=").Index(jen.Op("...")).Id(name + "Event").ValuesFunc(func(g *jen.Group) {
			g.Line().Id(typ + "Other").Op(":").Id(name + "OnOther")
			for _, w := range b.set.Words {
				g.Line().Id(typ + exported(w.Name)).Op(":").Id(name + "On" + exported(w.Name))
			}
			g.Line()
		})
		p.f.Line()
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
