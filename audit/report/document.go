package report

import (
	"bytes"
	"cmp"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/spec"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// Chapter is a document of the specification: its text, and what was made of it.
type Chapter struct {
	File  string        `json:"file"`
	Title string        `json:"title"`
	Group string        `json:"group"`
	Parts []*Part       `json:"parts,omitempty"`
	Code  []*Code       `json:"code,omitempty"`
	Body  template.HTML `json:"-"`
}

// Part is a machine, a table or a sequence of a chapter.
type Part struct {
	*audit.Explanation
	Claims []*Claim `json:"claims,omitempty"`

	ID      string        `json:"-"`
	Diagram template.HTML `json:"-"`
	Rows    []Group       `json:"-"`
}

// Group are rows under one header.
type Group struct {
	Header []string
	Rows   []audit.Row
}

// groups are the parts of the page that the chapters stand in.
var groups = map[string]string{
	"rfc9112": "HTTP/1.1", "rfc9113": "HTTP/2", "rfc9218": "HTTP/2", "rfc7541": "HTTP/2", "rfc8441": "HTTP/2",
	"rfc9110": "HTTP semantics", "rfc3986": "HTTP semantics", "rfc5234": "Notation",
}

// peers is the group of what stands over our own documents.
const peers = "Models of peers, and of what we write"

var groupOrder = []string{"HTTP/1.1", "HTTP semantics", "HTTP/2", peers, "Notation"}

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

// chapters makes a chapter of each document, and one of README.md.
func (p *Page) chapters(in Source) error {
	for _, d := range in.Subject.Set.Documents {
		c, err := p.chapter(in, d)
		if err != nil {
			return err
		}
		p.Chapters = append(p.Chapters, c)
	}
	for _, peer := range in.Peers {
		d := own(peer)
		text, err := fs.ReadFile(spec.Peers(), d.File)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		p.Chapters = append(p.Chapters, &Chapter{File: d.File, Title: d.Title, Group: peers, Body: p.body(d, text, 2)})
	}
	slices.SortStableFunc(p.Chapters, func(a, b *Chapter) int {
		return cmp.Or(cmp.Compare(slices.Index(groupOrder, a.Group), slices.Index(groupOrder, b.Group)), cmp.Compare(a.Title, b.Title))
	})
	if text, err := fs.ReadFile(in.Subject.Files, "README.md"); err == nil {
		p.Guide = &Chapter{File: "README.md", Title: "How to read a specification, and to change one"}
		p.Guide.Body = p.body(&spec.Document{File: "README.md"}, text, 1)
	}
	return nil
}

func (p *Page) chapter(in Source, d *spec.Document) (*Chapter, error) {
	c := &Chapter{File: d.File, Title: d.Title, Group: groupOf(d)}
	source, err := fs.ReadFile(in.Subject.Files, d.File)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	c.Body = p.body(d, source, 2)
	seen := map[string]bool{}
	for _, name := range in.Subject.Names() {
		if seen[name] {
			continue
		}
		seen[name] = true
		all, err := audit.ExplainAll(in.Subject, name)
		if err != nil {
			return nil, err
		}
		for _, e := range all {
			if e.File == d.File {
				c.Parts = append(c.Parts, p.part(e))
			}
		}
	}
	if in.Module != nil {
		if c.Code, err = p.code(in.Module, d); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (p *Page) part(e *audit.Explanation) *Part {
	part := &Part{Explanation: e, ID: e.Kind + "-" + slug(e.Name), Claims: p.claimsAbout(e.Name)}
	for i, r := range e.Rows {
		if i == 0 || !slices.Equal(e.Rows[i-1].Header, r.Header) {
			part.Rows = append(part.Rows, Group{Header: r.Header})
		}
		last := &part.Rows[len(part.Rows)-1]
		last.Rows = append(last.Rows, r)
	}
	for _, c := range part.Claims {
		c.About = append(c.About, part)
	}
	if e.Graph != nil {
		part.Diagram = svg(e.Graph, part.ID, func(i int) string {
			if i < len(e.States) {
				return part.State(e.States[i].Name)
			}
			return part.ID
		})
	}
	return part
}

// State is the id of a state of a part.
func (p *Part) State(name string) string { return p.ID + "-" + slug(name) }

// Has says whether a part has a state of that name.
func (p *Part) Has(name string) bool {
	return slices.ContainsFunc(p.States, func(s audit.State) bool { return s.Name == name })
}

// groupOf is the part of the page that a document stands in, by the RFC of its
// rules or else of its rows.
func groupOf(d *spec.Document) string {
	for _, t := range d.Tables {
		if t.Kind == spec.KindRoom && t.Rows[0].Cells[0].Text == "h2" {
			return "HTTP/2"
		}
	}
	for _, g := range d.Grammars {
		if groups[g.Namespace] != "" {
			return groups[g.Namespace]
		}
	}
	for _, l := range d.Layouts {
		return groups[l.Namespace]
	}
	for _, t := range d.Tables {
		for _, r := range t.Rows {
			if m := cited.FindStringSubmatch(t.Cell(r, "requirement").Text); m != nil && groups["rfc"+m[1]] != "" {
				return groups["rfc"+m[1]]
			}
		}
	}
	if strings.HasPrefix(d.File, "http2") {
		return "HTTP/2"
	}
	if len(d.Tables) > 0 {
		return "HTTP/1.1"
	}
	return "Notation"
}

// body renders a document, but for its title. Lines of the specification have ids
// of their own, and headings stand so many levels below those of the document.
func (p *Page) body(d *spec.Document, source []byte, below int) template.HTML {
	var b bytes.Buffer
	root := markdown.Parser().Parse(text.NewReader(source))
	relink(root)
	render := func(n ast.Node) { _ = markdown.Renderer().Render(&b, source, n) }
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Heading:
			isTitle := n.Level == 1
			n.Level = min(n.Level+below, 6)
			if !isTitle {
				render(n)
			}
		case *ast.FencedCodeBlock:
			if g := grammarAt(d, source, n); g != nil {
				fmt.Fprintf(&b, `<figure class="rules"><figcaption>%s</figcaption>%s</figure>`, sourceOf(p.links, g), p.links.grammar(g))
				continue
			}
			if y := layoutAt(d, source, n); y != nil {
				fmt.Fprintf(&b, `<figure class="rules" id="%s"><figcaption>%s</figcaption>`, anchor(y.Pos.File, y.Pos.Line), p.links.cite(y.Namespace+"#"+y.Section))
				render(n)
				b.WriteString("</figure>")
				continue
			}
			render(n)
		case *extast.Table:
			p.table(&b, d, source, n)
		default:
			render(n)
		}
	}
	return template.HTML(b.String())
}

// relink leads links to documents to their chapters. What isn't on the page, nor in
// the web, stays as text.
func relink(root ast.Node) {
	var loose []*ast.Link
	_ = ast.Walk(root, func(n ast.Node, isEntered bool) (ast.WalkStatus, error) {
		if l, ok := n.(*ast.Link); ok && isEntered {
			switch to := string(l.Destination); {
			case strings.HasPrefix(to, "https://"):
			case path.Ext(to) == ".md" && !strings.Contains(to, "/"):
				l.Destination = []byte("#doc-" + slug(to))
			default:
				loose = append(loose, l)
			}
		}
		return ast.WalkContinue, nil
	})
	for _, l := range loose {
		for c := l.FirstChild(); c != nil; c = l.FirstChild() {
			l.Parent().InsertBefore(l.Parent(), l, c)
		}
		l.Parent().RemoveChild(l.Parent(), l)
	}
}

// sourceOf tells where a block of rules is from.
func sourceOf(l *links, g *spec.Grammar) template.HTML {
	if g.Section == "" {
		return "a choice of ours"
	}
	out := l.cite("rfc" + strings.TrimPrefix(g.Namespace, "rfc") + "#" + g.Section)
	if g.Option != "" {
		out += template.HTML(" <span class=\"tag\">option " + template.HTMLEscapeString(g.Option) + "</span>")
	}
	return out
}

func lineOf(source []byte, at int) int { return bytes.Count(source[:at], []byte("\n")) + 1 }

func grammarAt(d *spec.Document, source []byte, n *ast.FencedCodeBlock) *spec.Grammar {
	if n.Lines().Len() == 0 {
		return nil
	}
	line := lineOf(source, n.Lines().At(0).Start)
	for _, g := range d.Grammars {
		if g.Pos.Line == line {
			return g
		}
	}
	return nil
}

func layoutAt(d *spec.Document, source []byte, n *ast.FencedCodeBlock) *spec.Layout {
	if n.Lines().Len() == 0 {
		return nil
	}
	line := lineOf(source, n.Lines().At(0).Start)
	for _, y := range d.Layouts {
		if y.Pos.Line == line {
			return y
		}
	}
	return nil
}

// table renders a table in a box that scrolls, with an id for each row, and with
// what its cells cite as links.
func (p *Page) table(b *bytes.Buffer, d *spec.Document, source []byte, n *extast.Table) {
	title := "table"
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var line int
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			if c.Lines().Len() == 0 {
				continue
			}
			seg := c.Lines().At(0)
			if line == 0 {
				line = lineOf(source, seg.Start)
			}
			if _, isHeader := row.(*extast.TableHeader); isHeader {
				c.SetAttributeString("scope", []byte("col"))
				if c == row.FirstChild() {
					title = string(seg.Value(source))
				}
				continue
			}
			if cell := string(seg.Value(source)); ids.MatchString(cell) {
				c.RemoveChildren(c)
				s := ast.NewString([]byte(p.links.cite(strings.ReplaceAll(cell, "`", ""))))
				s.SetCode(true)
				c.AppendChild(c, s)
			}
		}
		if line > 0 {
			row.SetAttributeString("id", []byte(anchor(d.File, line)))
		}
	}
	fmt.Fprintf(b, `<div class="scroll" role="region" tabindex="0" aria-label="%s">`, template.HTMLEscapeString(strings.TrimSpace(title)))
	_ = markdown.Renderer().Render(b, source, n)
	b.WriteString("</div>")
}
