package extract

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/specht-http/specht/gen"
)

// Sequences compares the readers of whole messages with the rows of their sequences,
// with what the head feeds, and with the decisions that are made of it.
func Sequences(s *Source, m *gen.Model) (out []Reading) {
	for _, q := range m.Sequences {
		c := &sequenceChecker{s: s, m: m, q: q, typ: goName(q.Name), feeds: m.FeedsOf(q), decisions: m.Decided(q), given: m.Given(q)}
		err := c.check()
		out = append(out, Reading{"sequence " + q.Name, q.Pos, fmt.Sprintf("%d parts, %d values that are fed, %d decisions; Next, End, HasBegun, decide, the readers of the head, Reset and forget were run %d times, with every answer of what they call", len(q.Parts), len(c.feeds), len(c.decisions), c.runs), err})
	}
	return out
}

// sequenceChecker compares one sequence.
type sequenceChecker struct {
	s    *Source
	m    *gen.Model
	q    *gen.Sequence
	typ  string
	runs int

	feeds     []*gen.Feed
	decisions []*gen.Decision
	given     []*gen.Domain
}

func (c *sequenceChecker) check() error {
	for _, step := range []func() error{c.constants, c.next, c.ends, c.begins, c.cut, c.head, c.taken, c.feeding, c.deciding, c.resets} {
		if err := step(); err != nil {
			return fmt.Errorf("extract: sequence %s: %w", c.q.Name, err)
		}
	}
	return nil
}

func (c *sequenceChecker) event(name string) string { return c.typ + name }

func (c *sequenceChecker) at(part string) string { return lower(c.typ) + "At" + goName(part) }

// again is a part that isn't in the document: where a message has several heads, the
// last one is kept until the next one is asked for.
const again = "again"

func (c *sequenceChecker) isAgain() bool {
	return slices.ContainsFunc(c.q.Parts, func(p *gen.Part) bool {
		for _, next := range p.Next {
			if next == c.q.Parts[0].Name {
				return true
			}
		}
		return false
	})
}

// constants: the parts and events are numbers of their own.
func (c *sequenceChecker) constants() error {
	names := []string{c.event("More"), c.event("Head"), c.event("Content"), c.event("Trailers"), c.event("End"), c.event("Failed")}
	if err := c.numbered(names); err != nil {
		return err
	}
	names = nil
	for _, p := range c.q.Parts {
		names = append(names, c.at(p.Name))
	}
	if c.isAgain() {
		names = append(names, c.at(again))
	}
	return c.numbered(append(names, c.at("end"), c.at("ended"), c.at("failed")))
}

func (c *sequenceChecker) numbered(names []string) error {
	for i, name := range names {
		if v, ok := c.s.consts[name]; !ok || v.n != uint64(i) {
			return fmt.Errorf("the constant %s is %d, expected %d", name, v.n, i)
		}
	}
	return nil
}

// scene is a run, and what has to come of it.
type scene struct {
	what   string
	vars   map[string]any
	args   map[string]any
	answer func(call string) []any

	calls  []string       // what has to be called, in order
	after  map[string]any // what members have then, if it isn't what they had
	ret    []any          // nil if the loop goes on
	panics bool

	isUnordered bool // it doesn't matter in which order is called
}

func (c *sequenceChecker) run(method string, sc *scene) error {
	c.runs++
	w := &world{vars: maps.Clone(sc.vars), answer: sc.answer, lines: int(number64(sc.vars["lines"]))}
	ret, err := c.s.call(c.typ+"."+method, w, sc.args)
	switch {
	case sc.panics && errors.Is(err, errPanics):
		return nil
	case err != nil:
		return fmt.Errorf("%s, %s: %w", method, sc.what, err)
	case sc.panics:
		return fmt.Errorf("%s, %s: it goes on, expected a panic", method, sc.what)
	}
	calls, want := w.calls, sc.calls
	if sc.isUnordered {
		calls, want = slices.Sorted(slices.Values(calls)), slices.Sorted(slices.Values(want))
	}
	for i := range max(len(calls), len(want)) {
		if got, expected := callAt(calls, i), callAt(want, i); got != expected {
			return fmt.Errorf("%s, %s: call %d is %s, expected %s", method, sc.what, i+1, got, expected)
		}
	}
	switch {
	case !slices.Equal(ret, sc.ret):
		return fmt.Errorf("%s, %s: returns %v, expected %v", method, sc.what, ret, sc.ret)
	}
	then := maps.Clone(sc.vars)
	maps.Copy(then, sc.after)
	for _, name := range slices.Sorted(maps.Keys(w.vars)) {
		if v := w.vars[name]; then[name] != v {
			return fmt.Errorf("%s, %s: %s is %v, expected %v", method, sc.what, name, v, then[name])
		}
	}
	return nil
}

func callAt(calls []string, i int) string {
	if i < len(calls) {
		return calls[i]
	}
	return "none"
}

// domainValue is the constant of a value: the one that has its name, and its number.
func (c *sequenceChecker) domainValue(domain, value string) string {
	at := slices.Index(c.m.Domains[domain].Values, value)
	for name, v := range c.s.consts {
		if v.typ == goName(domain) && v.n == uint64(at) && letters(name) == letters(domain+value) {
			return name
		}
	}
	return "no constant of " + domain + " " + value
}

func number64(v any) uint64 {
	n, _ := v.(uint64)
	return n
}

// limited says whether a machine takes limits.
func limited(ma *gen.Machine) bool { return len(ma.Limits) > 0 || ma.RecordLimit != nil }

// consume is the call of a machine with the octets from n on.
func consume(ma *gen.Machine, name string, n uint64) string {
	call := fmt.Sprintf("m.%s.Consume(b[%d:]", name, n)
	if limited(ma) {
		call += ", &limits." + goName(ma.Name) + "Limits"
	}
	return call + ")"
}

// to is what changes on the way to the next part: what is called, and what members
// have then.
func (c *sequenceChecker) to(p *gen.Part, event string, vars, after map[string]any) (calls []string) {
	name := p.Next[event]
	if name == c.q.Parts[0].Name {
		name = again
	}
	if next := c.q.Part(name); next != nil {
		switch {
		case next.Count != nil:
			after["m.left"] = vars["m."+goName(next.Counts.Name)+"."+next.Count.Into]
		case next.Machine != nil && next.Machine.Input == "stream":
			calls = append(calls, "m."+goName(next.Machine.Name)+".Reset()")
		}
	}
	after["m.part"] = c.at(name)
	after["m.start"] = vars["m.offset"]
	if v, ok := after["m.offset"]; ok {
		after["m.start"] = v
	}
	return calls
}

// next runs Next in each part.
func (c *sequenceChecker) next() error {
	for _, p := range c.q.Parts {
		scenes := c.reading
		if p.Count != nil || p.ToEnd {
			scenes = c.content
		}
		if err := scenes(p); err != nil {
			return fmt.Errorf("part %s: %w", p.Name, err)
		}
	}
	type other struct {
		part  string
		calls []string
		after map[string]any
		ret   []any
	}
	others := []other{
		{"end", nil, map[string]any{"m.part": c.at("ended")}, []any{uint64(3), c.event("End")}},
		{"failed", nil, nil, []any{uint64(3), c.event("Failed")}},
	}
	if c.isAgain() {
		others = append(others, other{again, []string{"m.forget()"}, map[string]any{"m.part": c.at(c.q.Parts[0].Name)}, nil})
	}
	for _, o := range others {
		sc := c.scene(o.part, 3)
		sc.calls, sc.after, sc.ret = o.calls, o.after, o.ret
		if err := c.run("Next", sc); err != nil {
			return err
		}
	}
	sc := c.scene("ended", 0)
	sc.panics = true
	return c.run("Next", sc)
}

// scene is a run of Next in a part, behind n octets of b that were consumed already.
// Members have numbers of their own.
func (c *sequenceChecker) scene(part string, n uint64) *scene {
	sc := &scene{what: "in " + part, vars: map[string]any{
		"m.part": c.at(part), "m.offset": uint64(120), "m.start": uint64(100), "m.left": uint64(50), "m.by": "", "m.Content": span{}, "len(b)": n + 20, "m.Lenient": false,
		"m." + goName(c.m.BodyLength(c.q).Name): "nothing",
	}}
	for _, p := range c.q.Parts {
		if p.Count != nil {
			sc.vars["m."+goName(p.Counts.Name)+"."+p.Count.Into] = uint64(1000 + len(sc.vars))
		}
		if p.Machine == nil {
			continue
		}
		for _, y := range p.Machine.Yields {
			if y.Mark {
				sc.vars["m."+goName(p.Machine.Name)+"."+y.Into] = false
			}
		}
	}
	for _, l := range c.overheads(nil) {
		sc.vars["m."+lower(l.Name)] = uint64(7)
		sc.vars["limits."+l.Name] = uint64(9)
	}
	sc.args = map[string]any{"b": "b", "limits": "limits", "room": uint64(20), "n": n}
	sc.answer = func(string) []any { return nil }
	return sc
}

// overheads are the limits on what a message may waste: in one machine, or in all.
func (c *sequenceChecker) overheads(ma *gen.Machine) (out []*gen.Limit) {
	for _, l := range c.m.Overheads {
		for _, p := range c.q.Parts {
			if p.Machine == l.Of && (ma == nil || ma == l.Of) {
				out = append(out, l)
			}
		}
	}
	return out
}

// content runs a part whose octets are counted, or are all that there are.
func (c *sequenceChecker) content(p *gen.Part) error {
	for _, n := range []uint64{0, 1, 3} {
		for _, left := range []uint64{0, 1, 5, 20, 1 << 40, 1<<64 - 1} {
			for _, there := range []uint64{0, 1, 5, 7} {
				for _, room := range []uint64{0, 1, 5, 9} {
					sc := c.scene(p.Name, n)
					sc.what = fmt.Sprintf("with %d octets left, %d there and room for %d", left, there, room)
					sc.vars["m.left"], sc.vars["len(b)"], sc.args["room"] = left, n+there, room
					sc.after = map[string]any{}
					k := min(there, room)
					if p.Count != nil {
						k = min(k, left)
					}
					switch {
					case p.Count != nil && left == 0:
						sc.calls = c.to(p, "complete", sc.vars, sc.after)
					case k == 0:
						sc.ret = []any{n, c.event("More")}
					default:
						if p.Count != nil {
							sc.after["m.left"] = left - k
						}
						sc.after["m.offset"] = 120 + k
						sc.after["m.Content"] = span{n, n + k}
						sc.ret = []any{n + k, c.event("Content")}
					}
					if err := c.run("Next", sc); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// reading runs a part that a machine reads.
func (c *sequenceChecker) reading(p *gen.Part) error {
	first := p == c.q.Parts[0]
	for _, n := range []uint64{0, 1, 3} {
		if first && n > 0 && !c.isAgain() {
			continue // Next begins with it
		}
		for _, progress := range []string{"More", "Failed", "Done"} {
			sc := c.scene(p.Name, n)
			sc.what = "the machine says " + progress
			sc.after = map[string]any{}
			run := c.streaming
			switch {
			case p.Machine.Input == "window" && n > 0:
				sc.ret = []any{n, c.event("More")} // the window has to begin with the part
				if err := c.run("Next", sc); err != nil {
					return err
				}
				continue
			case first:
				run = c.readingHead
			case p.Machine.Input == "window":
				run = c.window
			}
			if err := run(p, sc, n, progress); err != nil {
				return err
			}
		}
	}
	return nil
}

const consumed = 4

// stops sets what comes of a machine that isn't done.
func (c *sequenceChecker) stops(p *gen.Part, sc *scene, n uint64, progress string) {
	sc.ret = []any{n, c.event(progress)}
	if progress == "Failed" {
		sc.after["m.by"], sc.after["m.part"] = p.Machine.Name, c.at("failed")
	}
}

func (c *sequenceChecker) says(sc *scene, call, progress string) {
	sc.calls = append(sc.calls, call)
	sc.answer = func(got string) []any {
		if got == call {
			return []any{uint64(consumed), "message." + progress}
		}
		return nil
	}
}

// streaming: a machine that consumes what it reads.
func (c *sequenceChecker) streaming(p *gen.Part, sc *scene, n uint64, progress string) error {
	c.says(sc, consume(p.Machine, goName(p.Machine.Name), n), progress)
	if progress != "Failed" {
		sc.after["m.offset"] = uint64(120 + consumed)
	}
	if progress != "Done" {
		c.stops(p, sc, n+consumed, progress)
		return c.run("Next", sc)
	}
	call := slices.Clone(sc.calls)
	for _, l := range c.overheads(p.Machine) {
		if err := c.overhead(p, l, sc, n); err != nil {
			return err
		}
	}
	events := c.m.EventsOf(c.q, p)
	for i, event := range events {
		sc.calls = slices.Clone(call)
		sc.what = "the machine is done with " + event
		for _, y := range p.Machine.Yields {
			if y.Mark {
				sc.vars["m."+goName(p.Machine.Name)+"."+y.Into] = i == 1
			}
		}
		after := maps.Clone(sc.after)
		sc.calls = append(sc.calls, c.to(p, event, sc.vars, after)...)
		for _, l := range c.overheads(p.Machine) { // all of it is free
			after["m."+lower(l.Name)] = uint64(0)
		}
		one := *sc
		one.after = after
		if err := c.run("Next", &one); err != nil {
			return err
		}
	}
	return nil
}

// overhead: what a machine read beyond what is free counts.
func (c *sequenceChecker) overhead(p *gen.Part, l *gen.Limit, with *scene, n uint64) error {
	for _, number := range []uint64{0, 1, 3, 1 << 32, 1 << 33, 1<<63 - 1} {
		for _, before := range []uint64{0, 7, 100} {
			for _, start := range []uint64{100, 120, 10} {
				for _, limit := range []uint64{0, 9, 91, 1 << 31} {
					one := *with
					one.vars, one.after = maps.Clone(with.vars), maps.Clone(with.after)
					one.calls = slices.Clone(with.calls)
					name := "m." + goName(p.Machine.Name) + "." + l.Number
					one.what = fmt.Sprintf("%d octets of overhead, %d read, %s %d, limit %d", before, 120+consumed-start, l.Number, number, limit)
					one.vars[name], one.vars["m."+lower(l.Name)], one.vars["m.start"], one.vars["limits."+l.Name] = number, before, start, limit
					count := before + 120 + consumed - start
					count -= min(count, l.Free+l.Times*min(number, 1<<32))
					if count > limit {
						one.after["m.by"], one.after["m.part"] = l.Name, c.at("failed")
						one.ret = []any{n + consumed, c.event("Failed")}
					} else {
						one.calls = append(one.calls, c.to(p, c.m.EventsOf(c.q, p)[0], one.vars, one.after)...)
					}
					one.after["m."+lower(l.Name)] = count
					if err := c.run("Next", &one); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// window: a machine that consumes all that it reads at once.
func (c *sequenceChecker) window(p *gen.Part, sc *scene, n uint64, progress string) error {
	c.says(sc, consume(p.Machine, goName(p.Machine.Name), n), progress)
	if progress != "Done" {
		c.stops(p, sc, n, progress)
		return c.run("Next", sc)
	}
	sc.after["m.offset"] = uint64(120 + consumed)
	sc.calls = append(sc.calls, c.to(p, "complete", sc.vars, sc.after)...)
	sc.ret = []any{uint64(consumed), c.event("Trailers")}
	return c.run("Next", sc)
}

// readingHead: what the head comes to is decided, and then how long the content is.
func (c *sequenceChecker) readingHead(p *gen.Part, sc *scene, n uint64, progress string) error {
	call := consume(p.Machine, "Head", n)
	if len(c.variants()) > 0 {
		call = fmt.Sprintf("m.consumeHead(b[%d:], limits)", n)
	}
	c.says(sc, call, progress)
	if progress != "Done" {
		c.stops(p, sc, n, progress)
		return c.run("Next", sc)
	}
	decide := fmt.Sprintf("m.decide(b[:%d])", consumed)
	sc.calls = append(sc.calls, decide)
	good := true
	inner := sc.answer
	sc.answer = func(got string) []any {
		if got == decide {
			return []any{good}
		}
		return inner(got)
	}
	length := c.m.BodyLength(c.q)
	for _, v := range c.m.Domains[length.Name].Values {
		one := *sc
		one.what = "the head is whole, and its content " + v
		one.vars, one.after = maps.Clone(sc.vars), map[string]any{"m.offset": uint64(120 + consumed)}
		one.vars["m."+goName(length.Name)] = c.domainValue(length.Name, v)
		one.calls = append(slices.Clone(sc.calls), c.to(p, v, one.vars, one.after)...)
		one.ret = []any{uint64(consumed), c.event("Head")}
		if err := c.run("Next", &one); err != nil {
			return err
		}
	}
	good = false
	sc.what = "a decision refuses"
	sc.after = map[string]any{"m.part": c.at("failed")}
	sc.ret = []any{uint64(0), c.event("Failed")}
	return c.run("Next", sc)
}

// ends runs End in each part.
func (c *sequenceChecker) ends() error {
	parts := slices.Clone(c.q.Parts)
	for i, p := range parts {
		for _, hasBegun := range []bool{true, false} {
			for _, octets := range []uint64{0, 1, 3} {
				sc := c.scene(p.Name, 0)
				sc.what = fmt.Sprintf("in %s, begun: %v, with %d octets", p.Name, hasBegun, octets)
				sc.vars["len(b)"] = octets
				sc.after = map[string]any{}
				event := "end of input"
				if i == 0 && c.q.Before != "" {
					sc.calls = []string{"m.HasBegun(b, limits)"}
					if !hasBegun {
						event = c.q.Before
					}
				}
				switch {
				case p.Refuse[event] != nil:
					cut := fmt.Sprintf("m.cut(%d, %s)", octets, c.refusal(p.Refuse[event]))
					sc.calls = append(sc.calls, cut)
					sc.ret = []any{"cut"}
				case p.Next[event] == "nothing":
					sc.ret = []any{c.event("More")}
				case octets > 0:
					sc.panics = true
				default:
					sc.after["m.part"] = c.at("ended")
					sc.ret = []any{c.event("End")}
				}
				sc.answer = func(call string) []any {
					if strings.HasPrefix(call, "m.HasBegun(") {
						return []any{hasBegun}
					}
					return []any{"cut"}
				}
				of := []string{p.Name}
				if i == 0 && c.isAgain() {
					of = append(of, again)
				}
				for _, part := range of {
					sc.vars["m.part"] = c.at(part)
					if err := c.run("End", sc); err != nil {
						return err
					}
				}
			}
		}
	}
	for part, event := range map[string]string{"end": "End", "ended": "More", "failed": "Failed"} {
		sc := c.scene(part, 0)
		sc.ret = []any{c.event(event)}
		if part == "end" {
			sc.after = map[string]any{"m.part": c.at("ended")}
		}
		if err := c.run("End", sc); err != nil {
			return err
		}
	}
	return nil
}

// cut runs cut, which End calls.
func (c *sequenceChecker) cut() error {
	sc := c.scene("content", 0)
	sc.vars["m.refused"], sc.vars["m.cause"] = "RefusalNone", uint64(0)
	sc.args = map[string]any{"left": uint64(3), "r": "it"}
	sc.after = map[string]any{"m.refused": "it", "m.cause": uint64(3), "m.by": c.q.Name, "m.part": c.at("failed")}
	sc.ret = []any{c.event("Failed")}
	return c.run("cut", sc)
}

// refusal is the constant of an error that a table comes to: the one that has its
// name, and its number.
func (c *sequenceChecker) refusal(r *gen.Refusal) string {
	for name, v := range c.s.consts {
		if v.n == uint64(c.m.RefusalNumber(r)) && letters(name) == letters("refusal"+r.Name) {
			return name
		}
	}
	return "no constant of " + r.Name
}

// letters are those of a name, and its digits, without case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, name)
}
