package audit

import (
	"fmt"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
)

// mostExamples is how many additions of an option are told.
const mostExamples = 6

// Leniency says of each variant that it extends the strict machine and changes
// nothing of it, and by examples what each of its options adds.
func Leniency(s *Subject) (*Report, error) {
	if err := s.need(); err != nil {
		return nil, err
	}
	r := &Report{Check: "leniency", About: "the variants of " + s.about(), Assumes: []string{
		"limits are not a part of what a machine accepts: a variant has those of the machine that it is one of",
		"examples are the shortest input for each state in which the strict machine refuses an octet and each state to which the variant goes with it; they don't list the language",
	}}
	for _, v := range s.Model.Machines {
		if v.Of == nil {
			continue
		}
		conserves(r, v)
		if err := adds(r, s, v); err != nil {
			return nil, err
		}
	}
	if len(r.Claims) == 0 {
		r.Add(Claim{Name: "there are variants", Verdict: Says, Evidence: "none: every machine reads strictly"})
	}
	return r, nil
}

// conserves claims that a variant reads as before what the strict machine reads.
func conserves(r *Report, v *gen.Machine) {
	c := Claim{
		Name: fmt.Sprintf("%s accepts what %s accepts", v.Name, v.Of.Name), Verdict: Holds, At: v.Row.Pos,
		Evidence: fmt.Sprintf("the product of %d and %d states was walked", len(v.Of.DFA.States), len(v.DFA.States)),
	}
	if w, isOutside := automaton.Outside(v.Of.DFA, v.DFA); isOutside {
		c.Verdict, c.Witness, c.Evidence = Fails, notNil(w), "the strict machine accepts these octets, the variant refuses them"+refusedAt(v.DFA, w)
	}
	r.Add(c)
	same := sameTags(fmt.Sprintf("%s yields of it what %s yields: spans, keywords, numbers, records and events", v.Name, v.Of.Name), v.Of, v)
	same.At = v.Row.Pos
	r.Add(same)
}

// adds says what each option of a variant adds, and what all add together.
func adds(r *Report, s *Subject, v *gen.Machine) error {
	alone := map[string]bool{}
	for _, o := range s.Model.OptionsOf(v) {
		with, err := s.Model.WithOption(v.Of, o)
		if err != nil {
			return fmt.Errorf("audit: option %s: %w", o.Name, err)
		}
		all := automaton.Additions(with, v.Of.DFA)
		for _, in := range all {
			alone[string(in)] = true
		}
		c := Claim{Name: fmt.Sprintf("%s adds by option %s: %s", v.Name, o.Name, o.Row.Cells[1].Text), Verdict: Says}
		cite(&c, o.Row)
		c.Reason = levels(s, c.Requirement)
		c.Evidence = examples(all)
		if len(all) == 0 {
			c.Verdict, c.Evidence = Fails, "nothing: the strict machine accepts all of it"
		} else {
			c.Witness = notNil(all[0])
		}
		r.Add(c)
	}
	var together [][]byte
	for _, in := range automaton.Additions(v.DFA, v.Of.DFA) {
		if !alone[string(in)] {
			together = append(together, in)
		}
	}
	if len(together) > 0 {
		r.Add(Claim{Name: v.Name + " adds by several options at once, or of one with a shorter end by another", Verdict: Says, At: v.Row.Pos, Evidence: examples(together), Witness: together[0]})
	}
	return nil
}

// examples are inputs as text, a line each.
func examples(all [][]byte) string {
	var lines []string
	for i, in := range all {
		if i == mostExamples {
			lines = append(lines, fmt.Sprintf("and %d more", len(all)-i))
			break
		}
		lines = append(lines, fmt.Sprintf("%q", in))
	}
	return strings.Join(lines, "\n")
}

// levels says what the requirements that a row cites are.
func levels(s *Subject, ids string) string {
	var out []string
	for _, id := range strings.Split(ids, ", ") {
		if level := s.Set.Requirements[id]; level != "" {
			out = append(out, fmt.Sprintf("%s is a %s", id, level))
		}
	}
	return strings.Join(out, ", ")
}
