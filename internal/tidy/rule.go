package tidy

import (
	"fmt"
	"go/token"
)

// Rule is one thing that must hold in a tree.
type Rule struct {
	Name  string
	Check func(*Tree) []Finding
}

// Rules are all of them, in the order in which they are reported.
var Rules = []Rule{
	{"imports", checkImports},
	{"syntax", checkSyntax},
	{"names", checkNames},
	{"stems", checkStems},
	{"generated", checkGenerated},
	{"length", checkLength},
	{"docs", checkDocs},
	{"vocabulary", checkVocabulary},
	{"prose", checkProse},
	{"places", checkPlaces},
	{"sleep", checkSleep},
	{"ports", checkPorts},
}

// Finding is a violation: where it is, and what is wrong with what to do.
type Finding struct {
	Path string // slash-separated, from the root of the tree
	Line int    // from 1, or 0 for the file or directory as a whole
	Text string
}

// String is the finding as compilers print theirs.
func (f Finding) String() string {
	if f.Line == 0 {
		return f.Path + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.Path, f.Line, f.Text)
}

// at makes a finding at a position of a parsed file.
func (t *Tree) at(f *File, pos token.Pos, format string, args ...any) Finding {
	return Finding{f.Path, t.fset.Position(pos).Line, fmt.Sprintf(format, args...)}
}
