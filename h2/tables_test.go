package h2

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/frames"
)

// rule is what a requirement, or a section, of RFC 9113 says of a table: in each
// of these states each of these events has this answer. It was written from the
// RFC, and not from the tables.
type rule struct {
	cites    string // such as 5.1/1
	in, on   string // with commas between them
	want     string // a state, same, ignore, misuse, stream CODE, connection CODE, or * for any
	mustDo   string // the action
	mustCost Budget
}

// answerText is an answer as rule.want has it.
func answerText(before, next string, scope frames.Scope, code frames.ErrorCode, isIgnored bool) string {
	switch {
	case scope == frames.ScopeStream:
		return "stream " + code.String()
	case scope == frames.ScopeConnection:
		return "connection " + code.String()
	case scope == frames.ScopeMisuse:
		return "misuse"
	case isIgnored:
		return "ignore"
	case before == next:
		return "same"
	}
	return next
}

// checkRules asks the table for each state and event of each rule.
func checkRules(t *testing.T, rules []rule, states, events []string, on func(state, event int) (want, action string, cost Budget, text string)) {
	place := func(all []string, name string) int {
		for i, s := range all {
			if s == name {
				return i
			}
		}
		t.Fatalf("there is no %q", name)
		return 0
	}
	for _, r := range rules {
		for _, s := range strings.Split(r.in, ", ") {
			for _, e := range strings.Split(r.on, ", ") {
				got, action, cost, text := on(place(states, s), place(events, e))
				if got != r.want && r.want != "*" {
					t.Errorf("%s: %s in state %s is %q, want %q", r.cites, e, s, got, r.want)
				}
				if r.mustDo != "" && action != r.mustDo {
					t.Errorf("%s: %s in state %s makes us %q, want %q", r.cites, e, s, action, r.mustDo)
				}
				if !cost.Has(r.mustCost) {
					t.Errorf("%s: %s in state %s costs %b, want %b of it", r.cites, e, s, cost, r.mustCost)
				}
				isError := strings.Contains(got, "misuse") || strings.Contains(got, "stream ") || strings.Contains(got, "connection ")
				if isError != (text != "") {
					t.Errorf("%s: %s in state %s is %q, and says %q", r.cites, e, s, got, text)
				}
			}
		}
	}
}

// names are those of n values.
func names[T interface {
	~uint8
	fmt.Stringer
}](n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = T(i).String()
	}
	return out
}
