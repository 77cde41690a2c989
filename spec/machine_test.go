package spec

import (
	"io/fs"
	"regexp"
	"testing"
	"testing/fstest"
)

// TestNotationShowsEveryKind reads the examples of machine.md as documents:
// they are valid, and every kind of table has one.
func TestNotationShowsEveryKind(t *testing.T) {
	notation, err := fs.ReadFile(Embedded(), "machine.md")
	if err != nil {
		t.Fatal(err)
	}
	ids, err := fs.ReadFile(Embedded(), "requirements.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Kind]bool{}
	grammars := 0
	examples := regexp.MustCompile(`(?s)~~~markdown\n(.*?)~~~\n`).FindAllSubmatch(notation, -1)
	for _, example := range examples {
		set, err := Read(fstest.MapFS{
			"example.md":       {Data: append([]byte("# Example\n\n"), example[1]...)},
			"requirements.tsv": {Data: ids},
		})
		if err != nil {
			t.Errorf("%s\n%v", example[1], err)
			continue
		}
		for _, table := range set.Documents[0].Tables {
			seen[table.Kind] = true
		}
		grammars += len(set.Documents[0].Grammars)
	}
	for k := KindMachine; k <= KindEnd; k++ {
		if !seen[k] {
			t.Errorf("no example of kind %d", k)
		}
	}
	if grammars == 0 {
		t.Error("no example of a block of rules")
	}
}
