package extract

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"strings"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Functions compares what is small: the defaults of limits, how a state's answer is
// looked up, what status an error has and what it means, and what is fed with fields
// one by one.
func Functions(s *Source, m *gen.Model) (out []Reading) {
	n, errs := 0, []error(nil)
	for _, ma := range m.Machines {
		if ma.Of == nil && limited(ma) {
			n++
			errs = append(errs, s.defaults(ma))
		}
	}
	if n > 0 {
		out = append(out, Reading{"defaults of limits", m.Limits()[0].Row.Pos, fmt.Sprintf("of %d machines", n), errors.Join(errs...)})
	}
	errs = nil
	for _, t := range m.Transitions {
		errs = append(errs, s.looksUp(t))
	}
	if len(errs) > 0 {
		out = append(out, Reading{"answers of states", m.Transitions[0].Pos, fmt.Sprintf("%d functions give the cell of the state and the event", len(errs)), errors.Join(errs...)})
	}
	errs = nil
	for _, r := range m.Refusals {
		errs = append(errs, s.statusOf(m, r))
	}
	if len(errs) > 0 {
		out = append(out, Reading{"errors of tables", m.Refusals[0].Row.Pos, fmt.Sprintf("the status and the meaning of %d", len(errs)), errors.Join(errs...)})
	}
	for _, d := range m.Set.Documents {
		if r := s.fields(m, d); r.What != "" {
			out = append(out, r)
		}
	}
	return out
}

// defaults compares the limits of a machine that are given where nobody says others.
func (s *Source) defaults(ma *gen.Machine) error {
	name := "Default" + TypeOf(ma) + "Limits"
	limits := append([]*gen.Limit(nil), ma.Limits...)
	if ma.RecordLimit != nil {
		limits = append(limits, ma.RecordLimit)
	}
	fn := s.funcs[name]
	if fn == nil || len(fn.Body.List) != 1 {
		return fmt.Errorf("extract: there is no %s that returns its limits", name)
	}
	ret, ok := fn.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return fmt.Errorf("extract: %s doesn't return its limits", name)
	}
	lit, ok := ret.Results[0].(*ast.CompositeLit)
	if !ok || len(lit.Elts) != len(limits) {
		return fmt.Errorf("extract: %s doesn't return %d limits", name, len(limits))
	}
	got := map[string]uint64{}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return fmt.Errorf("extract: %s has a limit without a name", name)
		}
		v, err := s.constant(kv.Value)
		if err != nil {
			return fmt.Errorf("extract: %s: %w", name, err)
		}
		got[exprName(kv.Key)] = v.n
	}
	for _, l := range limits {
		if n, ok := got[l.Name]; !ok || n != l.Default {
			return fmt.Errorf("extract: %s: %s is %d, expected %d", name, l.Name, n, l.Default)
		}
	}
	return nil
}

// looksUp compares the shape of the function that gives the cell of a state and an
// event: nothing but that.
func (s *Source) looksUp(t *gen.Transitions) error {
	name := goName(t.Name)
	fn := s.funcs[name+".On"]
	if fn == nil {
		return fmt.Errorf("extract: there is no %s.On", name)
	}
	cells := lower(name) + "Cells[s][e]"
	isCell := func(e ast.Expr) bool {
		event, ok := e.(*ast.IndexExpr)
		if !ok || path(event.Index) != "e" {
			return false
		}
		state, ok := event.X.(*ast.IndexExpr)
		return ok && path(state.X) == lower(name)+"Cells" && path(state.Index) == "s"
	}
	list := fn.Body.List
	of := ""
	if len(list) == 2 {
		set, ok := list[0].(*ast.AssignStmt)
		if !ok || set.Tok != token.DEFINE || len(set.Lhs) != 1 || len(set.Rhs) != 1 || !isCell(set.Rhs[0]) {
			return fmt.Errorf("extract: %s.On doesn't begin with %s", name, cells)
		}
		of, list = path(set.Lhs[0]), list[1:]
	}
	ret, ok := list[0].(*ast.ReturnStmt)
	if !ok || len(list) != 1 {
		return fmt.Errorf("extract: %s.On does more than look up %s", name, cells)
	}
	text := ""
	for _, e := range ret.Results {
		word, isText := stringOf(e)
		switch {
		case of == "" && isCell(e):
			word = "cell"
		case isText:
			word = `"` + word + `"`
		case of != "":
			word = strings.Replace(path(e), of, "cell", 1)
		}
		text += " " + word
	}
	switch {
	case text == " cell" && t.Answers, text == ` cell ""`, text == " cell.next cell.wrong":
		return nil
	}
	return fmt.Errorf("extract: %s.On returns%s of %s", name, text, cells)
}

// statusOf compares the status of an error, and what it means.
func (s *Source) statusOf(m *gen.Model, r *gen.Refusal) error {
	c := &sequenceChecker{s: s, m: m}
	name := c.refusal(r)
	for method, want := range map[string]any{"Status": uint64(r.Status), "Means": r.Means} {
		ret, err := s.call(r.Room+".Refusal."+method, &world{}, map[string]any{"r": name})
		if err != nil {
			return err
		}
		if len(ret) != 1 || ret[0] != want {
			return fmt.Errorf("extract: %s of %s is %v, expected %v", method, name, ret, want)
		}
	}
	return nil
}

// fields compares what is fed with fields one by one, and not by a sequence.
func (s *Source) fields(m *gen.Model, d *spec.Document) (r Reading) {
	c := &sequenceChecker{s: s, m: m, typ: goName(strings.ToLower(d.Title)) + "Values"}
	for _, f := range m.Feeds {
		if f.Doc == d {
			c.feeds = append(c.feeds, f)
		}
	}
	sets := 0
	for _, k := range m.Keywords {
		fn := s.funcs[c.typ+".Feed"+goName(k.Name)]
		if fn == nil || len(c.feeds) == 0 {
			continue
		}
		sets++
		prefix := ""
		if _, isElsewhere := fn.Type.Params.List[0].Type.(*ast.SelectorExpr); isElsewhere {
			prefix = "message."
		}
		for _, w := range k.Words {
			if err := c.feedWord(k, w, prefix); err != nil && r.Err == nil {
				r.Err = fmt.Errorf("extract: %s: %w", c.typ, err)
			}
		}
	}
	if sets > 0 {
		r.What, r.Pos = "fields of "+d.File, c.feeds[0].Row.Pos
		r.Evidence = fmt.Sprintf("%d values that are fed, by the names in %d sets; %d runs", len(c.feeds), sets, c.runs)
	}
	return r
}

// wordOf is the constant of a word: the one that has its name, and its number.
func (c *sequenceChecker) wordOf(k *gen.KeywordSet, w gen.Keyword) string {
	for name, v := range c.s.consts {
		if v.typ == goName(k.Name) && v.n > 0 && v.n <= uint64(len(k.Words)) && k.Words[v.n-1].Text == w.Text && letters(name) == letters(k.Name+w.Name) {
			return name
		}
	}
	return "no constant of " + w.Text
}

// feedWord feeds a field with a name, with all spans and without, to machines that
// take the value and that don't.
func (c *sequenceChecker) feedWord(k *gen.KeywordSet, w gen.Keyword, prefix string) error {
	for pick := range 4 {
		isGood := pick&1 == 1
		sc := &scene{what: fmt.Sprintf("%s, good: %v, with spans: %v", w.Text, isGood, pick&2 == 2), vars: map[string]any{}, after: map[string]any{}}
		for _, f := range c.feeds {
			sc.vars["m."+goName(f.Machine.Name)+"At"] = span{}
			if f.From != nil {
				sc.vars["m."+goName(f.From.Name)+"."+f.Span.Into] = span{}
				if pick&2 == 2 {
					sc.vars["m."+goName(f.From.Name)+"."+f.Span.Into] = span{3, 4}
				}
			}
		}
		at := span{20, 25}
		sc.args = map[string]any{"id": prefix + c.wordOf(k, w), "b": "b", "at": at}
		sc.answer = func(string) []any { return []any{isGood} }
		for _, f := range c.feeds {
			if f.From == nil && strings.EqualFold(f.Field, w.Text) {
				c.fed(f.Machine, at, isGood, sc)
			}
		}
		if err := c.run("Feed"+goName(k.Name), sc); err != nil {
			return err
		}
	}
	return nil
}
