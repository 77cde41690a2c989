// Package report makes a page of all that audits say of a specification: one file
// of HTML that needs no network, for whoever has to judge it.
//
// Nouns: a [Source] is what a page is made of; a [Page] is what stands on it,
// which is JSON, too; a [Chapter] is one document of the specification, with its
// machines, tables, diagrams and generated code.
//
// The page claims nothing that the reports of package audit don't.
package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Source is what a page is made of.
type Source struct {
	Subject *audit.Subject
	Reports []*audit.Report
	RFCs    fs.FS            // with rfc9112.txt and so on, or nil: the page then has no text of them
	Module  fs.FS            // the module that the code was generated into, or nil: the page then shows none
	Peers   []*audit.Subject // whose documents stand on the page
	// NotAsked are checks that were left out, and what they need.
	NotAsked []NotAsked
}

// Page is what stands on a page.
type Page struct {
	About    string        `json:"about"`
	Digest   string        `json:"digest"` // of the documents: SHA-256 of cat spec/*.md spec/requirements.tsv
	Verdict  audit.Verdict `json:"verdict"`
	Checks   []*Check      `json:"checks"`
	NotAsked []NotAsked    `json:"notAsked,omitempty"`
	Trusted  []Trust       `json:"trusted"` // what stays trusted
	Chapters []*Chapter    `json:"chapters"`
	Variants []*Variant    `json:"variants"`
	Limits   []*Limits     `json:"limits"`
	Budgets  *Table        `json:"budgets,omitempty"`
	Trace    *Trace        `json:"trace"`
	Sections []*Section    `json:"sections"`
	Guide    *Chapter      `json:"guide,omitempty"` // how to read and change a specification
	Matrix   []*Matrix     `json:"matrix,omitempty"`

	links *links
}

// NotAsked is a check that the page says nothing of.
type NotAsked struct {
	Check string `json:"check"`
	Needs string `json:"needs"`
}

// Trust is what all reports of a check assume, each sentence once.
type Trust struct {
	Check     string   `json:"check"`
	Sentences []string `json:"sentences"`
}

// Check is a report, as it stands on the page.
type Check struct {
	ID      string        `json:"-"`
	Check   string        `json:"check"`
	About   string        `json:"about"`
	Verdict audit.Verdict `json:"verdict"`
	Counts  []Count       `json:"counts"`
	Claims  []*Claim      `json:"claims"`
	Assumes []string      `json:"assumes"`
}

// Count is how many claims have a verdict.
type Count struct {
	Verdict audit.Verdict `json:"verdict"`
	N       int           `json:"n"`
}

// Claim is a claim with its place on the page.
type Claim struct {
	audit.Claim
	ID    string
	Check string
	About []*Part // the machines and tables that it names
}

// Variant is a lenient reading: what it adds to a machine, and what may be read so.
type Variant struct {
	Name    string   `json:"variant"`
	Of      string   `json:"of"`
	Options []Option `json:"options"`
	Breaks  []string `json:"breaks,omitempty"`
	At      string   `json:"at"`
	Claims  []*Claim `json:"claims,omitempty"`
}

// Option is a delta of the grammar.
type Option struct {
	Name        string   `json:"option"`
	Means       string   `json:"means"`
	Requirement string   `json:"requirement"`
	Rules       []string `json:"rules"`
	At          string   `json:"at"`
}

// Table is rows that stand under one header.
type Table struct {
	Header []string    `json:"header"`
	Rows   []audit.Row `json:"rows"`
}

// Limits are the limits of one table.
type Limits struct {
	Title  string `json:"title"`
	Status string `json:"status"` // whether code is generated from them, or compared with them
	Table
}

// Build makes the page.
func Build(in Source) (*Page, error) {
	p := &Page{About: in.Subject.Name, NotAsked: in.NotAsked, Verdict: audit.Holds}
	if in.Subject.Name == audit.Default {
		p.About = "the specifications of Specht"
	}
	p.checks(in.Reports)
	var err error
	if p.Digest, err = digest(in.Subject.Files); err != nil {
		return nil, err
	}
	if p.Trace, err = readTrace(in.Subject); err != nil {
		return nil, err
	}
	p.links = newLinks(in.Subject, in.Peers)
	if err := p.chapters(in); err != nil {
		return nil, err
	}
	p.Trace.finish(in.Subject.Set, p.links)
	p.measured()
	p.variants(in.Subject)
	p.limits(in.Subject)
	if err := p.sections(in); err != nil {
		return nil, err
	}
	p.matrix()
	return p, nil
}

// digest is the SHA-256 of all documents one behind the other, in the order of their
// names, and of the list of requirements, so that whoever has a page and a tree can tell
// whether the one is of the other.
func digest(files fs.FS) (string, error) {
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		return "", fmt.Errorf("audit: %w", err)
	}
	h := sha256.New()
	for _, name := range append(names, "requirements.tsv") {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return "", fmt.Errorf("audit: %w", err)
		}
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// checks takes the reports in, and what they assume.
func (p *Page) checks(reports []*audit.Report) {
	for i, r := range reports {
		c := &Check{ID: fmt.Sprintf("check-%s-%d", r.Check, i+1), Check: r.Check, About: r.About, Verdict: r.Verdict(), Assumes: r.Assumes}
		p.Verdict = max(p.Verdict, c.Verdict)
		for _, v := range []audit.Verdict{audit.Fails, audit.Undecided, audit.Holds, audit.Says} {
			if n := r.Count(v); n > 0 {
				c.Counts = append(c.Counts, Count{v, n})
			}
		}
		for k, claim := range r.Claims {
			c.Claims = append(c.Claims, &Claim{Claim: claim, ID: fmt.Sprintf("claim-%d-%d", i+1, k+1), Check: r.Check})
		}
		p.trust(r)
		p.Checks = append(p.Checks, c)
	}
}

func (p *Page) trust(r *audit.Report) {
	i := slices.IndexFunc(p.Trusted, func(t Trust) bool { return t.Check == r.Check })
	if i < 0 && len(r.Assumes) > 0 {
		i = len(p.Trusted)
		p.Trusted = append(p.Trusted, Trust{Check: r.Check})
	}
	for _, a := range r.Assumes {
		if t := &p.Trusted[i]; !slices.Contains(t.Sentences, a) {
			t.Sentences = append(t.Sentences, a)
		}
	}
}

// claimsAbout are the claims that name something: as a word of its own before or
// behind a colon, or behind "decision", "transitions" or "variant".
func (p *Page) claimsAbout(name string) (out []*Claim) {
	for _, c := range p.Checks {
		for _, claim := range c.Claims {
			if isAbout(claim.Name, name) || c.Check == "leniency" && strings.HasPrefix(claim.Name, name+" ") {
				out = append(out, claim)
			}
		}
	}
	return out
}

func isAbout(claim, name string) bool {
	for _, kind := range []string{"", "machine ", "decision ", "transitions ", "variant ", "sequence "} {
		if strings.HasPrefix(claim, kind+name+":") {
			return true
		}
	}
	return strings.HasSuffix(claim, ": "+name)
}

// measured puts what a check of the trace says of a requirement beside it: that is a
// claim that begins with its id, or cites it alone.
func (p *Page) measured() {
	of := map[string]*Requirement{}
	for _, r := range p.Trace.Requirements {
		of[r.ID] = r
	}
	for _, c := range p.Checks {
		for _, claim := range c.Claims {
			id, _, _ := strings.Cut(claim.Name, ":")
			if of[id] == nil {
				id = claim.Requirement
			}
			if r := of[id]; r != nil && c.Check == "trace" {
				r.Claims = append(r.Claims, claim)
			}
		}
	}
	if slices.ContainsFunc(p.Checks, func(c *Check) bool { return c.Check == "trace" }) {
		p.Trace.see()
	}
}

// variants tells what each lenient reading adds.
func (p *Page) variants(s *audit.Subject) {
	if s.Model == nil {
		return
	}
	for _, ma := range s.Model.Machines {
		if ma.Of == nil {
			continue
		}
		v := &Variant{Name: ma.Name, Of: ma.Of.Name, Breaks: ma.Breaks, At: ma.Row.Pos.String(), Claims: p.claimsAbout(ma.Name)}
		for _, name := range ma.Row.Cells[2].List() {
			v.Options = append(v.Options, option(s.Model, name))
		}
		p.Variants = append(p.Variants, v)
	}
}

func option(m *gen.Model, name string) Option {
	o := Option{Name: name}
	for _, of := range m.Options {
		if of.Name == name {
			o.Means, o.Requirement, o.At = of.Row.Cells[1].Text, of.Row.Cells[2].Text, of.Row.Pos.String()
		}
	}
	for _, d := range m.Set.Documents {
		for _, g := range d.Grammars {
			if g.Option == name {
				o.Rules = append(o.Rules, g.Source()+"\n"+strings.TrimRight(g.Text, "\n"))
			}
		}
	}
	return o
}

// limits are those of machines, those of the engines, and the budgets.
func (p *Page) limits(s *audit.Subject) {
	of := &Limits{Title: "Limits that machines count", Status: "generated from these rows"}
	var rest []*Limits
	for _, d := range s.Set.Documents {
		for _, t := range d.Tables {
			switch t.Kind {
			case spec.KindLimit:
				addRows(&of.Table, t)
			case spec.KindSetting:
				l := &Limits{Title: t.Name, Status: "tested: the engine's options are compared with these rows, name by name and value by value"}
				addRows(&l.Table, t)
				rest = append(rest, l)
			case spec.KindBudget:
				if p.Budgets == nil {
					p.Budgets = &Table{}
				}
				addRows(p.Budgets, t)
			}
		}
	}
	p.Limits = append([]*Limits{of}, rest...)
}

func addRows(to *Table, t *spec.Table) {
	if to.Header == nil {
		for _, h := range t.Header {
			to.Header = append(to.Header, h.Text)
		}
	}
	for _, r := range t.Rows {
		to.Rows = append(to.Rows, audit.RowOf(t, r))
	}
}
