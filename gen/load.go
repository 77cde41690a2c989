package gen

import (
	"errors"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// Load understands a set, and verifies it. Its error joins a *spec.Error for each
// mistake.
func Load(set *spec.Set) (*Model, error) {
	m, err := understand(set, (*Model).Lint)
	if err != nil {
		return nil, err
	}
	if err := m.steps([]func(){m.checkBreaks, m.prove, m.checkChoices}); err != nil {
		return nil, err
	}
	return m, nil
}

// Understand is Load without the proofs and without Lint: a model to ask questions
// of, from which nothing is to be generated.
func Understand(set *spec.Set) (*Model, error) {
	return understand(set, func(*Model) error { return nil })
}

// Lint finds what the documents say in vain of machines. Its error joins a
// *spec.Error for each mistake.
func (m *Model) Lint() error {
	m.checkUse()
	m.checkKeywords()
	if len(m.errs) == 0 {
		return nil
	}
	err := m.mistakes()
	m.errs = nil
	return err
}

func understand(set *spec.Set, lint func(*Model) error) (*Model, error) {
	m := &Model{Set: set, Grammar: &abnf.Grammar{}, Domains: map[string]*Domain{}, notes: map[any]*note{}}
	for _, d := range set.Documents {
		for _, g := range d.Grammars {
			if g.Option == "" {
				m.fail(m.Grammar.Add(g))
			}
		}
	}
	if len(m.errs) > 0 {
		return nil, errors.Join(m.errs...)
	}
	machines := []func(){
		m.loadLayouts, m.loadOptions, m.loadMachines, m.loadVariants, m.loadKeywords, m.loadYields, m.loadPreferences, m.loadLimits, m.loadErrors,
		m.noteExtras, m.compileMachines,
	}
	tables := []func(){
		m.loadDomains, m.loadTransitions, m.loadDecisions, m.loadFeeds, m.checkFed, m.loadSequences,
		m.checkTables, m.loadProperties, m.loadInclusions,
	}
	if err := m.steps(machines); err != nil {
		return nil, err
	}
	if err := lint(m); err != nil {
		return nil, err
	}
	if err := m.steps(tables); err != nil {
		return nil, err
	}
	return m, nil
}

// steps takes steps, up to the first that finds mistakes.
func (m *Model) steps(all []func()) error {
	for _, step := range all {
		step()
		if len(m.errs) > 0 {
			return m.mistakes()
		}
	}
	return nil
}
