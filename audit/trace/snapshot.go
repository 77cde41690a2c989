package trace

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// File is where the snapshot is, from the root of the module.
const File = "audit/trace/trace.tsv"

// Verdict is what was found of a row.
type Verdict string

// The verdicts.
const (
	Killed   Verdict = "killed"   // a named test dies of its mutant
	Refused  Verdict = "refused"  // nothing can be generated or built from any of its mutants
	Survives Verdict = "survives" // no test dies
)

// Entry is what was measured of a row.
type Entry struct {
	Key      string
	Hash     string   // of the row when it was measured
	Tests    int      // how many tests took it; -1 if that isn't counted
	Took     []string // some of them: "h1: TestRefusals"
	Mutant   string
	Verdict  Verdict
	KilledBy string // "h1: TestRefusals/both"
	Refused  string // what generation or a check said of the mutant
}

// Snapshot is what was measured of all rows, in the order of the documents.
type Snapshot struct{ Entries []Entry }

var header = []string{"row", "hash", "tests", "took", "mutant", "verdict", "killed by", "refused"}

// ReadSnapshot reads the snapshot of the module at root; one that isn't there is
// empty.
func ReadSnapshot(root string) (*Snapshot, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(File)))
	if os.IsNotExist(err) {
		return &Snapshot{}, nil
	}
	if err != nil {
		return nil, err
	}
	return parse(string(text))
}

func parse(text string) (*Snapshot, error) {
	s := &Snapshot{}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i == 0 {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != len(header) {
			return nil, fmt.Errorf("%s:%d: expected %s, with tabs between them", File, i+1, strings.Join(header, ", "))
		}
		n, err := strconv.Atoi(f[2])
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %q is no number of tests", File, i+1, f[2])
		}
		e := Entry{Key: f[0], Hash: f[1], Tests: n, Mutant: f[4], Verdict: Verdict(f[5]), KilledBy: f[6], Refused: f[7]}
		if f[3] != "" {
			e.Took = strings.Split(f[3], "; ")
		}
		s.Entries = append(s.Entries, e)
	}
	return s, nil
}

// Find is the entry of a row, or nil.
func (s *Snapshot) Find(key string) *Entry {
	i := slices.IndexFunc(s.Entries, func(e Entry) bool { return e.Key == key })
	if i < 0 {
		return nil
	}
	return &s.Entries[i]
}

// text is the snapshot as it is committed.
func (s *Snapshot) text() string {
	var b strings.Builder
	b.WriteString(strings.Join(header, "\t") + "\n")
	for _, e := range s.Entries {
		b.WriteString(strings.Join([]string{
			e.Key, e.Hash, strconv.Itoa(e.Tests), strings.Join(e.Took, "; "), e.Mutant, string(e.Verdict), e.KilledBy, e.Refused,
		}, "\t") + "\n")
	}
	return b.String()
}

// write replaces the file at once, so that who is interrupted loses nothing.
func (s *Snapshot) write(root string) error {
	name := filepath.Join(root, filepath.FromSlash(File))
	if err := os.WriteFile(name+".new", []byte(s.text()), 0o666); err != nil {
		return err
	}
	return os.Rename(name+".new", name)
}
