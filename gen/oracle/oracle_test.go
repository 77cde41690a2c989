package oracle

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	goabnf "github.com/pandatix/go-abnf"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/spec"
)

// printer writes a grammar as RFC 5234 has it, for a reader that knows neither
// namespaces nor lists: rules are called by their namespace too, strings are
// written by their octets, and lists aren't written.
type printer struct {
	grammar *abnf.Grammar
	rules   map[string]bool // that are written
	text    strings.Builder
	hasList bool
}

// rule writes a rule and all that it refers to, and is the name that it has here.
func (p *printer) rule(name, space string) string {
	r, err := p.grammar.Lookup(space, name, spec.Pos{})
	if err != nil {
		panic(err)
	}
	return p.define(r.Namespace+"-"+r.Name, r.Def, r.Namespace)
}

func (p *printer) define(name string, def abnf.Node, space string) string {
	name = strings.Map(func(r rune) rune {
		if r == '-' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, "r-"+name)
	if key := strings.ToLower(name); !p.rules[key] {
		p.rules[key] = true
		text := p.node(def, space)
		fmt.Fprintf(&p.text, "%s = %s\r\n", name, text)
	}
	return name
}

func (p *printer) node(n abnf.Node, space string) string {
	switch n := n.(type) {
	case *abnf.Char:
		return set(n.Set)
	case *abnf.Literal:
		return literal(n)
	case *abnf.Ref:
		return p.rule(n.Name, space)
	case *abnf.Seq:
		return "( " + strings.Join(p.nodes(n.Parts, space), " ") + " )"
	case *abnf.Alt:
		return "( " + strings.Join(p.nodes(n.Parts, space), " / ") + " )"
	case *abnf.Repeat:
		most := fmt.Sprint(n.Max)
		if n.Max < 0 {
			most = ""
		}
		return fmt.Sprintf("%d*%s( %s )", n.Min, most, p.node(n.X, space))
	}
	p.hasList = true
	return `""`
}

func (p *printer) nodes(all []abnf.Node, space string) (out []string) {
	for _, n := range all {
		out = append(out, p.node(n, space))
	}
	return out
}

func set(s abnf.Set) string {
	var parts []string
	for _, r := range s.Ranges() {
		parts = append(parts, fmt.Sprintf("%%x%02X-%02X", r[0], r[1]))
	}
	return "( " + strings.Join(parts, " / ") + " )"
}

func literal(l *abnf.Literal) string {
	if l.Text == "" {
		return `""`
	}
	var parts []string
	for i := range len(l.Text) {
		c := l.Text[i]
		s := abnf.Of(c)
		if lower := c | 0x20; l.Fold && lower >= 'a' && lower <= 'z' {
			s = abnf.Of(lower, lower-0x20)
		}
		parts = append(parts, set(s))
	}
	return "( " + strings.Join(parts, " ") + " )"
}

// inputs are those that take each edge of the automaton, and those that miss it by
// one octet; every step-th, if there are many.
func inputs(ma *gen.Machine) [][]byte {
	all := append(ma.DFA.Cover(), ma.DFA.NearMisses()...)
	const most = 300
	step := len(all)/most + 1
	var out [][]byte
	for i := 0; i < len(all); i += step {
		if len(all[i]) <= 80 {
			out = append(out, all[i])
		}
	}
	return out
}

// runes is the input as go-abnf takes it, to which a value is a character: an octet
// is the character with its number.
func runes(in []byte) (out []byte) {
	for _, c := range in {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

// TestMachinesAcceptWhatGoABNFDoes asks both of each machine whose grammar has no
// list. Variants read rules that have more alternatives, which the grammar doesn't
// have as rules.
func TestMachinesAcceptWhatGoABNFDoes(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := gen.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, ma := range m.Machines {
		if ma.Of != nil {
			continue
		}
		p := &printer{grammar: m.Grammar, rules: map[string]bool{}}
		root := p.define("machine-"+ma.Name, ma.Root, ma.Space())
		if p.hasList {
			t.Logf("%s has a list, which go-abnf doesn't know", ma.Name)
			continue
		}
		compared++
		t.Run(ma.Name, func(t *testing.T) {
			t.Parallel()
			grammar, err := goabnf.ParseABNF([]byte(p.text.String()))
			if err != nil {
				t.Fatalf("%v\n%s", err, p.text.String())
			}
			accepted, all := 0, inputs(ma)
			for _, in := range all {
				want, err := grammar.IsValid(root, runes(in))
				if err != nil {
					t.Fatalf("%q: %v", in, err)
				}
				if want {
					accepted++
				}
				if got := ma.DFA.Match(in); got != want {
					t.Errorf("%q is accepted: %v, by go-abnf: %v", in, got, want)
				}
			}
			if accepted == 0 || accepted == len(all) {
				t.Errorf("of %d inputs %d are accepted: nothing is compared", len(all), accepted)
			}
			t.Logf("%d inputs, of which %d are accepted", len(all), accepted)
		})
	}
	if compared < 10 {
		t.Errorf("only %d machines were compared", compared)
	}
}
