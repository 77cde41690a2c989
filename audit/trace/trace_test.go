package trace

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/audit"
)

// TestSnapshot holds that the snapshot is that of the documents and tests as they are,
// and that each requirement is held, or says why not. What it says is measured by
// make trace.
func TestSnapshot(t *testing.T) {
	s, err := Open("../..")
	if err != nil {
		t.Fatal(err)
	}
	r := report(t, s)
	for _, c := range failures(r) {
		t.Errorf("%s\n%s", c.Name, c.Evidence)
	}
	sum := 0
	for _, n := range r.Totals {
		sum += n.Killed + n.Refused + n.Reason + n.Code + n.Asserted + n.Exception + n.Elsewhere + n.Fails
	}
	if list, err := readList(s.Specs); err != nil || sum != len(list) {
		t.Errorf("the totals are of %d requirements, and there are %d (%v)", sum, len(list), err)
	}
	embedded, err := Default(nil)
	if err != nil {
		t.Fatal(err)
	}
	if embedded.Snapshot.text() != s.Snapshot.text() {
		t.Error("what is embedded isn't the snapshot")
	}
}

// TestSeededFaults changes what was measured of a row, and the row itself: each must
// fail, of the requirement that is held by it.
func TestSeededFaults(t *testing.T) {
	const key = "bodylength.md: request-body-length | both"
	for _, c := range []struct {
		name string
		seed func(*Subject, *Entry)
		want string
	}{
		{"no test dies", func(_ *Subject, e *Entry) { e.Verdict, e.KilledBy = Survives, "" }, "add a test that does, or the reason"},
		{"no test takes it", func(_ *Subject, e *Entry) { e.Tests, e.Took = 0, nil }, "no test takes it"},
		{"a test that isn't there", func(_ *Subject, e *Entry) { e.KilledBy = "h1: TestNobodyWrote/both" }, "the test h1: TestNobodyWrote/both isn't there any more"},
		{"another row", func(_ *Subject, e *Entry) { e.Hash = "0123456789ab" }, "not measured since the row was written or changed"},
		{"never measured", func(_ *Subject, e *Entry) { e.Verdict = "" }, "not measured"},
		{"a row that is gone", func(_ *Subject, e *Entry) { e.Key += " and more" }, "the documents haven't"},
		{"a reason in vain", func(s *Subject, _ *Entry) { s.Reasons[key] = "it is hard" }, "in vain"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Open("../..")
			if err != nil {
				t.Fatal(err)
			}
			c.seed(s, s.Snapshot.Find(key))
			found := failures(report(t, s))
			if !slices.ContainsFunc(found, func(f audit.Claim) bool { return strings.Contains(f.Evidence, c.want) }) {
				t.Errorf("nothing says %q: %v", c.want, found)
			}
		})
	}
}

// TestSeededRequirements changes the list of requirements.
func TestSeededRequirements(t *testing.T) {
	text, err := os.ReadFile("../../spec/requirements.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, replacement, want string }{
		{"a test that nobody wrote", "h1/reply_test.go: TestUnsendable;", "h1/reply_test.go: TestUnsent;", "h1/reply_test.go: TestUnsent: there is no such test"},
		{"a file that isn't there", "h1/reply_test.go: TestUnsendable;", "h1/replies_test.go: TestUnsendable;", "there is no such file"},
		{"no status", "rfc9110#2.2/3\tMAY\trecipient\texception", "rfc9110#2.2/3\tMAY\trecipient\tperhaps", `its status is "perhaps"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(string(text), c.old) {
				t.Fatalf("the list hasn't %q", c.old)
			}
			s, err := Open("../..")
			if err != nil {
				t.Fatal(err)
			}
			s.Specs = with{s.Specs, "requirements.tsv", strings.Replace(string(text), c.old, c.replacement, 1)}
			found := failures(report(t, s))
			if !slices.ContainsFunc(found, func(f audit.Claim) bool { return strings.Contains(f.Evidence, c.want) }) {
				t.Errorf("nothing says %q: %v", c.want, found)
			}
		})
	}
}

func report(t *testing.T, s *Subject) *Report {
	t.Helper()
	r, err := Make(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func failures(r *Report) (out []audit.Claim) {
	for _, c := range r.Claims {
		if c.Verdict == audit.Fails {
			out = append(out, c)
		}
	}
	return out
}

func TestReasonsAreReasons(t *testing.T) {
	for text, isRight := range map[string]bool{
		"row\twhy\n":                          true,
		"row\twhy\na.md: x\tit is the same\n": true,
		"row\twhy\na.md: x\n":                 false,
		"row\twhy\na.md: x\t\n":               false,
		"row\twhy\na.md: x\t1\na.md: x\t2\n":  false,
	} {
		if _, err := parseReasons(text); (err == nil) != isRight {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestSnapshotIsReadAsItIsWritten(t *testing.T) {
	s := &Snapshot{[]Entry{
		{Key: "a.md: x | y", Hash: "00", Tests: 3, Took: []string{"h1: TestA", "h2: TestB"}, Mutant: `→ next: "x"`, Verdict: Killed, KilledBy: "h1: TestA/b"},
		{Key: "b.md: z", Hash: "01", Tests: -1, Mutant: "without the row", Verdict: Refused, Refused: "no"},
	}}
	again, err := parse(s.text())
	if err != nil || again.text() != s.text() || len(again.Entries) != 2 || again.Find("a.md: x | y").Took[1] != "h2: TestB" {
		t.Errorf("%v (%v)", again, err)
	}
	for _, text := range []string{"row\n1\t2\n", "row\na\tb\tmany\t\t\t\t\t\n"} {
		if _, err := parse(text); err == nil {
			t.Errorf("%q is read", text)
		}
	}
}
