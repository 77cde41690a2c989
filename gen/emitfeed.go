package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
	"github.com/specht-http/specht/spec"
)

// feeder prints how the fields of a document feed machines: those of m, which are
// named after them.
type feeder struct {
	*emitter
	feeds   []*Feed
	located func(*Machine) bool // whether it is kept where a machine's last value stands
}

// fed are the feeds, one for each machine.
func (q *feeder) fed() (out []*Feed) {
	seen := map[*Machine]bool{}
	for _, fd := range q.feeds {
		if !seen[fd.Machine] {
			seen[fd.Machine] = true
			out = append(out, fd)
		}
	}
	return out
}

// isLocated says whether it is kept where a machine's last value stands: because
// a message can be refused for it, or because it keeps spans of it.
func (q *sequenceEmitter) isLocated(ma *Machine) bool {
	for _, b := range ma.Yields {
		if ma.keeps(b) {
			return true
		}
	}
	for _, d := range q.decisions() {
		for _, in := range d.Inputs {
			if d.refuses() && q.machineOf(in) == ma {
				return true
			}
		}
	}
	return false
}

// machineOf is the machine whose outcome an input is, or nil.
func (q *sequenceEmitter) machineOf(in *Domain) *Machine {
	for _, fd := range q.m.feeds(q.s) {
		if fd.Outcome.Name == in.Name {
			return fd.Machine
		}
	}
	return nil
}

// feedValue prints how a machine is fed with a value, given its span in b, and
// then what its own spans feed.
func (q *feeder) feedValue(g *jen.Group, fd *Feed, span *jen.Statement) {
	name := exported(fd.Machine.Name)
	m := func() *jen.Statement { return jen.Id("m").Dot(name) }
	// m.HostAt = f.Value
	// if m.Host.Consume(f.Value.Of(b)) {
	//	…
	// }
	consume := jen.Add(m()).Dot("Consume").Call(jen.Add(span).Dot("Of").Call(jen.Id("b")))
	if q.located(fd.Machine) {
		g.Id("m").Dot(name + "At").Op("=").Add(span)
	}
	if !q.feedsOn(fd.Machine) {
		g.Add(consume)
		return
	}
	g.If(consume).BlockFunc(func(g *jen.Group) {
		q.feedSpans(g, fd.Machine, m(), jen.Id("m").Dot(name+"At").Dot("Start"))
	})
}

// feedsOn says whether a machine's spans feed others.
func (q *feeder) feedsOn(ma *Machine) bool {
	for _, fd := range q.feeds {
		if fd.From == ma {
			return true
		}
	}
	return false
}

// feedSpans prints what the spans of a machine feed, if they have octets. They
// count from base in b.
func (q *feeder) feedSpans(g *jen.Group, ma *Machine, m, base *jen.Statement) {
	for _, fd := range q.feeds {
		if fd.From != ma {
			continue
		}
		rows(g, fd.Row)
		// if s := m.Host.Literal; s.Len() > 0 {
		//	s.Start, s.End = s.Start+m.HostAt.Start, s.End+m.HostAt.Start
		//	m.IPLiteral.Consume(s.Of(b))
		// }
		g.If(jen.Id("s").Op(":=").Add(m).Dot(fd.Span.Into), jen.Id("s").Dot("Len").Call().Op(">").Lit(0)).BlockFunc(func(g *jen.Group) {
			if base != nil {
				g.List(jen.Id("s").Dot("Start"), jen.Id("s").Dot("End")).Op("=").List(jen.Id("s").Dot("Start").Op("+").Add(base), jen.Id("s").Dot("End").Op("+").Add(base))
			}
			q.feedValue(g, fd, jen.Id("s"))
		})
	}
}

// cause is where a message is at fault that a decision refuses: a span of the
// head that is named like the decision, or the last of the values whose
// outcomes it asks; without a value, the empty line that ends the head.
func (q *sequenceEmitter) cause(g *jen.Group, d *Decision) {
	cause := func() *jen.Statement { return g.Id("m").Dot("cause").Op("=") }
	for _, b := range q.s.Parts[0].Machine.Yields {
		if b.Span && b.In == nil && b.Into == exported(d.Name) {
			cause().Id("m").Dot("Head").Dot(b.Into).Dot("Start")
			return
		}
	}
	var at []jen.Code
	for _, in := range d.Inputs {
		if ma := q.machineOf(in); ma != nil {
			at = append(at, jen.Id("m").Dot(exported(ma.Name)+"At").Dot("Start"))
		}
	}
	switch len(at) {
	case 0:
		return
	case 1:
		cause().Add(at[0])
	default:
		cause().Max(at...)
	}
	g.If(jen.Id("m").Dot("cause").Op("==").Lit(0)).Block(jen.Id("m").Dot("cause").Op("=").Uint32().Call(jen.Len(jen.Id("b")).Op("-").Lit(2)))
}

// feedSwitch prints a switch over the name of a field, by which its value is fed.
func (q *feeder) feedSwitch(set *KeywordSet, id, span *jen.Statement) *jen.Statement {
	// switch f.NameID {
	// case message.FieldNameHost:
	//	…
	// }
	return jen.Switch(id).BlockFunc(func(g *jen.Group) {
		for _, fd := range q.feeds {
			if fd.From != nil || wordName(set, fd.Field) == "" {
				continue
			}
			rows(g, fd.Row)
			g.Case(q.qual(q.keywordRoom(set), keywordType(set)+wordName(set, fd.Field))).BlockFunc(func(g *jen.Group) {
				q.feedValue(g, fd, span.Clone())
			})
		}
	})
}

// fields prints what the fields of a document come to, for an engine that takes
// them one by one, and not by a sequence.
func (e *emitter) fields(d *spec.Document) {
	q := &feeder{emitter: e, located: func(*Machine) bool { return true }}
	for _, fd := range e.m.Feeds {
		if fd.Doc == d && !fd.isByHand() {
			q.feeds = append(q.feeds, fd)
		}
	}
	if len(q.feeds) == 0 {
		return
	}
	f := e.file(e.m.tableRoom(d), d)
	typ := exported(strings.ToLower(strings.ReplaceAll(d.Title, " ", "-"))) + "Values"
	doc(f, typ+" are what the values of fields come to, and where the last one of each stands, or what of it.")
	// type FieldSectionValues struct {
	//	Host   message.HostValue
	//	HostAt message.Span
	//	…
	// }
	f.Type().Id(typ).StructFunc(func(g *jen.Group) {
		for _, fd := range q.fed() {
			name := exported(fd.Machine.Name)
			g.Id(name).Add(q.qual(fd.Machine.Room, name+"Value"))
			g.Id(name + "At").Add(q.qual("message", "Span"))
		}
	})
	f.Line()
	for _, set := range e.m.Keywords {
		if !slices.ContainsFunc(q.feeds, func(fd *Feed) bool { return fd.From == nil && wordName(set, fd.Field) != "" }) {
			continue
		}
		kind := keywordType(set)
		doc(f, "Feed"+kind+" feeds the value of a field, a span of b, to the machine that reads it, if there is one.")
		// func (m *FieldSectionValues) FeedFieldName(id message.FieldName, b []byte, at message.Span) {
		f.Func().Params(jen.Id("m").Op("*").Id(typ)).Id("Feed"+kind).Params(
			jen.Id("id").Add(q.qual(q.keywordRoom(set), kind)), jen.Id("b").Index().Byte(), jen.Id("at").Add(q.qual("message", "Span")),
		).Block(q.feedSwitch(set, jen.Id("id"), jen.Id("at")))
		f.Line()
	}
}

// wordName is the name of a word as part of that of its id; nothing if the set
// doesn't have it.
func wordName(k *KeywordSet, text string) string {
	for _, w := range k.Words {
		if strings.EqualFold(w.Text, text) {
			return exported(w.Name)
		}
	}
	return ""
}
