package gen

import (
	"github.com/dave/jennifer/jen"
	"github.com/specht-http/specht/gen/abnf"
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// bulkRange is the part of a set that can be scanned eight octets at a time:
// a range from lo to 0x7e, at least 64 octets wide. For octets of such a range,
// neither octet-lo borrows from the next lane nor octet+1 carries into it, and
// neither sets the high bit. Every other octet sets it in one of the two:
// below lo the subtraction borrows; 0x7f and above, the addition or the
// subtraction leaves it set. So the lowest lane that is marked is the first
// octet outside the range, and is marked rightly, since no lane below it
// borrowed or carried. Lanes above it may be marked wrongly; nobody looks.
func bulkRange(set abnf.Set) (lo byte, ok bool) {
	for _, r := range set.Ranges() {
		if r[0] >= 1 && r[0] <= 0x7e-63 && r[1] >= 0x7e {
			return r[0], true
		}
	}
	return 0, false
}

func hex(v uint64) *jen.Statement { return jen.Id(hexText(v)) }

func hexText(v uint64) string {
	const digits = "0123456789abcdef"
	b := []byte("0x0000000000000000")
	for i := len(b) - 1; i > 1; i-- {
		b[i] = digits[v&15]
		v >>= 4
	}
	return string(b)
}

// load8 is the eight octets from i+off on, the first one lowest. Written out,
// the compiler makes one load of it, without a check.
func load8(off int) *jen.Statement {
	s := jen.Null()
	for k := range 8 {
		at := jen.Id("i")
		if off+k > 0 {
			at = jen.Id("i").Op("+").Lit(off + k)
		}
		v := jen.Uint64().Call(jen.Id("b").Index(at))
		if k == 0 {
			s.Add(v)
			continue
		}
		s.Op("|")
		if k == 4 {
			s.Line()
		}
		s.Add(v).Op("<<").Lit(8 * k)
	}
	return s
}

// room is the test that n octets are left. That i is not negative is always
// true, and tells the compiler that the loads need no checks.
func room(n int) *jen.Statement {
	return jen.Id("i").Op(">=").Lit(0).Op("&&").Id("i").Op("<=").Id("end").Op("-").Lit(n)
}

// bulked says whether a set is scanned in bulk.
func (p *machineEmitter) bulked(set abnf.Set) bool {
	_, ok := bulkRange(set)
	return ok && p.ma.Input == "window"
}

// bulk prints a scan over 32 octets at a time. An octet that is in the set
// but not in the range falls out to the table, which decides.
func (p *machineEmitter) bulk(g *jen.Group, k int, set abnf.Set) {
	if !p.bulked(set) {
		return
	}
	lo, _ := bulkRange(set)
	tz := func(w string) *jen.Statement {
		return jen.Qual("math/bits", "TrailingZeros64").Call(jen.Id(w)).Op(">>").Lit(3)
	}
	// for i >= 0 && i <= end-32 {
	//	w := uint64(b[i]) | uint64(b[i+1])<<8 | …
	//	x, y, z := …
	//	w = (w - 0x2020202020202020) | (w + 0x0101010101010101)
	//	x, y, z = …
	//	if (w|x|y|z)&0x8080808080808080 == 0 {
	//		i += 32
	//		continue
	//	}
	//	if (w|x)&0x8080808080808080 == 0 {
	//		i, w, x = i+16, y, z
	//	}
	//	w, x = w&0x8080808080808080, x&0x8080808080808080
	//	n := bits.TrailingZeros64(x) >> 3
	//	if w != 0 {
	//		n = 0
	//	}
	//	i += bits.TrailingZeros64(w)>>3 + n // the first is 8 if w is 0
	//	c = b[i]
	//	if requestHeadOctets[c]&8 == 0 {
	//		goto s22out
	//	}
	//	i++
	// }
	words := []string{"w", "x", "y", "z"}
	g.For(room(8 * len(words))).BlockFunc(func(g *jen.Group) {
		for k, w := range words {
			g.Id(w).Op(":=").Add(load8(8 * k))
		}
		for _, w := range words {
			g.Id(w).Op("=").Parens(jen.Id(w).Op("-").Add(hex(ones * uint64(lo)))).Op("|").Parens(jen.Id(w).Op("+").Add(hex(ones)))
		}
		g.If(jen.Parens(jen.Id("w").Op("|").Id("x").Op("|").Id("y").Op("|").Id("z")).Op("&").Add(hex(highs)).Op("==").Lit(0)).Block(
			jen.Id("i").Op("+=").Lit(32),
			jen.Continue())
		g.If(jen.Parens(jen.Id("w").Op("|").Id("x")).Op("&").Add(hex(highs)).Op("==").Lit(0)).Block(
			jen.List(jen.Id("i"), jen.Id("w"), jen.Id("x")).Op("=").List(jen.Id("i").Op("+").Lit(16), jen.Id("y"), jen.Id("z")))
		g.List(jen.Id("w"), jen.Id("x")).Op("=").List(jen.Id("w").Op("&").Add(hex(highs)), jen.Id("x").Op("&").Add(hex(highs)))
		g.Id("n").Op(":=").Add(tz("x"))
		g.If(jen.Id("w").Op("!=").Lit(0)).Block(jen.Id("n").Op("=").Lit(0))
		g.Id("i").Op("+=").Add(tz("w")).Op("+").Id("n").Comment("// the first of the two is 8 if w is 0")
		g.Id("c").Op("=").Id("b").Index(jen.Id("i"))
		if set == abnf.Range(lo, 0x7e) {
			g.Goto().Id(label(k) + "out")
			return
		}
		g.If(p.lookup(jen.Id("c"), set).Op("==").Lit(0)).Block(jen.Goto().Id(label(k) + "out"))
		g.Id("i").Op("++")
	})
}
