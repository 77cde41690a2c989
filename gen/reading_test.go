package gen

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// reading is one way to read an input, as a list of what it yields: a plain
// reader that goes through the grammar, preferred ways first, and takes the
// first way that reaches the end. It knows no automata and no registers.
type reading struct {
	m  *Model
	ma *Machine
	in string
}

// told is a list of what was yielded, the last one first.
type told struct {
	what       *Yield
	start, end int
	before     *told
}

// log is what the first reading that accepts the input yields.
func (r *reading) log() (log []string, ok bool) {
	var last *told
	prefer := ""
	if n := r.m.notes[r.ma.rule]; n != nil {
		prefer = n.prefer
	}
	ok = r.noted(r.ma.rule, 0, nil, func(i int, t *told) bool {
		last = t
		return i == len(r.in)
	}, func(i int, t *told, then step) bool {
		return r.node(r.ma.def(r.ma.rule), r.ma.rule.Namespace, prefer, i, t, then)
	})
	if !ok {
		return nil, false
	}
	var all []*told
	for ; last != nil; last = last.before {
		all = append(all, last)
	}
	slices.Reverse(all)
	final := map[string]string{}
	for k, t := range all {
		switch {
		case t.what.Record:
			var members []string
			for _, o := range all[:k] {
				if o.start >= t.start && !o.what.Record {
					members = append(members, r.text(o))
				}
			}
			slices.Sort(members)
			log = append(log, t.what.Into+"["+strings.Join(members, " ")+"]")
		case t.what.Event:
			log = append(log, r.text(t))
		case r.ma.bound(t.what).In == nil:
			final[t.what.Into] = r.text(t)
		}
	}
	for _, b := range r.ma.Yields {
		if b.In == nil && !b.Record && !b.Event && final[b.Into] != "" {
			log = append(log, final[b.Into])
		}
	}
	return log, true
}

func (ma *Machine) bound(y *Yield) *Bound {
	for _, b := range ma.Yields {
		if b.Yield == y {
			return b
		}
	}
	return nil
}

// text is what a place yields, as words.
func (r *reading) text(t *told) string {
	s := t.what.Into
	if t.what.Span {
		s += fmt.Sprintf(" %d-%d", t.start, t.end)
	}
	if t.what.Base > 0 {
		s += fmt.Sprint(" ", number(r.in[t.start:t.end], t.what.Base))
	}
	return s
}

// number wraps around, as the test's run of the automaton does: here only
// digits count.
func number(digits string, base int) (n uint64) {
	for i := range len(digits) {
		n = n*uint64(base) + uint64(strings.IndexByte("0123456789abcdef", digits[i]|0x20))
	}
	return n
}

type step func(i int, t *told) bool

// noted reads a place, and adds what tables say that it yields.
func (r *reading) noted(place any, i int, t *told, then step, inner func(int, *told, step) bool) bool {
	return inner(i, t, func(j int, t *told) bool {
		if n := r.m.notes[place]; n != nil {
			for _, y := range n.yields {
				t = &told{y, i, j, t}
			}
		}
		return then(j, t)
	})
}

func (r *reading) node(n abnf.Node, space, prefer string, i int, t *told, then step) bool {
	if note := r.m.notes[n]; note != nil && note.prefer != "" {
		prefer = note.prefer
	}
	return r.noted(n, i, t, then, func(i int, t *told, then step) bool { return r.bare(n, space, prefer, i, t, then) })
}

func (r *reading) bare(n abnf.Node, space, prefer string, i int, t *told, then step) bool {
	switch n := n.(type) {
	case *abnf.Char:
		return i < len(r.in) && n.Set.Has(r.in[i]) && then(i+1, t)
	case *abnf.Literal:
		j := i + len(n.Text)
		return j <= len(r.in) && (r.in[i:j] == n.Text || n.Fold && strings.EqualFold(r.in[i:j], n.Text)) && then(j, t)
	case *abnf.Ref:
		rule, err := r.m.Grammar.Lookup(space, n.Name, n.At)
		if err != nil {
			panic(err)
		}
		if note := r.m.notes[rule]; note != nil && note.prefer != "" {
			prefer = note.prefer
		}
		return r.noted(rule, i, t, then, func(i int, t *told, then step) bool {
			return r.node(r.ma.def(rule), rule.Namespace, prefer, i, t, then)
		})
	case *abnf.Seq:
		if len(n.Parts) == 0 {
			return then(i, t)
		}
		return r.node(n.Parts[0], space, "", i, t, func(j int, t *told) bool {
			return r.bare(&abnf.Seq{Parts: n.Parts[1:]}, space, "", j, t, then)
		})
	case *abnf.Alt:
		parts := slices.Clone(n.Parts)
		if prefer == "last alternative" {
			slices.Reverse(parts)
		}
		return slices.ContainsFunc(parts, func(p abnf.Node) bool { return r.node(p, space, "", i, t, then) })
	case *abnf.Repeat:
		more := func() bool {
			return n.Max != 0 && r.node(n.X, space, "", i, t, func(j int, t *told) bool {
				again := &abnf.Repeat{Min: max(n.Min-1, 0), Max: max(n.Max-1, -1), X: n.X}
				return (j > i || n.Min > 0) && r.bare(again, space, prefer, j, t, then)
			})
		}
		stop := func() bool { return n.Min == 0 && then(i, t) }
		if prefer == "shortest" {
			return stop() || more()
		}
		return more() || stop()
	case *abnf.List: // [ X ] *( OWS "," OWS [ X ] ), as RFC 9110, Section 5.6.1.2 has it
		element := &abnf.Repeat{Max: 1, X: n.X}
		ows := &abnf.Ref{Name: "OWS"}
		comma := &abnf.Literal{Text: ","}
		rest := &abnf.Repeat{Max: -1, X: &abnf.Seq{Parts: []abnf.Node{ows, comma, ows, element}}}
		return r.bare(&abnf.Seq{Parts: []abnf.Node{element, rest}}, space, "", i, t, then)
	}
	panic(fmt.Sprintf("the test's reader doesn't know %T", n))
}

// runLog is the same list, from the automaton.
func runLog(ma *Machine, in string) (log []string, ok bool) {
	regs := make([]uint64, len(ma.DFA.Regs))
	set := make([]bool, len(ma.DFA.Regs))
	text := func(b *Bound) string {
		s := b.Into
		if b.Span {
			s += fmt.Sprintf(" %d-%d", regs[b.Start], regs[b.End])
		}
		if b.Base > 0 {
			s += fmt.Sprint(" ", regs[b.Value])
		}
		return s
	}
	do := func(ops []automaton.Op, pos int) {
		for _, op := range ops {
			switch op.Kind {
			case automaton.SetReg:
				regs[op.Reg], set[op.Reg] = uint64(pos), true
			case automaton.Zero:
				regs[op.Reg], set[op.Reg] = 0, true
			case automaton.Mark:
				regs[op.Reg], set[op.Reg] = 1, true
			case automaton.Event:
				log = append(log, text(ma.Yields[op.Arg]))
			case automaton.Record:
				var members []string
				for _, b := range ma.Yields {
					if b.In == ma.Yields[op.Arg] {
						members = append(members, text(b))
					}
				}
				slices.Sort(members)
				log = append(log, ma.Yields[op.Arg].Into+"["+strings.Join(members, " ")+"]")
			}
		}
	}
	at := 0
	for i := range len(in) {
		e, ok := ma.DFA.States[at].Edge(in[i])
		if !ok {
			return nil, false
		}
		do(e.Ops, i)
		for _, op := range e.Digits {
			regs[op.Reg] = regs[op.Reg]*uint64(ma.Yields[op.Arg].Base) + number(in[i:i+1], 16)
		}
		at = e.To
	}
	do(ma.DFA.States[at].End, len(in))
	for _, b := range ma.Yields {
		has := b.Span && set[b.End] || !b.Span && b.Value >= 0 && set[b.Value]
		if b.In == nil && !b.Record && !b.Event && has {
			log = append(log, text(b))
		}
	}
	return log, ma.DFA.States[at].Final
}

// TestMachinesReadAsTheGrammarAndTheTablesSay compares every machine with the
// plain reader: on all short inputs of one octet of each class, and on what
// becomes of inputs that take every edge when an octet is put in, taken out or
// replaced.
func TestMachinesReadAsTheGrammarAndTheTablesSay(t *testing.T) {
	test, err := spec.Read(os.DirFS("testdata/valid"))
	if err != nil {
		t.Fatal(err)
	}
	ours, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []*spec.Set{test, ours} {
		m, err := Load(set)
		if err != nil {
			t.Fatal(err)
		}
		for _, ma := range m.Machines {
			t.Run(ma.Doc.Noun+"/"+ma.Name, func(t *testing.T) { compareReadings(t, m, ma) })
		}
	}
}

func compareReadings(t *testing.T, m *Model, ma *Machine) {
	octets := string(classes(ma.DFA))
	accepted := 0
	seen := map[string]bool{}
	check := func(in string) {
		if seen[in] {
			return
		}
		seen[in] = true
		want, wanted := (&reading{m: m, ma: ma, in: in}).log()
		got, ok := runLog(ma, in)
		got = slices.DeleteFunc(got, func(s string) bool { return isLax(ma, s) && !slices.Contains(want, s) })
		if ok != wanted || ok && !slices.Equal(got, want) {
			t.Fatalf("%q is read as %q, %v; want %q, %v", in, got, ok, want, wanted)
		}
		if ok {
			accepted++
		}
	}
	length := 0
	for n := 1; n < 20000; n *= len(octets) {
		length++
	}
	for _, in := range shortOf([]byte(octets), length-1) {
		check(in)
	}
	for _, in := range ma.DFA.Cover() {
		check(string(in))
		for i := range len(in) {
			check(string(in[:i]) + string(in[i+1:]))
			for _, c := range []byte(octets) {
				check(string(in[:i]) + string([]byte{c}) + string(in[i:]))
				check(string(in[:i]) + string([]byte{c}) + string(in[i+1:]))
			}
		}
	}
	if accepted == 0 {
		t.Error("no input was accepted: nothing is compared")
	}
}

// isLax says whether what was yielded is a number for its own sake, in which a
// reading without that number may leave anything.
func isLax(ma *Machine, s string) bool {
	return slices.ContainsFunc(ma.Yields, func(b *Bound) bool {
		return b.Base > 0 && !b.Event && strings.HasPrefix(s, b.Into+" ")
	})
}

// classes are one octet of each class that the automaton tells apart, and
// digits, since their values differ.
func classes(d *automaton.DFA) []byte {
	var out []byte
	seen := map[string]bool{}
	for c := range 256 {
		var key strings.Builder
		for i := range d.States {
			key.WriteByte(byte(d.States[i].Edges[c] + 1))
		}
		if !seen[key.String()] {
			seen[key.String()] = true
			out = append(out, byte(c))
		}
	}
	return out
}

// shortOf are all strings of up to n of these octets.
func shortOf(octets []byte, n int) []string {
	all := []string{""}
	for from := 0; n > 0; n-- {
		to := len(all)
		for _, s := range all[from:to] {
			for _, c := range octets {
				all = append(all, s+string([]byte{c}))
			}
		}
		from = to
	}
	return all
}
