package gen

import (
	"errors"
	"fmt"
	"slices"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// loadPeer changes the machines that a peer reads otherwise, in place: it has one of
// each.
func (m *Model) loadPeer() {
	m.Set.Tables(spec.KindPeerMachine, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			name, root := t.Cell(r, "peer machine"), t.Cell(r, "root")
			ma := m.Machine(name.Text)
			if ma == nil {
				m.errorf(name.Pos, "expected the name of a machine", "there is no machine %q", name.Text)
				continue
			}
			if root.Text != "" {
				n, err := abnf.Parse(root.Text, ma.rule.Namespace, root.Pos)
				if err != nil {
					m.fail(err)
					continue
				}
				ma.Root = n
				ma.rule = &abnf.Rule{Name: ma.Name, Namespace: ma.rule.Namespace, Source: ma.rule.Source, Def: n, At: root.Pos}
			}
			ma.extras = map[*abnf.Rule][]abnf.Node{}
			for _, word := range t.Cell(r, "options").List() {
				o := m.option(word)
				if o == nil {
					m.errorf(t.Cell(r, "options").Pos, "expected names of options", "unknown option %q", word)
					continue
				}
				o.used = true
				for _, x := range o.extras {
					ma.extras[x.Of] = append(ma.extras[x.Of], x.Def)
				}
			}
		}
	})
}

// ours drops the mistakes that are not of a peer's own document: what our documents
// say of places that a peer reads otherwise counts for nothing. They are kept, in
// case something is missing then.
func (m *Model) ours() {
	if m.Set.Over == "" {
		return
	}
	m.errs = slices.DeleteFunc(m.errs, func(err error) bool {
		e := (*spec.Error)(nil)
		isOurs := errors.As(err, &e) && e.Pos.File != m.Set.Over
		if isOurs {
			m.dropped = append(m.dropped, err)
		}
		return isOurs
	})
}

// checkPeer finds machines that could not be made of what a peer reads.
func (m *Model) checkPeer() {
	if m.Set.Over == "" {
		return
	}
	for _, ma := range m.Machines {
		if ma.DFA == nil {
			m.fail(fmt.Errorf("spec, %s: no machine %s can be made: %w", m.Set.Over, ma.Name, errors.Join(m.dropped...)))
		}
	}
}
