package tidy

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var rfcs = flag.String("rfcs", "", "directory with RFCs as text, from which TestWriteProseIndex writes prose.index")

func TestWriteProseIndex(t *testing.T) {
	if *rfcs == "" {
		t.Skip("needs -rfcs DIR")
	}
	names, err := filepath.Glob(filepath.Join(*rfcs, "rfc*.txt"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no rfc*.txt in %s: %v", *rfcs, err)
	}
	var texts [][]byte
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	index := indexProse(texts)
	t.Logf("%d RFCs, %d runs of words", len(texts), len(index)/hashOctets)
	if err := os.WriteFile("prose.index", index, 0o644); err != nil {
		t.Fatal(err)
	}
}

// An index of a text that we own finds a copy of it behind comment signs, and
// neither its ABNF nor a text of our own.
func TestProseIndex(t *testing.T) {
	sentence := `The heron stands in the shallow water for as long as it takes and doesn't move
until a fish that is small enough comes near enough, and then it does move.
`
	rule := "heron-state = standing-state / moving-state / flying-state / one or two three four five six\n"
	saved := proseIndex
	t.Cleanup(func() { proseIndex = saved })
	proseIndex = indexProse([][]byte{[]byte("Contents and so on.\n\n1. Introduction\n\n" + strings.Repeat(sentence, 4) + "\n" + rule + "\n")})

	commented := "package a\n\n// " + strings.ReplaceAll(strings.Repeat(sentence, 4), "\n", "\n// ") + "\n"
	tests := []struct {
		name, text string
		want       bool
	}{
		{"in a comment", commented, true},
		{"a rule", "package a\n\n// " + rule, false},
		{"own words", "package a\n\n// A heron waits in shallow water and strikes when a small fish has come within its reach at last.\n", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := checkProse(tree(t, map[string]string{"a/a.go": test.text}))
			if got := len(found) > 0; got != test.want {
				t.Errorf("found %v", found)
			}
		})
	}
}

func TestProseIndexIsSorted(t *testing.T) {
	if len(proseIndex) == 0 || len(proseIndex)%hashOctets != 0 {
		t.Fatalf("prose.index has %d octets", len(proseIndex))
	}
	for i := 1; i < len(proseIndex)/hashOctets; i++ {
		if hashAt(i-1) >= hashAt(i) {
			t.Fatalf("hash %d is not above the one before", i)
		}
	}
}
