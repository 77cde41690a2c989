package audit

import (
	"fmt"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// proveMessages says what holds of whole messages: of their heads with all that
// fields are fed to, and of their ends.
func proveMessages(r *Report, s *Subject) error {
	for _, seq := range s.Model.Sequences {
		proveEnds(r, seq)
	}
	var wrong error
	s.Set.Tables(spec.KindMessageProperty, func(_ *spec.Document, t *spec.Table) {
		for _, row := range t.Rows {
			if wrong == nil {
				wrong = proveNever(r, s, t, row)
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
func proveNever(r *Report, s *Subject, t *spec.Table, row spec.Row) error {
	message, field, outcome := t.Cell(row, "of message").Text, t.Cell(row, "with field").Text, t.Cell(row, "never comes to").Text
	if s.sequence(message) == nil {
		return spec.Errorf(row.Pos, "expected the name of a sequence", "there is no sequence %q", message)
	}
	c := Claim{Name: row.Cells[0].Text, Verdict: Holds}
	cite(&c, row)
	states, asked := 0, 0
	for _, q := range s.questions() {
		if q.sequence != message {
			continue
		}
		ma, err := s.composed(q)
		if err != nil {
			return err
		}
		head, n, _, err := ma.Never(field, outcome)
		if err != nil {
			return spec.Errorf(row.Pos, "", "%v", err)
		}
		asked++
		states += n
		if head != nil {
			c.Verdict, c.Witness = Fails, head
			c.Evidence = fmt.Sprintf("%s: this head has the field and comes to %s", q, outcome)
			break
		}
	}
	if c.Verdict == Holds {
		c.Evidence = fmt.Sprintf("all heads of any length were walked, with the machines and tables that decide about the body's length (%d states, %d ways in which what isn't in the octets is given): none that has the field comes to %s", states, asked, outcome)
		c.Assumes = []string{"a length that isn't explored leads where those lead that are: no decision asks for its value"}
	}
	r.Add(c)
	return nil
}
