package audit

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/specht-http/specht/spec"
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
		{"diff", missing(dir, module), func() (*Report, error) { return DiffModule(strict, dir) }, 2},
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

// DiffModule compares the documents in a module with those in this program, of which
// everything else is said: whoever has changed them has to build it anew.
func DiffModule(strict *Subject, dir fs.FS) (*Report, error) {
	files, err := fs.Sub(dir, "spec")
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	s, err := openFiles("spec/", files, "", "")
	if err != nil {
		return nil, err
	}
	r, err := Diff(strict, s)
	if err != nil {
		return nil, err
	}
	return r, sameDocuments(r, files)
}

// sameDocuments claims that the documents in files are those in this program, those of
// peers and of what we write, too.
func sameDocuments(r *Report, files fs.FS) error {
	c := Claim{Name: "the documents of the module are those in this program, octet for octet", Verdict: Holds}
	var different []string
	n := 0
	for _, of := range []struct {
		fs.FS
		pattern string
	}{{spec.Embedded(), "*.md"}, {spec.Embedded(), "requirements.tsv"}, {spec.Peers(), "peers/*.md"}, {spec.Peers(), "output/*.md"}} {
		ours, err := fs.Glob(of, of.pattern)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		theirs, err := fs.Glob(files, of.pattern)
		if err != nil {
			return fmt.Errorf("audit: %w", err)
		}
		for _, name := range ours {
			n++
			ours, err := fs.ReadFile(of, name)
			if err != nil {
				return fmt.Errorf("audit: %w", err)
			}
			if theirs, err := fs.ReadFile(files, name); err != nil || !bytes.Equal(ours, theirs) {
				different = append(different, "spec/"+name+" is another, or isn't there")
			}
		}
		for _, name := range theirs {
			if !slices.Contains(ours, name) {
				different = append(different, "spec/"+name+" isn't in this program")
			}
		}
	}
	c.Evidence = fmt.Sprintf("%d documents", n)
	if len(different) > 0 {
		c.Verdict = Fails
		c.Evidence = strings.Join(different, "\n") + "\nwhat is said is of the documents in this program: build it from the module, or run go run ./cmd/specht in it"
	}
	r.Add(c)
	return nil
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
