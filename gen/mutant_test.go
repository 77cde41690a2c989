package gen

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/spec"
)

// TestMutant changes a document so that only a check minds: Load refuses it, and
// Mutant makes a model of it, and says what was refused.
func TestMutant(t *testing.T) {
	files := valid(t)
	text := string(files["kind.md"].Data)
	changed := strings.Replace(text, "| absent, cut | cut | cut |", "| absent, cut | cut | the same |", 1)
	if changed == text {
		t.Fatal("kind.md isn't what this test thinks")
	}
	files["kind.md"].Data = []byte(changed)
	set, err := spec.Read(files)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Load(set); err == nil {
		t.Error("Load takes a state that can't be reached")
	}
	m, refused, err := Mutant(set)
	if err != nil {
		t.Fatal(err)
	}
	if len(refused) != 1 || !strings.Contains(refused[0].Error(), "the state cut can't be reached") {
		t.Errorf("refused is %v", refused)
	}
	if m.transitions("kinds") == nil {
		t.Error("the model has no transitions kinds")
	}

	base, err := spec.Read(valid(t))
	if err != nil {
		t.Fatal(err)
	}
	of, err := Load(base)
	if err != nil {
		t.Fatal(err)
	}
	m, again, err := of.Mutant(set)
	if err != nil || len(again) != 1 || again[0].Error() != refused[0].Error() {
		t.Errorf("with the machines of another model %v is refused (%v)", again, err)
	}
	if next, _ := m.transitions("kinds").Next("absent", "cut"); next != "absent" {
		t.Errorf("the table still says %s", next)
	}

	files["kind.md"].Data = []byte(strings.Replace(text, "| absent, cut | cut |", "| absent | cut |", 1))
	if set, err = spec.Read(files); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Mutant(set); err == nil {
		t.Error("a model is made of a table with holes")
	}
}

// TestGenerateOf generates what stands in the files of some documents.
func TestGenerateOf(t *testing.T) {
	m := ours(t)
	all, err := Generate(m, Options{})
	if err != nil {
		t.Fatal(err)
	}
	some, err := Generate(m, Options{Of: []string{"te.md"}})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string][]byte{}
	for _, f := range some {
		names[f.Path] = f.Text
	}
	for _, f := range all {
		text, ok := names[f.Path]
		if ok && !bytes.Equal(text, f.Text) {
			t.Errorf("%s is another one", f.Path)
		}
	}
	for _, want := range []string{"h1/te_gen.go", "h1/bodylength_gen.go", "h2/stream_gen.go"} {
		if _, ok := names[want]; !ok {
			t.Errorf("there is no %s", want)
		}
	}
	if _, ok := names["h1/chunked_gen.go"]; ok || len(some) >= len(all) {
		t.Error("files are made that nobody wants")
	}
	if !slices.IsSortedFunc(some, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the files aren't sorted")
	}
}
