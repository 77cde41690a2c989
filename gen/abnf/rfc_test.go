package abnf

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/specht-http/specht/spec"
)

// rfcRule is a rule as the body of an RFC gives it.
type rfcRule struct {
	section string
	def     string // in the normal form of String
}

var (
	rfcHeading = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)*)\.\s+\S`)
	rfcName    = regexp.MustCompile(`^( {2,})([A-Za-z][A-Za-z0-9-]*) *= ?\S?`)
)

// rfcRules extracts the rules from the sections of an RFC's text; what looks
// like a rule and can't be read isn't one. The collected grammar of the
// appendix is left out, since it expands lists as senders write them.
func rfcRules(text, namespace string) map[string][]rfcRule {
	rules := map[string][]rfcRule{}
	section := ""
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if strings.HasPrefix(lines[i], "Appendix A.") && section != "" {
			break
		}
		if m := rfcHeading.FindStringSubmatch(lines[i]); m != nil {
			section = m[1]
		}
		m := rfcName.FindStringSubmatch(lines[i])
		if m == nil {
			continue
		}
		rule := lines[i] + "\n"
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], m[1]+" ") {
			i++
			rule += lines[i] + "\n"
		}
		g := &Grammar{}
		if err := g.Add(&spec.Grammar{Namespace: namespace, Text: rule}); err != nil {
			continue
		}
		key := strings.ToLower(m[2])
		rules[key] = append(rules[key], rfcRule{section, String(g.Rules()[0].Def)})
	}
	return rules
}

// TestRulesAreThoseOfTheRFCs compares the rules of our documents, one by one,
// with the RFCs' own text, which is not a part of the module.
func TestRulesAreThoseOfTheRFCs(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	g := &Grammar{}
	for _, d := range set.Documents {
		for _, b := range d.Grammars {
			if b.Option != "" {
				continue // its rules are not the RFC's
			}
			if err := g.Add(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	texts := map[string]map[string][]rfcRule{}
	for _, r := range g.Rules() {
		t.Run(r.Namespace+"/"+r.Name, func(t *testing.T) {
			if r.Namespace == ChoiceNamespace {
				t.Skip("a choice of ours")
			}
			if r.Namespace == CoreNamespace {
				t.Skip("RFC 5234 is not among the texts; TestCoreRules checks its rules")
			}
			if texts[r.Namespace] == nil {
				text, err := os.ReadFile("../../../shared/rfc/" + r.Namespace + ".txt")
				if err != nil {
					t.Skipf("the RFC's text is not beside the module: %v", err)
				}
				texts[r.Namespace] = rfcRules(string(text), r.Namespace)
			}
			compareWithRFC(t, r, texts[r.Namespace][strings.ToLower(r.Name)])
		})
	}
}

func compareWithRFC(t *testing.T, r *Rule, theirs []rfcRule) {
	ours := String(r.Def)
	prose, imported := r.Def.(*Prose)
	if imported && strings.Contains(prose.Text, "[RFC5234]") {
		return // the RFCs import the core rules in a sentence
	}
	if len(theirs) == 0 {
		t.Fatalf("%s: the RFC has no such rule", r.At)
	}
	for _, their := range theirs {
		if their.def != ours {
			t.Errorf("%s: the rule is\n%s\nand in Section %s of the RFC it is\n%s", r.At, ours, their.section, their.def)
			return
		}
	}
	if imported {
		return // imports stand where they are needed
	}
	for _, their := range theirs {
		if "RFC "+strings.TrimPrefix(r.Namespace, "rfc")+", Section "+their.section == r.Source {
			return
		}
	}
	t.Errorf("%s: the rule is said to be from %s, and is in Section %s", r.At, r.Source, theirs[0].section)
}

// TestCoreRules compares the core rules with the sets of octets that
// everyone knows them for.
func TestCoreRules(t *testing.T) {
	letters := Range('A', 'Z').Union(Range('a', 'z'))
	want := map[string]Set{
		"ALPHA": letters, "CHAR": Range(1, 127), "CR": Of('\r'), "CTL": Range(0, 31).Union(Of(127)),
		"DIGIT": Range('0', '9'), "DQUOTE": Of('"'), "HTAB": Of('\t'), "LF": Of('\n'), "OCTET": Range(0, 255),
		"SP": Of(' '), "VCHAR": Range('!', '~'), "BIT": Of('0', '1'),
		"HEXDIG": Range('0', '9').Union(Range('A', 'F')).Union(Range('a', 'f')),
	}
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	g := &Grammar{}
	for _, d := range set.Documents {
		for _, b := range d.Grammars {
			if b.Option != "" {
				continue // its rules are not the RFC's
			}
			if b.Namespace != CoreNamespace {
				continue
			}
			if err := g.Add(b); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(g.Rules()) == 0 {
		t.Fatal("no core rules")
	}
	for _, r := range g.Rules() {
		if r.Name == "CRLF" {
			if got := String(r.Def); got != "CR LF" {
				t.Errorf("CRLF is %s", got)
			}
			continue
		}
		if got, ok := octets(g, r.Def); !ok || got != want[r.Name] {
			t.Errorf("%s is %s, want %s", r.Name, got, want[r.Name])
		}
	}
}

// octets is the set that a definition is, if it is one.
func octets(g *Grammar, n Node) (Set, bool) {
	switch n := n.(type) {
	case *Char:
		return n.Set, true
	case *Literal:
		return Of(n.Text[0]).Union(Of(strings.ToLower(n.Text)[0])), len(n.Text) == 1
	case *Ref:
		r, err := g.Lookup(CoreNamespace, n.Name, n.At)
		if err != nil {
			return Set{}, false
		}
		return octets(g, r.Def)
	case *Alt:
		var all Set
		for _, p := range n.Parts {
			s, ok := octets(g, p)
			if !ok {
				return Set{}, false
			}
			all = all.Union(s)
		}
		return all, true
	}
	return Set{}, false
}
