package gen

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// listMachine compiles a list as a role reads it. Its elements are runs of a.
func listMachine(t *testing.T, list, role, yields string) *Machine {
	t.Helper()
	text := "# List\n\n```abnf rfc9110#5.6.1\nlist = " + list + "\nword = 1*\"a\"\nOWS  = *( SP / HTAB )\n```\n\n" +
		"```abnf rfc5234#B.1\nHTAB = %x09\nSP   = %x20\n```\n\n" +
		"| machine | root | role | input | room |\n|---|---|---|---|---|\n| lists | list | " + role + " | value | h1 |\n\n"
	if yields != "" {
		text += "| path | yields | into |\n|---|---|---|\n" + yields
	}
	set, err := spec.Read(fstest.MapFS{"list.md": {Data: []byte(text)}, "requirements.tsv": {Data: []byte("id\tlevel\n")}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(set)
	if err != nil {
		t.Fatal(err)
	}
	return m.Machines[0]
}

// elements reads a list by hand: how many elements are not empty, and whether
// some are.
func elements(in string) (full int, empty, ok bool) {
	if in != strings.Trim(in, " \t") {
		// White space stands around commas only, not around the list.
		if !strings.HasPrefix(strings.TrimLeft(in, " \t"), ",") && in != strings.TrimLeft(in, " \t") {
			return 0, false, false
		}
		if !strings.HasSuffix(strings.TrimRight(in, " \t"), ",") && in != strings.TrimRight(in, " \t") {
			return 0, false, false
		}
	}
	for _, e := range strings.Split(in, ",") {
		e = strings.Trim(e, " \t")
		switch {
		case e == "":
			empty = true
		case strings.Trim(e, "a") != "":
			return 0, false, false
		default:
			full++
		}
	}
	return full, empty, true
}

// TestListsAreReadByRole compares, for all short inputs, the two readings of
// RFC 9110, Section 5.6.1, with lists that are read by hand.
func TestListsAreReadByRole(t *testing.T) {
	for _, c := range []struct {
		list     string
		min, max int
	}{
		{"#word", 0, 1 << 16},
		{"1#word", 1, 1 << 16},
		{"2#word", 2, 1 << 16},
		{"#2word", 0, 2},
		{"1#1word", 1, 1},
		{"1#2word", 1, 2},
		{"2#3word", 2, 3},
		{"#0word", 0, 0},
	} {
		sender, recipient := listMachine(t, c.list, "sender", ""), listMachine(t, c.list, "server", "")
		for _, in := range short("a, \t", 7) {
			full, empty, ok := elements(in)
			count := c.min <= full && full <= c.max
			if got, want := sender.DFA.Match([]byte(in)), ok && count && !empty || in == "" && c.min == 0; got != want {
				t.Fatalf("%s: %q may be sent: %v, want %v", c.list, in, got, want)
			}
			if got, want := recipient.DFA.Match([]byte(in)), ok && count; got != want {
				t.Fatalf("%s: %q is received: %v, want %v", c.list, in, got, want)
			}
		}
	}
}

// TestListTellsItsElements: an element's event is raised when it is known that
// the element has ended, once for each that isn't empty, with its span.
func TestListTellsItsElements(t *testing.T) {
	ma := listMachine(t, "#word", "server", "| list/word | span, event | Words |\n")
	words := ma.Yields[0]
	for _, in := range short("a, \t", 7) {
		var got []string
		start, end := -1, -1
		do := func(ops []automaton.Op, pos int) {
			for _, op := range ops {
				switch {
				case op.Kind == automaton.SetReg && op.Reg == words.Start:
					start = pos
				case op.Kind == automaton.SetReg && op.Reg == words.End:
					end = pos
				case op.Kind == automaton.Event:
					got = append(got, in[start:end])
				}
			}
		}
		at, ok := 0, true
		for i := 0; ok && i < len(in); i++ {
			var e automaton.Edge
			if e, ok = ma.DFA.States[at].Edge(in[i]); ok {
				do(e.Ops, i)
				at = e.To
			}
		}
		if !ok || !ma.DFA.States[at].Final {
			continue
		}
		do(ma.DFA.States[at].End, len(in))
		want := strings.FieldsFunc(in, func(r rune) bool { return r != 'a' })
		if strings.Join(got, ",") != strings.Join(want, ",") {
			t.Fatalf("%q tells %q, want %q", in, got, want)
		}
	}
}

// short are all strings of up to n of these octets.
func short(octets string, n int) []string { return shortOf([]byte(octets), n) }
