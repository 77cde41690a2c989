package abnf

import (
	"strconv"
	"strings"

	"github.com/specht-http/specht/spec"
)

// parser reads one block by recursive descent, one method a rule of RFC 5234,
// Section 4.
type parser struct {
	block  *spec.Grammar
	i      int
	depth  int  // how far the block is indented
	single bool // a lone expression in a table cell
}

type parsed struct {
	rule *Rule
	more bool // =/
}

func (p *parser) pos() spec.Pos {
	before := p.block.Text[:min(p.i, len(p.block.Text))]
	if p.single {
		return p.block.Pos
	}
	line := strings.Count(before, "\n")
	return spec.Pos{File: p.block.Pos.File, Line: p.block.Pos.Line + line, Column: len(before) - strings.LastIndexByte(before, '\n') + p.depth}
}

func (p *parser) errorf(want string) error {
	rest := p.block.Text[min(p.i, len(p.block.Text)):]
	if rest, _, _ = strings.Cut(rest, "\n"); len(rest) > 20 {
		rest = rest[:20] + "…"
	}
	if rest == "" {
		return spec.Errorf(p.pos(), "expected "+want, "malformed ABNF at the end of the line")
	}
	return spec.Errorf(p.pos(), "expected "+want, "malformed ABNF at %q", rest)
}

func (p *parser) peek() byte {
	if p.i < len(p.block.Text) {
		return p.block.Text[p.i]
	}
	return 0
}

// skip skips white space and comments within a rule: a line that begins with
// white space goes on with the rule before it.
func (p *parser) skip() {
	t := p.block.Text
	for p.i < len(t) {
		switch {
		case t[p.i] == ' ' || t[p.i] == '\t' || t[p.i] == '\r':
			p.i++
		case t[p.i] == ';':
			for p.i < len(t) && t[p.i] != '\n' {
				p.i++
			}
		case t[p.i] == '\n' && p.i+1 < len(t) && (t[p.i+1] == ' ' || t[p.i+1] == '\t' || t[p.i+1] == '\n' || t[p.i+1] == ';'):
			p.i++
		default:
			return
		}
	}
}

// rules reads rulelist. Rules may be indented, all by the same depth, as they
// are in the RFCs.
func (p *parser) rules() ([]parsed, error) {
	p.dedent()
	var out []parsed
	for {
		p.blank()
		if p.i >= len(p.block.Text) {
			if len(out) == 0 {
				return nil, p.errorf("a rule: name = elements")
			}
			return out, nil
		}
		r, err := p.rule()
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
}

// dedent takes away the indentation of the first line from all lines.
func (p *parser) dedent() {
	first := strings.TrimLeft(p.block.Text, "\n")
	depth := len(first) - len(strings.TrimLeft(first, " "))
	if depth == 0 {
		return
	}
	p.depth = depth
	lines := strings.Split(p.block.Text, "\n")
	for i, l := range lines {
		lines[i] = l[min(depth, len(l)-len(strings.TrimLeft(l, " "))):]
	}
	p.block = &spec.Grammar{Pos: p.block.Pos, Namespace: p.block.Namespace, Section: p.block.Section, Text: strings.Join(lines, "\n")}
}

// blank skips empty lines and lines with a comment alone.
func (p *parser) blank() {
	for p.i < len(p.block.Text) {
		line, _, _ := strings.Cut(p.block.Text[p.i:], "\n")
		if s := strings.TrimSpace(line); s != "" && s[0] != ';' {
			return
		}
		p.i = min(p.i+len(line)+1, len(p.block.Text))
	}
}

func (p *parser) rule() (parsed, error) {
	at, start := p.pos(), p.i
	name := p.name()
	if name == "" {
		return parsed{}, p.errorf("the name of a rule at the start of the line")
	}
	p.skip()
	if p.peek() != '=' {
		return parsed{}, p.errorf("= after the rule name " + name)
	}
	p.i++
	more := p.peek() == '/'
	if more {
		p.i++
	}
	p.skip()
	def, err := p.alternation()
	if err != nil {
		return parsed{}, err
	}
	p.skip()
	if p.i < len(p.block.Text) && p.peek() != '\n' {
		return parsed{}, p.errorf("an element or the end of the rule " + name)
	}
	text := strings.Join(strings.Fields(uncomment(p.block.Text[start:p.i])), " ")
	return parsed{&Rule{Name: name, Namespace: p.block.Namespace, Source: p.block.Source(), Def: def, At: at, Text: text}, more}, nil
}

// uncomment takes comments away.
func uncomment(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		quoted := false
		for j := range len(l) {
			if l[j] == '"' {
				quoted = !quoted
			}
			if l[j] == ';' && !quoted {
				lines[i] = l[:j]
				break
			}
		}
	}
	return strings.Join(lines, "\n")
}

func (p *parser) name() string {
	start := p.i
	for c := p.peek(); isAlpha(c) || p.i > start && (isDigit(c) || c == '-'); c = p.peek() {
		p.i++
	}
	return p.block.Text[start:p.i]
}

func (p *parser) alternation() (Node, error) {
	at := p.pos()
	var parts []Node
	for {
		n, err := p.concatenation()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
		p.skip()
		if p.peek() != '/' {
			break
		}
		p.i++
		p.skip()
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return &Alt{At: at, Parts: parts}, nil
}

func (p *parser) concatenation() (Node, error) {
	at := p.pos()
	var parts []Node
	for {
		n, err := p.repetition()
		if err != nil {
			return nil, err
		}
		parts = append(parts, n)
		p.skip()
		if c := p.peek(); c == 0 || strings.IndexByte("/)]\n", c) >= 0 {
			break
		}
	}
	if len(parts) == 1 {
		return parts[0], nil
	}
	return &Seq{At: at, Parts: parts}, nil
}

func (p *parser) repetition() (Node, error) {
	at, start := p.pos(), p.i
	lo, some := p.number()
	op := p.peek()
	if op != '*' && op != '#' {
		n, err := p.element()
		if err != nil || !some {
			return n, err
		}
		if lo == timesMax {
			p.i = start
			return nil, p.errorf("a number of times below 65536")
		}
		return &Repeat{At: at, Min: lo, Max: lo, X: n}, nil
	}
	p.i++
	hi, bounded := p.number()
	if !bounded {
		hi = -1
	} else if hi < lo {
		p.i = start
		return nil, p.errorf("a maximum that is not below the minimum")
	}
	if max(lo, hi) == timesMax {
		p.i = start
		return nil, p.errorf("a number of times below 65536")
	}
	n, err := p.element()
	if err != nil {
		return nil, err
	}
	if op == '#' {
		return &List{At: at, Min: lo, Max: hi, X: n}, nil
	}
	return &Repeat{At: at, Min: lo, Max: hi, X: n}, nil
}

// timesMax is a number of times that no rule means.
const timesMax = 1 << 16

func (p *parser) number() (n int, some bool) {
	for isDigit(p.peek()) {
		n, some = min(n*10+int(p.peek()-'0'), timesMax), true
		p.i++
	}
	return n, some
}

func (p *parser) element() (Node, error) {
	at := p.pos()
	switch c := p.peek(); {
	case isAlpha(c):
		return &Ref{At: at, Name: p.name()}, nil
	case c == '(':
		return p.bracketed(')')
	case c == '[':
		n, err := p.bracketed(']')
		if err != nil {
			return nil, err
		}
		return &Repeat{At: at, Min: 0, Max: 1, X: n, Option: true}, nil
	case c == '"':
		return p.quoted(true)
	case c == '%':
		return p.percent()
	case c == '<':
		rest := p.block.Text[p.i+1:]
		text, _, ok := strings.Cut(rest, ">")
		if !ok || strings.Contains(text, "\n") {
			return nil, p.errorf("> at the end of the prose value")
		}
		p.i += len(text) + 2
		return &Prose{At: at, Text: text}, nil
	}
	return nil, p.errorf("an element: a rule name, a string, %x41, ( … ), [ … ] or <…>")
}

func (p *parser) bracketed(closing byte) (Node, error) {
	p.i++
	p.skip()
	n, err := p.alternation()
	if err != nil {
		return nil, err
	}
	p.skip()
	if p.peek() != closing {
		return nil, p.errorf(string(closing))
	}
	p.i++
	return n, nil
}

func (p *parser) quoted(fold bool) (Node, error) {
	at := p.pos()
	text, _, ok := strings.Cut(p.block.Text[p.i+1:], `"`)
	if !ok || strings.Contains(text, "\n") {
		return nil, p.errorf(`" at the end of the string`)
	}
	p.i += len(text) + 2
	if text == "" {
		return &Seq{At: at}, nil
	}
	return &Literal{At: at, Text: text, Fold: fold}, nil
}

// percent reads %s"…", %i"…", %xHH, %xHH-HH, %xHH.HH and the same in d and b.
func (p *parser) percent() (Node, error) {
	at, start := p.pos(), p.i
	p.i++
	base := 16
	switch p.peek() | 0x20 {
	case 's', 'i':
		fold := p.peek()|0x20 == 'i'
		p.i++
		if p.peek() != '"' {
			return nil, p.errorf(`a string after %s or %i`)
		}
		return p.quoted(fold)
	case 'x':
	case 'd':
		base = 10
	case 'b':
		base = 2
	default:
		return nil, p.errorf("%x, %d, %b, %s or %i")
	}
	p.i++
	first, err := p.octet(base)
	if err != nil {
		return nil, err
	}
	switch p.peek() {
	case '-':
		p.i++
		last, err := p.octet(base)
		if err != nil {
			return nil, err
		}
		if last < first {
			p.i = start
			return nil, p.errorf("a range that goes upwards")
		}
		return &Char{At: at, Set: Range(first, last), Text: p.block.Text[start:p.i]}, nil
	case '.':
		text := []byte{first}
		for p.peek() == '.' {
			p.i++
			c, err := p.octet(base)
			if err != nil {
				return nil, err
			}
			text = append(text, c)
		}
		return &Literal{At: at, Text: string(text)}, nil
	}
	return &Char{At: at, Set: Of(first), Text: p.block.Text[start:p.i]}, nil
}

func (p *parser) octet(base int) (byte, error) {
	start := p.i
	for isHex(p.peek()) {
		p.i++
	}
	v, err := strconv.ParseUint(p.block.Text[start:p.i], base, 8)
	if err != nil {
		p.i = start
		return 0, p.errorf("the number of an octet, 0 to 255, in base " + strconv.Itoa(base))
	}
	return byte(v), nil
}

func isAlpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }
func isHex(c byte) bool   { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }
