package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// textExplanation tells events in columns: octets, rule, what they are, where
// the rule is from. There is a table for each request.
type textExplanation struct {
	octets []byte
	w      io.Writer
	table  *tabwriter.Writer
	number int
	noun   string // of a message
}

// whatColumns is how wide the column of octets may be.
const whatColumns = 56

func (t *textExplanation) event(e event) {
	if t.number != e.number() {
		t.flush()
		if t.number > 0 {
			fmt.Fprintln(t.w)
		}
		t.number = e.number()
		fmt.Fprintf(t.w, "%s %d\n", t.noun, e.number())
		t.table = tabwriter.NewWriter(t.w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t.table, "  OCTETS\tRULE\tWHAT\tID\tFROM")
	}
	octets := fmt.Sprintf("[%d,%d)", e.Start, e.End)
	section := e.Section
	switch e.Event {
	case eventDecision:
		octets = "decided"
		if section == "" {
			section = e.Requirement
		} else {
			section += " (" + e.Requirement + ")"
		}
		section += ", " + e.Spec
	case eventNote:
		t.flush()
		fmt.Fprintf(t.w, "note: [%d,%d) %s (%s)\n", e.Start, e.End, e.Text, e.Section)
		return
	}
	fmt.Fprintf(t.table, "  %s\t%s\t%s\t%s\t%s\n", octets, e.Rule, t.what(e), known(e), section)
}

// what says what an event has found.
func (t *textExplanation) what(e event) string {
	switch e.Event {
	case eventField, eventTrailer, eventPart:
		return clip(e.Text, whatColumns)
	case eventOutcome:
		return "comes to: " + e.Outcome
	case eventDecision:
		return fmt.Sprintf("%s, by row %q", e.Outcome, e.Row)
	case eventTarget:
		return "scheme " + e.Scheme + ", authority " + quoted(e.Authority)
	case eventChunkLine:
		return fmt.Sprintf("%s  size %d", clip(e.Text, whatColumns), *e.Size)
	case eventContent:
		return fmt.Sprintf("%d octets: %s", e.End-e.Start, clipped(t.octets[e.Start:e.End], whatColumns/2))
	case eventHead:
		return fmt.Sprintf("the head is whole, %d octets", e.End-e.Start)
	case eventEnd:
		return fmt.Sprintf("end of the %s, %d octets", t.noun, e.End-e.Start)
	}
	return e.Text
}

// known is the id of a word that the machine knows; "other" of a field name
// that it doesn't.
func known(e event) string {
	if e.ID == "" && e.Name != nil {
		return "other"
	}
	return e.ID
}

func quoted(s string) string {
	if s == "" {
		return "empty"
	}
	return s
}

func (t *textExplanation) flush() {
	if t.table != nil {
		_ = t.table.Flush() // to the standard output: nobody else is left to be told
	}
}

func (t *textExplanation) end(requests int) {
	t.flush()
	fmt.Fprintf(t.w, "\nwell formed: %s, %d octets\n", plural(requests, t.noun), len(t.octets))
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (t *textExplanation) problem(p *problem) {
	t.flush()
	if t.number > 0 {
		fmt.Fprintln(t.w)
	}
	fmt.Fprintf(t.w, "error: %s\n\n", p.Name)
	for i, at := range p.places {
		line, carets := at.pointed(t.octets)
		if at.start == len(t.octets) {
			carets += " the input ends here"
		}
		// Places on one line are pointed at together where they are the same.
		if i == 0 || at != p.places[i-1] {
			fmt.Fprintf(t.w, "    %s\n    %s\n", line, carets)
		}
	}
	fmt.Fprintln(t.w)
	say := func(name, format string, args ...any) {
		fmt.Fprintf(t.w, "  %-11s %s\n", name, fmt.Sprintf(format, args...))
	}
	say("where", "octet %d of the input: %s %d, octet %d, in line %d", p.Offset, t.noun, p.number(), p.OffsetInMessage, p.Line)
	switch {
	case p.OctetAt > 0:
		say("found", "%s at octet %d", p.Octet, p.OctetAt)
	case p.Octet != "":
		say("found", "%s", p.Octet)
	}
	if p.Rule != "" {
		say("rule", "%s", p.Rule)
	}
	if p.Section != "" {
		say("section", "%s", p.Section)
	}
	if p.Expected != "" {
		say("expected", "%s", p.Expected)
	}
	if p.Limit != "" {
		say("limit", "%s is %d", p.Limit, p.LimitValue)
	}
	if p.Request > 0 {
		say("answer", "%d %s, then the connection closes", p.Status, p.Reason)
	} else { // to whoever asked a gateway for it
		say("answer", "%d %s of a gateway; the connection closes", p.Status, p.Reason)
	}
	if p.Requirement != "" {
		say("because", "%s", because(p))
	}
	if p.Row != "" {
		say("decided", "by row %q of %s, %s", p.Row, p.Machine, p.Spec)
	}
	if p.Hint != "" {
		say("hint", "%s", p.Hint)
	}
	if p.Unread > 1 {
		say("not read", "%d octets from there on", p.Unread)
	}
}

// because is the requirements with their levels; a choice or an exception is
// told as it stands.
func because(p *problem) string {
	if strings.HasPrefix(p.Requirement, "choice:") || strings.HasPrefix(p.Requirement, "exception:") {
		return p.Requirement
	}
	var out []string
	for _, r := range p.Requirements {
		if r.Level != "" {
			r.ID += " (" + r.Level + ")"
		}
		out = append(out, r.ID)
	}
	return strings.Join(out, ", ")
}
