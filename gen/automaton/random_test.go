package automaton

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/specht-http/specht/gen/abnf"
)

// Random small grammars over three letters, whose automata are compared with what
// is found by trying all inputs of up to some length.

const (
	letters = "abc"
	longest = 6
)

// drawNode draws an expression. depth is how much it may nest.
func drawNode(t *rapid.T, depth int) abnf.Node {
	kind := rapid.IntRange(0, 5).Draw(t, "kind")
	if depth == 0 && kind > 1 {
		kind %= 2
	}
	switch kind {
	case 0:
		return &abnf.Char{Set: of(rapid.SampledFrom([]byte(letters)).Draw(t, "letter")), Text: "letter"}
	case 1:
		set := abnf.Set{}
		for _, c := range rapid.SliceOfN(rapid.SampledFrom([]byte(letters)), 1, 2).Draw(t, "letters") {
			set = set.Union(of(c))
		}
		return &abnf.Char{Set: set, Text: "letters"}
	case 2, 3:
		parts := make([]abnf.Node, rapid.IntRange(1, 3).Draw(t, "parts"))
		for i := range parts {
			parts[i] = drawNode(t, depth-1)
		}
		if kind == 2 {
			return &abnf.Seq{Parts: parts}
		}
		return &abnf.Alt{Parts: parts}
	}
	least := rapid.IntRange(0, 2).Draw(t, "least")
	most := rapid.SampledFrom([]int{-1, -1, least, least + 1}).Draw(t, "most")
	return &abnf.Repeat{Min: least, Max: most, X: drawNode(t, depth-1)}
}

// drawDFA draws an expression and makes its automaton.
func drawDFA(t *rapid.T, g *grammar) (abnf.Node, *DFA) {
	x := drawNode(t, 3)
	n := NewNFA()
	n.SetStart(g.build(n, x, "rfc9112", n.Accept()))
	d, err := Compile(n, nil)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return x, d
}

// shortest are the lengths of the first input, in the order of their lengths, of
// which is says yes; -1 if there is none of up to longest octets.
func shortest(is func(in string) bool) int {
	found := -1
	inputs([]byte(letters), longest, func(in string) {
		if (found < 0 || len(in) < found) && is(in) {
			found = len(in)
		}
	})
	return found
}

// agree checks a witness against the length of the shortest one that was found by
// trying. A witness may be longer than what was tried.
func agree(t *rapid.T, what string, ok bool, witness []byte, is func(in string) bool) {
	want := shortest(is)
	switch {
	case ok && !is(string(witness)):
		t.Errorf("%s: %q is none", what, witness)
	case ok && want != len(witness) && (want >= 0 || len(witness) <= longest):
		t.Errorf("%s: %q has %d octets, the shortest has %d", what, witness, len(witness), want)
	case !ok && want >= 0:
		t.Errorf("%s: none is found, there is one of %d octets", what, want)
	}
}

func TestRandomLanguages(t *testing.T) {
	g := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		x, d := drawDFA(t, g)
		y, e := drawDFA(t, g)
		inX := func(in string) bool { return g.match(x, "rfc9112", in) }
		inY := func(in string) bool { return g.match(y, "rfc9112", in) }
		inputs([]byte(letters), longest, func(in string) {
			if got := d.Match([]byte(in)); got != inX(in) {
				t.Errorf("%q is accepted: %v", in, got)
			}
		})
		w, ok := Overlap(d, e)
		agree(t, "in both", ok, w, func(in string) bool { return inX(in) && inY(in) })
		w, ok = Outside(d, e)
		agree(t, "in the first alone", ok, w, func(in string) bool { return inX(in) && !inY(in) })

		additions := Additions(d, e)
		if ok != (len(additions) > 0) || ok && len(additions[0]) != len(w) {
			t.Errorf("the first addition of %q isn't as long as %q", additions, w)
		}
		for _, in := range additions {
			if !inX(string(in)) || inY(string(in)) {
				t.Errorf("%q isn't added", in)
			}
		}
		for _, in := range d.Cover() {
			if !inX(string(in)) {
				t.Errorf("%q covers an edge and isn't accepted", in)
			}
		}
		short, long, ok := d.Extension()
		if ok && (!inX(string(short)) || !inX(string(long)) || len(long) <= len(short) || !strings.HasPrefix(string(long), string(short))) {
			t.Errorf("%q doesn't extend %q", long, short)
		}
		if !ok && shortest(func(in string) bool { return inX(in) && hasPrefixIn(in, inX) }) >= 0 {
			t.Error("an accepted input begins another, and isn't found")
		}
	})
}

// hasPrefixIn says whether a shorter beginning of in is accepted.
func hasPrefixIn(in string, accepts func(string) bool) bool {
	for i := range len(in) {
		if accepts(in[:i]) {
			return true
		}
	}
	return false
}

// TestRandomAutomataAreMinimal fills the table of pairs of states that some input
// tells apart, as Moore did. All must be in it.
func TestRandomAutomataAreMinimal(t *testing.T) {
	g := embedded(t)
	rapid.Check(t, func(t *rapid.T) {
		_, d := drawDFA(t, g)
		d = d.Language()
		n := len(d.States)
		apart := map[[2]int]bool{}
		to := func(s int, c byte) int {
			if e, ok := d.States[s].Edge(c); ok {
				return e.To
			}
			return n // the dead state
		}
		final := func(s int) bool { return s < n && d.States[s].Final }
		for changed := true; changed; {
			changed = false
			for i := range n + 1 {
				for j := range i {
					is := final(i) != final(j)
					for k := 0; k < len(letters) && i < n && !is; k++ {
						p, q := to(i, letters[k]), to(j, letters[k])
						is = apart[[2]int{max(p, q), min(p, q)}]
					}
					if i == n && !is {
						for k := range len(letters) {
							is = is || apart[[2]int{n, to(j, letters[k])}]
						}
					}
					if is && !apart[[2]int{i, j}] {
						apart[[2]int{i, j}], changed = true, true
					}
				}
			}
		}
		if want := (n + 1) * n / 2; len(apart) != want {
			t.Errorf("%d of %d pairs of states are told apart", len(apart), want)
		}
	})
}

// drawTagged draws an automaton of pieces, one behind the other, with a span that
// begins and ends between some of them, if it is one that a register for each tag is
// enough for. One piece may be another.
func drawTagged(t *rapid.T, g *grammar, pieces []abnf.Node) (Tagged, bool) {
	pieces = slices.Clone(pieces)
	if rapid.IntRange(0, 3).Draw(t, "other") == 0 {
		pieces[rapid.IntRange(0, len(pieces)-1).Draw(t, "which")] = drawNode(t, 1)
	}
	end := rapid.IntRange(0, len(pieces)).Draw(t, "end")
	start := rapid.IntRange(0, end).Draw(t, "start")
	n := NewNFA()
	regs := []Reg{n.Register(Register{Name: "start"}), n.Register(Register{Name: "end"})}
	tagged := Tagged{Names: []string{"start", "end"}, Tell: func(op Op) (string, []Reg) { return fmt.Sprint(op.Kind), regs }}
	at := n.Accept()
	isTold := rapid.Bool().Draw(t, "told")
	if isTold { // what is kept isn't asked for, so that what is told counts alone
		tagged.Names = []string{"", ""}
	}
	for i := len(pieces); i >= 0; i-- {
		if i == end {
			if isTold {
				at = n.Do(Op{Kind: Record}, at)
			}
			at = n.Do(Op{Kind: SetReg, Reg: regs[1]}, at)
		}
		if i == start {
			at = n.Do(Op{Kind: SetReg, Reg: regs[0]}, at)
		}
		if i == 0 {
			break
		}
		for _, y := range nodes(pieces[i-1]) {
			g.forks[y] = true // any choice decides
		}
		at = g.build(n, pieces[i-1], "rfc9112", at)
	}
	n.SetStart(at)
	d, err := Compile(n, nil)
	tagged.DFA = d
	return tagged, err == nil
}

// nodes are an expression and all parts of it.
func nodes(x abnf.Node) []abnf.Node {
	out := []abnf.Node{x}
	switch x := x.(type) {
	case *abnf.Seq:
		for _, p := range x.Parts {
			out = append(out, nodes(p)...)
		}
	case *abnf.Alt:
		for _, p := range x.Parts {
			out = append(out, nodes(p)...)
		}
	case *abnf.Repeat:
		out = append(out, nodes(x.X)...)
	}
	return out
}

// TestRandomDifferences compares the product of two tagged automata with running
// both over all inputs.
func TestRandomDifferences(t *testing.T) {
	g := embedded(t)
	g.forks = map[abnf.Node]bool{}
	compared, differ := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		pieces := []abnf.Node{drawNode(t, 1), drawNode(t, 1), drawNode(t, 1)}
		a, ok := drawTagged(t, g, pieces)
		b, ok2 := drawTagged(t, g, pieces)
		if !ok || !ok2 {
			return
		}
		compared++
		d, _, isDecided := Differ(a, b, 100_000)
		if !isDecided {
			t.Fatal("it is not decided")
		}
		var witness []byte
		if d != nil {
			differ++
			witness = d.Witness
		}
		isKept := a.Names[0] != "" && b.Names[0] != ""
		agree(t, "told differently", d != nil, witness, func(in string) bool {
			regs, told, ok := run(a.DFA, in)
			others, toldThere, ok2 := run(b.DFA, in)
			return ok && ok2 && (isKept && !slices.Equal(regs, others) || !slices.Equal(told, toldThere))
		})
	})
	t.Logf("%d compared, %d of them differ", compared, differ)
	if compared == 0 || differ == 0 || differ == compared {
		t.Errorf("%d compared, %d of them differ", compared, differ)
	}
}
