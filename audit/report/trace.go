package report

import (
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/spec"
)

// Trace is the list of requirements, with what holds each.
type Trace struct {
	Requirements []*Requirement `json:"requirements"`
	Totals       []Total        `json:"totals"`
	RFCs         []string       `json:"rfcs"`
	Levels       []string       `json:"levels"`
	Bys          []string       `json:"bys"`
	// Seen is how many there are of each RFC and level by what was seen to hold them,
	// if that was measured, and Seens what that can be.
	Seen  []Total  `json:"seen,omitempty"`
	Seens []string `json:"seens,omitempty"`
}

// Requirement is one requirement of an RFC, in our words.
type Requirement struct {
	ID     string  `json:"id"`
	Level  string  `json:"level"`
	Binds  string  `json:"binds"`
	Status string  `json:"status"` // held, exception, elsewhere or open
	What   string  `json:"what"`
	Places []Place `json:"places,omitempty"`
	Why    string  `json:"why,omitempty"`
	// By is what holds it: "grammar", "tables", both with a comma between them,
	// "code, by tests"; or its status if nothing here does.
	By     string   `json:"by"`
	Claims []*Claim `json:"claims,omitempty"` // what the trace has measured of it
	// Seen is what was seen to hold it: "measured and killed", that it is "asserted only"
	// and the like; or its status.
	Seen string `json:"seen,omitempty"`

	RFC     string `json:"-"`
	Section string `json:"-"`
}

// Place is a row or a test that holds a requirement.
type Place struct {
	Text string `json:"place"`
	At   string `json:"-"` // on the page, or empty
	Kind string `json:"kind"`
}

// Total is how many requirements of one RFC, or of one RFC and level, are held by
// what.
type Total struct {
	RFC   string         `json:"rfc"`
	Level string         `json:"level,omitempty"`
	All   int            `json:"all"`
	N     map[string]int `json:"by"`
}

// readTrace reads the list of a subject.
func readTrace(s *audit.Subject) (*Trace, error) {
	text, err := fs.ReadFile(s.Files, "requirements.tsv")
	if err != nil {
		return nil, fmt.Errorf("audit: the list of requirements: %w", err)
	}
	t := &Trace{}
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		f := strings.Split(line, "\t")
		if i == 0 {
			continue
		}
		for len(f) < 7 {
			f = append(f, "")
		}
		rfc, rest, _ := strings.Cut(f[0], "#")
		section, _, _ := strings.Cut(rest, "/")
		r := &Requirement{
			ID: f[0], Level: f[1], Binds: f[2], Status: f[3], What: f[4], Why: f[6],
			RFC: "RFC " + strings.TrimPrefix(rfc, "rfc"), Section: section,
		}
		for _, place := range strings.Split(f[5], "; ") {
			if place != "" {
				r.Places = append(r.Places, Place{Text: place})
			}
		}
		t.Requirements = append(t.Requirements, r)
	}
	return t, nil
}

// grammarKinds are the tables that say something of a grammar; the others are
// functions of what it yields.
var grammarKinds = []spec.Kind{
	spec.KindMachine, spec.KindYield, spec.KindKeyword, spec.KindLimit, spec.KindSyntaxError, spec.KindPreference,
	spec.KindProperty, spec.KindInclusion, spec.KindOption, spec.KindVariant, spec.KindFrame, spec.KindFrameField,
}

// finish finds the places on the page, and says what holds each requirement.
func (t *Trace) finish(set *spec.Set, l *links) {
	for _, r := range t.Requirements {
		for i := range r.Places {
			r.Places[i].find(set, l)
		}
		r.By = r.by()
		t.count(r)
	}
	slices.SortFunc(t.Totals, func(a, b Total) int { return cmp.Compare(a.RFC, b.RFC) })
	slices.Sort(t.Bys)
}

func (t *Trace) count(r *Requirement) {
	for _, of := range []struct {
		to   *[]string
		word string
	}{{&t.RFCs, r.RFC}, {&t.Levels, r.Level}, {&t.Bys, r.By}} {
		if !slices.Contains(*of.to, of.word) {
			*of.to = append(*of.to, of.word)
		}
	}
	add(&t.Totals, Total{RFC: r.RFC}, r.By)
}

// add counts one more of a total, which is made if it isn't there.
func add(totals *[]Total, of Total, by string) {
	i := slices.IndexFunc(*totals, func(x Total) bool { return x.RFC == of.RFC && x.Level == of.Level })
	if i < 0 {
		of.N = map[string]int{}
		i, *totals = len(*totals), append(*totals, of)
	}
	(*totals)[i].All++
	(*totals)[i].N[by]++
}

// see counts what was seen to hold the requirements, once that has been measured.
func (t *Trace) see() {
	for _, r := range t.Requirements {
		switch {
		case len(r.Claims) > 0:
			r.Seen, _, _ = strings.Cut(r.Claims[0].Evidence, "\n")
		case r.Status != "held":
			r.Seen = r.Status
		default:
			r.Seen = "not measured"
		}
		if !slices.Contains(t.Seens, r.Seen) {
			t.Seens = append(t.Seens, r.Seen)
		}
		add(&t.Seen, Total{RFC: r.RFC, Level: r.Level}, r.Seen)
	}
	slices.Sort(t.Seens)
	slices.SortFunc(t.Seen, func(a, b Total) int { return cmp.Or(cmp.Compare(a.RFC, b.RFC), cmp.Compare(a.Level, b.Level)) })
}

// by says what holds a requirement.
func (r *Requirement) by() string {
	if r.Status != "held" {
		return r.Status
	}
	var kinds []string
	for _, p := range r.Places {
		if (p.Kind == "grammar" || p.Kind == "tables") && !slices.Contains(kinds, p.Kind) {
			kinds = append(kinds, p.Kind)
		}
	}
	slices.Sort(kinds)
	if len(kinds) == 0 {
		return "code, by tests"
	}
	return strings.Join(kinds, " and ")
}

// find looks a place up in the documents: a row by its first cells, a table by
// its name, or a rule.
func (p *Place) find(set *spec.Set, l *links) {
	p.Kind = "test"
	file, name, _ := strings.Cut(p.Text, ": ")
	document, isSpec := strings.CutPrefix(file, "spec/")
	if !isSpec || strings.Contains(document, "/") || !strings.HasSuffix(document, ".md") {
		return
	}
	p.Kind = "tables"
	if rule, ok := strings.CutPrefix(name, "rule "); ok {
		p.Kind = "grammar"
		p.At = l.rule(document, rule)
		return
	}
	for _, d := range set.Documents {
		if d.File != document {
			continue
		}
		for _, t := range d.Tables {
			at := t.Pos
			if t.Name != name {
				i := slices.IndexFunc(t.Rows, func(r spec.Row) bool {
					return begins(r, name) || t.Kind == spec.KindKeyword && strings.Trim(t.Cell(r, "value").Text, `%s"`) == name || t.Kind == spec.KindKeyword && t.Cell(r, "keyword").Text == name
				})
				if i < 0 {
					continue
				}
				at = t.Rows[i].Pos
			}
			p.At = l.at(at.File, at.Line)
			if slices.Contains(grammarKinds, t.Kind) {
				p.Kind = "grammar"
			}
			return
		}
	}
}

// begins says whether a row's first cells are these.
func begins(r spec.Row, cells string) bool {
	want := strings.Split(cells, " | ")
	for i, w := range want {
		if i >= len(r.Cells) || r.Cells[i].Text != w {
			return false
		}
	}
	return true
}

// number makes section numbers comparable: 6.10 behind 6.9.
func number(section string) (out []int) {
	for _, part := range strings.Split(section, ".") {
		n, err := strconv.Atoi(part)
		if err != nil && part != "" {
			n = 1000 + int(part[0])
		}
		out = append(out, n)
	}
	return out
}
