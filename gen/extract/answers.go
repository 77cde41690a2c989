package extract

import (
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
)

// answer compares a cell that says more than a state. Its members are compared
// by the names that the specification's words must have in Go.
func (s *Source) answer(t *gen.Transitions, state, event string, lit *ast.CompositeLit) error {
	row := t.Cells[[2]string{state, event}]
	next, _ := t.Next(state, event)
	want := map[string]string{"Next": goName(t.Name) + goName(next)}
	if row.Scope != gen.ScopeNone {
		want["Scope"] = "Scope" + goName(string(row.Scope))
		want["Rule"] = row.Rule()
	}
	if row.Code != "" {
		want["Code"] = "Code" + codeName(row.Code)
	}
	if row.Action != "" {
		want["Action"] = goName(t.Name) + "Action" + goName(row.Action)
	}
	if len(row.Pays) > 0 {
		var names []string
		for _, b := range row.Pays {
			names = append(names, "Budget"+goName(b))
		}
		slices.Sort(names)
		want["Pays"] = strings.Join(names, "|")
	}
	if row.Ignore {
		want["Ignore"] = "true"
	}
	got := map[string]string{}
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return fmt.Errorf("extract: transitions %s: %s on %s: a member without a name", t.Name, state, event)
		}
		got[exprName(kv.Key)] = member(kv.Value)
	}
	for _, name := range []string{"Next", "Scope", "Code", "Action", "Pays", "Ignore", "Rule"} {
		if got[name] != want[name] {
			return fmt.Errorf("extract: transitions %s: %s on %s: %s is %q, expected %q", t.Name, state, event, name, got[name], want[name])
		}
	}
	if len(got) != len(want) {
		return fmt.Errorf("extract: transitions %s: %s on %s: a member that the specification doesn't have", t.Name, state, event)
	}
	return nil
}

// member is a value as one text: a name, a string, or names that are combined.
func member(e ast.Expr) string {
	if b, ok := e.(*ast.BinaryExpr); ok && b.Op == token.OR {
		names := append(strings.Split(member(b.X), "|"), strings.Split(member(b.Y), "|")...)
		slices.Sort(names)
		return strings.Join(names, "|")
	}
	if s, ok := stringOf(e); ok {
		return s
	}
	return exprName(e)
}

// codeName is an error code as it stands in Go: "PROTOCOL_ERROR" is
// ProtocolError.
func codeName(code string) string {
	if code == "HTTP_1_1_REQUIRED" {
		return "HTTP11Required"
	}
	return goName(strings.ReplaceAll(strings.ToLower(code), "_", "-"))
}
