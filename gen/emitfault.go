package gen

import (
	"github.com/dave/jennifer/jen"
)

// stop prints how a machine stops: for more octets, or for good. Whether a
// limit was passed is looked at here and where a limited element ends, so that
// the loops need not count; the same input gives the same fault however it is
// cut.
func (p *machineEmitter) stop() {
	ls := p.ma.Limits
	if len(ls) > 0 {
		p.f.Comment("// " + p.low + "Open tells for each state which limited elements are under way there:")
		for i, l := range ls {
			p.f.Comment("// bit " + string(rune('0'+i)) + " for " + l.Name + ".")
		}
		p.f.Var().Id(p.low + "Open").Op("=").Index(jen.Op("...")).Uint8().ValuesFunc(func(g *jen.Group) {
			for k := range p.ma.DFA.States {
				v := 0
				for _, r := range p.ma.DFA.States[k].Open {
					for i, l := range ls {
						if l.Start == r {
							v |= 1 << i
						}
					}
				}
				g.Lit(v)
			}
		})
		p.f.Line()
	}
	params := []jen.Code{jen.List(jen.Id("state"), jen.Id("why")).Uint8(), jen.Id("at").Uint32()}
	if p.needsLimits() {
		params = append(params, jen.Id("limits").Op("*").Id(p.limitsType()))
	}
	doc(p.f, "stop keeps where the machine is, to go on there or to report it. A limit that was passed before that place counts as the fault.")
	p.f.Func().Params(jen.Id("m").Op("*").Id(p.typ)).Id("stop").Params(params...).Add(p.qual("message", "Progress")).BlockFunc(func(g *jen.Group) {
		if len(ls) > 0 {
			// if end := uint64(m.xStart) + uint64(limits.X); open&1 != 0 && end < uint64(at) {
			//	at, why = uint32(end), 3
			// }
			g.Id("open").Op(":=").Id(p.low + "Open").Index(jen.Id("state"))
			for i, l := range ls {
				g.If(
					jen.Id("end").Op(":=").Uint64().Call(jen.Id("m").Dot(p.start(i))).Op("+").Uint64().Call(jen.Id("limits").Dot(l.Name)),
					jen.Id("open").Op("&").Lit(1<<i).Op("!=").Lit(0).Op("&&").Id("end").Op("<").Uint64().Call(jen.Id("at")),
				).Block(jen.List(jen.Id("at"), jen.Id("why")).Op("=").List(jen.Uint32().Call(jen.Id("end")), jen.Lit(whyLimit+i)))
			}
		}
		g.Id("m").Dot("at").Op("=").Id("at")
		g.If(jen.Id("why").Op("==").Lit(whyMore)).Block(
			jen.Id("m").Dot("state").Op("=").Id("state"),
			jen.Return(p.qual("message", "More")))
		g.If(jen.Id("why").Op(">=").Lit(whyLimit)).Block(jen.Id("m").Dot("octet").Op("=").Lit(-1))
		g.List(jen.Id("m").Dot("state"), jen.Id("m").Dot("in"), jen.Id("m").Dot("why")).Op("=").List(jen.Lit(p.failed()), jen.Id("state"), jen.Id("why"))
		g.Return(p.qual("message", "Failed"))
	})
	p.f.Line()
}

// fault prints what a machine says of its failure.
func (p *machineEmitter) fault() {
	ma := p.ma
	doc(p.f, "Fault says why the machine failed; nil if it didn't. It allocates.")
	params := []jen.Code{}
	if p.needsLimits() {
		params = append(params, jen.Id("limits").Op("*").Id(p.limitsType()))
	}
	// func (m *RequestHead) Fault(limits *RequestHeadLimits) *message.Fault {
	//	if m.why == 0 {
	//		return nil
	//	}
	//	w := &requestHeadWaits[m.in]
	//	f := &message.Fault{Machine: "request-head", …}
	p.f.Func().Params(jen.Id("m").Op("*").Id(p.typ)).Id("Fault").Params(params...).Op("*").Add(p.qual("message", "Fault")).BlockFunc(func(g *jen.Group) {
		g.If(jen.Id("m").Dot("why").Op("==").Lit(whyMore)).Block(jen.Return(jen.Nil()))
		g.Id("w").Op(":=").Op("&").Id(p.low + "Waits").Index(jen.Id("m").Dot("in"))
		g.Id("f").Op(":=").Op("&").Add(p.qual("message", "Fault")).Values(
			jen.Line().Id("Machine").Op(":").Lit(ma.Name),
			jen.Line().Id("Name").Op(":").Lit("malformed ").Op("+").Id("w").Dot("rule"),
			jen.Line().Id("Offset").Op(":").Int64().Call(jen.Id("m").Dot("at")),
			jen.Line().Id("Octet").Op(":").Int().Call(jen.Id("m").Dot("octet")),
			jen.Line().Id("Rule").Op(":").Id("w").Dot("rule"),
			jen.Line().Id("Source").Op(":").Id("w").Dot("source"),
			jen.Line().Id("Want").Op(":").Id("w").Dot("want"),
			jen.Line().Id("Status").Op(":").Lit(400),
			jen.Line(),
		)
		if !p.hasNamed() && !p.overflow() && len(p.allLimits()) == 0 {
			g.Return(jen.Id("f"))
			return
		}
		g.Switch(jen.Id("m").Dot("why")).BlockFunc(func(g *jen.Group) {
			if p.hasNamed() {
				g.Case(jen.Lit(whySyntax)).Block(jen.Id("m").Dot("named").Call(jen.Id("f")))
			}
			for _, e := range ma.Errors {
				if e.Overflow && e.used && p.m.overflows(ma, e) {
					g.Case(jen.Lit(whyOverflow)).BlockFunc(func(g *jen.Group) {
						rows(g, e.Row)
						p.took(g, e.Row)
						p.say(g, e.Name, e.Status, e.Requirement)
					})
				}
			}
			for i, l := range p.allLimits() {
				g.Case(jen.Lit(whyLimit + i)).BlockFunc(func(g *jen.Group) {
					rows(g, l.Row)
					p.took(g, l.Row)
					p.say(g, l.Error, l.Status, l.Requirement)
					g.List(jen.Id("f").Dot("Rule"), jen.Id("f").Dot("Source")).Op("=").List(jen.Lit(l.Rule), jen.Lit(l.Source))
					g.List(jen.Id("f").Dot("Limit"), jen.Id("f").Dot("Value"), jen.Id("f").Dot("Want")).Op("=").List(jen.Lit(l.Name), jen.Uint64().Call(jen.Id("limits").Dot(l.Name)), jen.Lit(""))
				})
			}
		})
		g.Return(jen.Id("f"))
	})
	p.f.Line()
	if p.hasNamed() {
		p.named()
	}
	if p.feedOf() != nil {
		p.event()
	}
	p.f.Comment("// " + p.low + "Waits tells for each state what it waits for, and by which rule.")
	p.f.Var().Id(p.low + "Waits").Op("=").Index(jen.Op("...")).Struct(jen.List(jen.Id("rule"), jen.Id("source"), jen.Id("want")).String()).ValuesFunc(func(g *jen.Group) {
		for k := range ma.DFA.States {
			s := &ma.DFA.States[k]
			rule, source := "", ""
			if s.Rule != nil {
				rule, source = s.Rule.Rule, s.Rule.Source
			}
			g.Line().Values(jen.Lit(rule), jen.Lit(source), jen.Lit(list(s.Want)))
		}
		g.Line()
	})
	p.f.Line()
}

// overflow says whether a number of this machine has a row for overflows.
func (p *machineEmitter) overflow() bool { return p.m.Overflow(p.ma) != nil }

func (p *machineEmitter) say(g *jen.Group, name string, status int, requirement string) {
	g.List(jen.Id("f").Dot("Name"), jen.Id("f").Dot("Status"), jen.Id("f").Dot("Requirement")).Op("=").
		List(jen.Lit(name), jen.Lit(status), jen.Lit(requirement))
}

// faultName is a row that names faults in some states.
type faultName struct {
	row    *ErrorRow
	states []int
}

// names are the rows that name faults of this machine, each with its states;
// the first row that fits an octet wins.
func (p *machineEmitter) names() (out []faultName) {
	for _, e := range p.ma.Errors {
		n := faultName{row: e}
		for k := range p.ma.DFA.States {
			if p.plan[k].merged {
				continue
			}
			if !e.Overflow && !p.m.appliesTo(&p.ma.DFA.States[k], e).Empty() {
				n.states = append(n.states, k)
			}
		}
		if len(n.states) > 0 {
			out = append(out, n)
		}
	}
	return out
}

func (p *machineEmitter) hasNamed() bool { return len(p.names()) > 0 }

// named prints the search for a fault's own name.
func (p *machineEmitter) named() {
	doc(p.f, "named gives a fault that has a row of its own its name.")
	p.f.Func().Params(jen.Id("m").Op("*").Id(p.typ)).Id("named").Params(jen.Id("f").Op("*").Add(p.qual("message", "Fault"))).BlockFunc(func(g *jen.Group) {
		g.If(jen.Id("m").Dot("octet").Op("<").Lit(0)).Block(jen.Return())
		g.Id("c").Op(":=").Byte().Call(jen.Id("m").Dot("octet"))
		for _, n := range p.names() {
			// switch m.in {
			// case 18, 23:
			//	if c == ' ' || c == '\t' {
			//		f.Name, f.Status, f.Requirement = …
			//		return
			//	}
			// }
			rows(g, n.row.Row)
			g.Switch(jen.Id("m").Dot("in")).Block(
				jen.CaseFunc(func(g *jen.Group) {
					for _, k := range n.states {
						g.Lit(k)
					}
				}).Block(jen.If(ranges(n.row.Octets.Ranges())).BlockFunc(func(g *jen.Group) {
					p.took(g, n.row.Row)
					p.say(g, n.row.Name, n.row.Status, n.row.Requirement)
					g.Return()
				})))
		}
	})
	p.f.Line()
}

func ranges(rs [][2]byte) *jen.Statement {
	s := jen.Null()
	for i, r := range rs {
		if i > 0 {
			s.Op("||")
		}
		s.Add(inRange(r))
	}
	return s
}

// event prints the event that a value machine's failure is.
func (p *machineEmitter) event() {
	f := p.feedOf()
	name := exported(f.Outcome.Name)
	doc(p.f, "event is the event that the failure is for the outcome.")
	p.f.Func().Params(jen.Id("m").Op("*").Id(p.typ)).Id("event").Params().Id(name + "Event").BlockFunc(func(g *jen.Group) {
		named := false
		for _, e := range p.ma.Errors {
			named = named || e.used && p.ma.raises(e) && answers(f.Outcome, e.Name)
		}
		if named {
			g.Switch(jen.Id("m").Dot("Fault").Call().Dot("Name")).BlockFunc(func(g *jen.Group) {
				for _, e := range p.ma.Errors {
					if e.used && p.ma.raises(e) && answers(f.Outcome, e.Name) {
						g.Case(jen.Lit(e.Name)).Block(jen.Return(jen.Id(name + "On" + exported(e.Name))))
					}
				}
			})
		}
		g.Return(jen.Id(name + "OnMalformed"))
	})
	p.f.Line()
}

func answers(t *Transitions, event string) bool {
	for _, e := range t.Events {
		if e == event {
			return true
		}
	}
	return false
}
