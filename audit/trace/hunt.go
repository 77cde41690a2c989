package trace

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/specht-http/specht/spec"
)

const (
	someTimeout = 30 * time.Second  // of a few tests
	allTimeout  = 60 * time.Second  // of many
	idleTimeout = 180 * time.Second // of those that must pass, without a mutant
)

// prey is a row with the mutant that is hunted.
type prey struct {
	row     *Row
	entry   Entry
	files   map[string][]byte
	mutant  *Mutant
	rest    []*Mutant // that come next if this one can't be built
	number  int       // in a build of many; 0 for one that is built alone
	refused error
}

// first is a row with its first mutant that can be generated, or a change.
func (b *builder) first(r *Row) (*prey, error) {
	if r.Change == nil {
		mutants := Mutants(r)
		if len(mutants) == 0 {
			return nil, fmt.Errorf("trace: %s: no mutant is known of such a row", r.Key)
		}
		return b.find(r, mutants)
	}
	text, err := b.scratch.read(r.Change.File)
	if err != nil {
		return nil, err
	}
	if r.Change.document() != "" {
		m, err := r.Change.mutant(text)
		if err != nil {
			return nil, err
		}
		return b.find(r, []*Mutant{m})
	}
	if text, err = r.Change.Apply(text); err != nil {
		return nil, err
	}
	return &prey{
		row: r, files: map[string][]byte{r.Change.File: text},
		entry: Entry{Key: r.Key, Hash: r.Hash, Tests: -1, Mutant: r.Change.what()},
	}, nil
}

// find takes the first mutant of a row that can be generated. One that is refused has
// its verdict.
func (b *builder) find(r *Row, mutants []*Mutant) (*prey, error) {
	p := &prey{row: r, entry: Entry{Key: r.Key, Hash: r.Hash, Tests: -1}}
	var of []string
	if r.Change == nil && isTable(r.Table.Kind) {
		of = []string{r.Document.File}
	}
	for i, m := range mutants {
		files, refused, err := b.scratch.generate(m, of)
		p.entry.Mutant = m.What
		if isMistake(err) {
			p.entry.Verdict, p.entry.Refused = Refused, oneLine(err)
			continue // another one may be generated
		}
		if err != nil {
			return nil, fmt.Errorf("trace: %s: %w", r.Key, err)
		}
		p.files, p.mutant, p.rest, p.refused = files, m, mutants[i+1:], refused
		p.entry.Verdict, p.entry.Refused = "", ""
		if refused != nil {
			p.entry.Refused = oneLine(refused)
		}
		break
	}
	return p, nil
}

// kill runs tests up to the first that dies of a mutant, which is in the build by its
// number.
func (b *builder) kill(p *prey) error {
	p.entry.Verdict, p.entry.KilledBy = Survives, ""
	for _, c := range b.courses(p.row, rooms(p.files)) {
		killer, err := b.try(c, p.number)
		if err != nil {
			return err
		}
		if killer != "" {
			p.entry.Verdict, p.entry.KilledBy = Killed, killer
			return nil
		}
	}
	return nil
}

// alone kills a mutant that is built alone, or the next one of its row.
func (b *builder) alone(p *prey) error {
	err := b.scratch.plant(p.mutant, p.files)
	if err == nil {
		err = b.kill(p)
	}
	err = errors.Join(err, b.scratch.Restore())
	build := (*errBuild)(nil)
	if !errors.As(err, &build) {
		return err
	}
	if p.row.Change != nil {
		return fmt.Errorf("trace: %s: %w", p.row.Key, err)
	}
	p.entry.Verdict, p.entry.Refused = Refused, "it doesn't compile: "+oneLine(build)
	next, err := b.find(p.row, p.rest)
	if err != nil || next.mutant == nil {
		return err
	}
	*p = *next
	return b.alone(p)
}

// blame finds the change that a build of many fails for, by building each alone.
func (b *builder) blame(many []*prey, err error) error {
	build := (*errBuild)(nil)
	if !errors.As(err, &build) {
		return err
	}
	for _, p := range many {
		if p.row.Change == nil {
			continue
		}
		alone := b.scratch.Restore()
		if alone == nil {
			alone = b.scratch.plant(nil, p.files)
		}
		if alone == nil {
			_, alone = b.scratch.build(path.Dir(p.row.Change.File))
		}
		if alone != nil {
			return fmt.Errorf("trace: %s: %w", p.row.Key, alone)
		}
	}
	return err
}

// isMistake says whether an error is one that documents have.
func isMistake(err error) bool {
	e := (*spec.Error)(nil)
	return errors.As(err, &e)
}

// oneLine is the first of some errors, without where it stands: that changes.
func oneLine(err error) string {
	text := err.Error()
	if e := (*spec.Error)(nil); errors.As(err, &e) {
		text = e.What
	}
	text, _, _ = strings.Cut(text, "\n")
	return strings.ReplaceAll(text, "\t", " ")
}

// try runs some tests of a package. What dies has to die alone, too.
func (b *builder) try(c course, number int) (killer string, err error) {
	timeout := allTimeout
	if len(c.tests) > 0 && len(c.tests) < 10 {
		timeout = someTimeout
	}
	env := fmt.Sprintf("%s=%d", mutantVariable, number)
	d, err := b.scratch.run(c, timeout, env)
	if err != nil || d == nil || d.test == "" {
		return "", err
	}
	again, err := b.scratch.run(course{pkg: c.pkg, tests: []string{top(d.test)}}, someTimeout, env)
	if err != nil || again == nil {
		return "", err
	}
	if again.how != "fails" {
		return fmt.Sprintf("%s: %s (%s)", c.pkg, again.test, again.how), nil
	}
	return fmt.Sprintf("%s: %s", c.pkg, again.test), nil
}

// course is some tests of a package, or all of them.
type course struct {
	pkg   string
	tests []string
}

// users are the packages whose tests know a room's code best, the room first.
var users = map[string][]string{
	"message": {"message", "h1", "h2"},
	"frames":  {"frames", "h2"},
	"h1":      {"h1"},
	"h2":      {"h2"},
}

// courses are the tests to be run for a row: those that its requirements name, those
// that took it, and then all of the packages that have changed.
func (b *builder) courses(r *Row, rooms []string) (out []course) {
	add := func(pkg, test string) {
		if pkg == "gen" || pkg == "spec" || strings.HasPrefix(pkg, "audit") {
			return // what tests the generator isn't what is generated
		}
		i := slices.IndexFunc(out, func(c course) bool { return c.pkg == pkg })
		if i < 0 {
			i, out = len(out), append(out, course{pkg: pkg})
		}
		if !slices.Contains(out[i].tests, test) {
			out[i].tests = append(out[i].tests, test)
		}
	}
	for _, id := range r.IDs {
		if q := b.requirements[id]; q != nil {
			for _, place := range q.Tests() {
				for _, t := range b.tests.of(place) {
					add(t.pkg, t.name)
				}
			}
		}
	}
	if r.Change != nil {
		return out
	}
	// A test that doesn't take a row can't tell a mutant of it.
	if isCounted(r) && b.took != nil {
		for _, t := range b.took[r.Key] {
			pkg, name, _ := strings.Cut(t, ": ")
			add(pkg, name)
		}
		return out
	}
	var all []course
	if len(rooms) == 0 {
		rooms = []string{"h1", "h2"} // settings of engines: their tests read the rows
	}
	for _, room := range rooms {
		for _, pkg := range users[room] {
			if !slices.ContainsFunc(all, func(c course) bool { return c.pkg == pkg }) {
				all = append(all, course{pkg: pkg})
			}
		}
	}
	return append(out, all...)
}

// isTable says whether rows of a kind are data of functions, and not of machines.
func isTable(k spec.Kind) bool {
	switch k {
	case spec.KindDecision, spec.KindTransition, spec.KindSequence:
		return true
	}
	return false
}

// testNames is what tests there are in the tree.
type testNames struct {
	root  string
	names map[string][]testName // by file
}

type testName struct{ pkg, name string }

var testFunction = regexp.MustCompile(`(?m)^func (Test\w+)\(`)

// of are the tests of a place: one that is named, or those that mention the file of
// a golden case.
func (n *testNames) of(place string) []testName {
	file, name, _ := strings.Cut(place, ": ")
	if strings.HasSuffix(file, "_test.go") {
		return []testName{{path.Dir(file), top(name)}}
	}
	dir, base, ok := strings.Cut(file, "/testdata/")
	if !ok {
		return nil
	}
	if all, ok := n.names[file]; ok {
		return all
	}
	var out []testName
	files, _ := filepath.Glob(filepath.Join(n.root, filepath.FromSlash(dir), "*_test.go"))
	stem := `"` + strings.TrimSuffix(path.Base(base), path.Ext(base)) + `"`
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil || !strings.Contains(string(text), "testdata") || !strings.Contains(string(text), stem) {
			continue
		}
		for _, m := range testFunction.FindAllStringSubmatch(string(text), -1) {
			out = append(out, testName{dir, m[1]})
		}
	}
	n.names[file] = out
	return out
}
