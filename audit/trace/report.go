package trace

import (
	"cmp"
	_ "embed" // the snapshot
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/specht-http/specht/audit"
	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

// Report is what the trace comes to, with its totals.
type Report struct {
	audit.Report
	Totals []Total `json:"totals"`
	// Rows is how many rows cite requirements, by what came of their mutants.
	Rows map[string]int `json:"rows"`
	// Changes is how many changes of code by hand there are, likewise.
	Changes map[string]int `json:"changes"`
}

// Total is how many requirements of one RFC and level are held by what.
type Total struct {
	RFC       string `json:"rfc"`
	Level     string `json:"level"`
	Killed    int    `json:"measured_and_killed"`
	Code      int    `json:"killed_in_code_by_hand"`
	Refused   int    `json:"refused_by_generation"`
	Reason    int    `json:"not_killed_with_a_reason"`
	Asserted  int    `json:"asserted_only"`
	Exception int    `json:"exception"`
	Elsewhere int    `json:"elsewhere"`
	Fails     int    `json:"fails"`
}

// Subject is what a report is about: the documents, and the snapshot and reasons that
// belong to them.
type Subject struct {
	Specs    fs.FS
	Snapshot *Snapshot
	Reasons  map[string]string // why nothing kills a row, by its key
	Changes  []*Change         // of code by hand
	Tree     *Tree             // of the module, or nil: then tests and branches aren't looked up
}

//go:embed trace.tsv
var embedded string

//go:embed reasons.tsv
var reasons string

// Default is what the module itself was measured to be. tree is its source, or nil.
func Default(tree *Tree) (*Subject, error) {
	snapshot, err := parse(embedded)
	if err != nil {
		return nil, err
	}
	why, err := parseReasons(reasons)
	if err != nil {
		return nil, err
	}
	all, err := parseChanges(changes)
	return &Subject{Specs: spec.Embedded(), Snapshot: snapshot, Reasons: why, Changes: all, Tree: tree}, err
}

// Open is the module at root.
func Open(root string) (*Subject, error) {
	tree, err := NewTree(os.DirFS(root))
	if err != nil {
		return nil, err
	}
	s := &Subject{Specs: os.DirFS(filepath.Join(root, "spec")), Tree: tree}
	if s.Snapshot, err = ReadSnapshot(root); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, "audit", "trace", "reasons.tsv"))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if s.Reasons, err = parseReasons(string(text)); err != nil {
		return nil, err
	}
	text, err = os.ReadFile(filepath.Join(root, filepath.FromSlash(ChangesFile)))
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	s.Changes, err = parseChanges(string(text))
	return s, err
}

// rows are those of the documents, and the changes of code by hand behind them.
func (s *Subject) rows(set *spec.Set) []*Row {
	out := Rows(set)
	for _, c := range s.Changes {
		out = append(out, c.row())
	}
	return out
}

// parseReasons reads lines of a key, a tab and a reason.
func parseReasons(text string) (map[string]string, error) {
	out := map[string]string{}
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		key, why, ok := strings.Cut(line, "\t")
		switch {
		case i == 0:
		case !ok || why == "" || out[key] != "":
			return nil, fmt.Errorf("audit/trace/reasons.tsv:%d: expected a row, a tab and why nothing kills it, once", i+1)
		default:
			out[key] = why
		}
	}
	return out, nil
}

// Make compares the snapshot with the documents: each requirement with what holds it.
func Make(s *Subject) (*Report, error) {
	set, err := spec.Read(s.Specs)
	if err != nil {
		return nil, err
	}
	list, err := readList(s.Specs)
	if err != nil {
		return nil, err
	}
	rows := s.rows(set)
	by := map[string][]*Row{}
	for _, r := range rows {
		for _, id := range r.IDs {
			by[id] = append(by[id], r)
		}
	}
	r := &Report{Rows: map[string]int{}, Changes: map[string]int{}, Report: audit.Report{Check: "trace", About: "the requirements of spec/requirements.tsv", Assumes: assumes}}
	for _, q := range list {
		c, kind := s.requirement(q, by[q.ID])
		r.Add(c)
		r.count(q, kind)
	}
	for _, row := range rows {
		_, kind := s.row(row)
		if row.Change == nil {
			r.Rows[kind]++
		} else {
			r.Changes[kind]++
		}
	}
	for _, c := range s.strangers(list) {
		r.Add(c)
	}
	for _, c := range s.leftovers(rows) {
		r.Add(c)
	}
	slices.SortFunc(r.Totals, func(a, b Total) int { return cmp.Or(cmp.Compare(a.RFC, b.RFC), cmp.Compare(a.Level, b.Level)) })
	return r, nil
}

var assumes = []string{
	"a row is held if what is generated from one mutant of it fails a named test: other mistakes in the same row may pass",
	"a test that takes a row is one in which the branch or cell of the row ran; keywords, options and initial values are parts of machines, of which that isn't counted",
	"what is killed in code by hand is so by a change of one place, which a person has chosen: other places may be as important",
	"what is asserted only is code by hand, in which nothing was changed to see whether its tests die",
	"the rows are right: spec/README.md tells how to read them beside the RFCs",
}

func (r *Report) count(q *Requirement, kind string) {
	i := slices.IndexFunc(r.Totals, func(t Total) bool { return t.RFC == q.RFC() && t.Level == q.Level })
	if i < 0 {
		i, r.Totals = len(r.Totals), append(r.Totals, Total{RFC: q.RFC(), Level: q.Level})
	}
	t := &r.Totals[i]
	*map[string]*int{
		kindKilled: &t.Killed, kindRefused: &t.Refused, kindReason: &t.Reason, kindCode: &t.Code, kindAsserted: &t.Asserted,
		kindException: &t.Exception, kindElsewhere: &t.Elsewhere, kindFails: &t.Fails,
	}[kind]++
}

// What holds a requirement.
const (
	kindKilled    = "measured and killed"
	kindCode      = "killed in code by hand"
	kindReason    = "not killed, with a reason"
	kindRefused   = "refused by generation"
	kindAsserted  = "asserted only"
	kindException = "exception"
	kindElsewhere = "elsewhere"
	kindFails     = "fails"
)

// strength orders what holds a requirement: the strongest of its rows is told, and
// before all that one fails.
var strength = []string{kindAsserted, kindRefused, kindReason, kindCode, kindKilled, kindFails}

func stronger(a, b string) string {
	if slices.Index(strength, a) > slices.Index(strength, b) {
		return a
	}
	return b
}

// requirement is the claim of a requirement.
func (s *Subject) requirement(q *Requirement, rows []*Row) (c audit.Claim, kind string) {
	c = audit.Claim{Name: fmt.Sprintf("%s, %s: %s", q.ID, q.Level, q.What), Section: gen.Section(q.ID), Requirement: q.ID, Reason: q.Why, Verdict: audit.Says}
	switch q.Status {
	case "elsewhere", "exception":
		c.Evidence = q.Status
		return c, q.Status
	case "held":
	default:
		c.Verdict, c.Evidence = audit.Fails, fmt.Sprintf("its status is %q; expected held, exception or elsewhere", q.Status)
		return c, kindFails
	}
	var lines []string
	kind = kindAsserted
	for i, r := range rows {
		line, k := s.row(r)
		if i == 0 && r.Change == nil {
			c.At = r.Row.Pos
		}
		lines = append(lines, line)
		kind = stronger(kind, k)
	}
	tests := q.Tests()
	for _, t := range tests {
		if why := s.Tree.missing(t); why != "" {
			kind = kindFails
			lines = append(lines, t+": "+why)
		}
	}
	if kind == kindAsserted {
		if len(tests) == 0 {
			kind = kindFails
		}
		lines = append(lines, fmt.Sprintf("by %d tests of code by hand: %s", len(tests), strings.Join(tests, "; ")))
	} else {
		c.Verdict = audit.Holds
	}
	if kind == kindFails {
		c.Verdict = audit.Fails
	}
	c.Evidence = kind + "\n" + strings.Join(lines, "\n")
	return c, kind
}

// row says what was measured of a row.
func (s *Subject) row(r *Row) (line, kind string) {
	e := s.Snapshot.Find(r.Key)
	line = r.Key
	if at := s.Tree.branch(r); at != "" {
		line += ", generated at " + at
	}
	why, isExcused := s.Reasons[r.Key]
	switch {
	case e == nil || e.Hash != r.Hash || e.Verdict == "":
		return line + ": not measured since the row was written or changed; run make trace", kindFails
	case s.Tree.missingKiller(e) != "":
		return line + ": " + s.Tree.missingKiller(e) + "; run make trace", kindFails
	case r.Change != nil && s.Tree.unchangeable(r.Change) != "":
		return line + ": " + s.Tree.unchangeable(r.Change), kindFails
	case e.Verdict == Refused:
		return fmt.Sprintf("%s; mutant: %s; refused: %s", line, e.Mutant, e.Refused), kindRefused
	}
	line += takenBy(e)
	if e.Verdict == Killed {
		line += fmt.Sprintf("; mutant: %s; dies: %s", e.Mutant, e.KilledBy)
	} else {
		line += fmt.Sprintf("; mutant: %s; no test dies", e.Mutant)
	}
	if e.Refused != "" {
		line += "; generation refuses it, too: " + e.Refused
	}
	switch {
	case e.Verdict == Killed && r.Change != nil:
		return line, kindCode
	case e.Verdict == Killed && e.Tests != 0:
		return line, kindKilled
	case isExcused:
		return line + ", because " + why, kindReason
	}
	if r.Change != nil {
		return line + ": add a test that does, and name it in spec/requirements.tsv", kindFails
	}
	return line + ": add a test that does, or the reason why none can to audit/trace/reasons.tsv", kindFails
}

func takenBy(e *Entry) string {
	switch {
	case e.Tests < 0:
		return ""
	case e.Tests == 0:
		return "; no test takes it"
	}
	return fmt.Sprintf("; %d tests take it, such as %s", e.Tests, strings.Join(e.Took, ", "))
}

// strangers are the requirements of changes that aren't in the list.
func (s *Subject) strangers(list []*Requirement) (out []audit.Claim) {
	for _, c := range s.Changes {
		for _, id := range c.IDs {
			if !slices.ContainsFunc(list, func(q *Requirement) bool { return q.ID == id && q.Status == "held" }) {
				out = append(out, audit.Claim{Name: c.Key(), Verdict: audit.Fails, Evidence: fmt.Sprintf("%s:%d: there is no requirement %s that is held", ChangesFile, c.line, id)})
			}
		}
	}
	return out
}

// leftovers are entries and reasons of rows that aren't there any more, and reasons
// for rows that are killed.
func (s *Subject) leftovers(rows []*Row) (out []audit.Claim) {
	keys := map[string]bool{}
	for _, r := range rows {
		keys[r.Key] = true
	}
	fail := func(key, why string) {
		out = append(out, audit.Claim{Name: key, Verdict: audit.Fails, Evidence: why})
	}
	for _, e := range s.Snapshot.Entries {
		if !keys[e.Key] {
			fail(e.Key, "the snapshot has it, and the documents haven't; run make trace")
		}
	}
	for key := range s.Reasons {
		if e := s.Snapshot.Find(key); e == nil || e.Verdict == Refused || e.Verdict == Killed && e.Tests != 0 {
			fail(key, "there is a reason why nothing kills it, in vain: take it out of audit/trace/reasons.tsv")
		}
	}
	return out
}

// Held is the report without what isn't held here: exceptions, and what binds others.
func (r *Report) Held() *audit.Report {
	out := r.Report
	out.Claims = slices.DeleteFunc(slices.Clone(r.Claims), func(c audit.Claim) bool {
		return c.Evidence == kindException || c.Evidence == kindElsewhere
	})
	return &out
}

// Text writes the report for people, with its totals.
func (r *Report) Text(w io.Writer, isVerbose bool) error {
	if err := r.Report.Text(w, isVerbose); err != nil {
		return err
	}
	var rows []string
	for _, kind := range slices.Sorted(maps.Keys(r.Rows)) {
		rows = append(rows, fmt.Sprintf("%d %s", r.Rows[kind], kind))
	}
	_, err := fmt.Fprintf(w, "  rows: %s\n  changes of code by hand: %d, of which tests notice %d\n  %-9s %-11s %7s %8s %7s %8s %9s %10s %10s %6s\n",
		strings.Join(rows, ", "), r.Changes[kindCode]+r.Changes[kindFails], r.Changes[kindCode], "RFC", "level", "killed", "refused", "reason", "in code", "asserted", "exception", "elsewhere", "fails")
	all := Total{RFC: "all"}
	for _, t := range r.Totals {
		all.Killed, all.Refused, all.Asserted = all.Killed+t.Killed, all.Refused+t.Refused, all.Asserted+t.Asserted
		all.Reason, all.Code = all.Reason+t.Reason, all.Code+t.Code
		all.Exception, all.Elsewhere, all.Fails = all.Exception+t.Exception, all.Elsewhere+t.Elsewhere, all.Fails+t.Fails
	}
	for _, t := range append(slices.Clone(r.Totals), all) {
		if err == nil {
			_, err = fmt.Fprintf(w, "  %-9s %-11s %7d %8d %7d %8d %9d %10d %10d %6d\n", t.RFC, t.Level, t.Killed, t.Refused, t.Reason, t.Code, t.Asserted, t.Exception, t.Elsewhere, t.Fails)
		}
	}
	return err
}
