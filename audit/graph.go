package audit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen/abnf"
)

// Graph is a diagram: places, and the ways between them. The first node is where
// it begins.
type Graph struct {
	Name  string `json:"name"`
	Nodes []Node `json:"nodes"`
	Edges []Edge `json:"edges"`
}

// Node is a place of a diagram.
type Node struct {
	Name  string `json:"name"`
	Means string `json:"means,omitempty"` // in a few words
	IsEnd bool   `json:"end,omitempty"`   // it may end here
}

// Edge is a way, by the indices of its nodes.
type Edge struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	On   string `json:"on"` // octets or events
}

// merged are the edges with those between the same two nodes as one.
func (g *Graph) merged() (out []Edge) {
	for _, e := range g.Edges {
		i := slices.IndexFunc(out, func(o Edge) bool { return o.From == e.From && o.To == e.To })
		if i < 0 {
			out = append(out, e)
		} else if e.On != out[i].On {
			out[i].On += ", " + e.On
		}
	}
	return out
}

// Mermaid is the diagram in Mermaid's notation.
func (g *Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n")
	text := strings.NewReplacer(`"`, "#quot;", ":", "#58;", ";", "#59;", "\n", " ")
	for i, n := range g.Nodes {
		fmt.Fprintf(&b, "    state \"%s\" as n%d\n", strings.ReplaceAll(n.label(), `"`, "#quot;"), i)
	}
	if len(g.Nodes) > 0 {
		b.WriteString("    [*] --> n0\n")
	}
	for _, e := range g.merged() {
		fmt.Fprintf(&b, "    n%d --> n%d: %s\n", e.From, e.To, text.Replace(e.On))
	}
	for i, n := range g.Nodes {
		if n.IsEnd {
			fmt.Fprintf(&b, "    n%d --> [*]\n", i)
		}
	}
	return b.String()
}

// DOT is the diagram in the notation of Graphviz.
func (g *Graph) DOT() string {
	var b strings.Builder
	quote := func(s string) string {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
	}
	fmt.Fprintf(&b, "digraph %s {\n    rankdir=LR\n    node [shape=box, style=rounded]\n", quote(g.Name))
	for i, n := range g.Nodes {
		shape := ""
		if n.IsEnd {
			shape = ", peripheries=2"
		}
		fmt.Fprintf(&b, "    n%d [label=%s%s]\n", i, quote(n.label()), shape)
	}
	for _, e := range g.merged() {
		fmt.Fprintf(&b, "    n%d -> n%d [label=%s]\n", e.From, e.To, quote(e.On))
	}
	b.WriteString("}\n")
	return b.String()
}

func (n Node) label() string {
	if n.Means == "" || n.Means == n.Name {
		return n.Name
	}
	return n.Name + ": " + n.Means
}

// octetNames are the sets that octets are told by, the widest first.
var octetNames = []struct {
	name string
	set  abnf.Set
}{
	{"any octet", abnf.Range(0, 255)},
	{"VCHAR", abnf.Range(0x21, 0x7e)},
	{"obs-text", abnf.Range(0x80, 0xff)},
	{"tchar", abnf.Of([]byte("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")...)},
	{"ALPHA", abnf.Range('A', 'Z').Union(abnf.Range('a', 'z'))},
	{"HEXDIG", abnf.Range('0', '9').Union(abnf.Range('A', 'F')).Union(abnf.Range('a', 'f'))},
	{"DIGIT", abnf.Range('0', '9')},
	{"HTAB", abnf.Of('\t')},
	{"LF", abnf.Of('\n')},
	{"CR", abnf.Of('\r')},
	{"SP", abnf.Of(' ')},
	{"DQUOTE", abnf.Of('"')},
}

// Octets tells a set of octets by the names that the RFCs have for some, and by
// the octets.
func Octets(set abnf.Set) string {
	rest := abnf.Range(0, 255).Minus(set)
	if n := rest.Len(); n > 0 && n <= 4 {
		return "all but " + Octets(rest)
	}
	var parts []string
	for _, k := range octetNames {
		if set.Intersect(k.set) == k.set {
			parts = append(parts, k.name)
			set = set.Minus(k.set)
		}
	}
	for _, r := range set.Ranges() {
		switch {
		case r[0] == r[1]:
			parts = append(parts, octet(r[0]))
		case int(r[1])-int(r[0]) == 1:
			parts = append(parts, octet(r[0]), octet(r[1]))
		default:
			parts = append(parts, octet(r[0])+" to "+octet(r[1]))
		}
	}
	return strings.Join(parts, ", ")
}

func octet(c byte) string {
	if c > 0x20 && c < 0x7f {
		return "'" + string(rune(c)) + "'"
	}
	return fmt.Sprintf("%%x%02X", c)
}
