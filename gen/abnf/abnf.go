// Package abnf reads the RFCs' grammar notation: RFC 5234, the case-sensitive
// strings of RFC 7405, the list operator of RFC 9110, Section 5.6.1, and prose
// values that import a rule from another RFC.
//
// Rules live in namespaces, one for each RFC, since HTTP's Host and URI's host
// are the same name to ABNF, which ignores case. A rule name is looked up in
// the namespace of the rule that uses it, then among our own choices, then
// among the core rules of RFC 5234.
package abnf

import (
	"fmt"
	"strings"
	"sync"

	"github.com/specht-http/specht/spec"
)

// Node is an element of a grammar: *Char, *Literal, *Ref, *Seq, *Alt, *Repeat,
// *List or *Prose.
type Node interface{ Pos() spec.Pos }

// Char matches one octet of a set.
type Char struct {
	At   spec.Pos
	Set  Set
	Text string // as written, "%x41-5A"
}

// Literal matches a string. Fold says whether ASCII case is ignored.
type Literal struct {
	At   spec.Pos
	Text string
	Fold bool
}

// Ref matches a rule by name.
type Ref struct {
	At   spec.Pos
	Name string
}

// Seq matches its parts one after the other.
type Seq struct {
	At    spec.Pos
	Parts []Node
}

// Alt matches one of its alternatives.
type Alt struct {
	At    spec.Pos
	Parts []Node
}

// Repeat matches X at least Min and at most Max times; Max -1 is no limit.
// [ X ] is a Repeat with Option set.
type Repeat struct {
	At       spec.Pos
	Min, Max int
	X        Node
	Option   bool
}

// List is the list operator #: X at least Min and at most Max times,
// separated by commas. What it means depends on who reads it.
type List struct {
	At       spec.Pos
	Min, Max int
	X        Node
}

// Prose is <text>. It imports a rule if it has the form
// <rule, see [RFC], Section N>.
type Prose struct {
	At   spec.Pos
	Text string
}

// The places of the elements.
func (n *Char) Pos() spec.Pos    { return n.At }
func (n *Literal) Pos() spec.Pos { return n.At }
func (n *Ref) Pos() spec.Pos     { return n.At }
func (n *Seq) Pos() spec.Pos     { return n.At }
func (n *Alt) Pos() spec.Pos     { return n.At }
func (n *Repeat) Pos() spec.Pos  { return n.At }
func (n *List) Pos() spec.Pos    { return n.At }
func (n *Prose) Pos() spec.Pos   { return n.At }

// Rule is one rule with its place and source.
type Rule struct {
	Name      string // as it was first written
	Namespace string
	Source    string // "RFC 9112, Section 7.1"
	Def       Node
	At        spec.Pos
	Text      string // the definition as written, on one line
}

// Grammar is the rules of all namespaces.
type Grammar struct {
	rules map[string]map[string]*Rule // namespace -> folded name
	order []*Rule

	mu   sync.Mutex
	used map[*Rule]bool // by look-ups, which go on when all has been read
}

// CoreNamespace holds the core rules of RFC 5234, Appendix B.1.
const CoreNamespace = "rfc5234"

// ChoiceNamespace holds rules of our own, which stand in for rules that a
// namespace doesn't have.
const ChoiceNamespace = "choice"

// references are the names that RFCs use for one another in prose values.
var references = map[string]string{"HTTP": "rfc9110", "HTTP/1.1": "rfc9112", "URI": "rfc3986", "RFC5234": CoreNamespace}

// Rules are all rules in the order in which they were read.
func (g *Grammar) Rules() []*Rule { return g.order }

// Used says whether a look-up has ever found the rule.
func (g *Grammar) Used(r *Rule) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.used[r]
}

func (g *Grammar) use(r *Rule) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.used == nil {
		g.used = map[*Rule]bool{}
	}
	g.used[r] = true
}

// Add reads the rules of a block.
func (g *Grammar) Add(block *spec.Grammar) error {
	p := &parser{block: block}
	rules, err := p.rules()
	if err != nil {
		return err
	}
	if g.rules == nil {
		g.rules = map[string]map[string]*Rule{}
	}
	space := g.rules[block.Namespace]
	if space == nil {
		space = map[string]*Rule{}
		g.rules[block.Namespace] = space
	}
	for _, r := range rules {
		key := strings.ToLower(r.rule.Name)
		old := space[key]
		switch {
		case r.more && old == nil:
			return spec.Errorf(r.rule.At, "define it with = first", "%s =/ adds to a rule that isn't defined in %s", r.rule.Name, block.Namespace)
		case r.more:
			old.Def = &Alt{At: r.rule.At, Parts: []Node{old.Def, r.rule.Def}}
		case old != nil:
			return spec.Errorf(r.rule.At, "add alternatives with =/, or remove one of the two",
				"%s is defined twice in %s, first at %s", r.rule.Name, block.Namespace, old.At)
		default:
			space[key] = r.rule
			g.order = append(g.order, r.rule)
		}
	}
	return nil
}

// Extra is an alternative that an option has for a rule.
type Extra struct {
	Of  *Rule
	Def Node
}

// Extras reads the rules of an option: alternatives for rules that exist, which
// are not added to them, and rules of its own, which are.
func (g *Grammar) Extras(block *spec.Grammar) (out []Extra, err error) {
	p := &parser{block: block}
	rules, err := p.rules()
	if err != nil {
		return nil, err
	}
	space := g.rules[block.Namespace]
	for _, r := range rules {
		old := space[strings.ToLower(r.rule.Name)]
		switch {
		case r.more && old == nil:
			return nil, spec.Errorf(r.rule.At, "name a rule of "+block.Namespace, "%s =/ adds to a rule that isn't defined in %s", r.rule.Name, block.Namespace)
		case r.more:
			out = append(out, Extra{Of: old, Def: r.rule.Def})
		case old != nil:
			return nil, spec.Errorf(r.rule.At, "add an alternative with =/", "an option can't define %s anew, which is at %s", r.rule.Name, old.At)
		default:
			space[strings.ToLower(r.rule.Name)] = r.rule
			g.order = append(g.order, r.rule)
		}
	}
	return out, nil
}

// Lookup finds the rule that name means in namespace, following imports.
func (g *Grammar) Lookup(namespace, name string, at spec.Pos) (*Rule, error) {
	seen := map[string]bool{}
	for {
		r := g.find(namespace, name)
		if r == nil {
			return nil, spec.Errorf(at, g.hint(name), "unknown rule %s in %s", name, namespace)
		}
		g.use(r)
		p, ok := r.Def.(*Prose)
		if !ok {
			return r, nil
		}
		if seen[r.Namespace+" "+name] {
			return nil, spec.Errorf(r.At, "one of the RFCs must define it", "the imports of %s go in a circle", r.Name)
		}
		seen[r.Namespace+" "+name] = true
		to, imported, err := p.imports()
		if err != nil {
			return nil, err
		}
		namespace, name, at = to, imported, p.At
	}
}

// hint is what to do about a name that isn't defined: import it, if another RFC
// here has it.
func (g *Grammar) hint(name string) string {
	for _, r := range g.order {
		if _, prose := r.Def.(*Prose); !prose && strings.EqualFold(r.Name, name) {
			for ref, space := range references {
				if space == r.Namespace {
					part := r.Source[strings.LastIndex(r.Source, ", ")+2:]
					return "import it: " + r.Name + " = <" + r.Name + ", see [" + ref + "], " + part + ">"
				}
			}
		}
	}
	return "define it in an abnf block; no RFC of these documents has a rule of that name"
}

func (g *Grammar) find(namespace, name string) *Rule {
	key := strings.ToLower(name)
	for _, space := range []string{namespace, ChoiceNamespace, CoreNamespace} {
		if r := g.rules[space][key]; r != nil {
			return r
		}
	}
	return nil
}

// imports reads <rule, see [RFC], Section N>.
func (p *Prose) imports() (namespace, name string, err error) {
	name, rest, ok := strings.Cut(p.Text, ", see [")
	ref, _, ok2 := strings.Cut(rest, "]")
	namespace, ok3 := references[ref]
	if !ok || !ok2 || !ok3 {
		return "", "", spec.Errorf(p.At, "expected <rule, see [HTTP], Section 5.6.3> with one of [HTTP], [HTTP/1.1], [URI]",
			"the prose value <%s> can't be read by a machine", p.Text)
	}
	return namespace, name, nil
}

// Parse reads a single expression, such as the root of a machine, whose names
// are looked up in namespace.
func Parse(text, namespace string, at spec.Pos) (Node, error) {
	p := &parser{block: &spec.Grammar{Pos: at, Namespace: namespace, Text: text}, single: true}
	p.skip()
	n, err := p.alternation()
	if err != nil {
		return nil, err
	}
	p.skip()
	if p.i < len(p.block.Text) {
		return nil, p.errorf("the end of the expression")
	}
	return n, nil
}

// String renders the element in ABNF.
func String(n Node) string {
	switch n := n.(type) {
	case *Char:
		return n.Text
	case *Literal:
		if n.Fold {
			return `"` + n.Text + `"`
		}
		return literal(n.Text)
	case *Ref:
		return n.Name
	case *Seq:
		return join(n.Parts, " ")
	case *Alt:
		return join(n.Parts, " / ")
	case *Repeat:
		if n.Option {
			return "[ " + String(n.X) + " ]"
		}
		return bounds(n.Min, n.Max, "*") + group(n.X)
	case *List:
		return bounds(n.Min, n.Max, "#") + group(n.X)
	case *Prose:
		return "<" + n.Text + ">"
	case fmt.Stringer: // a node of the compiler's own
		return n.String()
	}
	panic("abnf: bug: unknown node")
}

// literal is a string in which case counts; in numbers if it can't stand
// between quotes.
func literal(text string) string {
	octets := make([]string, len(text))
	quotable := true
	for i := range len(text) {
		octets[i] = fmt.Sprintf("%02X", text[i])
		quotable = quotable && text[i] >= ' ' && text[i] <= '~' && text[i] != '"'
	}
	if quotable {
		return `%s"` + text + `"`
	}
	return "%x" + strings.Join(octets, ".")
}

func join(parts []Node, sep string) string {
	s := make([]string, len(parts))
	for i, p := range parts {
		s[i] = String(p)
		if _, alt := p.(*Alt); alt {
			s[i] = "( " + s[i] + " )"
		}
	}
	return strings.Join(s, sep)
}

func group(n Node) string {
	switch n.(type) {
	case *Seq, *Alt, *Repeat, *List:
		return "( " + String(n) + " )"
	}
	return String(n)
}

func bounds(lo, hi int, op string) string {
	s := op
	if lo == hi {
		return fmt.Sprint(lo)
	}
	if lo > 0 {
		s = fmt.Sprint(lo) + s
	}
	if hi >= 0 {
		s += fmt.Sprint(hi)
	}
	return s
}
