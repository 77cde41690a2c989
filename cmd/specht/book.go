package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// book is the specifications as a reader looks things up in them: which section
// a rule is from, which row decides, what kind of requirement an id is. It takes
// the embedded ones as they are, without the checks and proofs of package gen,
// which they have passed before anything was generated.
type book struct {
	set     *spec.Set
	grammar abnf.Grammar
	groups  map[string][]string // values, by the group's name and what it is of
	feeds   map[string][]feed   // by the noun of the message
}

// feed is a field, or a span as MACHINE/Span, whose values go to a machine.
type feed struct{ field, machine, outcome string }

// readBook reads the specifications that this program was made from.
func readBook() (*book, error) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		return nil, err
	}
	b := &book{set: set, groups: map[string][]string{}, feeds: map[string][]feed{}}
	for _, d := range set.Documents {
		for _, g := range d.Grammars {
			if g.Option != "" {
				continue
			}
			if err := b.grammar.Add(g); err != nil {
				return nil, err
			}
		}
	}
	set.Tables(spec.KindGroup, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			b.groups[t.Cell(r, "of").Text+"/"+t.Cell(r, "group").Text] = t.Cell(r, "values").Values()
		}
	})
	set.Tables(spec.KindFeed, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			noun := strings.TrimSuffix(d.Noun, "message")
			b.feeds[noun] = append(b.feeds[noun], feed{t.Cell(r, "field").Text, t.Cell(r, "machine").Text, t.Cell(r, "outcome").Text})
		}
	})
	return b, nil
}

// section is where a rule is from: "RFC 9112, Section 3.1", or for one of our
// own "choice" and its place.
func (b *book) section(rule string) string {
	for _, r := range b.grammar.Rules() {
		if _, isElsewhere := r.Def.(*abnf.Prose); isElsewhere || r.Name != rule {
			continue
		}
		if r.Namespace == abnf.ChoiceNamespace {
			return "choice, " + spec.Pos{File: r.At.File, Line: r.At.Line}.String()
		}
		return r.Source
	}
	return ""
}

// sectionOfFeed is where the rule is from that a feed's machine reads by.
func (b *book) sectionOfFeed(f feed) (section string) {
	if section = b.section(f.field); section != "" {
		return section
	}
	b.set.Tables(spec.KindMachine, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			if t.Cell(r, "machine").Text == f.machine && len(d.Grammars) > 0 {
				section = d.Grammars[0].Source()
			}
		}
	})
	return section
}

// verdict is a row of a decision table, and what it comes to.
type verdict struct {
	decision    string
	row         string
	outcome     string // "refuse: ERROR" for an error
	requirement string
	inputs      []string // the names of what it depends on
	cells       [][]string
	at          spec.Pos
}

// decide asks every decision whose inputs are known, in the order in which they
// become known, and adds the outcomes to them. It stops at one that refuses. Some
// are left out.
func (b *book) decide(known map[string]string, isLeftOut func(decision string) bool) (verdicts []verdict) {
	var tables []*spec.Table
	b.set.Tables(spec.KindDecision, func(d *spec.Document, t *spec.Table) {
		isElsewhere := slices.ContainsFunc(d.Tables, func(t *spec.Table) bool { return t.Kind == spec.KindRoom })
		if !isElsewhere && !isLeftOut(t.Name) {
			tables = append(tables, t)
		}
	})
	// What goes by numbers of the head alone comes first, as in what gen writes.
	slices.SortStableFunc(tables, func(a, b *spec.Table) int { return words(a, known) - words(b, known) })
	for hasChanged := true; hasChanged; {
		hasChanged = false
		for i, t := range tables {
			v, ok := b.ask(t, known)
			if !ok {
				continue
			}
			verdicts = append(verdicts, v)
			if v.isRefusal() {
				return verdicts
			}
			known[t.Name] = v.outcome
			tables, hasChanged = slices.Delete(slices.Clone(tables), i, i+1), true
			break
		}
	}
	return verdicts
}

// words is 1 if a decision asks for more than numbers, else 0.
func words(t *spec.Table, known map[string]string) int {
	for _, h := range t.Header[1 : len(t.Header)-2] {
		if _, err := strconv.Atoi(known[h.Text]); err != nil {
			return 1
		}
	}
	return 0
}

// ask finds the row of a decision that fits what is known; false if an input
// isn't.
func (b *book) ask(t *spec.Table, known map[string]string) (verdict, bool) {
	v := verdict{decision: t.Name}
	for _, h := range t.Header[1 : len(t.Header)-2] {
		if _, ok := known[h.Text]; !ok {
			return v, false
		}
		v.inputs = append(v.inputs, h.Text)
	}
	for _, r := range t.Rows {
		if b.fits(t, r, known) {
			v.row, v.at = r.Cells[0].Text, r.Pos
			for _, c := range r.Cells[1 : len(r.Cells)-2] {
				v.cells = append(v.cells, c.List())
			}
			v.outcome, v.requirement = t.Cell(r, "→ outcome").Text, t.Cell(r, "requirement").Text
			return v, true
		}
	}
	panic("specht: bug: no row of " + t.Name + " fits")
}

// fits says whether each input is among the values of its cell.
func (b *book) fits(t *spec.Table, r spec.Row, known map[string]string) bool {
	for i, h := range t.Header[1 : len(t.Header)-2] {
		isIn := false
		for _, value := range r.Cells[i+1].Values() {
			isIn = isIn || value == known[h.Text] || slices.Contains(b.groups[h.Text+"/"+value], known[h.Text])
		}
		if !isIn {
			return false
		}
	}
	return true
}

// names says whether the row names this value of an input, or a group that isn't
// all of them: a row that is for any value isn't about it.
func (v *verdict) names(input, value string) bool {
	i := slices.Index(v.inputs, input)
	return slices.Contains(v.cells[i], value) || !strings.HasPrefix(v.cells[i][0], "any ") && !strings.HasPrefix(v.cells[i][0], "whatever ")
}

func (v *verdict) isRefusal() bool { return strings.HasPrefix(v.outcome, "refuse: ") }

var requirementID = regexp.MustCompile(`rfc(\d+)#([0-9A-Z]+(?:\.\d+)*)(?:/\d+)?`)

// requirement is an id, and how strong it is. A section that is cited for what
// it says without a keyword has no level.
type requirement struct {
	ID    string `json:"id"`
	Level string `json:"level,omitempty"` // MUST, SHOULD or MAY
}

// requirements are the ids in the last cell of a row.
func (b *book) requirements(cell string) (out []requirement) {
	for _, id := range requirementID.FindAllString(cell, -1) {
		out = append(out, requirement{id, b.set.Requirements[id]})
	}
	return out
}

// sectionOf is the section of the first requirement in a cell.
func sectionOf(cell string) string {
	m := requirementID.FindStringSubmatch(cell)
	if m == nil {
		return ""
	}
	if c := m[2][0]; c >= 'A' && c <= 'Z' {
		return "RFC " + m[1] + ", Appendix " + m[2]
	}
	return "RFC " + m[1] + ", Section " + m[2]
}
