package gen

import (
	"fmt"
	"strconv"

	"github.com/dave/jennifer/jen"
)

// errorCodes prints the codes.
func (e *emitter) errorCodes() {
	if len(e.m.ErrorCodes) == 0 {
		return
	}
	f := e.file(framesRoom, e.document(e.m.ErrorCodes[0].Row.Pos))
	var names, texts, comments []string
	var values []uint64
	for _, c := range e.m.ErrorCodes {
		names, texts = append(names, "Code"+c.Into), append(texts, c.Name)
		values, comments = append(values, uint64(c.Value)), append(comments, c.Means)
	}
	named(f, "ErrorCode", "uint32", "why a stream is reset, or a connection ends (RFC 9113, Section 7).", names, texts, values, comments)
}

// settings prints identifiers, initial values and ranges.
func (e *emitter) settings() {
	if len(e.m.SettingRanges) == 0 {
		return
	}
	f := e.file(framesRoom, e.document(e.m.SettingRanges[0].Row.Pos))
	var names, texts, comments []string
	var values []uint64
	for _, s := range e.m.SettingRanges {
		names, texts = append(names, "Setting"+s.Into), append(texts, s.Name)
		values, comments = append(values, uint64(s.Identifier)), append(comments, s.Source)
	}
	named(f, "SettingID", "uint16", "which setting one is (RFC 9113, Section 6.5.2).", names, texts, values, comments)

	doc(f, "Settings are what an endpoint has said of itself.")
	f.Type().Id("Settings").StructFunc(func(g *jen.Group) {
		for _, s := range e.m.SettingRanges {
			g.Id(s.Into).Uint32()
		}
	})
	f.Line()
	doc(f, "DefaultSettings are those of an endpoint that hasn't said anything yet.")
	f.Func().Id("DefaultSettings").Params().Id("Settings").Block(jen.Return(jen.Id("Settings").ValuesFunc(func(g *jen.Group) {
		for _, s := range e.m.SettingRanges {
			g.Line().Id(s.Into).Op(":").Id(strconv.FormatUint(uint64(s.Initial), 10))
		}
		g.Line()
	})))
	f.Line()
	doc(f, "Set makes x one of the values. Others than those above are ignored.")
	f.Func().Params(jen.Id("v").Op("*").Id("Settings")).Id("Set").Params(jen.Id("x").Id("Setting")).Block(
		jen.Switch(jen.Id("x.Identifier")).BlockFunc(func(g *jen.Group) {
			for _, s := range e.m.SettingRanges {
				g.Case(jen.Id("Setting" + s.Into)).Block(jen.Id("v." + s.Into + " = x.Value"))
			}
		}),
	)
	f.Line()
	e.settingCheck(f)
}

// settingCheck prints the ranges.
func (e *emitter) settingCheck(f *jen.File) {
	doc(f, "Check says whether a value is one that its setting can have: ScopeNone if it is. It was made from these rows:")
	for _, s := range e.m.SettingRanges {
		f.Comment("// " + s.Row.String())
	}
	f.Func().Params(jen.Id("x").Id("Setting")).Id("Check").Params().Params(jen.Id("scope").Id("Scope"), jen.Id("code").Id("ErrorCode"), jen.Id("rule").String()).Block(
		jen.Switch().BlockFunc(func(g *jen.Group) {
			for _, s := range e.m.SettingRanges {
				if s.Otherwise == nil {
					continue
				}
				bound := ""
				if s.Least > 0 {
					bound = fmt.Sprintf("x.Value < %d", s.Least)
				}
				if s.Most < 1<<32-1 {
					if bound != "" {
						bound += " || "
					}
					bound += fmt.Sprintf("x.Value > %d", s.Most)
				}
				if s.Least > 0 {
					bound = "(" + bound + ")"
				}
				scope := "ScopeConnection"
				if s.Otherwise.Scope == "stream" {
					scope = "ScopeStream"
				}
				g.Case(jen.Id("x.Identifier == Setting" + s.Into + " && " + bound)).BlockFunc(func(g *jen.Group) {
					e.took(g, s.Row)
					g.Return(jen.Id(scope), jen.Id("Code"+s.Otherwise.Code.Into), jen.Lit(fmt.Sprintf("%s is from %d to %d (%s)", s.Name, s.Least, s.Most, s.Source)))
				})
			}
		}),
		jen.Return(jen.Id("ScopeNone"), jen.Id("CodeNoError"), jen.Lit("")),
	)
	f.Line()
}
