package report

import (
	"errors"
	"fmt"
	"html"
	"html/template"
	"io/fs"
	"path"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Code is a generated file, in the pieces that stand under rows of the documents.
type Code struct {
	File   string  `json:"file"`
	Lines  int     `json:"lines"`
	Pieces []Piece `json:"pieces"`

	Body template.HTML `json:"-"`
}

// Piece is what stands under one or several rows in a generated file.
type Piece struct {
	Rows []string `json:"rows"`
	Line int      `json:"line"`
	Text string   `json:"text"`

	At []string `json:"-"` // the ids of the rows on the page, or empty
}

// pieceLines are how many lines of a piece are shown.
const pieceLines = 14

// code finds the files that were generated from a document.
func (p *Page) code(module fs.FS, d *spec.Document) (out []*Code, err error) {
	names, err := fs.Glob(module, "*/"+d.Noun+"_gen.go")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(module, name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		out = append(out, p.file(name, string(text)))
	}
	return out, nil
}

// file cuts a file into pieces at the comments that are rows.
func (p *Page) file(name, text string) *Code {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	c := &Code{File: name, Lines: len(lines)}
	var b strings.Builder
	prefix := "code-" + slug(path.Dir(name)+"-"+path.Base(name))
	for i := 0; i < len(lines); i++ {
		row := rowComment(lines[i])
		if row == "" {
			b.WriteString(html.EscapeString(lines[i]) + "\n")
			continue
		}
		piece := Piece{Line: i + 1}
		fmt.Fprintf(&b, `<span id="%s-%d">`, prefix, i+1)
		for ; i < len(lines) && rowComment(lines[i]) != ""; i++ {
			row := rowComment(lines[i])
			piece.Rows = append(piece.Rows, row)
			at := ""
			if pos, ok := p.links.rows[row]; ok {
				at = p.links.at(pos.File, pos.Line)
			}
			piece.At = append(piece.At, at)
			if at != "" {
				fmt.Fprintf(&b, "%s// %s\n", lines[i][:indent(lines[i])], link("#"+at, row))
			} else {
				b.WriteString(html.EscapeString(lines[i]) + "\n")
			}
		}
		b.WriteString("</span>")
		var under []string
		for k := i; k < len(lines) && k < i+pieceLines && strings.TrimSpace(lines[k]) != "" && rowComment(lines[k]) == "" && indent(lines[k]) >= indent(lines[i]); k++ {
			under = append(under, lines[k])
		}
		piece.Text = dedent(under)
		c.Pieces = append(c.Pieces, piece)
		i--
	}
	c.Body = template.HTML(b.String())
	return c
}

// rowComment is the row that a line is a comment of, or empty.
func rowComment(line string) string {
	row, ok := strings.CutPrefix(strings.TrimSpace(line), "// | ")
	if !ok || !strings.HasSuffix(row, "|") {
		return ""
	}
	return "| " + row
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, "\t")) }

// dedent takes away from each line what the first one is indented by.
func dedent(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(strings.ReplaceAll(l[indent(lines[0]):], "\t", "    ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}
