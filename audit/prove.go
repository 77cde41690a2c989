package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Prove says what holds of a specification for all inputs of all lengths, and for
// all cells of its tables. Documents that contradict themselves give a claim that
// fails for each mistake.
func Prove(s *Subject) (*Report, error) {
	r := &Report{Check: "prove", About: s.about(), Assumes: []string{
		"package spec reads the documents as spec/machine.md says, and package gen/automaton determinizes without a mistake: its operations are tested against naive ones, and are not proved",
		"limits are not a part of what a machine accepts: they can only refuse more",
	}}
	if s.Model == nil {
		for _, err := range s.Mistakes {
			r.Add(mistake(err))
		}
		return r, nil
	}
	if err := proveProperties(r, s.Model); err != nil {
		return nil, err
	}
	proveUse(r, s.Model)
	proveMachines(r, s.Model)
	proveDecisions(r, s.Model)
	for _, t := range s.Model.Transitions {
		proveTransitions(r, t)
	}
	provePayers(r, s.Model)
	if err := proveMessages(r, s); err != nil {
		return nil, err
	}
	return r, nil
}

// mistake is the claim that a mistake in the documents refutes.
func mistake(err error) Claim {
	c := Claim{Name: "the documents don't contradict themselves", Verdict: Fails, Evidence: err.Error()}
	var e *spec.Error
	if errors.As(err, &e) {
		c.At, c.Evidence = e.Pos, e.What
		if e.Want != "" {
			c.Evidence += "; " + e.Want
		}
	}
	return c
}

func proveProperties(r *Report, m *gen.Model) error {
	proofs, err := m.Proofs()
	if err != nil {
		return err
	}
	for _, p := range proofs {
		c := Claim{Verdict: Holds, Witness: p.Witness}
		c.Evidence = fmt.Sprintf("the product of %s's automaton (%d states) with that of the row (%d states) was walked: no input is in both languages", p.Machine.Name, p.States[0], p.States[1])
		if p.Inclusion != nil {
			cite(&c, p.Inclusion.Row)
			c.Name = p.Inclusion.Name
			c.Evidence = fmt.Sprintf("the product of the row's automaton (%d states) with that of %s (%d states) was walked: no input of the row is refused", p.States[1], p.Machine.Name, p.States[0])
		} else {
			cite(&c, p.Property.Row)
			c.Name = p.Property.Name + ": " + p.Machine.Name
		}
		switch err := p.Err(); {
		case err != nil:
			failed := mistake(err)
			c.Verdict, c.Evidence = Fails, failed.Evidence
		case p.Breaks:
			c.Verdict, c.Evidence, c.Reason = Says, "the variant breaks it, as its row lists: it accepts what the property forbids", "variant "+p.Machine.Name+", "+p.Machine.Row.Pos.String()
		}
		r.Add(c)
	}
	return nil
}

// proveUse says that nothing stands in the documents in vain.
func proveUse(r *Report, m *gen.Model) {
	if m.Set.Over != "" {
		r.Add(Claim{Name: "rows of our own that a model leaves without use aren't looked for", Verdict: Says, Evidence: "spec/" + m.Set.Over + " stands over our documents, and needn't use all of them"})
		return
	}
	err := m.Lint()
	if err == nil {
		r.Add(Claim{Name: "each yield, limit, error, keyword and rule of our own is of something that a machine reads", Verdict: Holds})
		return
	}
	for _, err := range split(err) {
		r.Add(mistake(err))
	}
}

// cite takes place, requirement and section from a row.
func cite(c *Claim, row spec.Row) {
	c.At = row.Pos
	if len(row.Cells) > 0 {
		c.Requirement = row.Cells[len(row.Cells)-1].Text
		c.Section = gen.Section(c.Requirement)
	}
}

// proveMachines says of each machine that it ends itself, where it has to, and that
// what it yields is not ambiguous.
func proveMachines(r *Report, m *gen.Model) {
	for _, ma := range m.Machines {
		c := Claim{Name: ma.Name + ": what it yields is told by the octets alone", Verdict: Holds, At: ma.Row.Pos}
		c.Evidence = fmt.Sprintf("%d states, %d registers, one for each tag: no two readings of an input leave different values, but where a row prefers one", len(ma.DFA.States), len(ma.DFA.Regs))
		r.Add(c)
		if ma.Input == "value" {
			continue // its input has an end of its own
		}
		short, long, extends := ma.DFA.Extension()
		c = Claim{Name: ma.Name + ": no input that it accepts begins another", Verdict: Holds, At: ma.Row.Pos, Evidence: "no final state has an edge that leads to acceptance"}
		if extends {
			c.Verdict, c.Witness, c.Evidence = Fails, long, fmt.Sprintf("it accepts %q, which begins this", short)
		}
		r.Add(c)
	}
}

func proveDecisions(r *Report, m *gen.Model) {
	for _, d := range m.Decisions {
		cells, outcomes := d.Count()
		c := Claim{Name: fmt.Sprintf("decision %s: each combination of its inputs has exactly one row", d.Name), Verdict: Holds, At: d.Pos}
		c.Evidence = fmt.Sprintf("%d combinations, %d rows, each of which is the first for some; %d outcomes and refusals", cells, len(d.Rows), outcomes)
		r.Add(c)
	}
}

func proveTransitions(r *Report, t *gen.Transitions) {
	states, start := t.States.Values, t.States.Values[0]
	c := Claim{Name: fmt.Sprintf("transitions %s: each state answers each event", t.Name), Verdict: Holds, At: t.Pos}
	c.Evidence = fmt.Sprintf("%d states, %d events, %d cells from %d rows; no guards", len(states), len(t.Events), len(t.Cells), len(t.Rows))
	if len(t.Cells) != len(states)*len(t.Events) {
		c.Verdict = Fails
	}
	r.Add(c)

	reached := t.Reached(start)
	c = Claim{Name: fmt.Sprintf("transitions %s: each state can be reached from %s", t.Name, start), Verdict: Holds, At: t.Pos, Evidence: fmt.Sprintf("%d of %d states", len(reached), len(states))}
	if len(reached) != len(states) {
		c.Verdict = Fails
	}
	r.Add(c)

	if len(t.Ends) > 0 {
		c = Claim{Name: fmt.Sprintf("transitions %s: no state is a trap", t.Name), Verdict: Holds, At: t.Pos, Evidence: "from each one of " + strings.Join(t.Ends, ", ") + " can be reached, or it is one of them"}
		for _, s := range states {
			from := t.Reached(s)
			if !slices.ContainsFunc(t.Ends, func(end string) bool { return from[end] }) {
				c.Verdict, c.Evidence = Fails, "from "+s+" no end can be reached"
			}
		}
		r.Add(c)
	}
	if t.Duals != nil {
		proveDuality(r, t)
	}
}

// proveDuality compares, cell by cell, what one end may send with what the other
// takes. Asymmetries that are listed are claims of their own.
func proveDuality(r *Report, t *gen.Transitions) {
	c := Claim{Name: fmt.Sprintf("transitions %s: what one end may send the other takes, and both then agree on the state", t.Name), Verdict: Holds, At: t.Pos}
	pairs, listed := 0, 0
	for _, s := range t.States.Values {
		for _, e := range t.Events {
			what, ok := strings.CutPrefix(e, "sent ")
			if !ok || !slices.Contains(t.Events, "received "+what) {
				continue
			}
			pairs++
			how := t.Differ(s, what)
			if how == "" {
				continue
			}
			listed++
			i := slices.IndexFunc(t.Asymmetries, func(a *gen.Asymmetry) bool {
				return slices.Contains(a.States, s) && slices.Contains(a.Events, what)
			})
			if i < 0 {
				c.Verdict, c.Evidence = Fails, fmt.Sprintf("%s in state %s: %s", what, s, how)
				continue
			}
			a := Claim{Name: fmt.Sprintf("transitions %s: %s in state %s is seen differently by the two ends", t.Name, what, s), Verdict: Says, Evidence: how, Reason: t.Asymmetries[i].Because}
			cite(&a, t.Asymmetries[i].Row)
			r.Add(a)
		}
	}
	if c.Verdict == Holds {
		c.Evidence = fmt.Sprintf("%d pairs of cells, of which %d are listed as asymmetric", pairs, listed)
	}
	r.Add(c)
}

// provePayers says of what costs us something what pays for it.
func provePayers(r *Report, m *gen.Model) {
	for _, b := range m.Budgets {
		var rows int
		for _, t := range m.Transitions {
			for _, row := range t.Rows {
				if slices.Contains(row.Pays, b.Name) {
					rows++
				}
			}
		}
		r.Add(Claim{
			Name: fmt.Sprintf("budget %s: it bounds what a peer can have done", b.Name), Verdict: Says, At: b.Row.Pos,
			Evidence: fmt.Sprintf("%d rows are paid from it; its limit is %s, refilled by %s: %s", rows, b.Limit, b.Refilled, b.Means),
		})
	}
	var costly, rows int
	var unpaid []string
	for _, t := range m.Transitions {
		if !t.Answers {
			continue
		}
		for _, row := range t.Rows {
			rows++
			if !m.Costs(row) {
				continue
			}
			if costly++; len(row.Pays) == 0 {
				unpaid = append(unpaid, row.Row.Pos.String())
			}
		}
	}
	if rows == 0 {
		return
	}
	c := Claim{Name: "what a peer can make us send, keep or begin again and again is paid for", Verdict: Holds}
	c.Evidence = fmt.Sprintf("%d of %d rows of answering tables cost octets, memory or work, and each names a budget; connection errors happen once", costly, rows)
	c.Assumes = []string{"the engine takes from the budgets that the answers name: tests hold that, no proof"}
	if len(unpaid) > 0 {
		c.Verdict, c.Evidence = Fails, "nothing pays for "+strings.Join(unpaid, ", ")
	}
	r.Add(c)
}
