package audit

import (
	"strings"
	"testing"

	"github.com/specht-http/specht/gen/abnf"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	s := openDefault(t)
	for _, c := range []struct {
		name, what string
		want       []string
		states     int // that are told
	}{
		{"chunk-line", "", []string{"it accepts chunk-size [ chunk-ext ] CRLF / last-chunk", `s1, behind "0", in chunk-line`, "CR → s4", "LF → error: bare LF in a chunk line (400)  (spec/chunked.md:85)", "| ChunkLineOctets | octets of chunk-line | 256"}, 25},
		{"chunk-line", "s4", []string{"expected: LF", "all but LF → error: bare CR (400)", "| CRLF/LF | %x00-09 / %x0B-FF | bare CR"}, 1},
		{"chunk-line", "s6", []string{"';' → s8", "what else comes → error: malformed chunk-line (400)"}, 1},
		{"chunk-line", "chunk-ext-name", []string{`s5, behind "0;"`, "tchar → s10"}, 4},
		{"chunk-line", "rfc9112#2.2/10", []string{"| chunk-line/CRLF[1] | LF |"}, 5},
		{"chunk-line", "rfc9112#7.1/3", []string{"chunk-size too large"}, 0},
		{"transfer-encoding", "", []string{"machine transfer-encoding", "Codings is told"}, 12},
		{"transfer-encoding", "chunked repeated", []string{"transitions transfer-encoding", "malformed → malformed"}, 1},
		{"stream-state", "open", []string{"received headers → open; fields, paid from field block"}, 1},
		{"request-body-length", "", []string{"decide all 80 combinations", "| neither | any version | absent | absent | none | rfc9112#6.3 |"}, 0},
		{"request-message", "chunk-data", []string{"complete → chunk-end"}, 1},
	} {
		t.Run(c.name+" "+c.what, func(t *testing.T) {
			e, err := Explain(s, c.name, c.what)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := e.Text(&b); err != nil {
				t.Fatal(err)
			}
			for _, want := range c.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("no %q in\n%s", want, b.String())
				}
			}
			if len(e.States) != c.states {
				t.Errorf("%d states, want %d", len(e.States), c.states)
			}
		})
	}
	for _, c := range []struct{ name, what, want string }{
		{"nothing", "", "expected one of request-body-length, chunk-line"},
		{"chunk-line", "s99", "expected a state such as s24"},
	} {
		if _, err := Explain(s, c.name, c.what); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v", c.name, c.what, err)
		}
	}
}

// TestExplainsEverything looks at the diagrams of all that has one: each way has
// what it is taken on, and each node is reached.
func TestExplainsEverything(t *testing.T) {
	t.Parallel()
	s := openDefault(t)
	for _, name := range s.Names() {
		all, err := ExplainAll(s, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			if len(e.Rows) == 0 || e.File == "" || e.About == "" {
				t.Errorf("%s %s: %d rows, of %q", e.Kind, name, len(e.Rows), e.File)
			}
			if e.Graph == nil {
				continue
			}
			reached := map[int]bool{0: true}
			for range e.Graph.Nodes {
				for _, way := range e.Graph.Edges {
					reached[way.To] = reached[way.To] || reached[way.From]
					if way.On == "" {
						t.Errorf("%s: a way from %s on nothing", name, e.Graph.Nodes[way.From].Name)
					}
				}
			}
			if len(reached) != len(e.Graph.Nodes) {
				t.Errorf("%s: %d of %d nodes are reached", name, len(reached), len(e.Graph.Nodes))
			}
		}
	}
}

func TestGraph(t *testing.T) {
	t.Parallel()
	g := &Graph{Name: "a", Nodes: []Node{{Name: "s0", Means: "x"}, {Name: "s1", IsEnd: true}}, Edges: []Edge{{0, 1, `'"'`}, {0, 1, "';'"}, {1, 1, "b: c"}}}
	if got, want := g.Mermaid(), `stateDiagram-v2
    state "s0: x" as n0
    state "s1" as n1
    [*] --> n0
    n0 --> n1: '#quot;', '#59;'
    n1 --> n1: b#58; c
    n1 --> [*]
`; got != want {
		t.Errorf("got\n%s", got)
	}
	if got, want := g.DOT(), `digraph "a" {
    rankdir=LR
    node [shape=box, style=rounded]
    n0 [label="s0: x"]
    n1 [label="s1", peripheries=2]
    n0 -> n1 [label="'\"', ';'"]
    n1 -> n1 [label="b: c"]
}
`; got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestOctets(t *testing.T) {
	t.Parallel()
	for want, set := range map[string]abnf.Set{
		"any octet":          abnf.Range(0, 255),
		"all but LF":         abnf.Range(0, 255).Minus(abnf.Of('\n')),
		"CR":                 abnf.Of('\r'),
		"HTAB, SP":           abnf.Of('\t', ' '),
		"'1' to '9'":         abnf.Range('1', '9'),
		"VCHAR, obs-text":    abnf.Range(0x21, 0x7e).Union(abnf.Range(0x80, 0xff)),
		"%x00, 'a', 'b'":     abnf.Of('a', 'b', 0),
		"HEXDIG, 'g' to 'k'": abnf.Range('0', '9').Union(abnf.Range('A', 'F')).Union(abnf.Range('a', 'k')),
	} {
		if got := Octets(set); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
