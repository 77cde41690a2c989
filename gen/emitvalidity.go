package gen

import (
	"fmt"
	"strconv"

	"github.com/dave/jennifer/jen"
)

// frameSizes is where the RFC says how long frames are.
const frameSizes = "RFC 9113, Section 4.2"

// validities prints what a header alone says of its frame.
func (e *emitter) validities(f *jen.File) {
	doc(f, "Check says what is wrong with a frame whose header is h, as far as that tells: ScopeNone if nothing is. maxFrameSize is the SETTINGS_MAX_FRAME_SIZE that we have announced, in octets. It was made from these rows:")
	for _, v := range e.m.Validities {
		f.Comment("// " + v.Row.String())
	}
	f.Func().Params(jen.Id("h").Id("Header")).Id("Check").Params(jen.Id("maxFrameSize").Uint32()).Params(jen.Id("scope").Id("Scope"), jen.Id("code").Id("ErrorCode"), jen.Id("rule").String()).BlockFunc(func(g *jen.Group) {
		g.Switch(jen.Id("h.Type")).BlockFunc(func(g *jen.Group) {
			for _, l := range e.m.Frames() {
				g.Case(jen.Id("Type" + l.Into)).BlockFunc(func(g *jen.Group) {
					for _, v := range e.m.Validities {
						if v.Layout == l && v.Flag != "" {
							e.validity(g, v)
						}
					}
					for _, v := range e.m.Validities {
						if v.Layout == l && v.Flag == "" {
							e.validity(g, v)
						}
					}
				})
			}
			g.Default().BlockFunc(func(g *jen.Group) {
				for _, v := range e.m.Validities {
					if v.Layout == nil {
						e.validity(g, v)
					}
				}
			})
		})
		g.Return(jen.Id("ScopeNone"), jen.Id("CodeNoError"), jen.Lit(""))
	})
	f.Line()
}

// validity prints one row: it returns if the row is of this frame.
func (e *emitter) validity(g *jen.Group, v *Validity) {
	stream := "h.StreamID != 0"
	if v.Zero {
		stream = "h.StreamID == 0"
	}
	if v.Flag != "" {
		stream += " && h.Flags.Has(Flag" + flagName(v.Flag) + ")"
	}
	fails := func(x *FrameError, text, source string) jen.Code {
		scope := "ScopeConnection"
		if x.Scope == "stream" {
			scope = "ScopeStream"
		}
		return jen.Return(jen.Id(scope), jen.Id("Code"+x.Code.Into), jen.Lit(text+" ("+source+")"))
	}
	name := v.Row.Cells[0].Text
	if v.Layout == nil {
		name = "a frame"
	}
	if v.None {
		text := name + " on another stream than 0"
		if v.Zero {
			text = name + " on stream 0"
		}
		g.If(jen.Id(stream)).BlockFunc(func(g *jen.Group) {
			e.took(g, v.Row)
			g.Add(fails(v.Otherwise, text, v.Source))
		})
		return
	}
	g.If(jen.Id(stream)).BlockFunc(func(g *jen.Group) {
		e.took(g, v.Row)
		g.If(jen.Id("h.Length > maxFrameSize")).Block(fails(v.TooLong, name+" longer than SETTINGS_MAX_FRAME_SIZE", frameSizes))
		switch {
		case v.Exactly >= 0:
			g.If(jen.Id("h.Length != " + strconv.Itoa(v.Exactly))).Block(fails(v.Otherwise, fmt.Sprintf("%s whose length isn't %d", name, v.Exactly), v.Source))
		case v.AtLeast > 0:
			g.If(jen.Id("h.Length < " + strconv.Itoa(v.AtLeast))).Block(fails(v.Otherwise, fmt.Sprintf("%s whose length is below %d", name, v.AtLeast), v.Source))
		case v.Multiple > 0:
			g.If(jen.Id("h.Length%" + strconv.Itoa(v.Multiple) + " != 0")).Block(fails(v.Otherwise, fmt.Sprintf("%s whose length is no multiple of %d", name, v.Multiple), v.Source))
		}
		if v.Flag != "" {
			g.Return(jen.Id("ScopeNone"), jen.Id("CodeNoError"), jen.Lit(""))
		}
	})
}
