package gen

import (
	"strings"

	"github.com/dave/jennifer/jen"
)

// runtime prints what all machines use.
func (e *emitter) runtime() {
	f := e.fileFor("message", "machine", "What all machines use")
	e.enum(f, "Progress", "is how far a machine came with the octets that it was given.",
		[]string{"More", "Done", "Failed"}, []string{"more octets are needed", "done", "failed"})

	doc(f, "Span is a range of octets in a buffer: those from Start up to, and not including, End.")
	f.Type().Id("Span").Struct(jen.List(jen.Id("Start"), jen.Id("End")).Uint32())
	f.Line()
	doc(f, "Of is the span's octets in b, the buffer that it was made for; a slice of b.")
	f.Func().Params(jen.Id("s").Id("Span")).Id("Of").Params(jen.Id("b").Index().Byte()).Index().Byte().Block(
		jen.Return(jen.Id("b").Index(jen.Id("s").Dot("Start"), jen.Id("s").Dot("End"))))
	f.Line()
	doc(f, "Len is the number of octets in the span.")
	f.Func().Params(jen.Id("s").Id("Span")).Id("Len").Params().Int().Block(
		jen.Return(jen.Int().Call(jen.Id("s").Dot("End").Op("-").Id("s").Dot("Start"))))
	f.Line()

	doc(f, "Fault says what was wrong with the octets of a peer: where, against which rule, and what was expected. It is made once, by the machine or table that refused.")
	f.Type().Id("Fault").Struct(
		jen.Id("Machine").String().Comment("the machine or decision that refused"),
		jen.Id("Name").String().Comment("what is wrong"),
		jen.Id("Offset").Int64().Comment("from the first octet of the machine's input"),
		jen.Id("Octet").Int().Comment("the octet there; -1 if it isn't one octet's fault"),
		jen.Id("Rule").String().Comment("the rule that was broken"),
		jen.Id("Source").String().Comment("the rule's section"),
		jen.Id("Want").String().Comment("what was expected instead"),
		jen.Id("Status").Int().Comment("the status code to answer with"),
		jen.Id("Requirement").String().Comment("the ids of the requirements, or the choice, behind a row"),
		jen.Id("Limit").String().Comment("the limit that was passed"),
		jen.Id("Value").Uint64().Comment("that limit's value"),
	)
	f.Line()
	doc(f, "Error is what is wrong, where, against which rule, and what was expected.")
	f.Func().Params(jen.Id("f").Op("*").Id("Fault")).Id("Error").Params().String().BlockFunc(func(g *jen.Group) {
		// s := f.Machine + ": " + f.Name + " at octet " + strconv.FormatInt(f.Offset, 10)
		g.Id("s").Op(":=").Id("f").Dot("Machine").Op("+").Lit(": ").Op("+").Id("f").Dot("Name").Op("+").Lit(" at octet ").Op("+").Qual("strconv", "FormatInt").Call(jen.Id("f").Dot("Offset"), jen.Lit(10))
		g.If(jen.Id("f").Dot("Source").Op("!=").Lit("")).Block(jen.Id("s").Op("+=").Lit(" (").Op("+").Id("f").Dot("Source").Op("+").Lit(")"))
		// switch {
		// case f.Octet >= 0x80: // no letter: '\xe4'
		//	s += `: found '\x` + strconv.FormatInt(int64(f.Octet), 16) + "'"
		// case f.Octet >= 0:
		//	s += ": found " + strconv.QuoteRune(rune(f.Octet))
		// }
		g.Switch().Block(
			jen.Case(jen.Id("f").Dot("Octet").Op(">=").Lit(0x80)).Block(
				jen.Id("s").Op("+=").Lit(": found '\\x").Op("+").Qual("strconv", "FormatInt").Call(jen.Int64().Call(jen.Id("f").Dot("Octet")), jen.Lit(16)).Op("+").Lit("'")),
			jen.Case(jen.Id("f").Dot("Octet").Op(">=").Lit(0)).Block(
				jen.Id("s").Op("+=").Lit(": found ").Op("+").Qual("strconv", "QuoteRune").Call(jen.Rune().Call(jen.Id("f").Dot("Octet")))),
		)
		g.If(jen.Id("f").Dot("Want").Op("!=").Lit("")).Block(jen.Id("s").Op("+=").Lit(", expected ").Op("+").Id("f").Dot("Want"))
		g.If(jen.Id("f").Dot("Limit").Op("!=").Lit("")).Block(jen.Id("s").Op("+=").Lit(": the limit ").Op("+").Id("f").Dot("Limit").Op("+").Lit(" is ").Op("+").Qual("strconv", "FormatUint").Call(jen.Id("f").Dot("Value"), jen.Lit(10)))
		g.Return(jen.Id("s"))
	})
	f.Line()
	doc(f, "Load8 is the first eight octets of b, the first one lowest. It panics if there are fewer.")
	f.Func().Id("Load8").Params(jen.Id("b").Index().Byte()).Uint64().BlockFunc(func(g *jen.Group) {
		// _ = b[7]
		// return uint64(b[0]) | uint64(b[1])<<8 | …
		g.Id("_").Op("=").Id("b").Index(jen.Lit(7))
		s := jen.Uint64().Call(jen.Id("b").Index(jen.Lit(0)))
		for i := 1; i < 8; i++ {
			s.Op("|").Uint64().Call(jen.Id("b").Index(jen.Lit(i))).Op("<<").Lit(8 * i)
		}
		g.Return(s)
	})
	f.Line()
}

// keywordType is the Go type of a set's ids.
func keywordType(k *KeywordSet) string { return exported(k.Name) }

// keywordRoom is the room that a set's type goes to.
func (e *emitter) keywordRoom(k *KeywordSet) string { return e.m.room(k.Doc) }

// keywords prints a set of words: a type for their ids, and a look-up.
func (e *emitter) keywords(k *KeywordSet) {
	f := e.file(e.keywordRoom(k), k.Doc)
	typ := keywordType(k)
	values, text := []string{typ + "Other"}, []string{"any other"}
	for _, w := range k.Words {
		values = append(values, typ+exported(w.Name))
		text = append(text, w.Text)
	}
	e.enum(f, typ, "is the id of a known "+k.Name+".", values, text)

	doc(f, "Lookup"+typ+" is the id of b, or "+typ+"Other. "+map[bool]string{true: "Case is ignored.", false: "Case matters."}[k.Fold])
	longest := 0
	for _, w := range k.Words {
		longest = max(longest, len(w.Text))
	}
	cases := func(g *jen.Group) {
		for i, w := range k.Words {
			t := w.Text
			if k.Fold {
				t = strings.ToLower(t)
			}
			g.Case(jen.Lit(t)).Block(jen.Return(jen.Id(values[i+1])))
		}
	}
	// func LookupFieldName(b []byte) FieldName {
	//	var low [25]byte
	//	if len(b) > len(low) {
	//		return FieldNameOther
	//	}
	//	for i, c := range b {
	//		low[i] = c | byte((uint16(c-'A')-26)>>15)<<5
	//	}
	//	switch string(low[:len(b)]) {
	//	case "host":
	//		return FieldNameHost
	//	…
	f.Func().Id("Lookup" + typ).Params(jen.Id("b").Index().Byte()).Id(typ).BlockFunc(func(g *jen.Group) {
		key := jen.Id("b")
		if k.Fold {
			g.Var().Id("low").Index(jen.Lit(longest)).Byte()
			g.If(jen.Len(jen.Id("b")).Op(">").Len(jen.Id("low"))).Block(jen.Return(jen.Id(values[0])))
			g.For(jen.List(jen.Id("i"), jen.Id("c")).Op(":=").Range().Id("b")).Block(
				jen.Comment("// 0x20 for A to Z, and nothing for the rest, without a branch."),
				jen.Id("low").Index(jen.Id("i")).Op("=").Id("c").Op("|").Byte().Call(jen.Parens(jen.Uint16().Call(jen.Id("c").Op("-").LitRune('A')).Op("-").Lit(26)).Op(">>").Lit(15)).Op("<<").Lit(5),
			)
			key = jen.Id("low").Index(jen.Empty(), jen.Len(jen.Id("b")))
		}
		g.Switch(jen.String().Call(key)).BlockFunc(cases)
		g.Return(jen.Id(values[0]))
	})
	f.Line()
}

// flags prints a predicate for each column of yes and no.
func (e *emitter) flags(k *KeywordSet) {
	f := e.file(e.keywordRoom(k), k.Doc)
	typ := keywordType(k)
	for _, flag := range k.Flags {
		doc(f, "Is"+exported(flag)+" says whether v is "+flag+" (spec/"+k.Doc.File+"). "+typ+"Other isn't.")
		// func (v Method) IsSafe() bool {
		//	switch v {
		//	case MethodGet, MethodHead:
		//		return true
		//	}
		//	return false
		// }
		f.Func().Params(jen.Id("v").Id(typ)).Id("Is"+exported(flag)).Params().Bool().Block(
			jen.Switch(jen.Id("v")).Block(jen.CaseFunc(func(g *jen.Group) {
				for i := range k.Words {
					if w := &k.Words[i]; w.Is(flag) {
						g.Line().Id(typ + exported(w.Name))
					}
				}
			}).Block(jen.Return(jen.True()))),
			jen.Return(jen.False()))
		f.Line()
	}
}

// recordFields are the members of a record, in the order of the tables.
func recordFields(ma *Machine, r *Bound) (out []*Bound) {
	for _, b := range ma.Yields {
		if b.In == r {
			out = append(out, b)
		}
	}
	// The compiler works back to front, so that the last member comes first.
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return out
}

// records prints the types of records, each once.
func (e *emitter) records() {
	seen := map[*Yield]bool{}
	for _, ma := range e.m.Machines {
		if !e.want(ma) {
			continue
		}
		for _, b := range ma.Yields {
			if !b.Record || seen[b.Yield] {
				continue
			}
			seen[b.Yield] = true
			d := e.document(b.Pos)
			f := e.file(e.m.room(d), d)
			doc(f, b.Into+" is one "+b.Path+": spans in the buffer that the machine was given.")
			f.Type().Id(b.Into).StructFunc(func(g *jen.Group) {
				beside := b.Beside
				for _, x := range recordFields(ma, b) {
					if x.Span {
						g.Id(x.Into).Add(e.qual("message", "Span"))
					}
					if x.set != nil {
						g.Id(x.Into + "ID").Add(e.qual(e.keywordRoom(x.set), keywordType(x.set)))
					}
					if x.set != nil && beside != "" { // where it takes no room of its own
						g.Id(beside).Bool().Comment("// no machine sets it")
						beside = ""
					}
				}
				if beside != "" {
					g.Id(beside).Bool().Comment("// no machine sets it")
				}
			})
			f.Line()
		}
	}
}
