package fuzz

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
	"github.com/specht-http/specht/spec"
)

// reader reads whole messages by the rows of a sequence, in the plainest way:
// machines by walking their automata, tables row by row.
type reader struct {
	m       *gen.Model
	s       *gen.Sequence
	in      []byte
	at      int
	content int
	numbers map[string]int              // of the last reading of each machine, by machine and name
	states  map[*gen.Transitions]string // of the tables that are fed
}

// read says what becomes of the message: end, more or refused, and what it goes by.
func (r *reader) read() string {
	part := r.s.Parts[0]
	for {
		event, how := r.part(part)
		if how != "" {
			return how
		}
		next, ok := part.Next[event]
		if !ok {
			return fmt.Sprintf("no row for %s and %s", part.Name, event)
		}
		if next == "end" {
			return "end"
		}
		part = r.s.Part(next)
	}
}

// part reads one part, and is its event, or how the message ends in it.
func (r *reader) part(p *gen.Part) (event, how string) {
	if p.Machine == nil {
		n := r.numbers[p.Counts.Name+" "+p.Count.Into]
		took := min(n, len(r.in)-r.at)
		r.at, r.content = r.at+took, r.content+took
		if took < n {
			return "", "more"
		}
		return "complete", ""
	}
	s := r.machine(p.Machine)
	switch {
	case s == nil:
		return "", "more"
	case s.at >= 0:
		return "", "refused"
	case p == r.s.Parts[0]:
		return r.head(s)
	}
	for _, y := range p.Machine.Yields {
		if y.Mark { // chunk-line/last-chunk
			_, name, _ := strings.Cut(y.Path, "/")
			if s.regs[y.Value] == 1 {
				return name, ""
			}
			event = strings.TrimPrefix(name, "last-")
		}
	}
	if event == "" {
		event = "complete"
	}
	return event, ""
}

// machine reads as much as a machine takes; it is nil if the input ends first.
func (r *reader) machine(ma *gen.Machine) *slow {
	state, n := 0, 0
	for ; !ma.DFA.States[state].Final; n++ {
		if r.at+n == len(r.in) {
			break
		}
		e, ok := ma.DFA.States[state].Edge(r.in[r.at+n])
		if !ok {
			n++
			break
		}
		state = e.To
	}
	s := &slow{m: r.m, ma: ma, in: r.in[r.at : r.at+n], regs: make([]int, len(ma.DFA.Regs)), taken: map[[2]int]bool{}}
	s.read()
	if s.at == n {
		return nil
	}
	if s.at >= 0 {
		return s
	}
	r.at += n
	for _, y := range ma.Yields {
		if y.Base > 0 {
			r.numbers[ma.Name+" "+y.Into] = s.regs[y.Value]
		}
	}
	return s
}

// head feeds the tables, and decides.
func (r *reader) head(s *slow) (event, how string) {
	r.spans(s)
	for _, rec := range s.records {
		name, value := rec["Name"].(message.Span), rec["Value"].(message.Span)
		for _, f := range r.m.Feeds {
			if f.Doc == r.s.Doc && f.Field != "" && foldASCII(f.Field) == foldASCII(string(name.Of(s.in))) {
				r.feed(f, value.Of(s.in))
			}
		}
	}
	known := map[string]string{}
	for t, state := range r.states {
		known[t.Name] = state
	}
	for _, y := range s.ma.Yields {
		switch {
		case y.Base > 0:
			known[strings.ToLower(y.Into)] = fmt.Sprint(s.regs[y.Value])
		case y.Keyword != "" && y.In == nil:
			known[y.Keyword] = "other"
			if id := s.regs[y.ID]; id > 0 {
				known[y.Keyword] = r.m.KeywordSet(y.Keyword).Words[id-1].Text
			}
		}
	}
	return r.decide(known)
}

// decide makes all decisions whose inputs are known.
func (r *reader) decide(known map[string]string) (event, how string) {
	length := r.m.BodyLength(r.s)
	for changed := true; changed; {
		changed = false
		for _, d := range r.m.Decisions {
			isOther := d != length && strings.HasSuffix(d.Name, "-body-length")
			isUnknown := slices.ContainsFunc(d.Inputs, func(in *gen.Domain) bool { return known[in.Name] == "" })
			if isOther || isUnknown || known[d.Name] != "" || r.m.Domains[d.Name].Room != "h1" {
				continue
			}
			words := make([]string, len(d.Inputs))
			for i, in := range d.Inputs {
				words[i] = known[in.Name]
			}
			i := slices.IndexFunc(d.Rows, func(row *gen.DecisionRow) bool { return row.Match(words) })
			if i < 0 {
				return "", fmt.Sprintf("no row of %s for %q", d.Name, words)
			}
			if d.Rows[i].Refuse != nil {
				return "", "refused"
			}
			known[d.Name], changed = d.Rows[i].Outcome, true
		}
	}
	return known[length.Name], ""
}

// spans feeds what a machine's spans hold.
func (r *reader) spans(s *slow) {
	for _, f := range r.m.Feeds {
		if f.Doc != r.s.Doc || f.From != s.ma {
			continue
		}
		from, to := s.regs[f.Span.Start], s.regs[f.Span.End]
		if to > from {
			r.feed(f, s.in[from:to])
		}
	}
}

// feed reads a value, and tells its table.
func (r *reader) feed(f *gen.Feed, value []byte) {
	s := &slow{m: r.m, ma: f.Machine, in: value, regs: make([]int, len(f.Machine.DFA.Regs)), taken: map[[2]int]bool{}, feed: f, outcome: r.states[f.Outcome]}
	s.read()
	r.states[f.Outcome] = s.outcome
	if s.at >= 0 {
		return
	}
	for _, y := range f.Machine.Yields {
		if y.Base > 0 {
			r.numbers[f.Machine.Name+" "+y.Into] = s.regs[y.Value]
		}
	}
	r.spans(s)
}

// compiledRequest reads a request as the Go compiler has the sequence.
func compiledRequest(in []byte) (how string, offset, content int) {
	var m h1.RequestMessage
	m.Reset()
	limits := h1.DefaultRequestMessageLimits()
	for at := 0; ; {
		n, event := m.Next(in[at:], 1<<20, &limits)
		at += n
		switch event {
		case h1.RequestMessageContent:
			content += m.Content.Len()
		case h1.RequestMessageMore:
			if n == 0 {
				return "more", at, content
			}
		case h1.RequestMessageEnd:
			return "end", at, content
		case h1.RequestMessageFailed:
			return "refused", at, content
		}
	}
}

// TestCompiledSequenceIsItsRows reads requests by the compiled sequence and by a
// reader of the rows: whether they end, and where, is the same.
func TestCompiledSequenceIsItsRows(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := gen.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(m.Sequences, func(s *gen.Sequence) bool { return s.Name == "request-message" })
	ends := map[string]int{}
	check := func(in []byte) (how string) {
		r := &reader{m: m, s: m.Sequences[i], in: in, numbers: map[string]int{}, states: map[*gen.Transitions]string{}}
		for _, f := range m.Feeds {
			if f.Doc == r.s.Doc {
				r.states[f.Outcome] = f.Outcome.States.Values[0]
			}
		}
		want := r.read()
		how, offset, content := compiledRequest(in)
		ends[want]++
		if how != want || how == "end" && (offset != r.at || content != r.content) {
			t.Errorf("%q: %s at %d with %d octets of content, expected %s at %d with %d", in, how, offset, content, want, r.at, r.content)
		}
		return want
	}
	for _, in := range seeds() {
		if check(in) != "end" || len(in) > 160 {
			continue
		}
		for at := range in { // and what is cut, or has another octet, or one less
			check(in[:at])
			check(append(append([]byte{}, in[:at]...), in[at+1:]...))
			for _, c := range []byte("\n 0") {
				check(append(append(append([]byte{}, in[:at]...), c), in[at+1:]...))
			}
		}
	}
	for _, how := range []string{"end", "more", "refused"} {
		if ends[how] == 0 {
			t.Errorf("no seed comes to %s", how)
		}
	}
	t.Log(ends)
}
