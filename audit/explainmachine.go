package audit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// inputs says how octets reach a machine.
var inputs = map[string]string{
	"window": "a window that stays where it is until the machine is done",
	"stream": "the octets that come next, each of which is consumed as it is read",
	"value":  "a whole value, to its end",
}

// explainMachine explains an octet machine.
func explainMachine(s *Subject, ma *gen.Machine) *Explanation {
	e := &Explanation{Name: ma.Name, Kind: "machine", At: ma.Row.Pos.String(), File: ma.Doc.File, Room: ma.Room, Graph: &Graph{Name: ma.Name}}
	for _, g := range ma.Doc.Grammars {
		if g.Section != "" {
			e.Section = g.Source()
			break
		}
	}
	e.About = fmt.Sprintf("it accepts %s, of %s; run by %s; %d states", abnf.String(ma.Root), inputs[ma.Input], strings.Join(ma.Roles, " and "), len(ma.DFA.States))
	if ma.Of != nil {
		e.About += "; a variant of " + ma.Of.Name
	}
	if variants := s.variantsOf(ma); len(variants) > 0 {
		e.About += "; read leniently by " + strings.Join(variants, ", ") + ", if that is chosen"
	} else if ma.Of == nil {
		e.About += "; it has no lenient variant"
	}
	var rules []string
	for i := range ma.DFA.States {
		st := machineState(s.Model, ma, i)
		e.States = append(e.States, st)
		e.Graph.Nodes = append(e.Graph.Nodes, Node{Name: st.Name, Means: st.Rule, IsEnd: st.IsEnd})
		for _, out := range ma.DFA.States[i].Out {
			e.Graph.Edges = append(e.Graph.Edges, Edge{From: i, To: out.To})
		}
		for k, w := range st.Ways {
			if k < len(ma.DFA.States[i].Out) {
				e.Graph.Edges[len(e.Graph.Edges)-len(ma.DFA.States[i].Out)+k].On = w.On
			}
		}
		for _, r := range st.rules {
			if !slices.Contains(rules, r) {
				rules = append(rules, r)
			}
		}
	}
	e.Rows = rowsWhere(s.Set, func(_ *spec.Document, t *spec.Table, r spec.Row) bool { return isAbout(s.Model, ma, rules, t, r) })
	return e
}

func (s *Subject) variantsOf(ma *gen.Machine) (names []string) {
	for _, v := range s.Model.Machines {
		if v.Of == ma {
			names = append(names, v.Name)
		}
	}
	return names
}

// machineState explains a state of a machine, and what leads on from there.
func machineState(m *gen.Model, ma *gen.Machine, i int) State {
	in := &ma.DFA.States[i]
	st := State{Name: "s" + strconv.Itoa(i), IsEnd: in.Final, Wants: in.Want}
	if st.Path = strconv.Quote(string(in.Path)); len(in.Path) == 0 {
		st.Path = ""
	}
	if in.Rule != nil {
		st.Rule = in.Rule.Rule
	}
	for _, f := range append(slices.Clone(in.Next), in.Rule) {
		for ; f != nil; f = f.Parent {
			if !slices.Contains(st.rules, f.Rule) {
				st.rules = append(st.rules, f.Rule)
			}
		}
	}
	for k, e := range in.Out {
		st.Ways = append(st.Ways, Way{On: Octets(in.On(k)), To: "s" + strconv.Itoa(e.To), Does: does(ma, append(slices.Clone(e.Ops), e.Digits...))})
	}
	if in.Final && len(in.End) > 0 {
		st.Ways = append(st.Ways, Way{On: "the end", To: "done", Does: does(ma, in.End)})
	}
	rest := unexpected(in)
	for _, f := range m.FaultsIn(ma, i) {
		rest = rest.Minus(f.At)
		st.Faults = append(st.Faults, Way{On: Octets(f.At), To: fmt.Sprintf("error: %s (%d)", f.Name, f.Status), At: f.Row.Pos.String()})
	}
	if !rest.Empty() && len(in.Out) > 0 {
		st.Faults = append(st.Faults, Way{On: "what else comes", To: "error: malformed " + st.Rule + " (400)"})
	}
	return st
}

// unexpected are the octets that are faults.
func unexpected(in *automaton.State) (set abnf.Set) {
	for c := range in.Edges {
		if _, ok := in.Edge(byte(c)); !ok {
			set = set.Union(abnf.Of(byte(c)))
		}
	}
	return set
}

// does tells what ops do.
func does(ma *gen.Machine, ops []automaton.Op) string {
	var out []string
	for _, op := range ops {
		name := ""
		switch op.Kind {
		case automaton.Record, automaton.Event:
			name = ma.Yields[op.Arg].Into
		default:
			name = ma.DFA.Regs[op.Reg].Name
		}
		base, part, _ := strings.Cut(name, ".")
		say := func(what string) { out = append(out, base+" "+what) }
		switch op.Kind {
		case automaton.SetReg:
			if part == "End" {
				say("ends before it")
			} else if ma.DFA.Regs[op.Reg].Scope {
				say("counts from here")
			} else {
				say("begins")
			}
		case automaton.Zero:
			say("is 0")
		case automaton.Digit:
			say("takes the digit")
		case automaton.Mark:
			say("is marked")
		case automaton.Keyword:
			say("is looked up")
		case automaton.Record:
			say("is recorded")
		case automaton.Event:
			say("is told")
		case automaton.Check:
			say("is held")
		}
	}
	return strings.Join(out, ", ")
}

// isAbout says whether a row of a document says something of a machine.
func isAbout(m *gen.Model, ma *gen.Machine, rules []string, t *spec.Table, r spec.Row) bool {
	first := r.Cells[0].Text
	inMachine := func(path string) bool {
		rule, _, _ := strings.Cut(path, "/")
		return rule == ma.Name || ma.Of != nil && rule == ma.Of.Name || slices.Contains(rules, rule)
	}
	switch t.Kind {
	case spec.KindMachine, spec.KindVariant:
		return r.Pos == ma.Row.Pos
	case spec.KindYield:
		return slices.ContainsFunc(ma.Yields, func(b *gen.Bound) bool { return b.Pos == r.Pos })
	case spec.KindPreference:
		return inMachine(first)
	case spec.KindLimit:
		return slices.ContainsFunc(limitsOf(m, ma), func(l *gen.Limit) bool { return l.Row.Pos == r.Pos })
	case spec.KindSyntaxError:
		return slices.ContainsFunc(ma.Errors, func(e *gen.ErrorRow) bool { return e.Row.Pos == r.Pos && ma.Raises(e) })
	case spec.KindProperty:
		return slices.ContainsFunc(m.Properties, func(p *gen.Property) bool { return p.Row.Pos == r.Pos && m.IsOf(p, ma) })
	case spec.KindInclusion:
		return slices.ContainsFunc(m.Inclusions, func(in *gen.Inclusion) bool { return in.Row.Pos == r.Pos && in.In == ma })
	case spec.KindFeed:
		return slices.ContainsFunc(m.Feeds, func(f *gen.Feed) bool { return f.Row.Pos == r.Pos && (f.Machine == ma || f.From == ma) })
	}
	return false
}

// limitsOf are the limits that hold in a machine.
func limitsOf(m *gen.Model, ma *gen.Machine) []*gen.Limit {
	out := slices.Clone(ma.Limits)
	if ma.RecordLimit != nil {
		out = append(out, ma.RecordLimit)
	}
	for _, l := range m.Overheads {
		if l.Of == ma {
			out = append(out, l)
		}
	}
	return out
}
