package automaton

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/gen/abnf"
)

func of(octets ...byte) abnf.Set { return abnf.Of(octets...) }

// run does what an automaton says, and returns the registers at the end, with
// -1 for those that were never set, and the effects with the registers at the
// time.
func run(d *DFA, in string) (regs []int, effects []string, ok bool) {
	regs = make([]int, len(d.Regs))
	for i := range regs {
		regs[i] = -1
	}
	do := func(ops []Op, pos int) {
		for _, op := range ops {
			switch op.Kind {
			case SetReg:
				regs[op.Reg] = pos
			case Zero:
				regs[op.Reg] = 0
			case Mark:
				regs[op.Reg] = 1
			case Record, Event:
				effects = append(effects, fmt.Sprint(op.Kind, op.Arg, regs))
			}
		}
	}
	at := 0
	for i := range len(in) {
		e, ok := d.States[at].Edge(in[i])
		if !ok {
			return nil, nil, false
		}
		do(e.Ops, i)
		for _, op := range e.Digits {
			regs[op.Reg] = regs[op.Reg]*10 + int(in[i]-'0')
		}
		at = e.To
	}
	do(d.States[at].End, len(in))
	return regs, effects, d.States[at].Final
}

// fieldLine is field-line with spans of the name and the value; prefer says
// whether the first white space is as long as it can be.
func fieldLine(g *grammar, prefer bool) *NFA {
	const space = "rfc9112"
	n := NewNFA()
	var reg [4]Reg
	for i, name := range []string{"Name.Start", "Name.End", "Value.Start", "Value.End"} {
		reg[i] = n.Register(Register{Name: name})
	}
	set := func(r Reg, next int) int { return n.Do(Op{Kind: SetReg, Reg: r}, next) }
	ows := g.rule("OWS", space).Def
	at := g.build(n, g.parse(`OWS CRLF`, space), space, n.Accept())
	at = set(reg[2], g.build(n, g.parse(`field-value`, space), space, set(reg[3], at)))
	g.forks = map[abnf.Node]bool{ows: prefer}
	at = g.build(n, g.parse(`":" OWS`, space), space, at)
	g.forks = nil
	at = set(reg[0], g.build(n, g.parse(`field-name`, space), space, set(reg[1], at)))
	n.SetStart(at)
	return n
}

// splits are all ways to cut a line into a name, a colon, white space, a value
// and white space, with the places of name and value.
func splits(g *grammar, in string) (all [][]int) {
	const space = "rfc9112"
	is := func(rule, s string) bool { return g.match(g.parse(rule, space), space, s) }
	line, ok := strings.CutSuffix(in, "\r\n")
	if !ok {
		return nil
	}
	for name := range len(line) {
		if line[name] != ':' || !is("field-name", line[:name]) {
			continue
		}
		for start := name + 1; start <= len(line); start++ {
			for end := start; end <= len(line); end++ {
				if is("OWS", line[name+1:start]) && is("field-value", line[start:end]) && is("OWS", line[end:]) {
					all = append(all, []int{0, name, start, end})
				}
			}
		}
	}
	return all
}

// TestSpansOfFieldLine compares the spans with those that cutting the line in
// every way gives: of these the one with the longest first white space, all
// short lines over.
func TestSpansOfFieldLine(t *testing.T) {
	g := embedded(t)
	d, err := Compile(fieldLine(g, true), nil)
	if err != nil {
		t.Fatal(err)
	}
	octets := representatives(d.Language())
	ambiguous, accepted := 0, 0
	check := func(in string) {
		ways := splits(g, in)
		regs, _, ok := run(d, in)
		if ok != (len(ways) > 0) {
			t.Fatalf("%q is accepted: %v, and can be cut in %d ways", in, ok, len(ways))
		}
		if !ok {
			return
		}
		accepted++
		best := slices.MaxFunc(ways, func(a, b []int) int { return a[2] - b[2] })
		if len(ways) > 1 {
			ambiguous++
		}
		if !slices.Equal(regs, best) {
			t.Fatalf("the spans of %q are %v, want %v", in, regs, best)
		}
	}
	inputs(octets, 5, func(s string) { check("a:" + s + "\r\n") })
	inputs(octets, 4, func(s string) { check(s + ":\r\n"); check(s + "\r\n") })
	if accepted == 0 || ambiguous == 0 {
		t.Errorf("%d inputs were accepted, %d of them in several ways: nothing is compared", accepted, ambiguous)
	}
}

func TestFieldLineIsAmbiguousWithoutPreference(t *testing.T) {
	_, err := Compile(fieldLine(embedded(t), false), nil)
	var e *AmbiguityError
	if !errors.As(err, &e) {
		t.Fatalf("the error is %v", err)
	}
	if got := len(e.Witness); got != len("a:  ") || e.Reg != "Value.Start" {
		t.Errorf("the witness is %q, for %s", e.Witness, e.Reg)
	}
}

// deepTag is k times "a" and "bb", tagged before the first "b" or before the
// second: an ambiguity that shows only after k octets.
func deepTag(k int, preferred bool) *NFA {
	n := NewNFA()
	r := n.Register(Register{Name: "Here"})
	tag := func(next int) int { return n.Do(Op{Kind: SetReg, Reg: r}, next) }
	b := func(next int) int { return n.Char(of('b'), "b", nil, nil, next) }
	early := tag(b(b(n.Accept())))
	late := b(tag(b(n.Accept())))
	at := n.Split([]int{early, late}, preferred, "the tag")
	for range k {
		at = n.Char(of('a'), "a", nil, nil, at)
	}
	n.SetStart(at)
	return n
}

func TestAmbiguityDeepInIsFound(t *testing.T) {
	for _, k := range []int{0, 1, 7, 40} {
		_, err := Compile(deepTag(k, false), nil)
		var e *AmbiguityError
		if !errors.As(err, &e) {
			t.Fatalf("after %d octets: the error is %v", k, err)
		}
		if want := strings.Repeat("a", k) + "bb"; string(e.Witness) != want || e.Where != "the tag" || e.Reg != "Here" {
			t.Errorf("after %d octets: %q at %s for %s; want %q", k, e.Witness, e.Where, e.Reg, want)
		}
	}
	d, err := Compile(deepTag(3, true), nil)
	if err != nil {
		t.Fatalf("with a preference: %v", err)
	}
	if regs, _, ok := run(d, "aaabb"); !ok || regs[0] != 3 {
		t.Errorf("with a preference the tag is at %v, want 3", regs)
	}
}

func TestOneRegisterIsNotEnough(t *testing.T) {
	// 1*"z" is tagged at its start; whether a "z" before it belongs to it is
	// known only at the end.
	n := NewNFA()
	r := n.Register(Register{Name: "Word"})
	word := func(next int) int {
		loop := n.Split(nil, false, "the word")
		n.Patch(loop, []int{n.Char(of('z'), "z", nil, nil, loop), next})
		return n.Do(Op{Kind: SetReg, Reg: r}, n.Char(of('z'), "z", nil, nil, loop))
	}
	first := word(n.Char(of(';'), ";", nil, nil, n.Accept()))
	second := n.Char(of('z'), "z", nil, nil, word(n.Char(of(','), ",", nil, nil, n.Accept())))
	n.SetStart(n.Split([]int{first, second}, true, "the start"))
	_, err := Compile(n, nil)
	var e *RegistersError
	if !errors.As(err, &e) || e.Reg != "Word" || string(e.Witness) != "zz" {
		t.Errorf("the error is %v", err)
	}
}

// TestSpanIsReadByItsEvent: what an event reports must be right even if
// something else is written there before the end.
func TestSpanIsReadByItsEvent(t *testing.T) {
	n := NewNFA()
	start := n.Register(Register{Name: "Start"})
	end := n.Register(Register{Name: "End"})
	word := func(k, next int) int {
		at := n.Do(Op{Kind: SetReg, Reg: end}, n.Do(Op{Kind: Event, Arg: k}, next))
		loop := n.Split(nil, false, "the word")
		n.Patch(loop, []int{n.Char(of('a'), "a", nil, nil, loop), at})
		return n.Do(Op{Kind: SetReg, Reg: start}, n.Char(of('a'), "a", nil, nil, loop))
	}
	comma := n.Char(of(','), ",", nil, nil, word(2, n.Accept()))
	n.SetStart(n.Char(of('>'), ">", nil, nil, word(1, comma)))
	d, err := Compile(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, effects, ok := run(d, ">aaa,aa")
	want := []string{fmt.Sprint(Event, 1, []int{1, 4}), fmt.Sprint(Event, 2, []int{5, 7})}
	if !ok || !slices.Equal(effects, want) {
		t.Errorf("the events are %v, want %v", effects, want)
	}
}

// TestAmbiguousEventIsFound: two readings that end alike, and raise their
// events at other places.
func TestAmbiguousEventIsFound(t *testing.T) {
	n := NewNFA()
	b := func(next int) int { return n.Char(of('b'), "b", nil, nil, next) }
	event := func(next int) int { return n.Do(Op{Kind: Event}, next) }
	n.SetStart(n.Split([]int{event(b(b(n.Accept()))), b(event(b(n.Accept())))}, false, "the event"))
	var e *AmbiguityError
	if _, err := Compile(n, nil); !errors.As(err, &e) || e.Where != "the event" || string(e.Witness) != "bb" {
		t.Errorf("events at two places: the error is %v", err)
	}
	n.SetStart(n.Split([]int{event(b(n.Accept())), b(n.Accept())}, false, "the event"))
	if _, err := Compile(n, nil); !errors.As(err, &e) || e.Where != "the event" || string(e.Witness) != "b" {
		t.Errorf("an event or none: the error is %v", err)
	}
	// Long over when the readings meet.
	bbb := func(next int) int { return b(b(b(next))) }
	n.SetStart(n.Split([]int{event(b(bbb(n.Accept()))), b(event(bbb(n.Accept())))}, false, "the event"))
	if _, err := Compile(n, nil); !errors.As(err, &e) || e.Where != "the event" || string(e.Witness) != "bbbb" {
		t.Errorf("events long ago: the error is %v", err)
	}
	// The same events, of another span.
	r := n.Register(Register{Name: "Start"})
	set := func(next int) int { return n.Do(Op{Kind: SetReg, Reg: r}, next) }
	n.SetStart(n.Split([]int{set(b(b(event(b(set(n.Accept())))))), b(set(b(event(b(set(n.Accept()))))))}, false, "the span"))
	if _, err := Compile(n, nil); !errors.As(err, &e) || e.Where != "the span" {
		t.Errorf("events of two spans: the error is %v", err)
	}
}

// TestNumbers reads a number with and without digits before it.
func TestNumbers(t *testing.T) {
	n := NewNFA()
	r := n.Register(Register{Name: "Number", Lax: true})
	digit := []Op{{Kind: Digit, Reg: r}}
	loop := n.Split(nil, false, "digits")
	n.Patch(loop, []int{n.Char(abnf.Range('0', '9'), "DIGIT", nil, digit, loop), n.Char(of(';'), ";", nil, nil, n.Accept())})
	number := n.Do(Op{Kind: Zero, Reg: r}, n.Char(abnf.Range('0', '9'), "DIGIT", nil, digit, loop))
	word := n.Char(of('x'), "x", nil, nil, n.Accept())
	n.SetStart(n.Split([]int{number, word}, false, "the start"))
	d, err := Compile(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]int{"0;": 0, "7;": 7, "42;": 42, "007;": 7, "1234567890;": 1234567890, "x": -1} {
		regs, _, ok := run(d, in)
		if !ok || regs[0] != want {
			t.Errorf("%s is read as %v, want %d", in, regs, want)
		}
	}
}

// TestMaySkip: a register that some input doesn't set is known as such.
func TestMaySkip(t *testing.T) {
	n := NewNFA()
	always, sometimes := n.Register(Register{Name: "Always"}), n.Register(Register{Name: "Sometimes"})
	end := n.Do(Op{Kind: SetReg, Reg: always}, n.Char(of(';'), ";", nil, nil, n.Accept()))
	word := n.Char(of('x'), "x", nil, nil, n.Do(Op{Kind: SetReg, Reg: sometimes}, end))
	n.SetStart(n.Split([]int{word, end}, false, "the start"))
	d, err := Compile(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !d.MaySkip(sometimes) || d.MaySkip(always) {
		t.Errorf("skipped: sometimes %v, always %v", d.MaySkip(sometimes), d.MaySkip(always))
	}
	for in, want := range map[string][]int{";": {0, -1}, "x;": {1, 1}} {
		if regs, _, ok := run(d, in); !ok || !slices.Equal(regs, want) {
			t.Errorf("%s is read as %v, want %v", in, regs, want)
		}
	}
}

// TestScope: a state knows which limited elements are under way, and an
// element under way in one reading of two is refused.
func TestScope(t *testing.T) {
	n := NewNFA()
	r := n.Register(Register{Name: "Line", Scope: true})
	body := n.Split(nil, false, "the line")
	end := n.Do(Op{Kind: Check, Reg: r}, n.Char(of('\n'), "LF", nil, nil, n.Accept()))
	n.Patch(body, []int{n.Char(of('a'), "a", nil, nil, body), end})
	n.SetStart(n.Char(of('>'), ">", nil, nil, n.Do(Op{Kind: SetReg, Reg: r}, n.Char(of('a'), "a", nil, nil, body))))
	d, err := Compile(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	var open []string
	for i := range d.States {
		open = append(open, fmt.Sprintf("%q %v", d.States[i].Path, d.States[i].Open))
	}
	want := []string{`"" []`, `">" []`, `">a" [0]`, `">a\n" []`}
	if !slices.Equal(open, want) {
		t.Errorf("under way is %v, want %v", open, want)
	}

	n = NewNFA()
	r = n.Register(Register{Name: "Line", Scope: true})
	limited := n.Do(Op{Kind: SetReg, Reg: r}, n.Char(of('a'), "a", nil, nil, n.Do(Op{Kind: Check, Reg: r}, n.Char(of(';'), ";", nil, nil, n.Accept()))))
	free := n.Char(of('a'), "a", nil, nil, n.Char(of(','), ",", nil, nil, n.Accept()))
	n.SetStart(n.Split([]int{limited, free}, true, "the start"))
	var e *RegistersError
	if _, err := Compile(n, nil); !errors.As(err, &e) || e.Reg != "Line" {
		t.Errorf("the error is %v", err)
	}
}

// line is an NFA with the register of a limit, and what begins, ends and reads.
func line() (n *NFA, r Reg, begin, end func(next int) int, read func(octets string, next int) int) {
	n = NewNFA()
	r = n.Register(Register{Name: "Line", Scope: true})
	begin = func(next int) int { return n.Do(Op{Kind: SetReg, Reg: r}, next) }
	end = func(next int) int { return n.Do(Op{Kind: Check, Reg: r}, next) }
	read = func(octets string, next int) int {
		for i := len(octets) - 1; i >= 0; i-- {
			next = n.Char(of(octets[i]), octets[i:i+1], nil, nil, next)
		}
		return next
	}
	return n, r, begin, end, read
}

// TestScopeThatMayGoOn: where an element ends in one reading and goes on in
// another, it is checked, and no longer under way until the other is alone.
func TestScopeThatMayGoOn(t *testing.T) {
	n, r, begin, end, read := line()
	body := n.Split(nil, true, "the end of the line")
	n.Patch(body, []int{end(read(";", n.Accept())), read("; a", body)})
	n.SetStart(read(">", begin(read("a", body))))
	d, err := Compile(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i := range d.States {
		s := &d.States[i]
		e, ok := s.Edge(';')
		got = append(got, fmt.Sprintf("%q %v %v", s.Path, s.Open, ok && slices.Contains(e.Ops, Op{Kind: Check, Reg: r})))
	}
	want := []string{`"" [] false`, `">" [] false`, `">a" [0] true`, `">a;" [] false`, `">a; " [0] false`}
	if !slices.Equal(got, want) {
		t.Errorf("under way, and checked at a semicolon: %v, want %v", got, want)
	}
}

// TestScopeCheckedInOneReading: a limit isn't held against a reading in which
// its element is over, whether another one begins there or not.
func TestScopeCheckedInOneReading(t *testing.T) {
	n, _, begin, end, read := line()
	long := read(";a", end(read("!x", n.Accept())))
	short := end(read(";a!y", n.Accept()))
	n.SetStart(read(">", begin(read("a", n.Split([]int{long, short}, true, "the end of the line")))))
	var e *RegistersError
	if _, err := Compile(n, nil); !errors.As(err, &e) || e.Reg != "Line" || string(e.Witness) != ">a;a!" {
		t.Errorf("over in one reading: the error is %v", err)
	}

	n, _, begin, end, read = line()
	long = read(";a", end(begin(read("b", end(read("x", n.Accept()))))))
	short = end(read(";a", begin(read("b", end(read("y", n.Accept()))))))
	n.SetStart(read(">", begin(read("a", n.Split([]int{long, short}, true, "the end of the line")))))
	if _, err := Compile(n, nil); !errors.As(err, &e) || e.Reg != "Line" || string(e.Witness) != ">a;ab" {
		t.Errorf("over in one reading, and another one begins: the error is %v", err)
	}
}
