package gen

import (
	"fmt"
	"strconv"

	"github.com/dave/jennifer/jen"
)

// framesRoom is the package that frames go to.
const framesRoom = "frames"

// frames prints the layouts: types, flags, structs, what reads and appends them,
// and what a header alone says of its frame.
func (e *emitter) frames() {
	if len(e.m.Layouts) == 0 || !e.hasRoom(framesRoom) {
		return
	}
	f := e.file(framesRoom, e.m.Layout("HTTP").Doc)
	e.frameTypes(f)
	e.frameFlags(f)
	e.frameHeader(f)
	for _, l := range e.m.Layouts {
		if l.Name != "HTTP" {
			e.layout(f, l)
		}
	}
	e.validities(f)
	e.errorCodes()
	e.settings()
}

// named prints constants of a type with their values, and its String.
func named(f *jen.File, typ, under, what string, names, texts []string, values []uint64, comments []string) {
	doc(f, typ+" is "+what)
	f.Type().Id(typ).Id(under)
	f.Line()
	f.Commentf("// The values of %s.", typ)
	f.Const().DefsFunc(func(g *jen.Group) {
		for i, name := range names {
			g.Id(name).Id(typ).Op("=").Id("0x" + strconv.FormatUint(values[i], 16)).Comment(comments[i])
		}
	})
	f.Line()
	doc(f, "String is the value's name in the RFC.")
	f.Func().Params(jen.Id("v").Id(typ)).Id("String").Params().String().Block(
		jen.Switch(jen.Id("v")).BlockFunc(func(g *jen.Group) {
			for i, name := range names {
				g.Case(jen.Id(name)).Block(jen.Return(jen.Lit(texts[i])))
			}
		}),
		jen.Return(jen.Lit("unknown")),
	)
	f.Line()
}

func (e *emitter) frameTypes(f *jen.File) {
	var names, texts, comments []string
	var values []uint64
	for _, l := range e.m.Frames() {
		names, texts = append(names, "Type"+l.Into), append(texts, l.Name)
		values, comments = append(values, uint64(l.Type)), append(comments, l.Source)
	}
	named(f, "Type", "uint8", "what a frame is (RFC 9113, Section 4.1). One that isn't here is ignored.", names, texts, values, comments)
}

func (e *emitter) frameFlags(f *jen.File) {
	doc(f, "Flags are those of a frame header. What one means depends on the type of the frame, and so do the names of those that share a bit.")
	f.Type().Id("Flags").Uint8()
	f.Line()
	seen := map[string]bool{}
	f.Comment("// The flags.")
	f.Const().DefsFunc(func(g *jen.Group) {
		for _, l := range e.m.Frames() {
			for _, flag := range l.Flags {
				if !seen[flag.Name] {
					seen[flag.Name] = true
					g.Id("Flag" + flagName(flag.Name)).Id("Flags").Op("=").Id(fmt.Sprintf("0x%02x", flag.Bit)).Comment(flag.Name)
				}
			}
		}
	})
	f.Line()
	doc(f, "flagNames are the flags of a type of frames, the highest bit first.")
	f.Func().Id("flagNames").Params(jen.Id("t").Id("Type")).Index().Id("flagName").Block(
		jen.Switch(jen.Id("t")).BlockFunc(func(g *jen.Group) {
			for _, l := range e.m.Frames() {
				if len(l.Flags) > 0 {
					g.Case(jen.Id("Type" + l.Into)).Block(jen.Return(jen.Index().Id("flagName").ValuesFunc(func(g *jen.Group) {
						for _, flag := range l.Flags {
							g.Values(jen.Id("Flag"+flagName(flag.Name)), jen.Lit(flag.Name))
						}
					})))
				}
			}
		}),
		jen.Return(jen.Nil()),
	)
	f.Line()
}

// flagName is END_STREAM as EndStream.
func flagName(name string) string { return camel(name) }

// camel is a name of capitals in Go.
func camel(name string) string {
	b := []byte{}
	isUp := true
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_':
			isUp = true
			continue
		case !isUp && 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		isUp = false
		b = append(b, c)
	}
	return string(b)
}

// fieldGroup is fields that fill whole octets together.
type fieldGroup struct {
	fields []*LayoutField
	bits   int
	with   string
}

// groups are the fixed fields of a layout.
func (l *Layout) groups() (groups []fieldGroup) {
	var g fieldGroup
	for _, f := range l.Fields {
		if f.IsVariable() || f.IsRepeated {
			continue
		}
		g.fields, g.bits, g.with = append(g.fields, f), g.bits+f.Bits, f.With
		if g.bits%8 == 0 {
			groups = append(groups, g)
			g = fieldGroup{}
		}
	}
	return groups
}

// goType is the type of a field.
func (f *LayoutField) goType() *jen.Statement {
	switch {
	case f.Type != "":
		return jen.Id(f.Type)
	case f.Bits == 1:
		return jen.Bool()
	case f.Bits <= 8:
		return jen.Uint8()
	case f.Bits <= 16:
		return jen.Uint16()
	case f.Bits <= 32:
		return jen.Uint32()
	}
	return jen.Index(jen.Lit(f.Bits / 8)).Byte()
}

// load is n octets of b from an offset, as a number.
func load(at string, bits int) string {
	typ := "uint32"
	s := ""
	for i := range bits / 8 {
		index := at
		switch {
		case at == "0":
			index = strconv.Itoa(i)
		case i > 0:
			index = at + "+" + strconv.Itoa(i)
		}
		shift := bits - 8 - 8*i
		part := typ + "(b[" + index + "])"
		if bits == 8 {
			part = "b[" + index + "]"
		}
		if shift > 0 {
			part += "<<" + strconv.Itoa(shift)
		}
		if i > 0 {
			s += " | "
		}
		s += part
	}
	return s
}

// frameHeader prints the header, which every frame begins with.
func (e *emitter) frameHeader(f *jen.File) {
	f.Comment("// HeaderOctets is how long a frame header is.")
	f.Const().Id("HeaderOctets").Op("=").Lit(9)
	f.Line()
	e.layoutComment(f, e.m.Layout("HTTP"), "Header is a frame header (RFC 9113, Section 4.1):")
	f.Type().Id("Header").Struct(
		jen.Id("Length").Uint32().Comment("of the payload, octets"),
		jen.Id("Type").Id("Type"),
		jen.Id("Flags").Id("Flags"),
		jen.Id("StreamID").Uint32().Comment("31 bits; the reserved one is ignored"),
	)
	f.Line()
	doc(f, "ReadHeader reads the header that b begins with, which has HeaderOctets or more.")
	f.Func().Id("ReadHeader").Params(jen.Id("b").Index().Byte()).Id("Header").Block(
		jen.Id("_ = b[8]"),
		jen.Return(jen.Id("Header").Values(jen.Dict{
			jen.Id("Length"):   jen.Id(load("0", 24)),
			jen.Id("Type"):     jen.Id("Type(b[3])"),
			jen.Id("Flags"):    jen.Id("Flags(b[4])"),
			jen.Id("StreamID"): jen.Id("(uint32(b[5])<<24 | uint32(b[6])<<16 | uint32(b[7])<<8 | uint32(b[8])) & 0x7fffffff"),
		})),
	)
	f.Line()
	doc(f, "AppendHeader appends a header. What Length and StreamID have above 24 and 31 bits isn't sent.")
	f.Func().Id("AppendHeader").Params(jen.Id("dst").Index().Byte(), jen.Id("h").Id("Header")).Index().Byte().Block(
		jen.Return(jen.Id("append(dst, byte(h.Length>>16), byte(h.Length>>8), byte(h.Length), byte(h.Type), byte(h.Flags), byte(h.StreamID>>24)&0x7f, byte(h.StreamID>>16), byte(h.StreamID>>8), byte(h.StreamID))")),
	)
	f.Line()
}

// layoutComment prints the layout itself over what was made of it.
func (e *emitter) layoutComment(f *jen.File, l *Layout, first string) {
	doc(f, first)
	f.Comment("//")
	for _, field := range l.Fields {
		width := fmt.Sprint(field.Bits)
		if field.IsVariable() {
			width = ".."
			if field.Most > 0 {
				width += fmt.Sprint(field.Most)
			}
		}
		text := field.Name + " (" + width + ")"
		if field.IsOptional {
			text = "[" + text + "]"
		}
		if field.IsRepeated {
			text += " ..."
		}
		if field.With != "" {
			text += "   with " + field.With
		}
		f.Comment("//\t" + text)
	}
}

// layout prints the fixed part of a payload.
func (e *emitter) layout(f *jen.File, l *Layout) {
	if l.Into == "" {
		l.Into = l.Name
	}
	groups := l.groups()
	if len(groups) == 0 {
		return
	}
	e.layoutComment(f, l, l.Into+" is the fields of "+l.Name+" that have a fixed length ("+l.Source+"). The payload is:")
	f.Type().Id(l.Into).StructFunc(func(g *jen.Group) {
		for _, field := range l.Fields {
			if !field.IsVariable() && !field.IsRepeated && !field.IsReserved {
				g.Id(field.Into).Add(field.goType())
			}
		}
	})
	f.Line()
	isFlagged, octets := false, 0
	for _, g := range groups {
		isFlagged = isFlagged || g.with != ""
		octets += g.bits / 8
	}
	name := l.Into + "Octets"
	if isFlagged {
		e.flaggedOctets(f, l, name, groups)
	} else {
		f.Commentf("// %s is how long they are.", name)
		f.Const().Id(name).Op("=").Lit(octets)
		f.Line()
	}
	e.readLayout(f, l, groups, isFlagged)
	e.appendLayout(f, l, groups, isFlagged)
}

// flaggedOctets prints how long a fixed part is with which flags.
func (e *emitter) flaggedOctets(f *jen.File, l *Layout, name string, groups []fieldGroup) {
	doc(f, name+" is how long they are, with these flags.")
	f.Func().Id(name).Params(jen.Id("flags").Id("Flags")).Params(jen.Id("n").Int()).BlockFunc(func(g *jen.Group) {
		for i := 0; i < len(groups); {
			with, octets := groups[i].with, 0
			for ; i < len(groups) && groups[i].with == with; i++ {
				octets += groups[i].bits / 8
			}
			if with == "" {
				g.Id("n += " + strconv.Itoa(octets))
			} else {
				g.If(jen.Id("flags.Has(Flag" + flagName(with) + ")")).Block(jen.Id("n += " + strconv.Itoa(octets)))
			}
		}
		g.Return(jen.Id("n"))
	})
	f.Line()
}

// readLayout prints the reader.
func (e *emitter) readLayout(f *jen.File, l *Layout, groups []fieldGroup, isFlagged bool) {
	params := []jen.Code{jen.Id("b").Index().Byte()}
	said := "Read" + l.Into + " reads them from the front of b, which has " + l.Into + "Octets or more."
	if isFlagged {
		params = []jen.Code{jen.Id("flags").Id("Flags"), jen.Id("b").Index().Byte()}
		said = "Read" + l.Into + " reads them from the front of b, which has " + l.Into + "Octets(flags) or more. What no flag announces is 0."
	}
	doc(f, said)
	f.Func().Id("Read" + l.Into).Params(params...).Params(jen.Id("f").Id(l.Into)).BlockFunc(func(g *jen.Group) {
		if isFlagged {
			for i := 0; i < len(groups); {
				with := groups[i].with
				var same []fieldGroup
				for ; i < len(groups) && groups[i].with == with; i++ {
					same = append(same, groups[i])
				}
				read := func(g *jen.Group) {
					readGroups(g, same)
					if i < len(groups) {
						octets := 0
						for _, s := range same {
							octets += s.bits / 8
						}
						g.Id("b = b[" + strconv.Itoa(octets) + ":]")
					}
				}
				if with == "" {
					read(g)
				} else {
					g.If(jen.Id("flags.Has(Flag" + flagName(with) + ")")).BlockFunc(read)
				}
			}
		} else {
			readGroups(g, groups)
		}
		g.Return(jen.Id("f"))
	})
	f.Line()
}

// readGroups prints what reads fields from the front of b.
func readGroups(g *jen.Group, groups []fieldGroup) {
	at := 0
	for _, group := range groups {
		value := load(strconv.Itoa(at), group.bits)
		if at > 0 {
			value = loadAt(at, group.bits)
		}
		left := group.bits
		for _, field := range group.fields {
			left -= field.Bits
			if field.IsReserved {
				continue
			}
			g.Id("f." + field.Into + " = " + field.read(value, at, left, group.bits))
		}
		at += group.bits / 8
	}
}

// loadAt is load from a constant offset.
func loadAt(at, bits int) string {
	s := ""
	for i := range bits / 8 {
		part := "uint32(b[" + strconv.Itoa(at+i) + "])"
		if bits == 8 {
			part = "b[" + strconv.Itoa(at+i) + "]"
		}
		if shift := bits - 8 - 8*i; shift > 0 {
			part += "<<" + strconv.Itoa(shift)
		}
		if i > 0 {
			s += " | "
		}
		s += part
	}
	return s
}

// read is a field out of the number of its group.
func (f *LayoutField) read(value string, at, shift, bits int) string {
	switch {
	case f.Bits > 32:
		return fmt.Sprintf("[%d]byte(b[%d:%d])", f.Bits/8, at, at+f.Bits/8)
	case f.Bits == 1:
		return fmt.Sprintf("b[%d]&0x%02x != 0", at+(bits-1-shift)/8, 1<<(shift%8))
	case f.Bits < bits:
		value = fmt.Sprintf("(%s) & 0x%x", value, uint64(1)<<f.Bits-1)
		if shift > 0 {
			value = fmt.Sprintf("(%s) >> %d & 0x%x", value, shift, uint64(1)<<f.Bits-1)
		}
	}
	if f.Type != "" {
		return f.Type + "(" + value + ")"
	}
	if f.Bits > 8 && f.Bits <= 16 {
		return "uint16(" + value + ")"
	}
	return value
}

// appendLayout prints the appender.
func (e *emitter) appendLayout(f *jen.File, l *Layout, groups []fieldGroup, isFlagged bool) {
	params := []jen.Code{jen.Id("dst").Index().Byte(), jen.Id("f").Id(l.Into)}
	said := "Append" + l.Into + " appends them. Reserved bits are 0."
	if isFlagged {
		params = []jen.Code{jen.Id("dst").Index().Byte(), jen.Id("flags").Id("Flags"), jen.Id("f").Id(l.Into)}
		said = "Append" + l.Into + " appends those that the flags announce. Reserved bits are 0."
	}
	doc(f, said)
	f.Func().Id("Append" + l.Into).Params(params...).Index().Byte().BlockFunc(func(g *jen.Group) {
		for _, group := range groups {
			put := func(g *jen.Group) { appendGroup(g, group) }
			if group.with == "" {
				put(g)
			} else {
				g.If(jen.Id("flags.Has(Flag" + flagName(group.with) + ")")).BlockFunc(put)
			}
		}
		g.Return(jen.Id("dst"))
	})
	f.Line()
}

// appendGroup prints what appends the octets of some fields.
func appendGroup(g *jen.Group, group fieldGroup) {
	if len(group.fields) == 1 && group.fields[0].Bits > 32 {
		g.Id("dst = append(dst, f." + group.fields[0].Into + "[:]...)")
		return
	}
	value, top := "", ""
	for _, field := range group.fields {
		switch {
		case field.IsReserved:
			top = fmt.Sprintf("&0x%02x", 1<<(8-field.Bits)-1)
		case field.Bits == 1:
			top = fmt.Sprintf("&0x7f | bit(f.%s)<<7", field.Into)
		default:
			value = "f." + field.Into
		}
	}
	octets := ""
	for i := range group.bits / 8 {
		shift := group.bits - 8 - 8*i
		part := "byte(" + value + ")"
		if shift > 0 {
			part = fmt.Sprintf("byte(%s>>%d)", value, shift)
		}
		if group.bits == 8 {
			part = value
		}
		if i == 0 {
			part += top
		}
		octets += ", " + part
	}
	g.Id("dst = append(dst" + octets + ")")
}
