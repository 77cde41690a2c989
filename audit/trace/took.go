package trace

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/internal/took"
	"github.com/specht-http/specht/spec"
)

// takers are the packages whose tests are run one by one, to see what rows they take.
var takers = []string{"message", "frames", "h1", "h2", "alpn", "nethttp", "."}

// countedKinds are the tables whose rows are branches: what takes them is counted. A
// keyword or an option is a part of a machine's states.
var countedKinds = []spec.Kind{
	spec.KindDecision, spec.KindTransition, spec.KindSequence, spec.KindSyntaxError, spec.KindLimit, spec.KindFrameValidity,
	spec.KindSettingRange,
}

// isCounted says whether what takes a row is counted.
func isCounted(r *Row) bool {
	if r.Change != nil {
		return false
	}
	if r.Table.Kind == spec.KindSettingRange && r.cell("otherwise") == "" {
		return false // an initial value
	}
	return slices.Contains(countedKinds, r.Table.Kind)
}

// measureTook finds the tests that take each row, by its key. The module is generated
// so that it counts, and each test is run alone.
func (b *builder) measureTook(set *spec.Set) (by map[string][]string, err error) {
	m, err := gen.Understand(set)
	if err != nil {
		return nil, err
	}
	files, err := gen.Generate(m, gen.Options{Counts: true})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := b.scratch.change(f.Path, f.Text); err != nil {
			return nil, err
		}
	}
	b.scratch.tags = "specaudit"
	defer func() {
		b.scratch.tags = ""
		err = errors.Join(err, b.scratch.Restore())
	}()
	by = map[string][]string{}
	for _, pkg := range takers {
		bin, err := b.scratch.build(pkg)
		if err != nil {
			return nil, err
		}
		out, err := exec.Command(bin, "-test.list", "^Test").Output()
		if err != nil {
			return nil, fmt.Errorf("trace: the tests of %s can't be listed: %w", pkg, err)
		}
		began := time.Now()
		tests := strings.Fields(string(out))
		for _, test := range tests {
			if err := b.takes(m, pkg, test, by); err != nil {
				return nil, err
			}
		}
		fmt.Fprintf(b.log, "%s: %d tests, one by one (%v)\n", pkg, len(tests), time.Since(began).Round(time.Second))
	}
	return by, nil
}

// takes adds a test to the rows that it takes.
func (b *builder) takes(m *gen.Model, pkg, test string, by map[string][]string) error {
	name := filepath.Join(b.scratch.dir, "took")
	defer os.Remove(name)
	d, err := b.scratch.run(course{pkg: pkg, tests: []string{test}}, idleTimeout, took.Variable+"="+name)
	if err != nil {
		return err
	}
	if d != nil {
		fmt.Fprintf(b.log, "%s: %s %s where rows are counted\n", pkg, d.test, d.how)
	}
	text, err := os.ReadFile(name)
	if os.IsNotExist(err) {
		return nil // it takes none
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		key, err := rowOf(m, strings.TrimSuffix(line, "\n"))
		if err != nil {
			return err
		}
		if !slices.Contains(by[key], pkg+": "+test) {
			by[key] = append(by[key], pkg+": "+test)
		}
	}
	return nil
}

// rowOf is the key of a row that was told: itself, or the one that a cell is from.
func rowOf(m *gen.Model, line string) (string, error) {
	f := strings.Split(line, "\t")
	if len(f) != 3 {
		return line, nil
	}
	state, err := strconv.Atoi(f[1])
	event, err2 := strconv.Atoi(f[2])
	if err = errors.Join(err, err2); err != nil {
		return "", err
	}
	for _, t := range m.Transitions {
		if t.Doc.File+": "+t.Name == f[0] {
			return m.Set.Key(t.Cells[[2]string{t.States.Values[state], t.Events[event]}].Row), nil
		}
	}
	return "", fmt.Errorf("trace: there are no transitions %q", f[0])
}
