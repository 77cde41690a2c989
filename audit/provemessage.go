package audit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// proveMessages says what holds of whole messages: of their heads with all that
// fields are fed to, and of their ends.
func proveMessages(r *Report, s *Subject) error {
	for _, seq := range s.Model.Sequences {
		proveEnds(r, seq)
	}
	var askers []*asker
	for _, q := range s.questions() {
		askers = append(askers, newAsker(q))
	}
	var wrong error
	s.Set.Tables(spec.KindMessageProperty, func(_ *spec.Document, t *spec.Table) {
		for _, row := range t.Rows {
			if wrong == nil {
				wrong = proveNever(r, s, askers, t, row)
			}
		}
	})
	return wrong
}

// proveEnds says of a sequence where its messages end.
func proveEnds(r *Report, seq *gen.Sequence) {
	var machines, counted int
	var toEnd []string
	for _, p := range seq.Parts {
		switch {
		case p.ToEnd:
			toEnd = append(toEnd, p.Name)
		case p.Machine != nil:
			machines++
		default:
			counted++
		}
	}
	c := Claim{Name: seq.Name + ": no message begins another", Verdict: Holds, At: seq.Pos}
	c.Evidence = fmt.Sprintf("each part ends itself: %d are read by machines of which no input begins another, %d are counted by numbers that have been read", machines, counted)
	if len(toEnd) > 0 {
		c.Name += ", but where octets are read to the end of input"
		c.Evidence += fmt.Sprintf("; %d end with the input alone: %v", len(toEnd), toEnd)
	}
	r.Add(c)
}

// proveNever asks of one row, for each way in which what the octets don't tell is given.
func proveNever(r *Report, s *Subject, askers []*asker, t *spec.Table, row spec.Row) error {
	message, field, outcome := t.Cell(row, "of message").Text, t.Cell(row, "with field").Text, t.Cell(row, "never comes to").Text
	if s.sequence(message) == nil {
		return spec.Errorf(row.Pos, "expected the name of a sequence", "there is no sequence %q", message)
	}
	c := Claim{Name: row.Cells[0].Text, Verdict: Holds}
	cite(&c, row)
	askers = slices.DeleteFunc(slices.Clone(askers), func(k *asker) bool { return k.sequence != message })
	heads, states := make([][]byte, len(askers)), make([]int, len(askers))
	err := parallel(len(askers), func(i int) error {
		ma, err := askers[i].composed(s)
		if err != nil {
			return err
		}
		if heads[i], states[i], _, err = ma.Never(field, outcome); err != nil {
			return spec.Errorf(row.Pos, "", "%v", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	all := 0
	for i, head := range heads {
		all += states[i]
		if head != nil {
			c.Verdict, c.Witness = Fails, head
			c.Evidence = fmt.Sprintf("%s: this head has the field and comes to %s", askers[i], outcome)
			if !bytes.Contains(bytes.ToLower(head), []byte("\n"+strings.ToLower(field)+":")) {
				c.Evidence = fmt.Sprintf("%s: this head comes to %s whatever fields it has", askers[i], outcome)
			}
			break
		}
	}
	if c.Verdict == Holds {
		c.Evidence = fmt.Sprintf("all heads of any length were walked, with the machines and tables that decide about the body's length (%d states, %d ways in which what isn't in the octets is given): none that has the field comes to %s", all, len(askers), outcome)
		c.Assumes = []string{"a length that isn't explored leads where those lead that are: no decision asks for its value"}
	}
	r.Add(c)
	return nil
}
