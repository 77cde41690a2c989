// Package spec holds what the RFCs say, as documents that a person can read
// beside them, and reads those documents into a typed model.
//
// A document is a Markdown file about one noun of the RFCs. Its prose is for
// people; its fenced `abnf` blocks and its tables are the specification, and
// package gen makes Go from them. The notation is described in machine.md.
//
// Nouns: a [Set] is all documents read together; a [Document] is one file; a
// [Grammar] is one `abnf` block; a [Table] is one table, of a [Kind] that its
// header row tells.
//
// Strictness: Markdown forgives too much for a specification. A row with a
// cell too many or too few, a table without its delimiter row, a line of text
// glued to a table, an unknown header row, a fence that is never closed and a
// requirement id that doesn't exist are errors, and each names file and line,
// what is wrong, and what was expected.
package spec

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
)

//go:embed *.md requirements.tsv
var files embed.FS

// Embedded is the file system with the specifications that this module was
// generated from.
func Embedded() fs.FS { return files }

// WithRequirements is fsys with the embedded list of requirement ids, unless it has
// one: what the RFCs require doesn't depend on who writes a grammar.
func WithRequirements(fsys fs.FS) fs.FS { return withRequirements{fsys} }

type withRequirements struct{ fs.FS }

// Open implements fs.FS.
func (w withRequirements) Open(name string) (fs.File, error) {
	f, err := w.FS.Open(name)
	if name == requirementsFile && errors.Is(err, fs.ErrNotExist) {
		return files.Open(name)
	}
	return f, err
}

// Pos is a place in a document. Line and Column count from 1; Column 0 means
// the whole line.
type Pos struct {
	File   string
	Line   int
	Column int
}

// String is "file:line" or "file:line:column".
func (p Pos) String() string {
	if p.Column > 0 {
		return fmt.Sprintf("spec/%s:%d:%d", p.File, p.Line, p.Column)
	}
	return fmt.Sprintf("spec/%s:%d", p.File, p.Line)
}

// Error is a mistake in a specification.
type Error struct {
	Pos  Pos
	What string // what is wrong
	Want string // what was expected, or what to do
}

// Error is "file:line: what is wrong; what was expected".
func (e *Error) Error() string {
	if e.Want == "" {
		return fmt.Sprintf("%s: %s", e.Pos, e.What)
	}
	return fmt.Sprintf("%s: %s; %s", e.Pos, e.What, e.Want)
}

// Errorf is an *Error at p, with what was expected as want.
func Errorf(p Pos, want, format string, args ...any) error {
	return &Error{Pos: p, What: fmt.Sprintf(format, args...), Want: want}
}

// Set is all documents of a specification, in the order of their names.
type Set struct {
	Documents    []*Document
	Requirements map[string]string // requirement id -> level (MUST, SHOULD, MAY)
	// Over is what stands over the documents, so that some of what they say may count
	// for nothing: the file of a peer, or the options that are left. Or it is empty.
	Over string
}

// Document is one Markdown file.
type Document struct {
	File     string // its name, "chunked.md"
	Noun     string // its stem, "chunked"
	Title    string // its first heading
	Grammars []*Grammar
	Layouts  []*Layout
	Tables   []*Table
}

// Layout is a fenced block of layouts, in the notation of RFC 9113,
// Section 2.2.
type Layout struct {
	Pos       Pos    // of its first line
	Namespace string // the RFC that it is from
	Section   string
	Text      string
}

// Grammar is one fenced `abnf` block.
type Grammar struct {
	Pos       Pos    // of its first line of text
	Namespace string // "rfc9112", or "choice" for rules of our own
	Section   string // "7.1"; empty for a choice
	Option    string // the option that its rules are of, or empty
	Why       string // the paragraph above it, or else below it, or empty: for a choice it is the reason
	Text      string
}

// Source is where the grammar comes from, such as "RFC 9112, Section 7.1".
func (g *Grammar) Source() string {
	if g.Section == "" {
		return g.Namespace
	}
	part := "Section"
	if c := g.Section[0]; c >= 'A' && c <= 'Z' {
		part = "Appendix"
	}
	return fmt.Sprintf("RFC %s, %s %s", strings.TrimPrefix(g.Namespace, "rfc"), part, g.Section)
}

// Read reads every *.md file at the top of fsys, except README.md, and
// requirements.tsv. The error joins an *Error for each mistake that was found;
// a Set is returned only without one.
func Read(fsys fs.FS) (*Set, error) {
	names, err := fs.Glob(fsys, "*.md")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	set := &Set{}
	if set.Requirements, err = readRequirements(fsys); err != nil {
		return nil, err
	}
	var all []error
	for _, name := range names {
		if path.Base(name) == "README.md" {
			continue
		}
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		doc, errs := readDocument(name, text, set.Requirements)
		all = append(all, errs...)
		set.Documents = append(set.Documents, doc)
	}
	if len(set.Documents) == 0 {
		all = append(all, errors.New("spec: there is no specification here; expected files named NOUN.md"))
	}
	if err := errors.Join(all...); err != nil {
		return nil, err
	}
	return set, nil
}

// Tables calls yield for each table of the given kind, in order.
func (s *Set) Tables(kind Kind, yield func(*Document, *Table)) {
	for _, d := range s.Documents {
		for _, t := range d.Tables {
			if t.Kind == kind {
				yield(d, t)
			}
		}
	}
}

// requirementsFile is the list of requirements, a line for each: id, level, and
// what we do about it, with tabs between them. The first line names the columns.
const requirementsFile = "requirements.tsv"

// readRequirements reads the ids of the list, and their levels.
func readRequirements(fsys fs.FS) (map[string]string, error) {
	text, err := fs.ReadFile(fsys, requirementsFile)
	if err != nil {
		return nil, fmt.Errorf("spec: the list of requirement ids is missing: %w", err)
	}
	ids := map[string]string{}
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		if i == 0 {
			continue
		}
		id, rest, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, Errorf(Pos{File: requirementsFile, Line: i + 1}, "expected an id, a tab and a level", "line %q has no tab", line)
		}
		ids[id], _, _ = strings.Cut(rest, "\t")
	}
	return ids, nil
}
