package gen

import (
	"fmt"
	"slices"
	"strings"
)

// Grid is the table as a document for people: a row for each event, a column
// for each state, and a diagram of the ways between states, in Mermaid's
// notation. A cell is the next state, = for the same, · for ignore, or an error:
// C of the connection, S of the stream, ! of our own, with its code.
func (t *Transitions) Grid() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%d states, %d events, %d cells from %d rows of spec/%s.\n\n",
		t.Name, len(t.States.Values), len(t.Events), len(t.Cells), len(t.Rows), t.Doc.File)
	t.writeGrid(&b)
	b.WriteString("\n```mermaid\n" + t.Mermaid() + "```\n")
	return b.String()
}

func (t *Transitions) writeGrid(b *strings.Builder) {
	width := 0
	for _, e := range t.Events {
		width = max(width, len(e))
	}
	fmt.Fprintf(b, "| %-*s |", width, "")
	for _, s := range t.States.Values {
		fmt.Fprintf(b, " %s |", s)
	}
	fmt.Fprintf(b, "\n|%s|%s\n", strings.Repeat("-", width+2), strings.Repeat("---|", len(t.States.Values)))
	for _, e := range t.Events {
		fmt.Fprintf(b, "| %-*s |", width, e)
		for _, s := range t.States.Values {
			fmt.Fprintf(b, " %s |", t.Cell(s, e))
		}
		b.WriteString("\n")
	}
}

// Cell is an answer in short, with what is done and who pays.
func (t *Transitions) Cell(state, event string) string {
	r := t.Cells[[2]string{state, event}]
	next, _ := t.Next(state, event)
	var text string
	switch {
	case r.Scope == ScopeConnection:
		text = "C " + r.Code
	case r.Scope == ScopeStream:
		text = "S " + r.Code
	case r.Error != "":
		text = "!"
	case r.Ignore:
		text = "·"
	case next == state:
		text = "="
	default:
		text = next
	}
	if r.Action != "" {
		text += ", " + r.Action
	}
	if len(r.Pays) > 0 {
		text += " (" + strings.Join(r.Pays, ", ") + ")"
	}
	return text
}

// Mermaid is the ways between states, as a diagram. What leaves a state as it is
// has no arrow.
func (t *Transitions) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	id := func(s string) string { return unexported(t.Name + " " + s) }
	for _, s := range t.States.Values {
		fmt.Fprintf(&b, "    state %q as %s\n", s, id(s))
	}
	fmt.Fprintf(&b, "    [*] --> %s\n", id(t.States.Values[0]))
	for _, s := range t.States.Values {
		for _, next := range t.States.Values {
			var events []string
			for _, e := range t.Events {
				if n, _ := t.Next(s, e); n == next && n != s {
					events = append(events, e)
				}
			}
			if len(events) > 0 {
				fmt.Fprintf(&b, "    %s --> %s: %s\n", id(s), id(next), strings.Join(events, ", "))
			}
		}
		if slices.Contains(t.Ends, s) {
			fmt.Fprintf(&b, "    %s --> [*]\n", id(s))
		}
	}
	return b.String()
}
