package automaton

import (
	"bytes"
	"strings"
	"testing"
)

const (
	chunkLine = `( chunk-size [ chunk-ext ] CRLF ) / last-chunk`
	lastChunk = `last-chunk trailer-section CRLF`
	head      = `request-line CRLF *( field-line CRLF ) CRLF`
)

// TestSizes holds facts about the grammar of HTTP/1.1: how large the minimal
// automata of its languages are.
func TestSizes(t *testing.T) {
	g := embedded(t)
	for _, c := range []struct {
		root            string
		states, classes int
	}{
		{`field-line CRLF`, 5, 6},
		{`request-line CRLF`, 15, 13},
		{head, 19, 15},
		{chunkLine, 13, 11},
		{lastChunk, 17, 12},
	} {
		d := g.dfa(c.root, "rfc9112")
		if len(d.States) != c.states || d.Classes() != c.classes {
			t.Errorf("%s has %d states and %d classes of octets, want %d and %d", c.root, len(d.States), d.Classes(), c.states, c.classes)
		}
		if len(representatives(d)) != d.Classes() {
			t.Errorf("%s has %d representatives of %d classes", c.root, len(representatives(d)), d.Classes())
		}
	}
}

// TestAcceptsWhatTheGrammarSays compares automata with a matcher that tries
// everything: on all short inputs, and on all inputs that differ in one octet
// from one of a set that takes every edge.
func TestAcceptsWhatTheGrammarSays(t *testing.T) {
	g := small(t, `
two     = 2"a" 1*3( "b" / "ab" ) *"c"
nested  = *( "(" *( "a" / ")(" ) ")" )
empty   = *( *"a" [ "b" ] ) ""
twice   = *( "a" / "b" ) "a" 2( "a" / "b" )
cases   = "aB" / %s"Ab" / %x63.64
`)
	for _, c := range []struct {
		root, space string
		octets      int
	}{
		{`two`, "rfc9999", 7},
		{`nested`, "rfc9999", 7},
		{`empty`, "rfc9999", 7},
		{`twice`, "rfc9999", 9},
		{`cases`, "rfc9999", 4},
		{`*( OWS "," OWS )`, "rfc9110", 7},
		{`quoted-string`, "rfc9110", 6},
		{`transfer-coding`, "rfc9110", 4},
		{`field-line CRLF`, "rfc9112", 6},
		{chunkLine, "rfc9112", 4},
		{lastChunk, "rfc9112", 4},
		{`request-line CRLF`, "rfc9112", 3},
		{head, "rfc9112", 3},
	} {
		t.Run(c.root, func(t *testing.T) {
			d, x := g.dfa(c.root, c.space), g.parse(c.root, c.space)
			tried, accepted := 0, 0
			check := func(in string) {
				tried++
				want := g.match(x, c.space, in)
				if want {
					accepted++
				}
				if got := d.Match([]byte(in)); got != want {
					t.Fatalf("%q is accepted: %v, and by the grammar: %v", in, got, want)
				}
			}
			inputs(representatives(d), c.octets, check)
			for _, in := range d.Cover() {
				neighbours(string(in), representatives(d), check)
			}
			if accepted == 0 || accepted == tried {
				t.Errorf("of %d inputs %d are accepted: nothing is compared", tried, accepted)
			}
		})
	}
}

func TestStatesHaveTheShortestPath(t *testing.T) {
	d := embedded(t).dfa(head, "rfc9112")
	distance := map[int]int{0: 0}
	for queue := []int{0}; len(queue) > 0; queue = queue[1:] {
		for _, e := range d.States[queue[0]].Out {
			if _, seen := distance[e.To]; !seen {
				distance[e.To] = distance[queue[0]] + 1
				queue = append(queue, e.To)
			}
		}
	}
	for i := range d.States {
		at := 0
		for _, c := range d.States[i].Path {
			e, ok := d.States[at].Edge(c)
			if !ok {
				t.Fatalf("the path %q of state %d is refused", d.States[i].Path, i)
			}
			at = e.To
		}
		if at != i || len(d.States[i].Path) != distance[i] {
			t.Errorf("the path %q of state %d leads to %d, and the shortest has %d octets", d.States[i].Path, i, at, distance[i])
		}
	}
}

func TestOverlap(t *testing.T) {
	g := small(t, `
deep    = 6"a" "b" *"c"
token   = 1*%x61-7A
bare    = *( token ":" *( SP / VCHAR ) [ CR ] LF ) CRLF
strict  = *( token ":" *( SP / VCHAR ) CRLF ) CRLF
`)
	for _, c := range []struct {
		name, a, b, want string
		ok               bool
	}{
		{"nothing in common", `"a"`, `"b"`, "", false},
		{"the empty input", `*"a"`, `*"b"`, "", true},
		{"one is the beginning of the other", `"ab"`, `"a"`, "", false},
		{"many in common, the shortest is told", `*"a" "b"`, `2*%x61-62`, "ab", true},
		{"only deep in", `deep`, `*"a" "b" 3"c"`, "aaaaaabccc", true},
		{"not even deep in", `deep`, `*5"a" "b" *"c"`, "", false},
		{"a line that ends in LF alone", `bare`, `*OCTET ( %x00-0C / %x0E-FF ) LF *OCTET`, "a:\n\r\n", true},
		{"no line that ends in LF alone", `strict`, `*OCTET ( %x00-0C / %x0E-FF ) LF *OCTET`, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := g.dfa(c.a, "rfc9999"), g.dfa(c.b, "rfc9999")
			w, ok := Overlap(a, b)
			if ok != c.ok || string(w) != c.want {
				t.Errorf("in common is %q, %v; want %q, %v", w, ok, c.want, c.ok)
			}
			w, ok = Overlap(b, a)
			if ok != c.ok || len(w) != len(c.want) {
				t.Errorf("the other way round it is %q, %v", w, ok)
			}
		})
	}
}

func TestExtension(t *testing.T) {
	g := embedded(t)
	for _, root := range []string{`field-line CRLF`, head, chunkLine, lastChunk, `CRLF`} {
		if short, long, ok := g.dfa(root, "rfc9112").Extension(); ok {
			t.Errorf("%s accepts %q and %q", root, short, long)
		}
	}
	for _, c := range []struct{ root, short, long string }{
		{`*"a"`, "", "a"},
		{`"a" [ "bc" ]`, "a", "abc"},
		{`*( "a" CRLF ) CRLF [ "a" CRLF ]`, "\r\n", "\r\na\r\n"},
		{`5"a" / 9"a"`, "aaaaa", "aaaaaaaaa"},
		{`field-line`, "!:", "!:\t"},
	} {
		d := g.dfa(c.root, "rfc9112")
		short, long, ok := d.Extension()
		if !ok || len(short) != len(c.short) || len(long) != len(c.long) {
			t.Errorf("%s: %q and %q, %v; want %q and %q", c.root, short, long, ok, c.short, c.long)
			continue
		}
		if !d.Match(short) || !d.Match(long) || !bytes.HasPrefix(long, short) {
			t.Errorf("%s: %q and %q are no evidence", c.root, short, long)
		}
	}
}

func TestCoverTakesEveryEdge(t *testing.T) {
	g := embedded(t)
	for _, root := range []string{`field-line CRLF`, head, chunkLine, lastChunk, `*"a"`, `"a" *( "b" "c" )`} {
		d := g.dfa(root, "rfc9112")
		taken := map[[2]int]int{}
		for _, in := range d.Cover() {
			if !d.Match(in) {
				t.Errorf("%s: the input %q is not accepted", root, in)
			}
			at := 0
			for _, c := range in {
				e, ok := d.States[at].Edge(c)
				if !ok {
					break
				}
				taken[[2]int{at, d.States[at].Edges[c]}]++
				at = e.To
			}
		}
		for i := range d.States {
			for k := range d.States[i].Out {
				if taken[[2]int{i, k}] < len(d.States[i].On(k).Ranges()) {
					t.Errorf("%s: state %d takes the edge on %s %d times", root, i, d.States[i].On(k), taken[[2]int{i, k}])
				}
			}
		}
	}
}

func TestRefusesWhatAcceptsNothing(t *testing.T) {
	n := NewNFA()
	var none [4]uint64
	n.SetStart(n.Char(none, "nothing", nil, nil, n.Accept()))
	if _, err := Compile(n, nil); err == nil || err.Error() != "the language is empty: no input is ever accepted" {
		t.Errorf("the error is %v", err)
	}
}

func TestRefusesWhatIsTooLarge(t *testing.T) {
	// To know the octet that stands 12 before the end needs 2 to the power of
	// 13 states.
	n := small(t, `late = *( "a" / "b" ) "a" 12( "a" / "b" )`).nfa(`late`, "rfc9999")
	if _, err := Compile(n, nil); err == nil || !strings.HasPrefix(err.Error(), "the automaton has more than 5000 states") {
		t.Errorf("the error is %v", err)
	}
}

// TestFaultsAtTheFirstOctetThatMakesItCertain: an edge into a state from which
// nothing is accepted is no edge.
func TestFaultsAtTheFirstOctetThatMakesItCertain(t *testing.T) {
	n := NewNFA()
	var none [4]uint64
	dead := n.Char(of('b'), "b", nil, nil, n.Char(none, "nothing", nil, nil, n.Accept()))
	live := n.Char(of('c'), "c", nil, nil, n.Accept())
	n.SetStart(n.Char(of('a'), "a", nil, nil, n.Split([]int{dead, live}, false, "here")))
	d, err := Compile(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := d.States[1].Edge('b'); ok {
		t.Error("b is taken, and nothing can follow it")
	}
	if !d.Match([]byte("ac")) || len(d.States) != 3 {
		t.Errorf("%d states are left, want 3", len(d.States))
	}
}
