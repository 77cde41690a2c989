package gen

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/specht-http/specht/spec"
)

var update = flag.Bool("update", false, "write the grids of testdata")

// specified are the specifications of this module, understood: they are total,
// each state can be reached, none is a trap, and the two ends of a connection
// agree, or Load would fail.
func specified(t *testing.T) *Model {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(set)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestGrids compares each table of transitions that answers with its grid in
// testdata: what a row changes is seen cell by cell.
func TestGrids(t *testing.T) {
	const dir = "testdata/grids"
	known := map[string]bool{}
	for _, tr := range specified(t).Transitions {
		if !tr.Answers {
			continue // it is as short as its rows
		}
		name := filepath.Join(dir, strings.ToLower(tr.Name)+".md")
		known[name] = true
		got := tr.Grid()
		if *update {
			if err := os.MkdirAll(dir, 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil || got != string(want) {
			t.Errorf("%s isn't the grid of %s (%v); write it by: go test ./gen -run Grids -update", name, tr.Name, err)
		}
	}
	files, err := filepath.Glob(dir + "/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !known[name] {
			t.Errorf("%s is the grid of no table", name)
		}
	}
}

// TestAsymmetriesAreListed counts what the two ends of a stream see differently,
// so that the list in stream.md is not empty for want of looking.
func TestAsymmetriesAreListed(t *testing.T) {
	tr := specified(t).transitions("stream-state")
	n, worse := 0, 0
	for _, s := range tr.States.Values {
		for _, e := range tr.Events {
			what, ok := strings.CutPrefix(e, "sent ")
			if !ok {
				continue
			}
			why := tr.Differ(s, what)
			if why != "" {
				n++
			}
			if strings.HasPrefix(why, "it may be sent") {
				worse++
			}
		}
	}
	if n == 0 || worse > 0 {
		t.Errorf("%d asymmetries, and %d of them are errors to a peer that doesn't do wrong", n, worse)
	}
}
