package trace

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Options say what is measured.
type Options struct {
	All  bool           // also what was measured, and hasn't changed since
	Only *regexp.Regexp // keys of rows; nil for all
	Log  io.Writer      // a line for each row

	took map[string][]string // what is known of the tests that take rows; nil to measure it
}

// someTests are as many as are named of those that take a row.
const someTests = 3

// builder measures rows.
type builder struct {
	root         string
	log          io.Writer
	scratch      *Scratch
	requirements map[string]*Requirement
	tests        *testNames
	reasons      map[string]string   // why rows aren't killed
	took         map[string][]string // the tests that take a row
}

// Rebuild measures the rows of the module at root that have changed, and writes the
// snapshot after each. Interrupted, it goes on where it was.
func Rebuild(root string, o Options) (err error) {
	set, err := spec.Read(os.DirFS(filepath.Join(root, "spec")))
	if err != nil {
		return err
	}
	list, err := readList(os.DirFS(filepath.Join(root, "spec")))
	if err != nil {
		return err
	}
	of, err := Open(root)
	if err != nil {
		return err
	}
	b := &builder{reasons: of.Reasons, root: root, log: o.Log, requirements: map[string]*Requirement{}, tests: &testNames{root, map[string][]testName{}}}
	for _, r := range list {
		b.requirements[r.ID] = r
	}
	if b.scratch, err = NewScratch(root); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.scratch.Close()) }()
	if b.scratch.model, err = gen.Understand(set); err != nil {
		return err
	}
	return b.rebuild(set, of, o)
}

func (b *builder) rebuild(set *spec.Set, of *Subject, o Options) (err error) {
	s := &Snapshot{}
	var todo []*Row
	for _, r := range of.rows(set) {
		e := of.Snapshot.Find(r.Key)
		if (o.All || !b.isDone(r, e)) && (o.Only == nil || o.Only.MatchString(r.Key)) {
			todo = append(todo, r)
		}
		if e == nil {
			e = &Entry{Key: r.Key, Hash: r.Hash, Tests: -1}
		}
		s.Entries = append(s.Entries, *e)
	}
	if len(todo) == 0 {
		return s.write(b.root)
	}
	if b.took = o.took; b.took == nil && slices.ContainsFunc(todo, isCounted) {
		if b.took, err = b.measureTook(set); err != nil {
			return err
		}
	}
	for _, r := range Rows(set) {
		if by := b.took[r.Key]; b.took != nil && isCounted(r) {
			e := s.Find(r.Key)
			e.Tests, e.Took = len(by), by[:min(someTests, len(by))]
		}
	}
	return b.measure(todo, func(e Entry, left int, took time.Duration) error {
		at := s.Find(e.Key)
		e.Tests, e.Took = at.Tests, at.Took
		*at = e
		fmt.Fprintf(o.Log, "%d left, %s: %s, %s %s %s (%v)\n", left, e.Key, e.Mutant, e.Verdict, e.KilledBy, e.Refused, took.Round(100*time.Millisecond))
		return s.write(b.root)
	})
}

// isDone says whether nothing has changed since a row was measured, and it is held.
func (b *builder) isDone(r *Row, e *Entry) bool {
	if e == nil || e.Hash != r.Hash || e.Verdict == "" || !hasTest(b.root, e.KilledBy) {
		return false
	}
	_, hasReason := b.reasons[r.Key]
	return hasReason || e.Verdict == Refused || e.Verdict == Killed && e.Tests != 0
}

// measure finds what kills rows: those that claim something, those whose mutants stand
// in one build, and then the others.
func (b *builder) measure(todo []*Row, done func(Entry, int, time.Duration) error) error {
	left := len(todo)
	var many, alone []*prey
	in := &batch{text: b.scratch.read, beside: b.scratch.beside, inserts: map[string][]insert{}, copies: map[string][]string{}}
	for _, r := range todo {
		began := time.Now()
		if isProved(r) {
			e, err := b.refusal(r, Mutants(r)[0])
			left--
			if err = errors.Join(err, done(e, left, time.Since(began))); err != nil {
				return err
			}
			continue
		}
		p, err := b.first(r)
		if err != nil {
			return err
		}
		if p.files == nil {
			left--
			if err := done(p.entry, left, time.Since(began)); err != nil {
				return err
			}
			continue
		}
		ok, err := in.add(len(many)+1, p.files)
		switch {
		case err != nil:
			return err
		case ok && len(p.files) > 0:
			many = append(many, p)
			p.number = len(many)
		default:
			alone = append(alone, p)
		}
	}
	if err := b.plantAll(in, many); err != nil {
		return err
	}
	for _, p := range many {
		began := time.Now()
		err := b.kill(p)
		left--
		if err = errors.Join(err, done(p.entry, left, time.Since(began))); err != nil {
			return err
		}
	}
	if err := b.scratch.Restore(); err != nil {
		return err
	}
	for _, p := range alone {
		began := time.Now()
		err := b.alone(p)
		left--
		if err = errors.Join(err, done(p.entry, left, time.Since(began))); err != nil {
			return err
		}
	}
	return nil
}

// plantAll makes the build of many, and finds the tests that die in it without a
// mutant.
func (b *builder) plantAll(in *batch, many []*prey) error {
	files, err := in.files()
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := b.scratch.change(name, text); err != nil {
			return err
		}
	}
	for _, c := range b.union(many) {
		pkg := c.pkg
		if _, err := b.scratch.build(pkg); err != nil {
			return b.blame(many, err)
		}
		for {
			d, err := b.scratch.run(c, idleTimeout)
			if err != nil {
				return err
			}
			if d == nil {
				break
			}
			if d.test == "" || slices.Contains(b.scratch.skip[pkg], top(d.test)) {
				return fmt.Errorf("trace: the tests of %s die without a mutant", pkg)
			}
			b.scratch.skip[pkg] = append(b.scratch.skip[pkg], top(d.test))
			fmt.Fprintf(b.log, "%s: %s isn't asked in the build of many, for there it %s without a mutant\n", pkg, d.test, d.how)
		}
	}
	return nil
}

// union are all tests that are run for some rows.
func (b *builder) union(many []*prey) (out []course) {
	for _, p := range many {
		for _, c := range b.courses(p.row, rooms(p.files)) {
			i := slices.IndexFunc(out, func(o course) bool { return o.pkg == c.pkg })
			switch {
			case i < 0:
				out = append(out, course{c.pkg, slices.Clone(c.tests)})
			case len(c.tests) == 0 || len(out[i].tests) == 0:
				out[i].tests = nil // all of them
			default:
				for _, t := range c.tests {
					if !slices.Contains(out[i].tests, t) {
						out[i].tests = append(out[i].tests, t)
					}
				}
			}
		}
	}
	return out
}

// isProved says whether rows of a kind claim something that is proved, so that no
// code comes of them.
func isProved(r *Row) bool {
	if r.Change != nil {
		return false
	}
	switch r.Table.Kind {
	case spec.KindProperty, spec.KindAsymmetry, spec.KindMessageProperty, spec.KindInclusion:
		return true
	}
	return false
}

// refusal is the entry of a row that is proved: with another claim in its place the
// proof has to fail.
func (b *builder) refusal(r *Row, m *Mutant) (Entry, error) {
	e := Entry{Key: r.Key, Hash: r.Hash, Mutant: m.What, Verdict: Survives}
	text, err := b.scratch.read("spec/" + m.File)
	if err != nil {
		return e, err
	}
	set, err := spec.Read(with{os.DirFS(b.scratch.path("spec")), m.File, m.Apply(string(text))})
	if err != nil {
		return e, err
	}
	if _, err := gen.Load(set); err != nil {
		e.Verdict, e.Refused = Refused, oneLine(err)
	}
	return e, nil
}

// hasTest says whether the test that killed a row is in the tree; none is, too.
func hasTest(root, killer string) bool {
	if killer == "" {
		return true
	}
	pkg, test, _ := strings.Cut(killer, ": ")
	test, _, _ = strings.Cut(test, " (")
	files, _ := filepath.Glob(filepath.Join(root, filepath.FromSlash(pkg), "*_test.go"))
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err == nil && strings.Contains(string(text), "\nfunc "+top(test)+"(") {
			return true
		}
	}
	return false
}
