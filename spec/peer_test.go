package spec

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestPeerKeepsTheStart has a peer replace the cell with which a table begins, and add
// one: the state that is named first is the same.
func TestPeerKeepsTheStart(t *testing.T) {
	t.Parallel()
	const header = "| transitions a | event | → next | action | requirement |\n|---|---|---|---|---|\n"
	set, err := Read(WithRequirements(fstest.MapFS{"a.md": {Data: []byte("# A\n\n" + header +
		"| s, t | e, f | t | | choice: x |\n| t | g | s | | choice: x |\n")}}))
	if err != nil {
		t.Fatal(err)
	}
	over, err := set.Peer(fstest.MapFS{"peers/p.md": {Data: []byte("# P\n\n| peer | versions | fact | source |\n|---|---|---|---|\n| p | 1 | it does | a source |\n\n" + header +
		"| s | e, g | s | | choice: y |\n")}}, "peers/p")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	over.Tables(KindTransition, func(_ *Document, table *Table) {
		for _, r := range table.Rows {
			got = append(got, r.Cells[0].Text+" "+r.Cells[1].Text+" "+r.Cells[2].Text)
		}
	})
	if want := "s e s; s f t; t e, f t; t g s; s g s"; strings.Join(got, "; ") != want {
		t.Errorf("%s, want %s", strings.Join(got, "; "), want)
	}
}
