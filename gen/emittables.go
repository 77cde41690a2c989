package gen

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"
)

// valueName is the Go constant for a value of a domain.
func valueName(domain, value string) string { return exported(domain) + exported(value) }

func (e *emitter) enumOf(f *jen.File, d *Domain, about string) {
	var values []string
	for _, v := range d.Values {
		values = append(values, valueName(d.Name, v))
	}
	e.enum(f, exported(d.Name), about, values, d.Values)
}

// input prints an input that only tables define. Numbers need no type of
// their own.
func (e *emitter) input(d *Domain) {
	if d.numeric() {
		return
	}
	doc := e.document(d.Pos)
	e.enumOf(e.file(d.Room, doc), d, "is the input "+d.Name+".")
}

// numeric says whether the values are 0, 1, 2 and so on.
func (d *Domain) numeric() bool {
	for i, v := range d.Values {
		if v != fmt.Sprint(i) {
			return false
		}
	}
	return true
}

// refusals prints the errors that decisions come to, those of each room.
func (e *emitter) refusals() {
	rooms := map[string][]*Refusal{}
	for _, r := range e.m.Refusals {
		if e.hasRoom(r.Room) {
			rooms[r.Room] = append(rooms[r.Room], r)
		}
	}
	for room, of := range rooms { // in any order: each has a file of its own
		e.refusalsOf(room, of)
	}
}

func (e *emitter) refusalsOf(room string, all []*Refusal) {
	// They belong to the reader that asks all decisions, if there is one.
	d := e.document(all[0].Row.Pos)
	for _, s := range e.m.Sequences {
		if e.m.tableRoom(s.Doc) == room {
			d = s.Doc
			break
		}
	}
	f := e.file(room, d)
	values, text := []string{"RefusalNone"}, []string{"none"}
	for _, r := range all {
		values = append(values, "Refusal"+exported(r.Name))
		text = append(text, r.Name)
	}
	e.enum(f, "Refusal", "is an error that a decision comes to.", values, text)
	doc(f, "Status is the status code to answer with; 0 for RefusalNone.")
	f.Func().Params(jen.Id("r").Id("Refusal")).Id("Status").Params().Int().Block(
		jen.Switch(jen.Id("r")).BlockFunc(func(g *jen.Group) {
			for i, r := range all {
				rows(g, r.Row)
				g.Case(jen.Id(values[i+1])).Block(jen.Return(jen.Lit(r.Status)))
			}
		}),
		jen.Return(jen.Lit(0)))
	f.Line()
	words := func(name, about string, of func(*Refusal) string) {
		doc(f, name+" "+about)
		f.Func().Params(jen.Id("r").Id("Refusal")).Id(name).Params().String().Block(
			jen.Switch(jen.Id("r")).BlockFunc(func(g *jen.Group) {
				for i, r := range all {
					g.Case(jen.Id(values[i+1])).Block(jen.Return(jen.Lit(of(r))))
				}
			}),
			jen.Return(jen.Lit("")))
		f.Line()
	}
	words("Means", "says what is wrong.", func(r *Refusal) string { return r.Means })
	words("Requirement", "is the ids of the requirements behind the rows that refuse so.", e.m.requirement)
	words("Source", "is the section of the first of these requirements.", func(r *Refusal) string { return Section(e.m.requirement(r)) })
}

var citation = regexp.MustCompile(`rfc(\d+)#([0-9A-Z]+(?:\.\d+)*)`)

// Section is the first section that a text cites by an id, such as
// "RFC 9112, Section 6.3"; empty if there is none.
func Section(text string) string {
	p := citation.FindStringSubmatch(text)
	if p == nil {
		return ""
	}
	return "RFC " + p[1] + ", Section " + p[2]
}

// requirement is what the rows cite that refuse with r, each id once.
func (m *Model) requirement(r *Refusal) string {
	var texts []string
	for _, d := range m.Decisions {
		for _, row := range d.Rows {
			if row.Refuse == r {
				texts = append(texts, row.Requirement)
			}
		}
	}
	for _, row := range r.at {
		texts = append(texts, row.Cells[len(row.Cells)-1].Text)
	}
	var out []string
	for _, text := range texts {
		ids := []string{text} // a choice or exception, which may have commas
		if strings.HasPrefix(text, "rfc") {
			ids = strings.Split(text, ", ")
		}
		for _, id := range ids {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return strings.Join(out, ", ")
}

func (d *Decision) refuses() bool {
	for _, r := range d.Rows {
		if r.Refuse != nil {
			return true
		}
	}
	return false
}

// decision prints a decision: one case a row, under the row.
func (e *emitter) decision(d *Decision) {
	dom := e.m.Domains[d.Name]
	f := e.file(dom.Room, d.Doc)
	typ := exported(d.Name)
	e.enumOf(f, dom, "is what is decided by "+d.Name+".")

	about := "Decide" + typ + " decides " + d.Name + " (spec/" + d.Doc.File + ")."
	results := []jen.Code{jen.Id(typ)}
	if d.refuses() {
		about += " It refuses with an error that is not RefusalNone."
		results = append(results, jen.Id("Refusal"))
	}
	doc(f, about)
	result := func(r *DecisionRow) *jen.Statement {
		if r.Refuse != nil {
			return jen.Return(jen.Lit(0), jen.Id("Refusal"+exported(r.Refuse.Name)))
		}
		if d.refuses() {
			return jen.Return(jen.Id(valueName(d.Name, r.Outcome)), jen.Id("RefusalNone"))
		}
		return jen.Return(jen.Id(valueName(d.Name, r.Outcome)))
	}
	// func DecideVersion(major, minor uint64) (Version, Refusal) {
	//	switch {
	//	// | old | 1 | 0 | HTTP/1.0 | … |
	//	case major == 1 && minor == 0:
	//		return VersionHTTP10, RefusalNone
	f.Func().Id("Decide"+typ).ParamsFunc(func(g *jen.Group) {
		for _, in := range d.Inputs {
			g.Id(unexported(in.Name)).Add(e.inputType(in))
		}
	}).Params(results...).Block(
		jen.Switch().BlockFunc(func(g *jen.Group) {
			for _, r := range d.Rows {
				rows(g, r.Row)
				g.Case(e.rowCondition(d, r)).BlockFunc(func(g *jen.Group) {
					e.took(g, r.Row)
					g.Add(result(r))
				})
			}
		}),
		jen.Panic(jen.Lit(e.packageName(dom.Room)+": bug: "+d.Name+" was asked about values that it doesn't have")),
	)
	f.Line()
}

func (e *emitter) inputType(d *Domain) *jen.Statement {
	if d.numeric() {
		return jen.Uint64()
	}
	return e.qual(d.Room, exported(d.Name))
}

// value is the constant for a value of an input.
func (e *emitter) value(d *Domain, value string) *jen.Statement {
	if d.set == nil {
		return e.qual(d.Room, valueName(d.Name, value))
	}
	for _, w := range d.set.Words {
		if w.Text == value {
			return e.qual(d.Room, keywordType(d.set)+exported(w.Name))
		}
	}
	return e.qual(d.Room, keywordType(d.set)+"Other")
}

func (e *emitter) rowCondition(d *Decision, r *DecisionRow) *jen.Statement {
	s := jen.Null()
	some := false
	and := func(c *jen.Statement) {
		if some {
			s.Op("&&")
		}
		s.Add(c)
		some = true
	}
	for i, in := range d.Inputs {
		v := unexported(in.Name)
		set := r.Sets[i]
		name := func(val string) *jen.Statement { return e.value(in, val) }
		var rest []string
		for _, val := range in.Values {
			if !slices.Contains(set, val) {
				rest = append(rest, val)
			}
		}
		switch {
		case in.numeric():
			and(within(v, set, len(d.Inputs) > 1))
		case len(rest) == 0:
		case len(rest) < len(set):
			for _, val := range rest {
				and(jen.Id(v).Op("!=").Add(name(val)))
			}
		default:
			c := jen.Null()
			for j, val := range set {
				if j > 0 {
					c.Op("||")
				}
				c.Id(v).Op("==").Add(name(val))
			}
			if len(set) > 1 {
				c = jen.Parens(c)
			}
			and(c)
		}
	}
	if !some {
		return jen.True()
	}
	return s
}

// within is the condition that v is one of these numbers: a comparison for each
// run of them, in parentheses if others stand beside it.
func within(v string, set []string, beside bool) *jen.Statement {
	var nums []int
	for _, s := range set {
		n, _ := strconv.Atoi(s)
		nums = append(nums, n)
	}
	slices.Sort(nums)
	c := jen.Null()
	runs := 0
	for i, j := 0, 0; i < len(nums); i = j {
		for j = i + 1; j < len(nums) && nums[j] == nums[j-1]+1; j++ {
		}
		if runs > 0 {
			c.Op("||")
		}
		lo, hi := nums[i], nums[j-1]
		switch {
		case lo == hi:
			c.Id(v).Op("==").Lit(lo)
		case lo == 0:
			c.Id(v).Op("<=").Lit(hi)
		default:
			c.Id(v).Op(">=").Lit(lo).Op("&&").Id(v).Op("<=").Lit(hi)
		}
		runs++
	}
	if runs > 1 && beside {
		return jen.Parens(c)
	}
	return c
}
