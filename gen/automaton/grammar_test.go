package automaton

import (
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// grammar makes automata of ABNF, in the plainest way: no lists, no tables.
// Package gen has a compiler that knows more; this one is short enough to be
// believed.
type grammar struct {
	t     *testing.T
	rules *abnf.Grammar
	forks map[abnf.Node]bool // choices in which the first alternative is preferred
}

// embedded is the grammar of the module's specifications.
func embedded(t *testing.T) *grammar {
	t.Helper()
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	g := &grammar{t: t, rules: &abnf.Grammar{}}
	for _, d := range set.Documents {
		for _, b := range d.Grammars {
			if b.Option != "" {
				continue // a variant's
			}
			if err := g.rules.Add(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	return g
}

// small is a grammar of a few rules, beside those of the specifications.
func small(t *testing.T, rules string) *grammar {
	t.Helper()
	g := embedded(t)
	if err := g.rules.Add(&spec.Grammar{Namespace: "rfc9999", Text: rules}); err != nil {
		t.Fatal(err)
	}
	return g
}

func (g *grammar) parse(text, space string) abnf.Node {
	g.t.Helper()
	n, err := abnf.Parse(text, space, spec.Pos{})
	if err != nil {
		g.t.Fatal(err)
	}
	return n
}

func (g *grammar) rule(name, space string) *abnf.Rule {
	g.t.Helper()
	r, err := g.rules.Lookup(space, name, spec.Pos{})
	if err != nil {
		g.t.Fatal(err)
	}
	return r
}

// dfa is the minimal automaton of the language of an expression.
func (g *grammar) dfa(text, space string) *DFA {
	g.t.Helper()
	d, err := Compile(g.nfa(text, space), nil)
	if err != nil {
		g.t.Fatal(err)
	}
	return d.Language()
}

func (g *grammar) nfa(text, space string) *NFA {
	g.t.Helper()
	n := NewNFA()
	n.SetStart(g.build(n, g.parse(text, space), space, n.Accept()))
	return n
}

// build is Thompson's construction, from the end to the start.
func (g *grammar) build(n *NFA, x abnf.Node, space string, next int) int {
	switch x := x.(type) {
	case *abnf.Char:
		return n.Char(x.Set, x.Text, nil, nil, next)
	case *abnf.Literal:
		for i := len(x.Text) - 1; i >= 0; i-- {
			next = n.Char(fold(x, i), abnf.String(x), nil, nil, next)
		}
		return next
	case *abnf.Ref:
		r := g.rule(x.Name, space)
		return g.build(n, r.Def, r.Namespace, next)
	case *abnf.Seq:
		for _, p := range slices.Backward(x.Parts) {
			next = g.build(n, p, space, next)
		}
		return next
	case *abnf.Alt:
		var alts []int
		for _, p := range x.Parts {
			alts = append(alts, g.build(n, p, space, next))
		}
		return n.Split(alts, g.forks[x], abnf.String(x))
	case *abnf.Repeat:
		at := next
		if x.Max < 0 {
			at = n.Split(nil, g.forks[x], abnf.String(x))
			n.Patch(at, []int{g.build(n, x.X, space, at), next})
		}
		for i := x.Max; i > x.Min; i-- {
			at = n.Split([]int{g.build(n, x.X, space, at), next}, g.forks[x], abnf.String(x))
		}
		for range x.Min {
			at = g.build(n, x.X, space, at)
		}
		return at
	}
	g.t.Fatalf("the test's compiler doesn't know %T", x)
	return next
}

// match says whether an expression matches in as a whole, by trying every way
// from left to right.
func (g *grammar) match(x abnf.Node, space, in string) bool {
	return g.try(x, space, in, 0, func(i int) bool { return i == len(in) })
}

// try matches x at in[i:] and goes on with then, for each end that x can have.
func (g *grammar) try(x abnf.Node, space, in string, i int, then func(int) bool) bool {
	switch x := x.(type) {
	case *abnf.Char:
		return i < len(in) && x.Set.Has(in[i]) && then(i+1)
	case *abnf.Literal:
		j := i + len(x.Text)
		return j <= len(in) && (in[i:j] == x.Text || x.Fold && strings.EqualFold(in[i:j], x.Text)) && then(j)
	case *abnf.Ref:
		r := g.rule(x.Name, space)
		return g.try(r.Def, r.Namespace, in, i, then)
	case *abnf.Seq:
		if len(x.Parts) == 0 {
			return then(i)
		}
		rest := &abnf.Seq{Parts: x.Parts[1:]}
		return g.try(x.Parts[0], space, in, i, func(j int) bool { return g.try(rest, space, in, j, then) })
	case *abnf.Alt:
		for _, p := range x.Parts {
			if g.try(p, space, in, i, then) {
				return true
			}
		}
		return false
	case *abnf.Repeat:
		if x.Max == 0 {
			return then(i)
		}
		again := &abnf.Repeat{Min: max(x.Min-1, 0), Max: max(x.Max-1, -1), X: x.X}
		return x.Min == 0 && then(i) || g.try(x.X, space, in, i, func(j int) bool {
			return (j > i || x.Min > 0) && g.try(again, space, in, j, then)
		})
	}
	g.t.Fatalf("the test's matcher doesn't know %T", x)
	return false
}

func fold(l *abnf.Literal, i int) abnf.Set {
	c := l.Text[i : i+1]
	if !l.Fold {
		return abnf.Of(c[0])
	}
	return abnf.Of(strings.ToLower(c)[0], strings.ToUpper(c)[0])
}

// representatives are one octet of each class that the automaton tells apart.
func representatives(d *DFA) []byte {
	var out []byte
	seen := map[string]bool{}
	for _, c := range Readable {
		var key strings.Builder
		for i := range d.States {
			key.WriteByte(byte(d.States[i].Edges[c] + 1))
		}
		if !seen[key.String()] {
			seen[key.String()] = true
			out = append(out, c)
		}
	}
	return out
}

// inputs calls yield with all strings of up to n of these octets.
func inputs(octets []byte, n int, yield func(string)) {
	var rec func(prefix []byte)
	rec = func(prefix []byte) {
		yield(string(prefix))
		if len(prefix) == n {
			return
		}
		for _, c := range octets {
			rec(append(prefix, c))
		}
	}
	rec(nil)
}

// neighbours calls yield with what becomes of in when one octet is put in,
// taken out, or replaced.
func neighbours(in string, octets []byte, yield func(string)) {
	for i := range len(in) + 1 {
		for _, c := range octets {
			yield(in[:i] + string([]byte{c}) + in[i:])
			if i < len(in) {
				yield(in[:i] + string([]byte{c}) + in[i+1:])
			}
		}
		if i < len(in) {
			yield(in[:i] + in[i+1:])
		}
	}
}
