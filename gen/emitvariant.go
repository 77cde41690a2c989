package gen

import (
	"strings"

	"github.com/dave/jennifer/jen"
)

// headVariant is a variant of the machine that reads a sequence's head. Whoever
// reads the message chooses it; the strict machine then rests.
type headVariant struct {
	ma          *Machine
	flag, field string
	before      []int // the states in which the message has not begun
}

func (q *sequenceEmitter) variants() (out []headVariant) {
	head := q.s.Parts[0].Machine
	for _, ma := range q.m.variants(head) {
		word := strings.TrimSuffix(ma.Name, "-"+head.Name)
		v := headVariant{ma: ma, flag: exported(word), field: unexported(word)}
		if q.s.Before != "" {
			v.before = q.m.statesBefore(ma, strings.TrimPrefix(q.s.Before, endOfInput+" before "), q.s.Pos)
		}
		out = append(out, v)
	}
	return out
}

// variantFields prints which variants are chosen, and the machines.
func (q *sequenceEmitter) variantFields(g *jen.Group) {
	for _, v := range q.variants() {
		g.Line().Comment("// " + v.flag + " says that heads are read by " + v.ma.Name + " (spec/" + v.ma.Doc.File + ").")
		if v.ma.foldsAny() {
			g.Comment("// Then Next overwrites the folds in a head by SP, when it consumes the head.")
		}
		g.Comment("// Set it before the first one; Reset leaves it.")
		g.Id(v.flag).Bool()
		g.Id(v.field).Op("*").Id(exported(v.ma.Name)).Comment("// made when it is needed")
		g.Line()
	}
}

// consumeHead prints the reader of heads: the machine, or its variant, whose
// yields it takes over.
func (q *sequenceEmitter) consumeHead() {
	head := q.s.Parts[0].Machine
	args := func(b jen.Code) []jen.Code {
		out := []jen.Code{b}
		if q.limited(head) {
			out = append(out, jen.Op("&").Id("limits").Dot(exported(head.Name)+"Limits"))
		}
		return out
	}
	doc(q.f, "consumeHead reads on in the head.")
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("consumeHead").Params(jen.Id("b").Index().Byte(), q.limitsParam()).Params(jen.Int(), q.qual("message", "Progress")).BlockFunc(func(g *jen.Group) {
		for _, v := range q.variants() {
			// if m.Lenient {
			//	return m.consumeLenient(b, limits)
			// }
			g.If(jen.Id("m").Dot(v.flag)).Block(jen.Return(jen.Id("m").Dot("consume"+v.flag).Call(jen.Id("b"), jen.Id("limits"))))
		}
		g.Return(jen.Id("m").Dot("Head").Dot("Consume").Call(args(jen.Id("b"))...))
	})
	q.f.Line()
	folds := false
	for _, v := range q.variants() {
		doc(q.f, "consume"+v.flag+" reads on in the head with "+v.ma.Name+", and takes over what it yields.")
		q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("consume"+v.flag).Params(jen.Id("b").Index().Byte(), q.limitsParam()).Params(jen.Id("k").Int(), jen.Id("p").Add(q.qual("message", "Progress"))).BlockFunc(func(g *jen.Group) {
			g.If(jen.Id("m").Dot(v.field).Op("==").Nil()).Block(jen.Id("m").Dot(v.field).Op("=").New(jen.Id(exported(v.ma.Name))))
			g.Id("v").Op(":=").Id("m").Dot(v.field)
			g.If(jen.List(jen.Id("k"), jen.Id("p")).Op("=").Id("v").Dot("Consume").Call(args(jen.Id("b"))...), jen.Id("p").Op("!=").Add(q.qual("message", "Done"))).Block(jen.Return(jen.Id("k"), jen.Id("p")))
			for _, name := range q.yielded(v.ma) {
				if name == "Fields" {
					g.List(jen.Id("m").Dot("Head").Dot(name), jen.Id("v").Dot(name)).Op("=").List(jen.Id("v").Dot(name), jen.Id("m").Dot("Head").Dot(name))
					continue
				}
				g.Id("m").Dot("Head").Dot(name).Op("=").Id("v").Dot(name)
			}
			if v.ma.foldsAny() {
				g.Id("m").Dot("unfold").Call(jen.Id("b"))
				folds = true
			}
			g.Return(jen.Id("k"), jen.Id("p"))
		})
		q.f.Line()
	}
	if folds {
		q.unfold()
	}
}

// unfold prints what makes SP of the folds in values.
func (q *sequenceEmitter) unfold() {
	doc(q.f, "unfold overwrites the folds in the values of a head by SP: the end of a line, and the white space around it (RFC 9112, Section 5.2). The spans stay. A value begins and ends with a visible octet; what isn't visible in it is white space, and LF stands in folds alone.")
	// for i := k; v[i] <= ' '; i-- {
	//	v[i] = ' '
	// }
	overwrite := func(step string) jen.Code {
		at := func() *jen.Statement { return jen.Id("v").Index(jen.Id("i")) }
		return jen.For(jen.Id("i").Op(":=").Id("k"), at().Op("<=").LitRune(' '), jen.Id("i").Op(step)).Block(at().Op("=").LitRune(' '))
	}
	// for _, f := range m.Head.Fields {
	//	v := f.Value.Of(b)
	//	for k := range v {
	//		if v[k] == '\n' {
	//			…
	//		}
	//	}
	// }
	q.f.Func().Params(jen.Id("m").Op("*").Id(q.typ)).Id("unfold").Params(jen.Id("b").Index().Byte()).Block(
		jen.For(jen.List(jen.Id("_"), jen.Id("f")).Op(":=").Range().Id("m").Dot("Head").Dot("Fields")).Block(
			jen.Id("v").Op(":=").Id("f").Dot("Value").Dot("Of").Call(jen.Id("b")),
			jen.For(jen.Id("k").Op(":=").Range().Id("v")).Block(
				jen.If(jen.Id("v").Index(jen.Id("k")).Op("==").LitRune('\n')).Block(overwrite("--"), overwrite("++")),
			)))
	q.f.Line()
}

// yielded are the names of what a machine yields, as fields of its type.
func (q *sequenceEmitter) yielded(ma *Machine) (names []string) {
	for _, b := range ma.Yields {
		switch {
		case b.Record:
			names = append(names, "Fields")
		case b.In != nil:
		default:
			names = append(names, b.Into)
			if b.Keyword != "" {
				names = append(names, b.Into+"ID")
			}
		}
	}
	return names
}

// faultOf prints the fault of a machine, or of the variant that read the head.
func (q *sequenceEmitter) faultOf(isHead bool, name string, args []jen.Code) jen.Code {
	strict := jen.Id("f").Op("=").Id("m").Dot(name).Dot("Fault").Call(args...)
	if !isHead || len(q.variants()) == 0 {
		return strict
	}
	// switch {
	// case m.Lenient:
	//	f = m.lenient.Fault(&limits.RequestHeadLimits)
	// default:
	//	f = m.Head.Fault(&limits.RequestHeadLimits)
	// }
	return jen.Switch().BlockFunc(func(g *jen.Group) {
		for _, v := range q.variants() {
			g.Case(jen.Id("m").Dot(v.flag)).Block(jen.Id("f").Op("=").Id("m").Dot(v.field).Dot("Fault").Call(args...))
		}
		g.Default().Block(strict)
	})
}
