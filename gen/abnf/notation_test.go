package abnf

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/spec"
)

func parse(t *testing.T, text string) Node {
	t.Helper()
	n, err := Parse(text, "rfc9112", spec.Pos{File: "line.md", Line: 3})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestNotation reads every operator of RFC 5234, Section 3, the strings of
// RFC 7405, lists and prose, and compares what was read by its normal form.
func TestNotation(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a rule name", `field-name`, `field-name`},
		{"a rule name keeps its case", `HTTP-version`, `HTTP-version`},
		{"a string", `"abc"`, `"abc"`},
		{"a string without case, said so", `%i"abc"`, `"abc"`},
		{"a string with case", `%s"GET"`, `%s"GET"`},
		{"a string with case, in capitals", `%S"GET"`, `%s"GET"`},
		{"a string with a backslash", `"\"`, `"\"`},
		{"an empty string", `""`, ``},
		{"a string with a semicolon", `";"`, `";"`},
		{"a hexadecimal octet", `%x41`, `%x41`},
		{"a decimal octet", `%d13`, `%d13`},
		{"a binary octet", `%b1101`, `%b1101`},
		{"a range", `%x30-39`, `%x30-39`},
		{"a decimal range", `%d48-57`, `%d48-57`},
		{"octets one after the other", `%x48.54.54.50`, `%s"HTTP"`},
		{"octets that no quotes can hold", `%d13.10`, `%x0D.0A`},
		{"a quotation mark among octets", `%x61.22`, `%x61.22`},
		{"a concatenation", `a b  c`, `a b c`},
		{"alternatives", `a / b/c`, `a / b / c`},
		{"concatenation binds closer than alternatives", `a b / c d`, `a b / c d`},
		{"a group", `( a / b ) c`, `( a / b ) c`},
		{"a group of one", `(a)`, `a`},
		{"any number of times", `*a`, `*a`},
		{"at least", `2*a`, `2*a`},
		{"at most", `*3a`, `*3a`},
		{"at least and at most", `2*3a`, `2*3a`},
		{"exactly", `4DIGIT`, `4DIGIT`},
		{"exactly, in the long form", `4*4DIGIT`, `4DIGIT`},
		{"never", `0a`, `0a`},
		{"a group several times", `*( a b )`, `*( a b )`},
		{"a repetition of a repetition", `2( *a )`, `2( *a )`},
		{"an option", `[ a b ]`, `[ a b ]`},
		{"an option within an option", `[a [b]]`, `[ a [ b ] ]`},
		{"a list", `#a`, `#a`},
		{"a list with at least one element", `1#a`, `1#a`},
		{"a list with bounds", `1#3a`, `1#3a`},
		{"a list of groups", `#( a / b )`, `#( a / b )`},
		{"prose", `<host, see [URI], Section 3.2.2>`, `<host, see [URI], Section 3.2.2>`},
		{"white space is of no matter", "\t a\t/\tb ", `a / b`},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := parse(t, c.text)
			if got := String(n); got != c.want {
				t.Errorf("%s is read as %s, want %s", c.text, got, c.want)
			}
			if c.want == "" {
				return
			}
			if again := String(parse(t, c.want)); again != c.want {
				t.Errorf("%s, which was written, is read as %s", c.want, again)
			}
		})
	}
}

func TestNodes(t *testing.T) {
	rep, ok := parse(t, "2*3( %x41 )").(*Repeat)
	if !ok || rep.Min != 2 || rep.Max != 3 || rep.Option {
		t.Errorf("a repetition is %+v", rep)
	}
	if c, ok := rep.X.(*Char); !ok || c.Set != Of('A') {
		t.Errorf("what is repeated is %+v", rep.X)
	}
	opt, ok := parse(t, "[ a ]").(*Repeat)
	if !ok || opt.Min != 0 || opt.Max != 1 || !opt.Option {
		t.Errorf("an option is %+v", opt)
	}
	list, ok := parse(t, "1#a").(*List)
	if !ok || list.Min != 1 || list.Max != -1 {
		t.Errorf("a list is %+v", list)
	}
	if c := parse(t, "%b1000001-1011010").(*Char); c.Set != Range('A', 'Z') {
		t.Errorf("a binary range is %s", c.Set)
	}
	if l := parse(t, `%i"aB"`).(*Literal); !l.Fold || l.Text != "aB" {
		t.Errorf("a string without case is %+v", l)
	}
	if l := parse(t, `%d72.105`).(*Literal); l.Fold || l.Text != "Hi" {
		t.Errorf("octets are %+v", l)
	}
	if s := parse(t, `""`).(*Seq); len(s.Parts) != 0 {
		t.Errorf("an empty string is %+v", s)
	}
}

func block(namespace, text string) *spec.Grammar {
	return &spec.Grammar{Pos: spec.Pos{File: "line.md", Line: 6}, Namespace: namespace, Section: "5", Text: text}
}

func grammar(t *testing.T, blocks ...*spec.Grammar) *Grammar {
	t.Helper()
	g := &Grammar{}
	for _, b := range blocks {
		if err := g.Add(b); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func TestRules(t *testing.T) {
	const text = `
; a comment of its own

line   = name ":" ; the rest is a comment
         value    ; and so is this

name   = 1*letter
name   =/ ";" ; not a "comment" in the string

value  = *letter
  / "quoted"
letter = %x61-7A`
	g := grammar(t, block("rfc9112", text))
	want := []struct{ name, def, text, at string }{
		{"line", `name ":" value`, `line = name ":" value`, "spec/line.md:9:1"},
		{"name", `( 1*letter ) / ";"`, `name = 1*letter`, "spec/line.md:12:1"},
		{"value", `*letter / "quoted"`, `value = *letter / "quoted"`, "spec/line.md:15:1"},
		{"letter", `%x61-7A`, `letter = %x61-7A`, "spec/line.md:17:1"},
	}
	if len(g.Rules()) != len(want) {
		t.Fatalf("read %d rules, want %d", len(g.Rules()), len(want))
	}
	for i, r := range g.Rules() {
		w := want[i]
		def := strings.ReplaceAll(w.def, "( 1*letter )", "1*letter")
		if r.Name != w.name || String(r.Def) != def || r.Text != w.text || r.At.String() != w.at {
			t.Errorf("rule %d is %s = %s, text %q, at %s; want %+v", i, r.Name, String(r.Def), r.Text, r.At, w)
		}
		if r.Source != "RFC 9112, Section 5" || r.Namespace != "rfc9112" {
			t.Errorf("%s comes from %s, %s", r.Name, r.Namespace, r.Source)
		}
	}
}

func TestPlaces(t *testing.T) {
	// A block may be indented, as the RFCs' are; places count in the document.
	g := grammar(t, block("rfc9112", "   line = name\n      \":\" value\n   name = %x61\n"))
	line := g.Rules()[0]
	if got := line.At.String(); got != "spec/line.md:6:4" {
		t.Errorf("line is at %s, want spec/line.md:6:4", got)
	}
	colon := line.Def.(*Seq).Parts[1]
	if got := colon.Pos().String(); got != "spec/line.md:7:7" {
		t.Errorf("the colon is at %s, want spec/line.md:7:7", got)
	}
	if got := g.Rules()[1].At.String(); got != "spec/line.md:8:4" {
		t.Errorf("name is at %s, want spec/line.md:8:4", got)
	}
	// An expression in a cell has the cell's place, whatever is wrong with it.
	_, err := Parse("a / %", "rfc9112", spec.Pos{File: "line.md", Line: 3, Column: 7})
	if err == nil || !strings.HasPrefix(err.Error(), "spec/line.md:3:7: ") {
		t.Errorf("the error of a cell is %v", err)
	}
}

// TestNamespaces reads rules of several RFCs whose names are the same to ABNF.
func TestNamespaces(t *testing.T) {
	g := grammar(t,
		block("rfc5234", "CR = %x0D\n"),
		block("rfc9110", "Host = uri-host\nuri-host = <host, see [URI], Section 3.2.2>\nOWS = *%x20\n"),
		block("rfc3986", "host = 1*%x61-7A\n"),
		block("rfc9112", "start = OWS Host CR\nOWS = <OWS, see [HTTP], Section 5.6.3>\nHost = <Host, see [HTTP], Section 7.2>\n"),
		block("choice", "start = never\ntarget = 1*%x21-7E\nCR = %x0A\n"),
	)
	for _, c := range []struct{ space, name, want string }{
		{"rfc9110", "host", "rfc9110 Host = uri-host"},
		{"rfc9110", "HOST", "rfc9110 Host = uri-host"},
		{"rfc3986", "Host", "rfc3986 host = 1*%x61-7A"},
		{"rfc9110", "uri-host", "rfc3986 host = 1*%x61-7A"},
		{"rfc9112", "Host", "rfc9110 Host = uri-host"},
		{"rfc9112", "ows", "rfc9110 OWS = *%x20"},
		{"rfc9112", "start", "rfc9112 start = OWS Host CR"},
		{"rfc9110", "start", "choice start = never"},
		{"rfc9112", "target", "choice target = 1*%x21-7E"},
		{"rfc9112", "CR", "choice CR = %x0A"},
		{"rfc5234", "CR", "rfc5234 CR = %x0D"},
	} {
		r, err := g.Lookup(c.space, c.name, spec.Pos{})
		if err != nil {
			t.Errorf("%s in %s: %v", c.name, c.space, err)
			continue
		}
		if got := r.Namespace + " " + r.Name + " = " + String(r.Def); got != c.want {
			t.Errorf("%s in %s is %s, want %s", c.name, c.space, got, c.want)
		}
	}
	if _, err := g.Lookup("rfc3986", "OWS", spec.Pos{File: "line.md", Line: 1}); err == nil {
		t.Error("a rule of RFC 9110 is found in RFC 3986, which doesn't import it")
	}
	var used []string
	for _, r := range g.Rules() {
		if r.Namespace == ChoiceNamespace && g.Used(r) {
			used = append(used, r.Name)
		}
	}
	if !slices.Equal(used, []string{"start", "target", "CR"}) {
		t.Errorf("the choices that are used are %v", used)
	}
}

func TestAddReportsTheFirstMistake(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"text before the rules", "3 = a\n", `spec/line.md:6:1: malformed ABNF at "3 = a"; expected the name of a rule at the start of the line`},
		{"a rule in the second line", "a = b\nc\n", `spec/line.md:7:2: malformed ABNF at the end of the line; expected = after the rule name c`},
		{"a rule that goes on at the margin", "a = b /\nc = d\n", `spec/line.md:6:8: malformed ABNF at the end of the line; expected an element: a rule name, a string, %x41, ( … ), [ … ] or <…>`},
		{"a string over two lines", "a = \"b\n c\"\n", `spec/line.md:6:5: malformed ABNF at "\"b"; expected " at the end of the string`},
		{"prose over two lines", "a = <b\n c>\n", `spec/line.md:6:5: malformed ABNF at "<b"; expected > at the end of the prose value`},
		{"an option that is closed by another bracket", "a = [ b )\n", `spec/line.md:6:9: malformed ABNF at ")"; expected ]`},
		{"a string kind without string", "a = %s41\n", `spec/line.md:6:7: malformed ABNF at "41"; expected a string after %s or %i`},
		{"a binary number with a 2", "a = %b12\n", `spec/line.md:6:7: malformed ABNF at "12"; expected the number of an octet, 0 to 255, in base 2`},
		{"a series that ends in a dot", "a = %x41.\n", `spec/line.md:6:10: malformed ABNF at the end of the line; expected the number of an octet, 0 to 255, in base 16`},
		{"a list whose maximum is below its minimum", "a = 3#2b\n", `spec/line.md:6:5: malformed ABNF at "3#2b"; expected a maximum that is not below the minimum`},
		{"a number of times beyond reason", "a = 99999999b\n", `spec/line.md:6:5: malformed ABNF at "99999999b"; expected a number of times below 65536`},
		{"an octet of no notation", "a = b $ c\n", `spec/line.md:6:7: malformed ABNF at "$ c"; expected an element: a rule name, a string, %x41, ( … ), [ … ] or <…>`},
		{"a NUL", "a = b \x00 c\n", `spec/line.md:6:7: malformed ABNF at "\x00 c"; expected an element or the end of the rule a`},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := (&Grammar{}).Add(block("rfc9112", c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("the error is\n%v\nwant\n%s", err, c.want)
			}
			var at *spec.Error
			if !errors.As(err, &at) {
				t.Errorf("the error is a %T", err)
			}
		})
	}
}

func TestSet(t *testing.T) {
	s := Range('a', 'c').Union(Of(0, 255, 'e'))
	if got := s.String(); got != "%x00 / %x61-63 / %x65 / %xFF" {
		t.Errorf("the set is %s", got)
	}
	if s.Len() != 6 || s.First() != 0 || !s.Has(255) || s.Has('d') || s.Empty() {
		t.Errorf("%s: %d octets, first %d", s, s.Len(), s.First())
	}
	if got := s.Minus(Of(0, 255)).Intersect(Range('b', 'z')); got != Of('b', 'c', 'e') {
		t.Errorf("the difference is %s", got)
	}
	if all := Range(0, 255); all.Len() != 256 || !all.Minus(all).Empty() {
		t.Error("the set of all octets is not")
	}
	for c := range 256 {
		if Of(byte(c)).First() != byte(c) || !slices.Equal(Of(byte(c)).Ranges(), [][2]byte{{byte(c), byte(c)}}) {
			t.Errorf("the set of octet %d alone is not", c)
		}
	}
}
