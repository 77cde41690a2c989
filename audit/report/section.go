package report

import (
	"cmp"
	"errors"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Section is a section of an RFC that rows cite, with these rows beside it.
type Section struct {
	RFC    string `json:"rfc"` // "RFC 9112"
	Number string `json:"section"`
	Title  string `json:"title,omitempty"`
	Text   string `json:"text,omitempty"` // as the RFC has it, if it was at hand
	URL    string `json:"url"`
	Rows   []Cite `json:"rows"`

	Requirements []*Requirement `json:"-"`
}

// Cite is a row or a rule that cites a section.
type Cite struct {
	At   string `json:"at"`
	Text string `json:"row"`
}

var cited = regexp.MustCompile(`rfc(\d+)#([0-9A-Z]+(?:\.\d+)*)`)

// sections collects the sections that rows, rules and requirements cite.
func (p *Page) sections(in Source) error {
	at := map[string]*Section{}
	get := func(rfc, number string) *Section {
		key := rfc + "#" + number
		if at[key] == nil {
			at[key] = &Section{RFC: "RFC " + rfc, Number: number, URL: rfcURL(rfc, number)}
			p.Sections = append(p.Sections, at[key])
		}
		return at[key]
	}
	add := func(rfc, number string, c Cite) {
		if s := get(rfc, number); !slices.Contains(s.Rows, c) {
			s.Rows = append(s.Rows, c)
		}
	}
	for _, d := range in.Subject.Set.Documents {
		for _, g := range d.Grammars {
			if g.Section != "" {
				add(strings.TrimPrefix(g.Namespace, "rfc"), g.Section, Cite{g.Pos.String(), strings.TrimRight(g.Text, "\n")})
			}
		}
		for _, l := range d.Layouts {
			add(strings.TrimPrefix(l.Namespace, "rfc"), l.Section, Cite{l.Pos.String(), strings.TrimRight(l.Text, "\n")})
		}
		for _, t := range d.Tables {
			for _, r := range t.Rows {
				for _, m := range cited.FindAllStringSubmatch(t.Cell(r, "requirement").Text, -1) {
					add(m[1], m[2], Cite{r.Pos.String(), rowText(r)})
				}
			}
		}
	}
	for _, r := range p.Trace.Requirements {
		s := get(strings.TrimPrefix(r.RFC, "RFC "), r.Section)
		s.Requirements = append(s.Requirements, r)
	}
	slices.SortFunc(p.Sections, func(a, b *Section) int {
		return cmp.Or(cmp.Compare(a.RFC, b.RFC), slices.Compare(number(a.Number), number(b.Number)))
	})
	if in.RFCs == nil {
		return nil
	}
	texts := map[string]map[string]rfcSection{}
	for _, s := range p.Sections {
		name := "rfc" + strings.TrimPrefix(s.RFC, "RFC ") + ".txt"
		if _, ok := texts[name]; !ok {
			text, err := fs.ReadFile(in.RFCs, name)
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			texts[name] = rfcSections(string(text))
		}
		s.Title, s.Text = texts[name][s.Number].title, texts[name][s.Number].text
	}
	return nil
}

func rowText(r spec.Row) string { return strings.TrimSpace(r.String()) }

func rfcURL(rfc, section string) string {
	part := "section-"
	if section != "" && section[0] >= 'A' {
		part = "appendix-"
	}
	return "https://www.rfc-editor.org/rfc/rfc" + rfc + "#" + part + section
}

type rfcSection struct{ title, text string }

var rfcHeading = regexp.MustCompile(`^(?:Appendix )?([0-9A-Z]+(?:\.[0-9]+)*)\. +(\S.*)$`)

// rfcSections splits the text of an RFC at its headings. A section is what stands
// under its own heading alone.
func rfcSections(text string) map[string]rfcSection {
	out := map[string]rfcSection{}
	var at string
	var title string
	var lines []string
	keep := func() {
		if at != "" {
			out[at] = rfcSection{title, strings.Trim(strings.Join(lines, "\n"), "\n")}
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n\f")
		m := rfcHeading.FindStringSubmatch(line)
		if m == nil || !(m[1][0] <= '9' || len(m[1]) == 1 || m[1][1] == '.') {
			lines = append(lines, strings.TrimPrefix(line, "   "))
			continue
		}
		keep()
		at, title, lines = m[1], m[2], nil
	}
	keep()
	return out
}
