//go:build !race

package extract

import (
	"errors"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The readers of whole messages, and what is small beside them.
func TestGeneratedSequencesAreTheSpecified(t *testing.T) {
	m := model(t)
	s, err := Read(committed(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range append(Sequences(s, m), Functions(s, m)...) {
		if r.Err != nil {
			t.Error(r.Err)
		}
		t.Log(r.What, r.Evidence)
	}
}

// harmlessInSequences are lines that can be changed without changing what is read.
var harmlessInSequences = []*regexp.Regexp{
	regexp.MustCompile(`if uint64\(k\) > m\.left \{`), // as many as are left are as many as are left
}

// TestEveryChangedLineOfSequencesIsCaught changes lines of the readers of messages one
// by one: every SPECHT_MUTATE_STEP-th, by default the 41st; with 1 all of them.
func TestEveryChangedLineOfSequencesIsCaught(t *testing.T) {
	step := 41
	if s := os.Getenv("SPECHT_MUTATE_STEP"); s != "" {
		step, _ = strconv.Atoi(s)
	}
	m := model(t)
	files := committed(t)
	for _, name := range []string{"../../h1/requestmessage_gen.go", "../../h1/responsemessage_gen.go"} {
		lines := strings.Split(string(files[name]), "\n")
		caught, isRead := 0, false
		for i, line := range lines {
			switch {
			case strings.HasPrefix(line, "func "):
				isRead = reread.MatchString(line)
			case strings.HasPrefix(line, "}"):
				isRead = false
			}
			if !isRead || strings.HasPrefix(line, "func ") || i%step != 0 {
				continue
			}
			for _, mutant := range mutants(line) {
				changed := slices.Clone(lines)
				changed[i] = mutant
				mutated := maps.Clone(files)
				mutated[name] = []byte(strings.Join(changed, "\n"))
				s, err := Read(mutated)
				if err == nil {
					for _, r := range Sequences(s, m) {
						err = errors.Join(err, r.Err)
					}
				}
				switch {
				case err != nil:
					caught++
				case !slices.ContainsFunc(harmlessInSequences, func(h *regexp.Regexp) bool { return h.MatchString(line) }):
					t.Errorf("%s:%d changed and not caught:\n-%s\n+%s", name, i+1, line, mutant)
				}
			}
		}
		if caught == 0 {
			t.Error("no line was changed of", name)
		}
		t.Logf("%s: %d changes caught", name, caught)
	}
}

// reread are the functions that are read back: all but those that tell what a fault is.
var reread = regexp.MustCompile(`^func \(m \*\w+Message\) (Next|End|HasBegun|cut|decide|consumeHead|consumeLenient|forget|Reset)\(`)
