package extract

import (
	"errors"
	"fmt"
	"go/ast"

	"github.com/specht-http/specht/gen"
)

// CheckTables compares the tables that decide with those of the specification:
// every cell of every grid of transitions, and every decision for every
// combination of its inputs.
func CheckTables(s *Source, m *gen.Model) error {
	var errs []error
	for _, r := range Tables(s, m) {
		errs = append(errs, r.Err)
	}
	return errors.Join(errs...)
}

// Tables are the readings behind CheckTables.
func Tables(s *Source, m *gen.Model) (out []Reading) {
	for _, t := range m.Transitions {
		n := len(t.States.Values) * len(t.Events)
		out = append(out, Reading{"transitions " + t.Name, t.Pos, fmt.Sprintf("%d cells of %d states and %d events, each with all its members", n, len(t.States.Values), len(t.Events)), s.grid(t)})
	}
	for _, d := range m.Decisions {
		cells, _ := d.Count()
		out = append(out, Reading{"decision " + d.Name, d.Pos, fmt.Sprintf("the function was run for each of %d combinations of %d inputs", cells, len(d.Inputs)), s.decision(m, d)})
	}
	for _, k := range m.Keywords {
		errs := []error{s.words(k)}
		for _, flag := range k.Flags {
			errs = append(errs, s.flag(k, flag))
		}
		out = append(out, Reading{"keywords " + k.Name, k.Pos, fmt.Sprintf("%d words, the constant and the spelling of each, and %d predicates", len(k.Words), len(k.Flags)), errors.Join(errs...)})
	}
	return out
}

// words compares the look-up function and the spellings of a keyword set.
func (s *Source) words(k *gen.KeywordSet) error {
	l := s.lookup(goName(k.Name))
	if fn := s.funcs["Lookup"+goName(k.Name)]; fn == nil {
		return nil // its words are only jumped over, which the machines' readings show
	}
	for i, w := range k.Words {
		if got := l.of([]byte(w.Text)); got != uint64(i+1) {
			return fmt.Errorf("extract: keywords %s: %q is looked up as %d, expected %d", k.Name, w.Text, got, i+1)
		}
	}
	for c := range 256 {
		want := byte(c)
		if c >= 'A' && c <= 'Z' {
			want |= 0x20
		}
		if l.fold && l.low[c] != want {
			return fmt.Errorf("extract: keywords %s: octet %q is folded to %q, expected %q", k.Name, byte(c), l.low[c], want)
		}
	}
	if len(l.ids) != len(k.Words) || l.fold != k.Fold {
		return fmt.Errorf("extract: keywords %s: %d words, case folded: %v; expected %d, %v", k.Name, len(l.ids), l.fold, len(k.Words), k.Fold)
	}
	return nil
}

// flag runs a predicate for every word of a set, and for what isn't one.
func (s *Source) flag(k *gen.KeywordSet, flag string) error {
	name := goName(k.Name) + ".Is" + goName(flag)
	p, err := s.program(name)
	if err != nil {
		return err
	}
	var r run
	for i := range len(k.Words) + 1 {
		r.start(p, nil)
		r.put("v", uint64(i))
		if _, err := r.execute(0); err != nil {
			return fmt.Errorf("extract: %s: %w", name, err)
		}
		want := i > 0 && k.Words[i-1].Is(flag)
		if got := r.ret[0]; got != fmt.Sprint(want) {
			return fmt.Errorf("extract: %s of word %d is %s, expected %v", name, i, got, want)
		}
	}
	return nil
}

// grid compares one grid. Its rows and cells are keyed by constants, whose
// numbers are places in the specification's lists.
func (s *Source) grid(t *gen.Transitions) error {
	name := goName(t.Name)
	lit := s.grids[lower(name)+"Cells"]
	if lit == nil {
		return fmt.Errorf("extract: transitions %s have no grid", t.Name)
	}
	seen := 0
	for _, row := range lit.Elts {
		state, cells, err := s.keyed(row)
		if err != nil || state >= len(t.States.Values) {
			return fmt.Errorf("extract: transitions %s: a row that isn't a state's (%v)", t.Name, err)
		}
		inner, ok := cells.(*ast.CompositeLit)
		if !ok {
			return fmt.Errorf("extract: transitions %s: a row that isn't a list", t.Name)
		}
		for _, cell := range inner.Elts {
			event, v, err := s.keyed(cell)
			if err != nil || event >= len(t.Events) {
				return fmt.Errorf("extract: transitions %s: a cell that isn't an event's (%v)", t.Name, err)
			}
			if t.Answers {
				lit, ok := v.(*ast.CompositeLit)
				if !ok {
					return fmt.Errorf("extract: transitions %s: a cell that isn't an answer", t.Name)
				}
				if err := s.answer(t, t.States.Values[state], t.Events[event], lit); err != nil {
					return err
				}
				seen++
				continue
			}
			wrong := ""
			if pair, ok := v.(*ast.CompositeLit); ok && len(pair.Elts) == 2 {
				wrong, _ = stringOf(pair.Elts[1])
				v = pair.Elts[0]
			}
			got, err := s.constant(v)
			next, misuse := t.Next(t.States.Values[state], t.Events[event])
			if err != nil || int(got.n) >= len(t.States.Values) || t.States.Values[got.n] != next || wrong != misuse {
				return fmt.Errorf("extract: transitions %s: %s on %s goes to %s %q, expected %s %q",
					t.Name, t.States.Values[state], t.Events[event], exprName(v), wrong, next, misuse)
			}
			seen++
		}
	}
	if want := len(t.States.Values) * len(t.Events); seen != want {
		return fmt.Errorf("extract: transitions %s: %d cells, expected %d", t.Name, seen, want)
	}
	return nil
}

func (s *Source) keyed(e ast.Expr) (key int, v ast.Expr, err error) {
	kv, ok := e.(*ast.KeyValueExpr)
	if !ok {
		return 0, nil, errors.New("an element without a key")
	}
	k, err := s.constant(kv.Key)
	return int(k.n), kv.Value, err
}

// decision runs a decision's function for every combination of its inputs.
func (s *Source) decision(m *gen.Model, d *gen.Decision) (err error) {
	p, err := s.program("Decide" + goName(d.Name))
	if err != nil {
		return err
	}
	var params []string
	for _, f := range s.funcs["Decide"+goName(d.Name)].Type.Params.List {
		for _, n := range f.Names {
			params = append(params, n.Name)
		}
	}
	if len(params) != len(d.Inputs) {
		return fmt.Errorf("extract: decision %s has %d inputs, expected %d", d.Name, len(params), len(d.Inputs))
	}
	outcomes := m.Domains[d.Name].Values
	pick := make([]int, len(params))
	var r run
	for {
		r.start(p, nil)
		words := make([]string, len(pick))
		for i, name := range params {
			r.put(name, uint64(pick[i]))
			words[i] = d.Inputs[i].Values[pick[i]]
		}
		if _, err := r.execute(0); err != nil {
			return fmt.Errorf("extract: decision %s for %q: %w", d.Name, words, err)
		}
		for _, row := range d.Rows {
			if !row.Match(words) {
				continue
			}
			want, refusal := 0, 0
			for i, o := range outcomes {
				if o == row.Outcome {
					want = i
				}
			}
			if row.Refuse != nil {
				refusal = m.RefusalNumber(row.Refuse)
			}
			if got := s.number(r.ret[0]); got != want || len(r.ret) > 1 && s.number(r.ret[1]) != refusal || len(r.ret) == 1 && refusal != 0 {
				return fmt.Errorf("extract: decision %s for %q returns %v, expected row %q", d.Name, words, r.ret, row.Name)
			}
		}
		i := 0
		for ; i < len(pick); i++ {
			if pick[i]++; pick[i] < len(d.Inputs[i].Values) {
				break
			}
			pick[i] = 0
		}
		if i == len(pick) {
			return nil
		}
	}
}

// number is what a returned constant is.
func (s *Source) number(name string) int {
	if name == "0" {
		return 0
	}
	v, ok := s.consts[name]
	if !ok {
		return -1
	}
	return int(v.n)
}

// goName is a name of the specifications as it stands in Go.
func goName(name string) string {
	out, up := "", true
	for _, r := range name {
		switch {
		case r == '-' || r == ' ':
			up = true
		case up:
			out += string(r &^ 0x20)
			up = false
		default:
			out += string(r)
		}
	}
	return out
}
