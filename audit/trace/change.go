package trace

import (
	"crypto/sha256"
	_ "embed" // the changes
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"strings"
)

// ChangesFile is where the changes of code by hand are, from the root of the module.
const ChangesFile = "audit/trace/changes.tsv"

//go:embed changes.tsv
var changes string

// Change is one of code by hand, or of the grammar of a document, of which a test that
// its requirements name has to die: what a mutant of a row is to a row.
type Change struct {
	IDs      []string // of requirements that the code holds
	File     string   // "h1/reply.go", "spec/core.md"
	Function string   // "reply.head", or "const", "type" or "var" and a name; empty in a document
	Old, New string   // a part of a line, which the function has once, and what it is instead
	line     int      // in ChangesFile
}

var changeHeader = []string{"requirements", "file", "function", "instead of", "this"}

// parseChanges reads lines of requirements with spaces between them, a file, a
// function, a text and another one, with tabs between them.
func parseChanges(text string) (out []*Change, err error) {
	at := map[string]int{}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i == 0 || line == "" {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != len(changeHeader) || f[0] == "" || f[3] == "" || f[3] == f[4] {
			return nil, fmt.Errorf("%s:%d: expected %s, with tabs between them, and a text that is another", ChangesFile, i+1, strings.Join(changeHeader, ", "))
		}
		c := &Change{IDs: strings.Fields(f[0]), File: f[1], Function: f[2], Old: f[3], New: f[4], line: i + 1}
		if was := at[c.Key()]; was != 0 {
			return nil, fmt.Errorf("%s:%d: the same text of the same function is changed in line %d; put the requirements into one line", ChangesFile, i+1, was)
		}
		at[c.Key()] = i + 1
		out = append(out, c)
	}
	return out, nil
}

// Key names a change, as that of a row does.
func (c *Change) Key() string {
	if c.document() != "" {
		return c.document() + ": " + c.Old
	}
	return fmt.Sprintf("%s, %s: %s", c.File, c.Function, c.Old)
}

// document is the file of a document from spec/, and empty for code.
func (c *Change) document() string {
	name, isSpec := strings.CutPrefix(c.File, "spec/")
	if !isSpec || !strings.HasSuffix(name, ".md") {
		return ""
	}
	return name
}

// mutant is the change of a document as that of a row.
func (c *Change) mutant(text []byte) (*Mutant, error) {
	changed, err := c.Apply(text)
	if err != nil {
		return nil, err
	}
	m := &Mutant{What: c.what(), File: c.document()}
	after := strings.Split(string(changed), "\n")
	for i, line := range strings.Split(string(text), "\n") {
		if line != after[i] {
			m.edits = append(m.edits, edit{line: i + 1, text: after[i]})
		}
	}
	return m, nil
}

// row is the change as one that is measured.
func (c *Change) row() *Row {
	sum := sha256.Sum256([]byte(c.Key() + "\n" + c.New))
	return &Row{Key: c.Key(), Hash: hex.EncodeToString(sum[:6]), IDs: c.IDs, Change: c}
}

// what is what a snapshot says of the change.
func (c *Change) what() string { return fmt.Sprintf("%q instead of it", c.New) }

// Apply is the file with the change.
func (c *Change) Apply(text []byte) ([]byte, error) {
	from, to, err := c.place(text)
	if err != nil {
		return nil, err
	}
	in := string(text[from:to])
	if n := strings.Count(in, c.Old); n != 1 {
		return nil, fmt.Errorf("%s:%d: %s has %q %d times; expected once: follow what it has become", ChangesFile, c.line, strings.TrimSpace(c.File+" "+c.Function), c.Old, n)
	}
	return []byte(string(text[:from]) + strings.Replace(in, c.Old, c.New, 1) + string(text[to:])), nil
}

// place is where the function is in its file.
func (c *Change) place(text []byte) (from, to int, err error) {
	if c.document() != "" {
		return 0, len(text), nil
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, c.File, text, parser.SkipObjectResolution)
	if err != nil {
		return 0, 0, err
	}
	for _, d := range f.Decls {
		if name := strings.TrimPrefix(declName(d), "func "); name == c.Function {
			return fset.Position(d.Pos()).Offset, fset.Position(d.End()).Offset, nil
		}
	}
	return 0, 0, fmt.Errorf("%s:%d: %s has no %s; a method is Type.name, and others are as \"var x\"", ChangesFile, c.line, c.File, c.Function)
}

// isByHand is false for what is generated, of which rows are changed.
func (c *Change) isByHand() bool {
	return c.document() != "" || strings.HasSuffix(c.File, ".go") && !strings.HasSuffix(c.File, "_gen.go") && !strings.HasSuffix(c.File, "_test.go")
}
