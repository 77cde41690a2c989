package report

import (
	_ "embed"
	"html/template"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/spec"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// HTML writes the page as one file, which loads nothing.
func (p *Page) HTML(w io.Writer) error {
	p.links.sections = known(p.Sections)
	t, err := template.New("page").Funcs(p.functions()).Parse(pageHTML)
	if err != nil {
		return err
	}
	return t.Execute(w, p)
}

func (p *Page) functions() template.FuncMap {
	return template.FuncMap{
		"css":   func() template.CSS { return template.CSS(pageCSS) },
		"js":    func() template.JS { return template.JS(pageJS) },
		"cite":  p.links.cite,
		"place": p.links.place,
		"at": func(pos spec.Pos) template.HTML {
			if pos == (spec.Pos{}) {
				return ""
			}
			return p.links.place(pos.String())
		},
		"cell":  p.cell,
		"quote": func(b []byte) string { return strconv.Quote(string(b)) },
		"join":  strings.Join,
		"slug":  slug,
		"lines": func(s string) []string { return strings.Split(s, "\n") },
		"last":  func(i int, of []string) bool { return i == len(of)-1 },
		"grid":  gridClass,
		"row": func(at string) string {
			if m := places.FindStringSubmatch(at); m != nil {
				line, _ := strconv.Atoi(m[2])
				return p.links.at(m[1], line)
			}
			return ""
		},
		"claims": func() (n int) {
			for _, c := range p.Checks {
				n += len(c.Claims)
			}
			return n
		},
		"checkNames": func() (out []string) {
			for _, c := range p.Checks {
				if !slices.Contains(out, c.Check) {
					out = append(out, c.Check)
				}
			}
			return out
		},
		"peer": func(name string) *Chapter {
			i := slices.IndexFunc(p.Chapters, func(c *Chapter) bool {
				file := strings.TrimSuffix(c.File, ".md")
				return strings.Replace(file, "peers/", "peer:", 1) == name || path.Dir(file) == name
			})
			if i < 0 {
				return nil
			}
			return p.Chapters[i]
		},
		"groups": func() []string { return groupOrder },
		"in": func(group string) (out []*Chapter) {
			for _, c := range p.Chapters {
				if c.Group == group {
					out = append(out, c)
				}
			}
			return out
		},
		"size": func(ps []*Part) int {
			n := 0
			for _, part := range ps {
				n += len(part.States)
			}
			return n
		},
	}
}

// cell is a cell of a row: what it cites and where it is become links.
func (p *Page) cell(text string) template.HTML { return p.links.cite(text) }

// gridClass is the class of a cell of a grid, by the answer that it holds.
func gridClass(cell string) string {
	switch {
	case strings.HasPrefix(cell, "C "):
		return "connection-error"
	case strings.HasPrefix(cell, "S "):
		return "stream-error"
	case strings.HasPrefix(cell, "!"):
		return "misuse"
	case strings.HasPrefix(cell, "="), strings.HasPrefix(cell, "·"):
		return "same"
	}
	return "moves"
}

// Verdicts are all that a claim can have, the worst one first.
func (p *Page) Verdicts() []audit.Verdict {
	return []audit.Verdict{audit.Fails, audit.Undecided, audit.Holds, audit.Says}
}
