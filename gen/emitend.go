package gen

import (
	"github.com/dave/jennifer/jen"
)

// What a sequence makes of the end of input.

// limitsParam is the parameter of all methods that read.
func (q *sequenceEmitter) limitsParam() *jen.Statement {
	return jen.Id("limits").Op("*").Id(q.typ + "Limits")
}

// begun prints whether a message has begun.
func (q *sequenceEmitter) begun() {
	head := q.s.Parts[0]
	doc(q.f, "HasBegun says whether a message is under way, or begins in b, the octets that are not consumed.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("HasBegun").Params(jen.Id("b").Index().Byte(), q.limitsParam()).Bool().Block(
		jen.Switch(jen.Id("m").Dot("part")).BlockFunc(func(g *jen.Group) {
			g.Case(q.part(head.Name)).BlockFunc(func(g *jen.Group) {
				g.If(jen.Id("m").Dot("offset").Op(">").Lit(0)).Block(jen.Return(jen.True()))
				if q.s.Before == "" {
					g.Return(jen.Len(jen.Id("b")).Op(">").Lit(0))
					return
				}
				// if _, p := m.consumeHead(b, limits); p != message.More {
				//	m.forget() // it is read again by Next
				//	return true
				// }
				g.If(jen.List(jen.Id("_"), jen.Id("p")).Op(":=").Id("m").Dot("consumeHead").Call(jen.Id("b"), jen.Id("limits")), jen.Id("p").Op("!=").Add(q.qual("message", "More"))).Block(
					jen.Id("m").Dot("forget").Call().Comment("// it is read again by Next"),
					jen.Return(jen.True()))
				for _, v := range q.variants() {
					g.If(jen.Id("m").Dot(v.flag)).Block(q.before(v.field, v.before), jen.Return(jen.True()))
				}
				rows(g, head.rows[q.s.Before])
				g.Add(q.before("Head", q.s.before))
			})
			g.Case(q.part("ended")).Block(jen.Return(jen.False()))
		}),
		jen.Return(jen.True()))
	q.f.Line()
}

// before prints that a head has not begun in some states of its machine.
func (q *sequenceEmitter) before(field string, states []int) *jen.Statement {
	// switch m.Head.state {
	// case 0, 1, 2:
	//	return false
	// }
	return jen.Switch(jen.Id("m").Dot(field).Dot("state")).Block(
		jen.CaseFunc(func(g *jen.Group) {
			for _, k := range states {
				g.Lit(k)
			}
		}).Block(jen.Return(jen.False())))
}

// end prints what the end of input does.
func (q *sequenceEmitter) end() {
	doc(q.f, "End says that nothing comes after b, the octets that are not consumed though Next was asked. It is End if that completes the message, Failed if it cuts the message short, and More if there is none. Content that only the end of input ends must have been consumed.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("End").Params(jen.Id("b").Index().Byte(), q.limitsParam()).Id(q.typ + "Event").Block(
		jen.Switch(jen.Id("m").Dot("part")).BlockFunc(func(g *jen.Group) {
			for i, p := range q.s.Parts {
				cases := []jen.Code{q.part(p.Name)}
				if i == 0 && q.again() {
					cases = append(cases, q.part("again"))
				}
				rows(g, p.rows[endOfInput])
				g.Case(cases...).BlockFunc(func(g *jen.Group) {
					if i == 0 && q.s.Before != "" {
						g.If(jen.Op("!").Id("m").Dot("HasBegun").Call(jen.Id("b"), jen.Id("limits"))).BlockFunc(func(g *jen.Group) {
							rows(g, p.rows[q.s.Before])
							q.ending(g, p, q.s.Before)
						})
					}
					q.ending(g, p, endOfInput)
				})
			}
			g.Case(q.part("end")).Block(
				jen.Id("m").Dot("part").Op("=").Add(q.part("ended")),
				jen.Return(q.event("End")))
			g.Case(q.part("ended")).Block(jen.Return(q.event("More")))
			g.Default().Block(jen.Return(q.event("Failed")))
		}))
	q.f.Line()

	doc(q.f, "cut is that the input ended too early, with some octets that were not consumed.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("cut").Params(jen.Id("left").Int(), jen.Id("r").Id("Refusal")).Id(q.typ+"Event").Block(
		jen.List(jen.Id("m").Dot("refused"), jen.Id("m").Dot("cause"), jen.Id("m").Dot("by")).Op("=").List(jen.Id("r"), jen.Uint32().Call(jen.Id("left")), jen.Lit(q.s.Name)),
		jen.Id("m").Dot("part").Op("=").Add(q.part("failed")),
		jen.Return(q.event("Failed")))
	q.f.Line()
}

// ending prints what one event of the end of input leads to.
func (q *sequenceEmitter) ending(g *jen.Group, p *Part, event string) {
	q.took(g, p.rows[event])
	switch r := p.Refuse[event]; {
	case r != nil:
		g.Return(jen.Id("m").Dot("cut").Call(jen.Len(jen.Id("b")), jen.Id("Refusal"+exported(r.Name))))
	case p.Next[event] == "nothing":
		g.Return(q.event("More"))
	default:
		g.If(jen.Len(jen.Id("b")).Op(">").Lit(0)).Block(jen.Panic(jen.Lit(q.packageName("h1") + ": bug: End before all content was consumed")))
		g.Id("m").Dot("part").Op("=").Add(q.part("ended"))
		g.Return(q.event("End"))
	}
}

// endFault prints the fault of a message whose input ended too early.
func (q *sequenceEmitter) endFault(g *jen.Group) {
	g.Case(jen.Lit(q.s.Name)).Block(
		jen.Id("f").Op("=").Op("&").Add(q.qual("message", "Fault")).Values(
			jen.Line().Id("Machine").Op(":").Lit(q.s.Name),
			jen.Line().Id("Name").Op(":").Id("m").Dot("refused").Dot("String").Call(),
			jen.Line().Id("Offset").Op(":").Id("m").Dot("offset").Op("+").Int64().Call(jen.Id("m").Dot("cause")),
			jen.Line().Id("Octet").Op(":").Lit(-1),
			jen.Line().Id("Rule").Op(":").Lit(q.s.Name),
			jen.Line().Id("Source").Op(":").Id("m").Dot("refused").Dot("Source").Call(),
			jen.Line().Id("Requirement").Op(":").Id("m").Dot("refused").Dot("Requirement").Call(),
			jen.Line().Id("Status").Op(":").Id("m").Dot("refused").Dot("Status").Call(),
			jen.Line()))
}
