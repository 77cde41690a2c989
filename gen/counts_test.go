package gen

import (
	"bytes"
	"strings"
	"testing"
)

// TestCounts generates code that counts its rows: it differs from the other in that
// alone, and names every row of a decision.
func TestCounts(t *testing.T) {
	m := ours(t)
	plain, err := Generate(m, Options{Of: []string{"bodylength.md"}})
	if err != nil {
		t.Fatal(err)
	}
	counting, err := Generate(m, Options{Of: []string{"bodylength.md"}, Counts: true})
	if err != nil {
		t.Fatal(err)
	}
	counted := map[string]bool{}
	for i, f := range counting {
		if bytes.Contains(plain[i].Text, []byte("took.")) {
			t.Errorf("%s counts what it wasn't asked to", f.Path)
		}
		var rest []string
		for line := range strings.Lines(string(f.Text)) {
			if _, call, ok := strings.Cut(line, "took."); ok {
				name, _, _ := strings.Cut(strings.TrimPrefix(call, `Row("`), `"`)
				counted[name] = true
				continue
			}
			rest = append(rest, line)
		}
		if got, want := declarations(strings.Join(rest, "")), declarations(string(plain[i].Text)); got != want {
			t.Errorf("%s differs in more than counts", f.Path)
		}
	}
	for _, d := range m.Decisions {
		if d.Doc.File != "bodylength.md" {
			continue
		}
		for _, r := range d.Rows {
			if !counted[m.Set.Key(r.Row)] {
				t.Errorf("nobody counts %q", m.Set.Key(r.Row))
			}
		}
	}
}

// declarations is a file behind its imports.
func declarations(text string) string {
	_, text, _ = strings.Cut(text, "\npackage ")
	_, text, _ = strings.Cut(text, "\n// ")
	return text
}
