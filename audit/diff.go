package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// mostTwins is how many states a product of two machines may have.
const mostTwins = 200_000

// Diff says in what two specifications differ: machine by machine by the shortest
// octets that show it, table by table by the cells. That something differs is a
// claim that fails.
func Diff(a, b *Subject) (*Report, error) {
	r := &Report{Check: "diff", About: a.about() + " (the first) and " + b.about() + " (the second)", Assumes: []string{
		"machines, tables and what machines yield are the same thing if they have the same name",
		"at which octet input is refused, what rules are called, prose, and what rows of machines, decisions, transitions and layouts cite isn't compared",
		"rows of sequences, of fields that are fed, of properties, errors, settings and budgets are compared as they are written",
		"limits are parameters: they are compared as rows, and machines as if nothing passed them",
	}}
	if a.Model == nil || b.Model == nil {
		return r, diffLanguages(r, a, b)
	}
	diffMachines(r, a, b)
	diffKeywords(r, a.Model, b.Model)
	diffLimits(r, a.Model, b.Model)
	diffDecisions(r, a.Model, b.Model)
	diffTransitions(r, a.Model, b.Model)
	diffFrames(r, a.Model, b.Model)
	diffRows(r, a.Set, b.Set)
	return r, nil
}

// each calls both for what two lists have by name, and says what only one has.
func each[T any](r *Report, kind string, a, b []T, name func(T) (string, spec.Pos), both func(x, y T)) {
	find := func(list []T, n string) int {
		return slices.IndexFunc(list, func(t T) bool { m, _ := name(t); return m == n })
	}
	for _, x := range a {
		n, at := name(x)
		if k := find(b, n); k >= 0 {
			both(x, b[k])
		} else {
			r.Add(Claim{Name: "both have " + kind + " " + n, Verdict: Fails, Evidence: "only the first has it", At: at})
		}
	}
	for _, y := range b {
		if n, at := name(y); find(a, n) < 0 {
			r.Add(Claim{Name: "both have " + kind + " " + n, Verdict: Fails, Evidence: "only the second has it", At: at})
		}
	}
}

func diffMachines(r *Report, a, b *Subject) {
	// A variant stands for the machine whose one it is: see Subject.Machine.
	bases := func(s *Subject) (out []*gen.Machine) {
		for _, m := range s.Model.Machines {
			if m.Of == nil || !a.IsLenient && !b.IsLenient {
				out = append(out, m)
			}
		}
		return out
	}
	name := func(m *gen.Machine) (string, spec.Pos) { return m.Name, m.Row.Pos }
	each(r, "machine", bases(a), bases(b), name, func(x, y *gen.Machine) {
		diffMachine(r, x.Name, a.Machine(x.Name), b.Machine(y.Name))
	})
}

// diffLanguages compares what machines accept, and nothing else, if one of the two
// contradicts itself in what it says of them.
func diffLanguages(r *Report, a, b *Subject) error {
	for _, s := range []*Subject{a, b} {
		if s.Model != nil {
			continue
		}
		m, err := gen.Languages(s.Set)
		if err != nil {
			return s.need()
		}
		r.Add(Claim{
			Name: "what machines yield, and tables, are the same", Verdict: Undecided, At: mistake(s.Mistakes[0]).At,
			Evidence: s.about() + " contradicts itself, so languages alone are compared: " + mistake(s.Mistakes[0]).Evidence,
		})
		languages := *s
		languages.Model = m
		if s == a {
			a = &languages
		} else {
			b = &languages
		}
	}
	name := func(m *gen.Machine) (string, spec.Pos) { return m.Name, m.Row.Pos }
	each(r, "machine", a.Model.Machines, b.Model.Machines, name, func(x, y *gen.Machine) { diffAccepted(r, x.Name, x, y) })
	return nil
}

// diffMachine adds a claim for each way in which two machines can differ.
func diffMachine(r *Report, name string, x, y *gen.Machine) {
	diffAccepted(r, name, x, y)
	r.Add(sameTags(fmt.Sprintf("%s: both yield the same of what both accept: spans, keywords, numbers, records and events", name), x, y))
}

// diffAccepted adds a claim for what only one of two machines accepts.
func diffAccepted(r *Report, name string, x, y *gen.Machine) {
	d, e := x.DFA, y.DFA
	walked := fmt.Sprintf("the product of %d and %d states was walked", len(d.States), len(e.States))
	for _, side := range []struct {
		who, not string
		of, in   *automaton.DFA
		at       spec.Pos
	}{{"first", "second", d, e, x.Row.Pos}, {"second", "first", e, d, y.Row.Pos}} {
		c := Claim{Name: fmt.Sprintf("%s: what the %s accepts the %s accepts", name, side.who, side.not), Verdict: Holds, Evidence: walked, At: side.at}
		if w, isOutside := automaton.Outside(side.of, side.in); isOutside {
			c.Verdict, c.Witness, c.Evidence = Fails, notNil(w), fmt.Sprintf("the %s accepts these octets, the %s refuses them%s", side.who, side.not, refusedAt(side.in, w))
		}
		r.Add(c)
	}
}

// sameTags claims that two machines tell the same of what both accept.
func sameTags(name string, x, y *gen.Machine) Claim {
	diff, states, isDecided := automaton.Differ(x.Tagged(), y.Tagged(), mostTwins)
	c := Claim{Name: name, Verdict: Holds, At: x.Row.Pos, Evidence: fmt.Sprintf("%d states of the product with classes of equal registers were walked: no input leaves different ones", states)}
	switch {
	case !isDecided:
		c.Verdict, c.Evidence = Undecided, fmt.Sprintf("the product of the two with classes of equal registers has more than %d states", mostTwins)
	case diff != nil:
		c.Verdict, c.Witness, c.Evidence = Fails, notNil(diff.Witness), "both accept these octets, and differ in "+strings.Join(diff.What, ", ")
	}
	return c
}

// notNil lets the empty input be a witness.
func notNil(w []byte) []byte {
	if w == nil {
		return []byte{}
	}
	return w
}

// refusedAt says at which octet an automaton refuses input.
func refusedAt(d *automaton.DFA, in []byte) string {
	at := 0
	for i, c := range in {
		e, ok := d.States[at].Edge(c)
		if !ok {
			return fmt.Sprintf(" at octet %d, %q, where it expects %s", i, c, strings.Join(d.States[at].Want, ", "))
		}
		at = e.To
	}
	return ", which it expects more of: " + strings.Join(d.States[at].Want, ", ")
}

// rows adds a claim that two things are the same, unless differ says how not.
func rows(r *Report, what string, at spec.Pos, evidence string, differ []string) {
	c := Claim{Name: what + " is the same", Verdict: Holds, Evidence: evidence, At: at}
	if len(differ) > 0 {
		c.Verdict, c.Evidence = Fails, strings.Join(differ, "\n")
	}
	r.Add(c)
}
