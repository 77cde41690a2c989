package trace

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht/audit"
)

const changed = "requirements\tfile\tfunction\tinstead of\tthis\n"

func TestChangesAreRead(t *testing.T) {
	all, err := parseChanges(changed + "rfc9112#2.2/6 rfc9112#6.1/3\th1/a.go\tT.f\tx > 1\tx > 2\nrfc9112#2.2/1\tspec/core.md\t\tCR LF\tLF\n")
	if err != nil || len(all) != 2 || len(all[0].IDs) != 2 || all[0].Key() != "h1/a.go, T.f: x > 1" || all[1].Key() != "core.md: CR LF" || all[1].line != 3 {
		t.Errorf("%+v (%v)", all, err)
	}
	for text, want := range map[string]string{
		"rfc9112#2.2/6\th1/a.go\tf\tx\n":                                            "changes.tsv:2: expected requirements, file",
		"\th1/a.go\tf\tx\ty\n":                                                      "changes.tsv:2: expected",
		"rfc9112#2.2/6\th1/a.go\tf\tx\tx\n":                                         "a text that is another",
		"rfc9112#2.2/6\th1/a.go\tf\tx\ty\nrfc9112#2.2/6\th1/a.go\tf\tx\tz\n":        "changes.tsv:3: the same text of the same function is changed in line 2",
		"rfc9112#2.2/6\tspec/core.md\t\tx\ty\nrfc9112#2.2/6\tspec/core.md\tf\tx\tz": "is changed in line 2",
	} {
		if _, err := parseChanges(changed + text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestChangesAreOfOnePlace(t *testing.T) {
	const code = `package x

const most = 1

type t struct{}

func (*t) f(a int) bool { return a > most }

func f(a int) bool { return a > most && a > 2 }
`
	for _, c := range []struct{ function, old, replacement, want string }{
		{"t.f", "a > most", "a >= most", "bool { return a >= most }\n\nfunc f"},
		{"f", "a > most", "true", "return true && a > 2"},
		{"const most", "1", "2", "const most = 2"},
		{"f", "a >", "a <", `x.go f has "a >" 2 times; expected once`},
		{"f", "b > most", "c", `has "b > most" 0 times`},
		{"t.g", "a", "b", "x.go has no t.g"},
	} {
		got, err := (&Change{File: "x.go", Function: c.function, Old: c.old, New: c.replacement}).Apply([]byte(code))
		if said := string(got); err != nil && !strings.Contains(err.Error(), c.want) || err == nil && !strings.Contains(said, c.want) {
			t.Errorf("%s: %s (%v)", c.function, said, err)
		}
	}
}

// TestSeededChanges plants changes and entries, each of which must fail, or not.
func TestSeededChanges(t *testing.T) {
	const id, text = "rfc9112#2.2/6", "if err := r.count(n); err != nil {"
	for _, c := range []struct {
		name string
		seed func(*Change, *Entry)
		want string // of a failure; empty for none
	}{
		{"killed", func(*Change, *Entry) {}, ""},
		{"no test dies", func(_ *Change, e *Entry) { e.Verdict, e.KilledBy = Survives, "" }, "add a test that does, and name it"},
		{"a test that isn't there", func(_ *Change, e *Entry) { e.KilledBy = "h1: TestNobodyWrote" }, "isn't there any more"},
		{"not measured", func(_ *Change, e *Entry) { e.Verdict = "" }, "not measured"},
		{"other code", func(c *Change, e *Entry) { c.Old = "if err := r.count(m); err != nil {"; *e = entryOf(c) }, "0 times; expected once"},
		{"another function", func(c *Change, e *Entry) { c.Function = "Request.onContents"; *e = entryOf(c) }, "has no Request.onContents"},
		{"another file", func(c *Change, e *Entry) { c.File = "h1/requestsout.go"; *e = entryOf(c) }, "there is no file"},
		{"generated code", func(c *Change, e *Entry) { c.File = "h1/requesthead_gen.go"; *e = entryOf(c) }, "isn't code by hand"},
		{"another text", func(c *Change, _ *Entry) { c.New = "{" }, "not measured since the row was written or changed"},
		{"no such requirement", func(c *Change, _ *Entry) { c.IDs = append(c.IDs, "rfc9112#2.2/66") }, "there is no requirement rfc9112#2.2/66"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := Open("../..")
			if err != nil {
				t.Fatal(err)
			}
			change := &Change{IDs: []string{id}, File: "h1/requestout.go", Function: "Request.onContent", Old: text, New: "if err := r.count(n); false && err != nil {", line: 2}
			e := entryOf(change)
			c.seed(change, &e)
			s.Snapshot.Entries = append(slices.DeleteFunc(s.Snapshot.Entries, func(e Entry) bool { return isOf(s.Changes, e) }), e)
			s.Changes = []*Change{change}
			r := report(t, s)
			found := failures(r)
			if c.want == "" {
				i := slices.IndexFunc(r.Claims, func(c audit.Claim) bool { return c.Requirement == id })
				if len(found) > 0 || !strings.HasPrefix(r.Claims[i].Evidence, kindCode) || r.Claims[i].Verdict != audit.Holds || r.Changes[kindCode] != 1 {
					t.Errorf("%v\n%v", r.Claims[i], found)
				}
				return
			}
			if !slices.ContainsFunc(found, func(f audit.Claim) bool { return strings.Contains(f.Evidence, c.want) }) {
				t.Errorf("nothing says %q: %v", c.want, found)
			}
		})
	}
}

func isOf(all []*Change, e Entry) bool {
	return slices.ContainsFunc(all, func(c *Change) bool { return c.Key() == e.Key })
}

func entryOf(c *Change) Entry {
	r := c.row()
	return Entry{Key: r.Key, Hash: r.Hash, Tests: -1, Mutant: c.what(), Verdict: Killed, KilledBy: "h1: TestRequestContent"}
}

// TestChangesAreMeasured makes two changes in a copy of the module: of one a test dies
// that its requirement names, the other makes no difference; and one that can't be
// built is named.
func TestChangesAreMeasured(t *testing.T) {
	if testing.Short() {
		t.Skip("it copies the module, and builds tests")
	}
	s, err := Open("../..")
	if err != nil {
		t.Fatal(err)
	}
	list, err := readList(s.Specs)
	if err != nil {
		t.Fatal(err)
	}
	b := &builder{root: "../..", log: os.Stderr, requirements: map[string]*Requirement{}, tests: &testNames{"../..", map[string][]testName{}}}
	for _, r := range list {
		b.requirements[r.ID] = r
	}
	if b.scratch, err = NewScratch("../.."); err != nil {
		t.Fatal(err)
	}
	defer b.scratch.Close()
	change := func(to string) *Row {
		return (&Change{IDs: []string{"rfc9112#2.2/6"}, File: "h1/requestout.go", Function: "Request.onContent", Old: "if err := r.count(n); err != nil {", New: to}).row()
	}
	entries, err := measured(b, change("if err := r.count(n); false && err != nil {"), change("if err := r.count(n); true && err != nil {"))
	if err != nil || len(entries) != 2 || entries[0].Verdict != Killed || entries[0].KilledBy != "h1: TestRequestContent" || entries[1].Verdict != Survives {
		t.Errorf("%+v (%v)", entries, err)
	}
	if _, err := measured(b, change("if err := r.count(n); none != nil {")); err == nil || !strings.Contains(err.Error(), "Request.onContent") || !strings.Contains(err.Error(), "undefined: none") {
		t.Errorf("what isn't built: %v", err)
	}
}

func measured(b *builder, rows ...*Row) (out []Entry, err error) {
	err = b.measure(rows, func(e Entry, _ int, _ time.Duration) error {
		out = append(out, e)
		return nil
	})
	return out, err
}
