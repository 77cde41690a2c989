package gen

import (
	"errors"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// Load understands a set, and verifies it. Its error joins a *spec.Error for each
// mistake.
func Load(set *spec.Set) (*Model, error) {
	m, err := understand(set, (*Model).Lint)
	if err != nil {
		return nil, err
	}
	if err := m.steps([]func(){m.checkWraps, m.checkBreaks, m.prove, m.checkChoices}); err != nil {
		return nil, err
	}
	return m, nil
}

// Understand is Load without the proofs and without Lint: a model to ask questions
// of, from which nothing is to be generated.
func Understand(set *spec.Set) (*Model, error) {
	return understand(set, func(*Model) error { return nil })
}

// Mutant is Understand of documents that were changed on purpose, to see who minds:
// what a check refuses, though code can be made of it, is told beside the model.
func Mutant(set *spec.Set) (m *Model, refused []error, err error) {
	if m, err = loadRules(set); err != nil {
		return nil, nil, err
	}
	m.isMutant = true
	if err := m.understand(func(*Model) error { return nil }); err != nil {
		return nil, nil, err
	}
	return m, m.refused, nil
}

// Mutant is the function Mutant, of documents that differ from those of m in decisions,
// transitions and sequences alone: the machines are taken over.
func (m *Model) Mutant(set *spec.Set) (mutant *Model, refused []error, err error) {
	mutant = &Model{
		Set: set, Grammar: m.Grammar, Machines: m.Machines, Keywords: m.Keywords, Overheads: m.Overheads, Options: m.Options,
		Layouts: m.Layouts, ErrorCodes: m.ErrorCodes, SettingRanges: m.SettingRanges, Validities: m.Validities,
		Domains: map[string]*Domain{}, notes: m.notes, limits: m.limits, isMutant: true,
	}
	if err := mutant.steps(mutant.tables()); err != nil {
		return nil, nil, err
	}
	return mutant, mutant.refused, nil
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
	m, err := loadRules(set)
	if err != nil {
		return nil, err
	}
	if err := m.understand(lint); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Model) understand(lint func(*Model) error) error {
	machines := append(m.declarations(), m.compileMachines, m.checkPeer)
	if err := m.steps(machines); err != nil {
		return err
	}
	if err := lint(m); err != nil {
		return err
	}
	return m.steps(m.tables())
}

// tables are the steps behind the machines.
func (m *Model) tables() []func() {
	return []func(){
		m.loadDomains, m.loadTransitions, m.loadDecisions, m.loadFeeds, m.checkFed, m.loadSequences,
		m.checkTables, m.loadProperties, m.loadInclusions,
	}
}

// loadRules is a model with the grammar alone.
func loadRules(set *spec.Set) (*Model, error) {
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
	return m, nil
}

// declarations are the steps before the machines are compiled.
func (m *Model) declarations() []func() {
	return []func(){
		m.loadLayouts, m.loadOptions, m.loadMachines, m.loadVariants, m.loadPeer, m.loadKeywords, m.loadYields, m.loadPreferences, m.loadLimits, m.loadErrors,
		m.noteExtras,
	}
}

// Languages is a model of the machines' languages alone: of documents in which what
// tables say of the grammar can't be compiled, such as a span that is ambiguous.
// Nothing else can be asked of it.
func Languages(set *spec.Set) (*Model, error) {
	m, err := loadRules(set)
	if err != nil {
		return nil, err
	}
	if err := m.steps(append(m.declarations(), m.compileLanguages)); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Model) compileLanguages() {
	for _, ma := range m.Machines {
		nfa := m.machine(ma)
		if nfa == nil {
			continue
		}
		nfa.Bare()
		dfa, err := automaton.Compile(nfa, nil)
		if err != nil {
			m.fail(located(ma.Row.Pos, ma.Name, err))
			continue
		}
		ma.DFA = dfa
	}
}

// steps takes steps, up to the first that finds mistakes.
func (m *Model) steps(all []func()) error {
	for _, step := range all {
		step()
		m.ours()
		if len(m.errs) > 0 {
			return m.mistakes()
		}
	}
	return nil
}

// checkWraps refuses numbers that wrap: a peer may have them, and we don't.
func (m *Model) checkWraps() {
	for _, n := range m.notes {
		for _, y := range n.yields {
			if y.Wraps > 0 {
				m.errorf(y.Pos, "write at most N", "the number of %s wraps around: that is for models of peers", y.Path)
			}
		}
	}
}
