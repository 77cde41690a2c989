package spec

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
)

// reader reads one document. The Markdown library says what is a heading, a
// fence and a table, and where; the raw lines say what the library forgives.
type reader struct {
	doc          *Document
	source       []byte
	lines        []string // without line ends; lines[0] is line 1
	fenced       []bool   // line i+1 is in a fence, or is one of its two marks
	tabled       []bool   // line i+1 was read as a part of a table
	requirements map[string]string
	errs         []error
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

func readDocument(name string, source []byte, requirements map[string]string) (*Document, []error) {
	r := &reader{
		doc:          &Document{File: name, Noun: strings.TrimSuffix(path.Base(name), ".md")},
		source:       source,
		lines:        strings.Split(string(source), "\n"),
		requirements: requirements,
	}
	if !regexp.MustCompile(`^[a-z0-9]+$`).MatchString(r.doc.Noun) {
		r.errorf(1, "name it after its noun in lower-case letters and digits", "the file name %q is not a stem", name)
	}
	r.tabled = make([]bool, len(r.lines))
	r.checkFences()
	if len(r.errs) > 0 {
		return r.doc, r.errs // what follows would be read wrongly
	}
	root := markdown.Parser().Parse(text.NewReader(source))
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		r.block(n)
	}
	r.checkStrayRows()
	if r.doc.Title == "" {
		r.errorf(1, "begin the document with a heading of level 1", "the document has no title")
	}
	return r.doc, r.errs
}

func (r *reader) errorAt(at Pos, want, format string, args ...any) {
	r.errs = append(r.errs, Errorf(at, want, format, args...))
}

func (r *reader) errorf(line int, want, format string, args ...any) {
	r.errorAt(Pos{File: r.doc.File, Line: line}, want, format, args...)
}

// block reads one top-level block.
func (r *reader) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		if n.Level == 1 && r.doc.Title == "" {
			r.doc.Title = string(n.Lines().Value(r.source))
		}
	case *ast.FencedCodeBlock:
		r.fence(n)
	case *extast.Table:
		r.table(n)
	default:
		r.nested(n)
	}
}

// nested refuses what looks like a part of the specification and isn't read,
// since it stands inside a list, a quotation or indented text.
func (r *reader) nested(block ast.Node) {
	_ = ast.Walk(block, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		line := 0
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			if entering && n.Info != nil && isRules(string(n.Info.Segment.Value(r.source))) {
				line = r.line(n.Info.Segment.Start)
			}
		case *ast.CodeBlock:
			if entering && n.Lines().Len() > 0 {
				first := n.Lines().At(0)
				if isRules(strings.TrimLeft(string(first.Value(r.source)), " `~")) {
					line = r.line(first.Start)
				}
			}
		case *extast.Table:
			if entering {
				r.nestedTable(n)
			}
			return ast.WalkSkipChildren, nil
		}
		if line > 0 {
			r.errorf(line, "write it at the left margin", "a block of rules inside a list, a quotation or indented text is not read")
		}
		return ast.WalkContinue, nil
	})
}

func (r *reader) nestedTable(n *extast.Table) {
	line := 1
	if c := n.FirstChild().FirstChild(); c.Lines().Len() > 0 {
		line = r.line(c.Lines().At(0).Start)
	}
	for i := line - 1; i < min(line+n.ChildCount(), len(r.tabled)); i++ {
		r.tabled[i] = true // the header, the delimiter row and the rows
	}
	r.errorf(line, "write it at the left margin", "a table inside a list or a quotation is not read")
}

// isRules says whether a fence with this info string is meant to hold rules.
func isRules(info string) bool {
	return len(info) >= 4 && strings.EqualFold(info[:4], "abnf") || isLayout(info)
}

var abnfInfo = regexp.MustCompile(`^abnf (?:option ([a-zA-Z-]+) )?(choice|(rfc[0-9]+)#([0-9A-Z]+(?:\.[0-9]+)*))$`)

// fence reads an abnf block; blocks in other languages are prose.
func (r *reader) fence(n *ast.FencedCodeBlock) {
	info := ""
	if n.Info != nil {
		info = string(n.Info.Segment.Value(r.source))
	}
	switch {
	case isLayout(info):
		r.layout(n, info)
		return
	case !isRules(info):
		return
	}
	line := r.line(n.Info.Segment.Start)
	m := abnfInfo.FindStringSubmatch(info)
	if m == nil {
		r.errorf(line, "expected ```abnf rfc9112#7.1 (RFC and section), or ```abnf choice for a rule of our own",
			"a block of rules without its source: %q", info)
		return
	}
	g := &Grammar{Pos: Pos{File: r.doc.File, Line: line + 1}, Option: m[1], Namespace: m[3], Section: m[4]}
	if g.Namespace == "" {
		g.Namespace = "choice"
	}
	g.Text = string(n.Lines().Value(r.source))
	for _, near := range []ast.Node{n.PreviousSibling(), n.NextSibling()} {
		if text, ok := near.(*ast.Paragraph); ok && g.Why == "" {
			g.Why = strings.Join(strings.Fields(string(text.Lines().Value(r.source))), " ")
		}
	}
	r.doc.Grammars = append(r.doc.Grammars, g)
}

// isLayout says whether a fence with this info string is meant to hold layouts.
func isLayout(info string) bool { return len(info) >= 6 && strings.EqualFold(info[:6], "layout") }

var layoutInfo = regexp.MustCompile(`^layout (rfc[0-9]+)#([0-9A-Z]+(?:\.[0-9]+)*)$`)

// layout reads a block of layouts.
func (r *reader) layout(n *ast.FencedCodeBlock, info string) {
	line := r.line(n.Info.Segment.Start)
	m := layoutInfo.FindStringSubmatch(info)
	if m == nil {
		r.errorf(line, "expected ```layout rfc9113#6.1 (RFC and section)", "a block of layouts without its source: %q", info)
		return
	}
	r.doc.Layouts = append(r.doc.Layouts, &Layout{
		Pos: Pos{File: r.doc.File, Line: line + 1}, Namespace: m[1], Section: m[2], Text: string(n.Lines().Value(r.source)),
	})
}

// table reads a table and finds its kind.
func (r *reader) table(n *extast.Table) {
	t := &Table{}
	first, last := 0, 0
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []Cell
		line := 0
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			cell := Cell{Pos: Pos{File: r.doc.File}}
			if c.Lines().Len() > 0 {
				seg := c.Lines().At(0)
				cell.Text = plain(string(seg.Value(r.source)))
				cell.Pos.Line = r.line(seg.Start)
				cell.Pos.Column = seg.Start - bytes.LastIndexByte(r.source[:seg.Start], '\n')
				line = cell.Pos.Line
			}
			cells = append(cells, cell)
		}
		if line == 0 { // every cell is empty: the library gives no place
			line = last + 1
		}
		for i := range cells {
			if cells[i].Pos.Line == 0 {
				cells[i].Pos.Line = line
			}
		}
		if first == 0 {
			first = line
			t.Pos = Pos{File: r.doc.File, Line: line}
			t.Header = cells
			r.tabled[line-1], r.tabled[line] = true, true
			last = line + 1
			r.checkWidth(line, len(cells), "the header")
			continue
		}
		last = line
		r.tabled[line-1] = true
		if r.checkWidth(line, len(t.Header), "the header") {
			t.Rows = append(t.Rows, Row{Pos: Pos{File: r.doc.File, Line: line}, Cells: cells})
		}
	}
	if n.ChildCount() == 1 {
		r.errorf(first, "add a row, or remove the table", "the table has no rows")
	}
	for _, c := range t.Header {
		if c.Text == "" {
			r.errorf(first, "give every column a name", "a column of the table has no name")
			return
		}
	}
	if err := t.classify(); err != nil {
		r.errs = append(r.errs, err)
		return
	}
	r.checkRequirements(t)
	r.doc.Tables = append(r.doc.Tables, t)
}

// plain is the text of a cell without the marks of code spans. A bar in a cell
// is written \|, as in any Markdown table.
func plain(s string) string {
	return strings.TrimSpace(strings.NewReplacer("`", "", `\|`, "|").Replace(s))
}

// line is the number of the line that holds the octet at offset.
func (r *reader) line(offset int) int {
	return 1 + bytes.Count(r.source[:offset], []byte("\n"))
}

// checkWidth compares the cells that a raw line has with those of the header:
// the library drops cells that are too many and invents those that are
// missing.
func (r *reader) checkWidth(line, want int, what string) bool {
	raw := strings.TrimSpace(r.lines[line-1])
	if !strings.HasPrefix(raw, "|") {
		r.errorf(line, "put an empty line after the table, or write the row between bars", "text directly under a table is read as a row: %q", raw)
		return false
	}
	if !strings.HasSuffix(raw, "|") || strings.HasSuffix(raw, `\|`) {
		r.errorf(line, "end the row with a bar", "the row %q is not closed", raw)
		return false
	}
	if got := strings.Count(raw, "|") - strings.Count(raw, `\|`) - 1; got != want {
		r.errorf(line, fmt.Sprintf("expected %d cells, as %s has", want, what), "the row has %d cells", got)
		return false
	}
	return true
}

// checkFences refuses a fence that is never closed, which would hide the rest
// of the document.
func (r *reader) checkFences() {
	r.fenced = make([]bool, len(r.lines))
	open, mark := 0, ""
	for i, l := range r.lines {
		s := strings.TrimLeft(l, " ")
		switch {
		case open > 0:
			r.fenced[i] = true
			if strings.HasPrefix(s, mark) && strings.Trim(s, mark[:1]+" \t") == "" {
				open = 0
			} else if strings.HasPrefix(s, mark+"abnf") || strings.HasPrefix(s, mark+"layout") {
				r.errorf(open, "close it with "+mark+" on a line of its own", "the fence that begins here is not closed before the next one begins, on line %d", i+1)
				return
			}
		case strings.HasPrefix(s, "```"), strings.HasPrefix(s, "~~~"):
			r.fenced[i] = true
			open, mark = i+1, s[:3]
			for len(mark) < len(s) && s[len(mark)] == mark[0] {
				mark = s[:len(mark)+1]
			}
		}
	}
	if open > 0 {
		r.errorf(open, "close it with "+mark+" on a line of its own", "the fence that begins here is never closed")
	}
}

// checkStrayRows refuses rows that the library took for a paragraph, which it
// does when the delimiter row is missing or doesn't fit.
func (r *reader) checkStrayRows() {
	for i, l := range r.lines {
		if r.fenced[i] || r.tabled[i] || !strings.HasPrefix(strings.TrimSpace(l), "|") {
			continue
		}
		if i > 0 && !r.fenced[i-1] && strings.HasPrefix(strings.TrimSpace(r.lines[i-1]), "|") {
			continue // said at the first row
		}
		r.errorf(i+1, "write |---|---| with one part for each column under the header row",
			"the rows that begin here are not a table: the delimiter row is missing or has another number of columns")
	}
}

var (
	requirementID = regexp.MustCompile(`^rfc[0-9]+#[0-9A-Z.]+/[0-9]+$`)
	// sectionID is a section, for what it says without a keyword of BCP 14.
	sectionID = regexp.MustCompile(`^rfc[0-9]+#[0-9A-Z]+(\.[0-9]+)*$`)
)

// checkRequirements looks up every id in the columns named requirement.
func (r *reader) checkRequirements(t *Table) {
	for i, h := range t.Header {
		if h.Text != "requirement" {
			continue
		}
		for _, row := range t.Rows {
			cell := row.Cells[i]
			if cell.Text == "" {
				r.errorAt(cell.Pos, "cite a requirement id, or choice: or exception: and the reason", "the row cites no requirement")
				continue
			}
			if word, why, ok := strings.Cut(cell.Text, ":"); ok && (word == "choice" || word == "exception") {
				if !strings.HasPrefix(why, " ") {
					r.errorAt(cell.Pos, "write the reason behind the colon and a space", "%q gives no reason", cell.Text)
				}
				continue
			}
			for _, id := range strings.Split(cell.Text, ", ") {
				if _, ok := r.requirements[id]; !ok && !sectionID.MatchString(id) {
					want := "expected an id of requirements.tsv such as rfc9112#6.3/3, a section such as rfc9112#6.3, or choice: or exception: and the reason"
					if requirementID.MatchString(id) {
						want = "look it up in requirements.tsv: the number counts the requirements of a section"
					}
					r.errorAt(cell.Pos, want, "unknown requirement id %q", id)
				}
			}
		}
	}
}
