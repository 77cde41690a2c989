package report

import (
	"fmt"
	"html"
	"html/template"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// links knows what stands where on the page.
type links struct {
	lines    map[string]bool // "chunked-85": the lines with an anchor of their own
	rules    []*abnf.Rule
	sections map[string]bool     // "rfc9112-6.3"
	ids      map[string]bool     // of requirements
	rows     map[string]spec.Pos // by the row's text, the first one
}

func newLinks(s *audit.Subject, peers []*audit.Subject) *links {
	l := &links{lines: map[string]bool{}, sections: map[string]bool{}, ids: map[string]bool{}, rows: map[string]spec.Pos{}}
	for id := range s.Set.Requirements {
		l.ids[id] = true
	}
	if s.Model != nil {
		l.rules = s.Model.Grammar.Rules()
	}
	mark := func(p spec.Pos) { l.lines[anchor(p.File, p.Line)] = true }
	documents := slices.Clone(s.Set.Documents)
	for _, peer := range peers {
		documents = append(documents, own(peer))
	}
	for _, d := range documents {
		for _, g := range d.Grammars {
			for i := range strings.Split(strings.TrimSuffix(g.Text, "\n"), "\n") {
				l.lines[anchor(d.File, g.Pos.Line+i)] = true
			}
		}
		for _, y := range d.Layouts {
			mark(y.Pos)
		}
		for _, t := range d.Tables {
			mark(t.Pos)
			for _, r := range t.Rows {
				mark(r.Pos)
				if _, ok := l.rows[rowText(r)]; !ok {
					l.rows[rowText(r)] = r.Pos
				}
			}
		}
	}
	return l
}

// own is the document that makes a peer of our own documents: the last one.
func own(peer *audit.Subject) *spec.Document {
	return peer.Set.Documents[len(peer.Set.Documents)-1]
}

// anchor is the id of a line of a document.
func anchor(file string, line int) string {
	return strings.TrimSuffix(path.Base(file), ".md") + "-" + strconv.Itoa(line)
}

// at is the id of a line, or empty if it has none.
func (l *links) at(file string, line int) string {
	if id := anchor(file, line); l.lines[id] {
		return id
	}
	return ""
}

// rule is the id of the line where a document defines a rule, or empty.
func (l *links) rule(file, name string) string {
	for _, r := range l.rules {
		if r.At.File == file && strings.EqualFold(r.Name, name) {
			return l.at(file, r.At.Line)
		}
	}
	return ""
}

// lookup is the id of the rule that a name means in a namespace, or empty.
func (l *links) lookup(namespace, name string) string {
	for _, space := range []string{namespace, abnf.ChoiceNamespace, abnf.CoreNamespace} {
		for _, r := range l.rules {
			if r.Namespace == space && strings.EqualFold(r.Name, name) {
				return l.at(r.At.File, r.At.Line)
			}
		}
	}
	return ""
}

var places = regexp.MustCompile(`spec/((?:peers/)?[a-z0-9]+\.md):([0-9]+)(?::[0-9]+)?`)

// place makes links of the places in a text.
func (l *links) place(text string) template.HTML {
	return replace(text, places, func(m []string) string {
		line, _ := strconv.Atoi(m[2])
		if id := l.at(m[1], line); id != "" {
			return link("#"+id, m[1]+":"+m[2])
		}
		return html.EscapeString(m[0])
	})
}

var ids = regexp.MustCompile(`rfc(\d+)#([0-9A-Z]+(?:\.\d+)*)(/\d+)?|RFC (\d+), (?:Section|Appendix) ([0-9A-Z]+(?:\.\d+)*)|https://[^ |)>]+[^ |)>.,]`)

// cite makes links of the requirements and sections in a text.
func (l *links) cite(text string) template.HTML {
	return replace(text, ids, func(m []string) string {
		rfc, section := m[1]+m[4], m[2]+m[5]
		switch {
		case rfc == "":
			return link(m[0], m[0])
		case m[3] != "" && l.ids[m[0]]:
			return link("#"+idOf(m[0]), m[0])
		case l.sections["rfc"+rfc+"-"+section]:
			return link("#rfc"+rfc+"-"+section, m[0])
		}
		return link(rfcURL(rfc, section), m[0])
	})
}

// idOf is the id of a requirement on the page.
func idOf(id string) string { return strings.NewReplacer("#", "-", "/", "-").Replace(id) }

func link(href, text string) string {
	return fmt.Sprintf(`<a href="%s">%s</a>`, html.EscapeString(href), html.EscapeString(text))
}

func replace(text string, at *regexp.Regexp, by func([]string) string) template.HTML {
	var b strings.Builder
	last := 0
	for _, m := range at.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(html.EscapeString(text[last:m[0]]))
		var groups []string
		for i := 0; i < len(m); i += 2 {
			if m[i] < 0 {
				groups = append(groups, "")
				continue
			}
			groups = append(groups, text[m[i]:m[i+1]])
		}
		b.WriteString(by(groups))
		last = m[1]
	}
	b.WriteString(html.EscapeString(text[last:]))
	return template.HTML(b.String())
}

var words = regexp.MustCompile(`"[^"]*"|<[^>]*>|%[xsi][^ )]*|;.*|[A-Za-z][A-Za-z0-9-]*`)

// grammar is a block of rules, a line each, with its names as links.
func (l *links) grammar(g *spec.Grammar) template.HTML {
	var b strings.Builder
	b.WriteString(`<pre class="abnf">`)
	for i, line := range strings.Split(strings.TrimRight(g.Text, "\n"), "\n") {
		id := anchor(g.Pos.File, g.Pos.Line+i)
		fmt.Fprintf(&b, `<span class="line" id="%s">`, id)
		b.WriteString(string(replace(line, words, func(m []string) string {
			c := m[0][0]
			switch {
			case c == ';':
				return `<span class="comment">` + html.EscapeString(m[0]) + "</span>"
			case c == '"' || c == '<' || c == '%':
				return `<span class="text">` + html.EscapeString(m[0]) + "</span>"
			}
			if to := l.lookup(g.Namespace, m[0]); to != "" && to != id {
				return link("#"+to, m[0])
			}
			return "<b>" + html.EscapeString(m[0]) + "</b>"
		})))
		b.WriteString("\n</span>")
	}
	b.WriteString("</pre>")
	return template.HTML(b.String())
}

// slug is a name as a part of an id.
func slug(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' {
			return r
		}
		return '-'
	}, name), "-")
}

func known(sections []*Section) map[string]bool {
	out := map[string]bool{}
	for _, s := range sections {
		out[s.ID()] = true
	}
	return out
}

// ID is the section's place on the page.
func (s *Section) ID() string { return "rfc" + strings.TrimPrefix(s.RFC, "RFC ") + "-" + s.Number }

// Anchor is the requirement's place on the page.
func (r *Requirement) Anchor() string { return idOf(r.ID) }
