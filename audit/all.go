package audit

import (
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// Asked is what came of one check among all.
type Asked struct {
	Check   string
	Report  *Report       // nil if it wasn't asked
	Missing string        // what it needs, then
	Time    time.Duration // that it took, beside the others
}

// All asks every check of the specifications of Specht, on all processors: our own
// readers and what we write beside the models of peers; rules beside the texts of
// RFCs, in rfcs; the documents and the generated code of a module, in dir, beside those
// that are in this program. What rfcs and dir are needed for is left out if they are nil.
func All(rfcs, dir fs.FS) ([]Asked, error) {
	s, err := openAll()
	if err != nil {
		return nil, err
	}
	strict := s.ours[0]
	checks := []struct {
		name, missing string
		ask           func() (*Report, error)
		cost          int // what costs more begins earlier
	}{
		{"prove", "", func() (*Report, error) { return Prove(strict) }, 3},
		{"verbatim", missing(rfcs, "the RFCs' texts, by --rfc DIR"), func() (*Report, error) { return Verbatim(strict, rfcs) }, 1},
		{"diff", missing(dir, module), func() (*Report, error) { return diffModule(strict, dir) }, 2},
		{"leniency", "", func() (*Report, error) { return Leniency(strict) }, 2},
		{"desync", "", func() (*Report, error) { return Matrix(s.ours, s.peers) }, 5},
		{"output", "", func() (*Report, error) { return Output(s.written, slices.Concat(s.ours, s.peers)) }, 4},
		{"code", missing(dir, module), func() (*Report, error) { return Code(strict, dir) }, 6},
	}
	all := make([]Asked, len(checks))
	order := make([]int, len(checks))
	for i, c := range checks {
		order[i], all[i] = i, Asked{Check: c.name, Missing: c.missing}
	}
	slices.SortFunc(order, func(i, k int) int { return checks[k].cost - checks[i].cost })
	return all, parallel(len(order), func(i int) (err error) {
		a := &all[order[i]]
		if a.Missing != "" {
			return nil
		}
		start := time.Now()
		a.Report, err = checks[order[i]].ask()
		a.Time = time.Since(start)
		return err
	})
}

const module = "the root of a module, by --dir DIR"

// diffModule compares the documents in a module with those in this program: whoever has
// changed them has to build it anew.
func diffModule(strict *Subject, dir fs.FS) (*Report, error) {
	files, err := fs.Sub(dir, "spec")
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	s, err := openFiles("spec/", files, "", "")
	if err != nil {
		return nil, err
	}
	return Diff(strict, s)
}

func missing(files fs.FS, what string) string {
	if files != nil {
		return ""
	}
	return what
}

// subjects are all that the checks ask.
type subjects struct {
	ours, peers []*Subject
	written     *Subject
}

func openAll() (s subjects, err error) {
	opens := []func() error{
		func() (err error) { s.peers, err = OpenPeers(); return err },
		func() (err error) { s.ours, err = OpenOurs(); return err },
		func() (err error) { s.written, err = Open(Written); return err },
	}
	return s, parallel(len(opens), func(i int) error { return opens[i]() })
}
