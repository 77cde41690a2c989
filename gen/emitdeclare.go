package gen

import (
	"fmt"
	"math"

	"github.com/dave/jennifer/jen"
	"github.com/specht-http/specht/gen/abnf"
)

// limits prints the machine's limits and their defaults. Those of a variant are
// its machine's, and printed there, unless it is generated without it.
func (p *machineEmitter) limits() {
	all := p.allLimits()
	if len(all) == 0 || p.limitsPrinter() != p.ma {
		return
	}
	name := p.limitsType()
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

// limitsPrinter is whoever prints the type of the limits: the machine that all
// are variants of, or else the first variant that is wanted.
func (p *machineEmitter) limitsPrinter() *Machine {
	of := p.ma
	if of.Of != nil {
		of = of.Of
	}
	if p.want(of) {
		return of
	}
	for _, v := range p.m.variants(of) {
		if p.want(v) {
			return v
		}
	}
	return p.ma
}

// limitsType is the type of the limits; a variant has those of its machine.
func (p *machineEmitter) limitsType() string { return exported(p.ma.name()) + "Limits" }

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
			case ma.keeps(b):
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
		in := jen.Uint8()
		if len(ma.DFA.States) > math.MaxUint8 && ma.Input == "value" {
			in = jen.Uint16()
		}
		g.Id("in").Add(in).Comment("// the state that failed")
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
	doc(p.f, "Reset makes the machine ready for another input. What the last one yielded stays until the next is Done, but for what the next may leave out.")
	// func (m *ResponseHead) Reset() {
	//	m.Fields = m.Fields[:0]
	//	m.Reason = message.Span{}
	//	m.at, m.state, m.why = 0, 0, 0
	// }
	p.f.Func().Params(jen.Id("m").Op("*").Id(p.typ)).Id("Reset").Params().BlockFunc(func(g *jen.Group) {
		if p.ma.Input == "value" {
			g.Op("*").Id("m").Op("=").Id(p.typ).Values()
			return
		}
		for _, b := range p.ma.Yields {
			switch {
			case p.m.isFed(b):
				g.Id("m").Dot(b.Into).Op("=").Add(p.qual("message", "Span")).Values()
			case b.Record:
				g.Id("m").Dot("Fields").Op("=").Id("m").Dot("Fields").Index(jen.Empty(), jen.Lit(0))
			case b.Mark:
				g.Id("m").Dot(b.Into).Op("=").False()
			case b.In != nil:
			case b.Base > 0 && p.ma.DFA.MaySkip(b.Value):
				g.Id("m").Dot(b.Into).Op("=").Lit(0)
			case b.Span && p.ma.DFA.MaySkip(b.End):
				g.Id("m").Dot(b.Into).Op("=").Add(p.qual("message", "Span")).Values()
				if b.set != nil {
					g.Id("m").Dot(b.Into + "ID").Op("=").Lit(0)
				}
			}
		}
		g.List(jen.Id("m").Dot("at"), jen.Id("m").Dot("state"), jen.Id("m").Dot("why")).Op("=").List(jen.Lit(0), jen.Lit(0), jen.Lit(0))
	})
	p.f.Line()
}
