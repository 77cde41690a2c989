package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht/audit"
)

// TestAuditAll has the worst verdict be that of all, what fails told below its line, and
// no time in the object.
func TestAuditAll(t *testing.T) {
	report := func(check string, v audit.Verdict) *audit.Report {
		return &audit.Report{Check: check, About: "a", Claims: []audit.Claim{{Name: "claim of " + check, Verdict: v}}}
	}
	all := []audit.Asked{
		{Check: "prove", Report: report("prove", audit.Holds), Time: 1500 * time.Millisecond},
		{Check: "verbatim", Missing: "texts"},
		{Check: "desync", Report: report("desync", audit.Fails), Time: time.Second},
	}
	for _, c := range []struct {
		all     []audit.Asked
		isJSON  bool
		want    []string
		without string
		fails   int
	}{
		{all, false, []string{"prove     holds        1 claims    1.5 s\n", "verbatim  not asked: it needs texts\n", "  fails: claim of desync\n", "all       fails"}, "claim of prove", exitFailed},
		{all[:2], false, []string{"all       holds", "2.0 s, of what was asked: 1 checks weren't\n"}, "fails", exitOK},
		{all, true, []string{`{"verdict":"fails","notAsked":["verbatim"],"reports":[{"check":"prove"`}, "1.5", exitFailed},
		{[]audit.Asked{all[0], {Check: "verbatim", Report: report("verbatim", audit.Undecided)}}, false, []string{"all       undecided"}, "fails", exitUndecided},
	} {
		var out bytes.Buffer
		a := &auditAll{auditOutput: auditOutput{JSON: c.isJSON}}
		err := a.tell(&console{stdout: &out}, c.all, 2*time.Second)
		if code := exitCode(err); code != c.fails {
			t.Errorf("it is %v, which is exit code %d and not %d", err, code, c.fails)
		}
		for _, want := range c.want {
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in\n%s", want, out.String())
			}
		}
		if strings.Contains(out.String(), c.without) {
			t.Errorf("%q in\n%s", c.without, out.String())
		}
	}
}
