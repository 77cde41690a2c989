package gen

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// Limit is a limit on something that the peer can grow.
type Limit struct {
	Name        string
	Default     uint64
	Error       string
	Status      int
	Requirement string
	Records     bool
	Path        string
	Of          *Machine // of a limit on overhead: whose octets; else nil
	Free, Times uint64   // what is no overhead: octets each time, and for each octet announced
	Number      string   // the number that announces them
	Rule        string   // of the element that is counted
	Source      string
	Row         spec.Row
	Start       automaton.Reg
	used        bool
}

func (m *Model) loadLimits() {
	m.Set.Tables(spec.KindLimit, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			l := &Limit{
				Name: t.Cell(r, "limit").Text, Error: t.Cell(r, "error").Text,
				Status: m.status(t.Cell(r, "status")), Requirement: t.Cell(r, "requirement").Text, Row: r,
			}
			l.Default = m.natural(t.Cell(r, "default"))
			m.checkName(t.Cell(r, "limit"))
			for _, o := range m.limits {
				if o.Name == l.Name {
					m.errorf(r.Pos, "give it another name", "a second limit with the name %s, first at %s", l.Name, o.Row.Pos)
				}
			}
			m.limits = append(m.limits, l)
			c := t.Cell(r, "counts")
			if p := overhead.FindStringSubmatch(c.Text); p != nil {
				m.loadOverhead(l, c, p)
				continue
			}
			kind, path, ok := strings.Cut(c.Text, " of ")
			if !ok || kind != "octets" && kind != "records" {
				m.errorf(c.Pos, "expected octets of PATH, records of PATH, or octets of MACHINE beyond 16 and 2 times Number, added up", "unknown count %q", c.Text)
				continue
			}
			l.Records, l.Path = kind == "records", path
			c.Text = path
			if at := m.place(d, c); at != nil {
				n := m.note(at)
				n.limits = append(n.limits, l)
				l.Rule, l.Source = m.ruleAt(d, at)
			}
		}
	})
}

// overhead is the count of a limit on what a message may waste: what a machine
// reads beyond so many octets each time, and so many for each octet that a
// number of it announces.
var overhead = regexp.MustCompile(`^octets of (\S+) beyond (\d+) and (\d+) times (\w+), added up$`)

func (m *Model) loadOverhead(l *Limit, c spec.Cell, p []string) {
	l.Of = m.Machine(p[1])
	l.Free, _ = strconv.ParseUint(p[2], 10, 16)
	l.Times, _ = strconv.ParseUint(p[3], 10, 16)
	l.Number, l.Path = p[4], p[1]
	if l.Of == nil || l.Of.Input != "stream" {
		m.errorf(c.Pos, "expected a machine that reads a stream", "unknown machine %q", p[1])
		return
	}
	l.Rule, l.Source = l.Of.Name, l.Of.rule.Source
	m.Overheads = append(m.Overheads, l)
}

// ruleAt is the name and section of the rule that stands at a place, or the
// element itself and its document's section.
func (m *Model) ruleAt(d *spec.Document, at any) (rule, source string) {
	switch at := at.(type) {
	case *abnf.Rule:
		return at.Name, at.Source
	case *abnf.Ref:
		if r, err := m.Grammar.Lookup(space(d), at.Name, at.At); err == nil {
			return r.Name, r.Source
		}
	case abnf.Node:
		return abnf.String(at), sourceOf(d)
	}
	return "", ""
}
