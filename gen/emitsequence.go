package gen

import (
	"slices"

	"github.com/dave/jennifer/jen"
)

// sequence prints the reader of whole messages.
func (e *emitter) sequence(s *Sequence) {
	q := &sequenceEmitter{feeder: feeder{emitter: e, feeds: e.m.feeds(s)}, s: s, typ: exported(s.Name), f: e.file("h1", s.Doc)}
	q.located = q.isLocated
	q.emit()
}

type sequenceEmitter struct {
	feeder
	s   *Sequence
	f   *jen.File
	typ string
}

func (q *sequenceEmitter) event(name string) *jen.Statement { return jen.Id(q.typ + name) }

func (q *sequenceEmitter) emit() {
	q.enum(q.f, q.typ+"Event", "is what "+q.typ+".Next found.",
		[]string{q.typ + "More", q.typ + "Head", q.typ + "Content", q.typ + "Trailers", q.typ + "End", q.typ + "Failed"},
		[]string{"more octets are needed", "the head is whole", "some content", "the trailer section is whole", "the message has ended", "the message is refused"})
	q.declare()
	q.next()
	q.decide()
	q.consumeHead()
	q.begun()
	q.end()
	q.faults()
}

// machines are the machines of the parts, each once.
func (q *sequenceEmitter) machines() (out []*Machine) {
	for _, p := range q.s.Parts {
		if p.Machine != nil {
			out = append(out, p.Machine)
		}
	}
	return out
}

func (q *sequenceEmitter) limited(ma *Machine) bool {
	return len(ma.Limits) > 0 || ma.RecordLimit != nil
}

func (q *sequenceEmitter) part(name string) *jen.Statement {
	return jen.Id(unexported(q.typ) + "At" + exported(name))
}

func (q *sequenceEmitter) declare() {
	doc(q.f, q.typ+"Limits are the limits of all its machines.")
	q.f.Type().Id(q.typ + "Limits").StructFunc(func(g *jen.Group) {
		for _, ma := range q.machines() {
			if q.limited(ma) {
				g.Id(exported(ma.Name) + "Limits")
			}
		}
		for _, l := range q.limits() {
			g.Comment("// " + l.Row.String())
			g.Id(l.Name).Uint32()
		}
	})
	q.f.Line()
	doc(q.f, "Default"+q.typ+"Limits are the limits that the specifications give.")
	q.f.Func().Id("Default" + q.typ + "Limits").Params().Id(q.typ + "Limits").Block(
		jen.Return(jen.Id(q.typ + "Limits").ValuesFunc(func(g *jen.Group) {
			for _, ma := range q.machines() {
				if q.limited(ma) {
					g.Line().Id(exported(ma.Name) + "Limits").Op(":").Id("Default" + exported(ma.Name) + "Limits").Call()
				}
			}
			for _, l := range q.limits() {
				g.Line().Id(l.Name).Op(":").Lit(int(l.Default))
			}
			g.Line()
		})))
	q.f.Line()

	head := q.s.Parts[0].Machine
	doc(q.f, q.typ+" reads one message after the other: it runs the machines in the order of the sequence "+q.s.Name+", and decides with the tables what comes next. Its zero value is ready.")
	q.f.Type().Id(q.typ).StructFunc(func(g *jen.Group) {
		for _, ma := range q.machines() {
			name := exported(ma.Name)
			if ma == head {
				g.Id("Head").Id(name).Comment("// spans index the octets of the event Head")
				q.variantFields(g)
				continue
			}
			g.Id(name).Id(name)
		}
		if given := q.m.given(q.s); len(given) > 0 {
			g.Line().Comment("// What the octets don't tell: set it before the head is read.")
			for _, d := range given {
				g.Id(exported(d.Name)).Id(exported(d.Name))
			}
		}
		g.Line().Comment("// What the head's fields come to.")
		for _, fd := range q.fed() {
			name := exported(fd.Machine.Name)
			g.Id(name).Add(q.qual(fd.Machine.Room, name+"Value"))
			if q.located(fd.Machine) {
				g.Id(name + "At").Add(q.qual("message", "Span")).Comment("// where its last value stands in the head, or nothing")
			}
		}
		g.Line().Comment("// What is decided when the head is whole.")
		for _, d := range q.decisions() {
			g.Id(exported(d.Name)).Id(exported(d.Name))
		}
		g.Line().Comment("// Content is the octets of the event Content.")
		g.Id("Content").Add(q.qual("message", "Span"))
		g.Line()
		g.Id("left").Uint64().Comment("// octets that a count still waits for")
		g.Id("offset").Int64().Comment("// octets of the message that were consumed")
		g.Id("start").Int64().Comment("// octets of the message before the part under way")
		for _, l := range q.limits() {
			g.Id(unexported(l.Name)).Uint64().Comment("// counted for the limit " + l.Name)
		}
		g.Id("refused").Id("Refusal")
		g.Id("cause").Uint32().Comment("// where in the head that was refused is, or how much of the cut message is not consumed")
		g.Id("by").String().Comment("// the decision that refused")
		g.Id("part").Uint8()
	})
	q.f.Line()

	q.f.Comment("// The parts of a message.")
	q.f.Const().DefsFunc(func(g *jen.Group) {
		for i, p := range q.s.Parts {
			s := g.Add(q.part(p.Name))
			if i == 0 {
				s.Op("=").Iota()
			}
		}
		if q.again() {
			g.Add(q.part("again")).Comment("// a further head comes")
		}
		g.Add(q.part("end"))
		g.Add(q.part("ended"))
		g.Add(q.part("failed"))
	})
	q.f.Line()

	doc(q.f, "Reset makes it ready for the next message.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("Reset").Params().BlockFunc(func(g *jen.Group) {
		g.Id("m").Dot("forget").Call()
		for _, ma := range q.machines()[1:] {
			g.Id("m").Dot(exported(ma.Name)).Dot("Reset").Call()
		}
		for _, d := range q.m.given(q.s) {
			g.Id("m").Dot(exported(d.Name)).Op("=").Lit(0)
		}
		g.Id("m").Dot("Content").Op("=").Add(q.qual("message", "Span")).Values()
		for _, l := range q.limits() {
			g.Id("m").Dot(unexported(l.Name)).Op("=").Lit(0)
		}
		g.List(jen.Id("m").Dot("left"), jen.Id("m").Dot("offset"), jen.Id("m").Dot("start"), jen.Id("m").Dot("by"), jen.Id("m").Dot("part")).Op("=").List(jen.Lit(0), jen.Lit(0), jen.Lit(0), jen.Lit(""), q.part(q.s.Parts[0].Name))
	})
	q.f.Line()

	doc(q.f, "forget makes it ready for a head.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("forget").Params().BlockFunc(func(g *jen.Group) {
		g.Id("m").Dot("Head").Dot("Reset").Call()
		for _, v := range q.variants() {
			g.If(jen.Id("m").Dot(v.field).Op("!=").Nil()).Block(jen.Id("m").Dot(v.field).Dot("Reset").Call())
		}
		for _, fd := range q.fed() {
			name := exported(fd.Machine.Name)
			if !q.located(fd.Machine) {
				g.Id("m").Dot(name).Dot("Reset").Call()
				continue
			}
			// if m.HostAt.Start > 0 {
			//	…
			// }
			g.If(jen.Id("m").Dot(name+"At").Dot("Start").Op(">").Lit(0)).Block( // it was fed
				jen.Id("m").Dot(name).Dot("Reset").Call(),
				jen.Id("m").Dot(name+"At").Op("=").Add(q.qual("message", "Span")).Values())
		}
		for _, d := range q.decisions() {
			g.Id("m").Dot(exported(d.Name)).Op("=").Lit(0)
		}
		g.List(jen.Id("m").Dot("cause"), jen.Id("m").Dot("refused")).Op("=").List(jen.Lit(0), jen.Id("RefusalNone"))
	})
	q.f.Line()

	doc(q.f, "Offset is the number of octets of the message that were consumed.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("Offset").Params().Int64().Block(jen.Return(jen.Id("m").Dot("offset")))
	q.f.Line()
}

// decisions are those that are made when the head is whole.
func (q *sequenceEmitter) decisions() []*Decision { return q.m.decided(q.s) }

// limits are those on what a message may waste.
func (q *sequenceEmitter) limits() (out []*Limit) {
	for _, l := range q.m.Overheads {
		if slices.Contains(q.machines(), l.Of) {
			out = append(out, l)
		}
	}
	return out
}

// argument is an input of a decision as the reader has it.
func (q *sequenceEmitter) argument(in *Domain) *jen.Statement {
	for _, fd := range q.m.feeds(q.s) {
		if fd.Outcome.Name == in.Name {
			return jen.Id("m").Dot(exported(fd.Machine.Name)).Dot("Outcome")
		}
	}
	for _, b := range q.s.Parts[0].Machine.Yields {
		if b.Base > 0 && unexported(b.Into) == in.Name {
			return jen.Id("m").Dot("Head").Dot(b.Into)
		}
		if b.In == nil && b.set != nil && b.set == in.set {
			return jen.Id("m").Dot("Head").Dot(b.Into + "ID")
		}
	}
	return jen.Id("m").Dot(exported(in.Name))
}

func (q *sequenceEmitter) next() {
	doc(q.f, "Next reads on in b: all octets that were not consumed yet. It consumes n of them and says what it found; the event's spans index b. Of content it gives at most room octets at a time; if room is 0 where content is due, it consumes nothing more and asks for More. After More with n above 0, Next may be called again at once with what is left of b; with n 0 it needs more octets. After End, Reset begins the next message. It does not allocate, but for the field lines.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("Next").Params(
		jen.Id("b").Index().Byte(), jen.Id("room").Int(), jen.Id("limits").Op("*").Id(q.typ+"Limits"),
	).Params(jen.Id("n").Int(), jen.Id("event").Id(q.typ+"Event")).Block(
		jen.For().Block(
			jen.Switch(jen.Id("m").Dot("part")).BlockFunc(func(g *jen.Group) {
				for _, p := range q.s.Parts {
					for _, r := range p.Rows {
						g.Comment("// " + r.String())
					}
					g.Case(q.part(p.Name)).BlockFunc(func(g *jen.Group) { q.partCode(g, p) })
				}
				if q.again() {
					g.Case(q.part("again")).Block(
						jen.Id("m").Dot("forget").Call(),
						jen.Id("m").Dot("part").Op("=").Add(q.part(q.s.Parts[0].Name)))
				}
				g.Case(q.part("end")).Block(
					jen.Id("m").Dot("part").Op("=").Add(q.part("ended")),
					jen.Return(jen.Id("n"), q.event("End")))
				g.Case(q.part("ended")).Block(jen.Panic(jen.Lit(q.packageName("h1") + ": bug: Next after End without Reset")))
				g.Default().Block(jen.Return(jen.Id("n"), q.event("Failed")))
			}),
		),
	)
	q.f.Line()
}

// again says whether a message may have several heads: the last one of them is
// that of the message, and the others are about it.
func (q *sequenceEmitter) again() bool {
	for _, p := range q.s.Parts {
		for _, next := range p.Next {
			if next == q.s.Parts[0].Name {
				return true
			}
		}
	}
	return false
}

// to prints the way to the next part, when an event has happened in one.
func (q *sequenceEmitter) to(g *jen.Group, p *Part, event string) {
	next := p.Next[event]
	q.took(g, p.rows[event])
	if next == q.s.Parts[0].Name {
		next = "again" // the head is kept until the next call
	} else if next != "end" {
		p := q.s.Part(next)
		switch {
		case p.Count != nil:
			// m.left = m.ChunkLine.Size
			g.Id("m").Dot("left").Op("=").Id("m").Dot(exported(p.Counts.Name)).Dot(p.Count.Into)
		case p.Machine != nil && p.Machine.Input == "stream":
			g.Id("m").Dot(exported(p.Machine.Name)).Dot("Reset").Call()
		}
	}
	g.List(jen.Id("m").Dot("part"), jen.Id("m").Dot("start")).Op("=").List(q.part(next), jen.Id("m").Dot("offset"))
}

func (q *sequenceEmitter) partCode(g *jen.Group, p *Part) {
	if p.Count != nil {
		q.countCode(g, p)
		return
	}
	if p.ToEnd {
		q.takeCode(g)
		return
	}
	name := exported(p.Machine.Name)
	first := p == q.s.Parts[0]
	if first {
		name = "Head"
	}
	args := []jen.Code{jen.Id("b").Index(jen.Id("n"), jen.Empty())}
	if q.limited(p.Machine) {
		args = append(args, jen.Op("&").Id("limits").Dot(exported(p.Machine.Name)+"Limits"))
	}
	if p.Machine.Input == "window" && (!first || q.again()) {
		// The window begins with this part, so that spans index b.
		g.If(jen.Id("n").Op(">").Lit(0)).Block(jen.Return(jen.Id("n"), q.event("More")))
	}
	// k, p := m.Head.Consume(b[n:], &limits.RequestHeadLimits)
	if vs := q.variants(); first && len(vs) > 0 {
		args[0] = jen.Id("b")
		g.List(jen.Id("k"), jen.Id("p")).Op(":=").Id("m").Dot("consumeHead").Call(jen.Id("b").Index(jen.Id("n"), jen.Empty()), jen.Id("limits"))
	} else {
		g.List(jen.Id("k"), jen.Id("p")).Op(":=").Id("m").Dot(name).Dot("Consume").Call(args...)
	}
	if p.Machine.Input == "stream" {
		g.Id("n").Op("+=").Id("k")
		g.If(jen.Id("p").Op("!=").Add(q.qual("message", "Failed"))).Block(jen.Id("m").Dot("offset").Op("+=").Int64().Call(jen.Id("k")))
	}
	g.Switch(jen.Id("p")).Block(
		jen.Case(q.qual("message", "More")).Block(jen.Return(jen.Id("n"), q.event("More"))),
		jen.Case(q.qual("message", "Failed")).Block(
			jen.Id("m").Dot("by").Op("=").Lit(p.Machine.Name),
			jen.Id("m").Dot("part").Op("=").Add(q.part("failed")),
			jen.Return(jen.Id("n"), q.event("Failed"))),
	)
	if first {
		g.If(jen.Op("!").Id("m").Dot("decide").Call(jen.Id("b").Index(jen.Empty(), jen.Id("k")))).Block(
			jen.Id("m").Dot("part").Op("=").Add(q.part("failed")),
			jen.Return(jen.Lit(0), q.event("Failed")))
		g.Id("m").Dot("offset").Op("+=").Int64().Call(jen.Id("k"))
		d := q.m.BodyLength(q.s)
		g.Switch(jen.Id("m").Dot(exported(d.Name))).BlockFunc(func(g *jen.Group) {
			for _, v := range q.m.Domains[d.Name].Values {
				g.Case(jen.Id(valueName(d.Name, v))).BlockFunc(func(g *jen.Group) { q.to(g, p, v) })
			}
		})
		g.Return(jen.Id("k"), q.event("Head"))
		return
	}
	if p.Machine.Input == "window" {
		g.Id("m").Dot("offset").Op("+=").Int64().Call(jen.Id("k"))
		q.to(g, p, "complete")
		g.Return(jen.Id("k"), q.event("Trailers"))
		return
	}
	q.overheads(g, p.Machine)
	events := q.m.partEvents(q.s, p)
	if len(events) == 2 {
		// if m.ChunkLine.Last {
		for _, b := range p.Machine.Yields {
			if b.Mark {
				g.If(jen.Id("m").Dot(name).Dot(b.Into)).BlockFunc(func(g *jen.Group) {
					q.to(g, p, events[1])
				}).Else().BlockFunc(func(g *jen.Group) {
					q.to(g, p, events[0])
				})
			}
		}
		return
	}
	q.to(g, p, "complete")
}

// overheads prints the count of what a machine read beyond what is free.
func (q *sequenceEmitter) overheads(g *jen.Group, ma *Machine) {
	for _, l := range q.limits() {
		if l.Of != ma {
			continue
		}
		count := func() *jen.Statement { return jen.Id("m").Dot(unexported(l.Name)) }
		// free := 16 + 2*min(m.ChunkLine.Size, 1<<32)
		// m.count += min(uint64(m.offset-m.start), …)
		rows(g, l.Row)
		g.Id("free").Op(":=").Lit(int(l.Free)).Op("+").Lit(int(l.Times)).Op("*").Min(jen.Id("m").Dot(exported(ma.Name)).Dot(l.Number), jen.Lit(1).Op("<<").Lit(32))
		g.Add(count()).Op("+=").Uint64().Call(jen.Id("m").Dot("offset").Op("-").Id("m").Dot("start"))
		g.Add(count()).Op("-=").Min(jen.Id("free"), count())
		g.If(count().Op(">").Uint64().Call(jen.Id("limits").Dot(l.Name))).Block(
			jen.Id("m").Dot("by").Op("=").Lit(l.Name),
			jen.Id("m").Dot("part").Op("=").Add(q.part("failed")),
			jen.Return(jen.Id("n"), q.event("Failed")))
	}
}

// countCode prints a part whose octets are counted: content.
func (q *sequenceEmitter) countCode(g *jen.Group, p *Part) {
	// if m.left == 0 {
	//	m.part = …
	//	continue
	// }
	g.If(jen.Id("m").Dot("left").Op("==").Lit(0)).BlockFunc(func(g *jen.Group) {
		q.to(g, p, "complete")
		g.Continue()
	})
	g.Id("k").Op(":=").Min(jen.Len(jen.Id("b")).Op("-").Id("n"), jen.Id("room"))
	g.If(jen.Uint64().Call(jen.Id("k")).Op(">").Id("m").Dot("left")).Block(jen.Id("k").Op("=").Int().Call(jen.Id("m").Dot("left")))
	g.If(jen.Id("k").Op("==").Lit(0)).Block(jen.Return(jen.Id("n"), q.event("More")))
	g.Id("m").Dot("left").Op("-=").Uint64().Call(jen.Id("k"))
	q.contentCode(g)
}

// takeCode prints a part whose octets end with the input: content.
func (q *sequenceEmitter) takeCode(g *jen.Group) {
	g.Id("k").Op(":=").Min(jen.Len(jen.Id("b")).Op("-").Id("n"), jen.Id("room"))
	g.If(jen.Id("k").Op("==").Lit(0)).Block(jen.Return(jen.Id("n"), q.event("More")))
	q.contentCode(g)
}

// contentCode prints the event of k octets of content.
func (q *sequenceEmitter) contentCode(g *jen.Group) {
	g.Id("m").Dot("offset").Op("+=").Int64().Call(jen.Id("k"))
	g.Id("m").Dot("Content").Op("=").Add(q.qual("message", "Span")).Values(jen.Id("Start").Op(":").Uint32().Call(jen.Id("n")), jen.Id("End").Op(":").Uint32().Call(jen.Id("n").Op("+").Id("k")))
	g.Return(jen.Id("n").Op("+").Id("k"), q.event("Content"))
}

// decide prints what happens when the head is whole: fields are fed to their
// machines, then the tables are asked.
func (q *sequenceEmitter) decide() {
	doc(q.f, "decide feeds the head's fields to their machines and asks the tables. It is false if one of them refuses. b is the head.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("decide").Params(jen.Id("b").Index().Byte()).Bool().BlockFunc(func(g *jen.Group) {
		set := q.m.KeywordSet("field-name")
		q.feedSpans(g, q.s.Parts[0].Machine, jen.Id("m").Dot("Head"), nil)
		g.For(jen.Id("i").Op(":=").Range().Id("m").Dot("Head").Dot("Fields")).Block(
			jen.Id("f").Op(":=").Op("&").Id("m").Dot("Head").Dot("Fields").Index(jen.Id("i")),
			q.feedSwitch(set, jen.Id("f").Dot("NameID"), jen.Id("f").Dot("Value")))
		for _, d := range q.decisions() {
			var args []jen.Code
			for _, in := range d.Inputs {
				args = append(args, q.argument(in))
			}
			call := jen.Id("Decide" + exported(d.Name)).Call(args...)
			dest := jen.Id("m").Dot(exported(d.Name))
			if !d.refuses() {
				g.Add(dest).Op("=").Add(call)
				continue
			}
			g.List(dest, jen.Id("m").Dot("refused")).Op("=").Add(call)
			g.If(jen.Id("m").Dot("refused").Op("!=").Id("RefusalNone")).BlockFunc(func(g *jen.Group) {
				g.Id("m").Dot("by").Op("=").Lit(d.Name)
				q.cause(g, d)
				g.Return(jen.False())
			})
		}
		g.Return(jen.True())
	})
	q.f.Line()
}

func (q *sequenceEmitter) faults() {
	doc(q.f, "Fault says why the message is refused; its offset counts from the message's first octet. It is nil if the message isn't refused. It allocates.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("Fault").Params(jen.Id("limits").Op("*").Id(q.typ + "Limits")).Op("*").Add(q.qual("message", "Fault")).BlockFunc(func(g *jen.Group) {
		g.Var().Id("f").Op("*").Add(q.qual("message", "Fault"))
		g.Switch(jen.Id("m").Dot("by")).BlockFunc(func(g *jen.Group) {
			for i, ma := range q.machines() {
				name := exported(ma.Name)
				if i == 0 {
					name = "Head"
				}
				args := []jen.Code{}
				if q.limited(ma) {
					args = append(args, jen.Op("&").Id("limits").Dot(exported(ma.Name)+"Limits"))
				}
				g.Case(jen.Lit(ma.Name)).Block(
					q.faultOf(i == 0, name, args),
					jen.Comment("// The machine counts from its own first octet."),
					jen.Id("f").Dot("Offset").Op("+=").Id("m").Dot("start"))
			}
			for _, l := range q.limits() {
				g.Case(jen.Lit(l.Name)).BlockFunc(func(g *jen.Group) {
					rows(g, l.Row)
					q.took(g, l.Row)
					g.Id("f").Op("=").Op("&").Add(q.qual("message", "Fault")).Values(
						jen.Line().Id("Machine").Op(":").Lit(l.Of.Name),
						jen.Line().Id("Name").Op(":").Lit(l.Error),
						jen.Line().Id("Offset").Op(":").Id("m").Dot("offset"),
						jen.Line().Id("Octet").Op(":").Lit(-1),
						jen.Line().Id("Rule").Op(":").Lit(l.Rule),
						jen.Line().Id("Source").Op(":").Lit(l.Source),
						jen.Line().Id("Status").Op(":").Lit(l.Status),
						jen.Line().Id("Requirement").Op(":").Lit(l.Requirement),
						jen.Line().Id("Limit").Op(":").Lit(l.Name),
						jen.Line().Id("Value").Op(":").Uint64().Call(jen.Id("limits").Dot(l.Name)),
						jen.Line())
				})
			}
			q.endFault(g)
			for _, d := range q.decisions() {
				if !d.refuses() {
					continue
				}
				g.Case(jen.Lit(d.Name)).BlockFunc(func(g *jen.Group) {
					g.Id("f").Op("=").Op("&").Add(q.qual("message", "Fault")).Values(
						jen.Line().Id("Machine").Op(":").Lit(d.Name),
						jen.Line().Id("Name").Op(":").Id("m").Dot("refused").Dot("String").Call(),
						jen.Line().Id("Offset").Op(":").Id("m").Dot("start").Op("+").Int64().Call(jen.Id("m").Dot("cause")),
						jen.Line().Id("Octet").Op(":").Lit(-1),
						jen.Line().Id("Rule").Op(":").Lit(d.Name),
						jen.Line().Id("Source").Op(":").Id("m").Dot("refused").Dot("Source").Call(),
						jen.Line().Id("Requirement").Op(":").Id("m").Dot("refused").Dot("Requirement").Call(),
						jen.Line().Id("Status").Op(":").Id("m").Dot("refused").Dot("Status").Call(),
						jen.Line())
				})
			}
		})
		if slices.Equal(q.s.Parts[0].Machine.Roles, []string{"client"}) {
			// if f != nil {
			//	f.Status = 502
			// }
			g.Comment("// Nobody answers a response; a gateway says so to whoever asked it for one.")
			g.If(jen.Id("f").Op("!=").Nil()).Block(jen.Id("f").Dot("Status").Op("=").Lit(502))
		}
		g.Return(jen.Id("f"))
	})
	q.f.Line()
}
