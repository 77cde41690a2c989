package gen

import (
	"fmt"

	"github.com/dave/jennifer/jen"
	"github.com/specht-http/specht/gen/abnf"
)

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
	width := jen.Uint8()
	switch n := len(p.sets); {
	case n > 32:
		panic("gen: bug: more than 32 sets in a table")
	case n > 16:
		width = jen.Uint32()
	case n > 8:
		width = jen.Uint16()
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
		p.f.Var().Id(p.low + "Octets").Op("=").Index(jen.Lit(256)).Add(width).ValuesFunc(func(g *jen.Group) {
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
