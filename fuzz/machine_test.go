package fuzz

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/message"
	"github.com/specht-http/specht/spec"
)

// compiled are the machines as the Go compiler has them, by the names of the
// documents. Each has limits that its inputs don't come near.
var compiled = map[string]func() (machine any, limits any){
	"request-head":          func() (any, any) { l := h1.DefaultRequestHeadLimits(); return new(h1.RequestHead), &l },
	"lenient-request-head":  func() (any, any) { l := h1.DefaultRequestHeadLimits(); return new(h1.LenientRequestHead), &l },
	"response-head":         func() (any, any) { l := h1.DefaultResponseHeadLimits(); return new(h1.ResponseHead), &l },
	"lenient-response-head": func() (any, any) { l := h1.DefaultResponseHeadLimits(); return new(h1.LenientResponseHead), &l },
	"chunk-line":            func() (any, any) { l := h1.DefaultChunkLineLimits(); return new(h1.ChunkLine), &l },
	"chunk-end":             func() (any, any) { return new(h1.ChunkEnd), nil },
	"trailers":              func() (any, any) { l := h1.DefaultTrailersLimits(); return new(h1.Trailers), &l },
	"connection":            value[h1.ConnectionValue], "te": value[h1.TeValue], "transfer-encoding": value[h1.TransferEncodingValue],
	"upgrade": value[h1.UpgradeValue], "content-length": value[message.ContentLengthValue], "expect": value[message.ExpectValue],
	"host": value[message.HostValue], "HTTP-date": value[message.HTTPDateValue], "host-address": value[message.HostAddressValue],
	"target-form": value[message.TargetFormValue], "authority-form": value[message.AuthorityFormValue],
	"section-name": value[h2.SectionNameValue], "section-value": value[h2.SectionValueValue], "te-trailers": value[h2.TeTrailersValue],
	"HTTP2-settings": value[h2.HTTP2SettingsValue],
	"priority":       value[h2.PriorityValue], "method": value[h2.MethodValue], "scheme": value[h2.SchemeValue], "authority": value[h2.AuthorityValue],
	"path": value[h2.PathValue], "protocol": value[h2.ProtocolValue], "status": value[h2.StatusValue],
}

func value[T any]() (machine any, limits any) { return new(T), nil }

// slow reads one input by walking the automaton and doing what its edges say, in
// the plainest way.
type slow struct {
	m       *gen.Model
	ma      *gen.Machine
	in      []byte
	regs    []int
	records []map[string]any
	outcome string // of the table that the machine feeds, or ""
	feed    *gen.Feed
	events  int
	at      int  // where it is refused, or -1
	isPast  bool // the machine is over, and the rest isn't its own
	isOver  bool // a number is too large
	taken   map[[2]int]bool
}

func (s *slow) read() {
	s.at = -1
	state := 0
	for i, c := range s.in {
		e, ok := s.ma.DFA.States[state].Edge(c)
		if !ok {
			s.isPast = s.ma.Input != "value" && len(s.ma.DFA.States[state].Out) == 0
			s.refuse(state, i)
			return
		}
		s.taken[[2]int{state, s.ma.DFA.States[state].Edges[c]}] = true
		s.do(e.Ops, i)
		for _, op := range e.Digits {
			d := int(c - '0')
			if c > '9' {
				d = int(c|0x20) - 'a' + 10
			}
			y := s.ma.Yields[op.Arg]
			if s.regs[op.Reg] > (int(y.Max)-d)/y.Base {
				s.isOver = true
				s.refuse(state, i)
				return
			}
			s.regs[op.Reg] = s.regs[op.Reg]*y.Base + d
		}
		state = e.To
	}
	if !s.ma.DFA.States[state].Final {
		s.refuse(state, len(s.in))
		return
	}
	s.do(s.ma.DFA.States[state].End, len(s.in))
	if s.feed != nil && s.events == 0 && slices.Contains(s.feed.Outcome.Events, "empty") {
		s.raise("empty")
	}
}

// refuse is a fault: an event, too, of a machine that feeds a table.
func (s *slow) refuse(state, at int) {
	s.at = at
	if s.feed == nil {
		return
	}
	name := "malformed"
	if e := s.m.Overflow(s.ma); s.isOver && e != nil && slices.Contains(s.feed.Outcome.Events, e.Name) {
		name = e.Name
	} else if at < len(s.in) {
		if e := s.m.ErrorAt(s.ma, state, s.in[at]); e != nil && slices.Contains(s.feed.Outcome.Events, e.Name) {
			name = e.Name
		}
	}
	s.raise(name)
}

func (s *slow) raise(event string) {
	s.events++
	s.outcome, _ = s.feed.Outcome.Next(s.outcome, event)
}

func (s *slow) do(ops []automaton.Op, at int) {
	for _, op := range ops {
		switch op.Kind {
		case automaton.SetReg:
			s.regs[op.Reg] = at
		case automaton.Zero:
			s.regs[op.Reg] = 0
		case automaton.Mark:
			s.regs[op.Reg] = 1
		case automaton.Keyword:
			s.regs[op.Reg] = s.keyword(s.ma.Yields[op.Arg])
		case automaton.Record:
			rec := map[string]any{}
			for _, y := range s.ma.Yields {
				if y.In == s.ma.Yields[op.Arg] {
					s.tell(rec, y)
				}
			}
			s.records = append(s.records, rec)
		case automaton.Event:
			y := s.ma.Yields[op.Arg]
			name := "other"
			if y.Name != "" {
				name = y.Name
			}
			if y.Keyword != "" && s.regs[y.ID] > 0 {
				name = s.m.KeywordSet(y.Keyword).Words[s.regs[y.ID]-1].Name
			}
			if s.feed != nil {
				s.raise(name)
			}
		}
	}
}

// keyword is the place of a span's word in its set, from 1; 0 for others.
func (s *slow) keyword(y *gen.Bound) int {
	word := string(s.in[s.regs[y.Start]:s.regs[y.End]])
	set := s.m.KeywordSet(y.Keyword)
	return 1 + slices.IndexFunc(set.Words, func(w gen.Keyword) bool { return w.Text == word || set.Fold && foldASCII(w.Text) == foldASCII(word) })
}

func foldASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c | 0x20
		}
	}
	return string(b)
}

// tell is what a yield has come to, by the names of the generated members.
func (s *slow) tell(out map[string]any, y *gen.Bound) {
	if y.Span {
		out[y.Into] = message.Span{Start: uint32(s.regs[y.Start]), End: uint32(s.regs[y.End])}
	}
	if y.Keyword != "" {
		out[y.Into+"ID"] = s.regs[y.ID]
	}
	if y.Value >= 0 && !y.Span {
		out[y.Into] = s.regs[y.Value]
	}
}

// result is what a compiled machine has come to.
type result struct {
	machine reflect.Value
	isDone  bool
	at      int // of its fault, or -1
}

// fast reads an input by the compiled machine, a piece of so many octets at a time;
// 0 for all at once.
func fast(ma *gen.Machine, in []byte, piece int) result {
	m, limits := compiled[ma.Name]()
	v := reflect.ValueOf(m)
	var with []reflect.Value
	if limits != nil {
		with = append(with, reflect.ValueOf(limits))
	}
	v.MethodByName("Reset").Call(nil)
	r := result{machine: v.Elem(), at: -1}
	if ma.Input == "value" {
		r.isDone = v.MethodByName("Consume").Call([]reflect.Value{reflect.ValueOf(in)})[0].Bool()
	} else {
		r.isDone = pieces(v, with, ma, in, piece)
	}
	if f, _ := v.MethodByName("Fault").Call(with)[0].Interface().(*message.Fault); f != nil {
		r.at = int(f.Offset)
	}
	return r
}

func pieces(v reflect.Value, with []reflect.Value, ma *gen.Machine, in []byte, piece int) bool {
	if piece == 0 {
		piece = len(in) + 1
	}
	consumed := 0
	for end := 0; ; {
		end = min(end+piece, len(in))
		b := in[:end]
		if ma.Input == "stream" { // what was consumed is gone
			b = in[consumed:end]
		}
		out := v.MethodByName("Consume").Call(append([]reflect.Value{reflect.ValueOf(b)}, with...))
		consumed += int(out[0].Int())
		switch p := out[1].Interface().(message.Progress); {
		case p == message.Done:
			return consumed == len(in)
		case p == message.Failed, end == len(in):
			return false
		}
	}
}

// TestCompiledMachinesAreTheirAutomata reads inputs that take each edge of each
// machine, and inputs that miss it by one octet, by the machine as the Go compiler
// has it and by a slow walk over the automaton.
func TestCompiledMachinesAreTheirAutomata(t *testing.T) {
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := gen.Load(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, ma := range m.Machines {
		t.Run(ma.Name, func(t *testing.T) {
			if compiled[ma.Name] == nil {
				t.Fatal("it isn't in the list of compiled machines")
			}
			taken, tried := map[[2]int]bool{}, 0
			for _, in := range append(ma.DFA.Cover(), ma.DFA.NearMisses()...) {
				s := &slow{m: m, ma: ma, in: in, regs: make([]int, len(ma.DFA.Regs)), taken: taken}
				for _, f := range m.Feeds {
					if f.Machine == ma {
						s.feed, s.outcome = f, f.Outcome.States.Values[0]
					}
				}
				s.read()
				for _, piece := range []int{0, 1, 3} {
					tried++
					same(t, s, fast(ma, in, piece), piece)
				}
			}
			edges := 0
			for i := range ma.DFA.States {
				edges += len(ma.DFA.States[i].Out)
			}
			if len(taken) != edges {
				t.Errorf("%d of %d edges are taken", len(taken), edges)
			}
			t.Logf("%d edges, %d readings", edges, tried)
		})
	}
}

// same compares a slow reading with a compiled one.
func same(t *testing.T, s *slow, r result, piece int) {
	t.Helper()
	say := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%q in pieces of %d: %s", s.in, piece, fmt.Sprintf(format, args...))
	}
	isCut := s.isPast || s.at == len(s.in) && s.ma.Input != "value" // or it waits for more
	if at := map[bool]int{true: -1, false: s.at}[isCut]; r.at != at || r.isDone != (s.at < 0) {
		say("done %v with a fault at %d, expected %v and %d", r.isDone, r.at, s.at < 0, at)
	}
	if s.feed != nil {
		if got := fmt.Sprint(r.machine.FieldByName("Outcome").Interface()); got != s.outcome {
			say("the outcome is %s, expected %s", got, s.outcome)
		}
	}
	if s.at >= 0 {
		return // nobody asks what was yielded of what is refused
	}
	want := map[string]any{}
	for _, y := range s.ma.Yields {
		if y.In == nil && !y.Record && (s.ma.Input != "value" || !y.Event || y.Base > 0) {
			s.tell(want, y)
		}
	}
	members(say, r.machine, want)
	if s.ma.RecordLimit == nil {
		return
	}
	fields := r.machine.FieldByName("Fields")
	if fields.Len() != len(s.records) {
		say("%d fields, expected %d", fields.Len(), len(s.records))
		return
	}
	for i, rec := range s.records {
		members(say, fields.Index(i), rec)
	}
}

// members compares members of a struct with what they should be.
func members(say func(string, ...any), v reflect.Value, want map[string]any) {
	for name, w := range want {
		f := v.FieldByName(name)
		if !f.IsValid() {
			say("there is no member %s", name)
			continue
		}
		n, isNumber := w.(int)
		switch {
		case f.Kind() == reflect.Bool:
			isNumber = isNumber && f.Bool() == (n == 1)
		case f.CanUint():
			isNumber = isNumber && f.Uint() == uint64(n)
		case f.CanInt():
			isNumber = isNumber && f.Int() == int64(n)
		default:
			isNumber = f.Interface() == w
		}
		if !isNumber {
			say("%s is %v, expected %v", name, f.Interface(), w)
		}
	}
}
