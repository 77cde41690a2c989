package spec

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// requirementList is requirements.tsv: all requirements of some RFCs, and what we
// do about each.
//
//	id level binds status what places why
//
// binds is who has to do what; status is one of
//
//	held       by its places, one of which is a test that fails without it
//	exception  we refuse it or do otherwise; why says the reason
//	elsewhere  it binds somebody whom this module is used by, or nobody's code
//	open       not held yet; why says what is missing
type requirementList []*listed

type listed struct {
	line                                int
	id, level, binds, status, what, why string
	places                              []string
}

const listColumns = "id\tlevel\tbinds\tstatus\twhat\tplaces\twhy"

// roles are who may be bound by what is held, excepted or open: the two sides
// of the engine, under all the names that the RFCs have for them.
var roles = strings.Split("sender, recipient, server, origin server, client, user agent, proxy, gateway, intermediary", ", ")

// others are whom this module doesn't contain.
var others = []string{
	"origin application", "client application", "proxy application", "cache", // built on the engine
	"TLS flow",                         // beneath it
	"user interface", "resource owner", // people, and what they see
	"registrant", "specification author",
}

var (
	levels   = []string{"MUST", "SHOULD", "MAY"}
	statuses = []string{"held", "exception", "elsewhere", "open"}
)

// readList reads the list in the directory of the documents.
func readList(fsys fs.FS) (requirementList, error) {
	text, err := fs.ReadFile(fsys, requirementsFile)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	if lines[0] != listColumns {
		return nil, fmt.Errorf("spec/%s:1: the columns are %q, want %q", requirementsFile, lines[0], listColumns)
	}
	var list requirementList
	for i, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 7 {
			return nil, fmt.Errorf("spec/%s:%d: %d columns, want 7", requirementsFile, i+2, len(f))
		}
		r := &listed{line: i + 2, id: f[0], level: f[1], binds: f[2], status: f[3], what: f[4], why: f[6]}
		if f[5] != "" {
			r.places = strings.Split(f[5], "; ")
		}
		list = append(list, r)
	}
	return list, nil
}

func (r *listed) errorf(format string, args ...any) error {
	return fmt.Errorf("spec/%s:%d: %s %s", requirementsFile, r.line, r.id, fmt.Sprintf(format, args...))
}

func (l requirementList) find(id string) *listed {
	for _, r := range l {
		if r.id == id {
			return r
		}
	}
	return nil
}

// check holds what the list alone can tell.
func (l requirementList) check() (errs []error) {
	seen := map[string]bool{}
	for _, r := range l {
		switch {
		case !requirementID.MatchString(r.id):
			errs = append(errs, r.errorf("is no id"))
		case seen[r.id]:
			errs = append(errs, r.errorf("stands twice"))
		case !slices.Contains(levels, r.level):
			errs = append(errs, r.errorf("has the level %q", r.level))
		case r.what == "":
			errs = append(errs, r.errorf("doesn't say what it asks for"))
		default:
			errs = append(errs, r.checkStatus()...)
		}
		seen[r.id] = true
	}
	return errs
}

// checkStatus holds what each status needs.
func (r *listed) checkStatus() (errs []error) {
	parties := roles
	switch r.status {
	case "held":
		if !slices.ContainsFunc(r.places, isTest) {
			errs = append(errs, r.errorf("is held by no test"))
		}
	case "exception", "open":
		if r.why == "" {
			errs = append(errs, r.errorf("is %s without a reason", r.status))
		}
	case "elsewhere":
		parties = others
	default:
		return []error{r.errorf("has the status %q", r.status)}
	}
	for _, who := range strings.Split(r.binds, ", ") {
		if !slices.Contains(parties, who) {
			errs = append(errs, r.errorf("is %s and binds %q, who is none of: %s", r.status, who, strings.Join(parties, ", ")))
		}
	}
	return errs
}

// compareWithRFCs compares ids and levels with the list that was made from the
// RFCs: id, section, level, sentence.
func compareWithRFCs(l requirementList, source string) (errs []error) {
	want := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(source), "\n")[1:] {
		f := strings.Split(line, "\t")
		rfc, _, _ := strings.Cut(f[0], "#")
		if slices.Contains(listedRFCs, rfc) {
			want[f[0]] = f[2]
			if l.find(f[0]) == nil {
				errs = append(errs, fmt.Errorf("spec/%s: %s (%s) is missing", requirementsFile, f[0], f[2]))
			}
		}
	}
	if len(want) == 0 {
		return []error{errors.New("the RFCs have no requirements; expected columns id, section, level, sentence")}
	}
	for _, r := range l {
		switch want[r.id] {
		case r.level:
		case "":
			errs = append(errs, r.errorf("is no requirement of the RFCs"))
		default:
			errs = append(errs, r.errorf("is %s here and %s in the RFC", r.level, want[r.id]))
		}
	}
	return errs
}

// listedRFCs are those whose requirements the list has.
var listedRFCs = []string{"rfc9110", "rfc9112", "rfc9113", "rfc7541"}

// totals is how many requirements have which status, by RFC and level, and
// what isn't held.
func (l requirementList) totals() string {
	var b strings.Builder
	row := func(name, level string, is func(*listed) bool) {
		fmt.Fprintf(&b, "%-9s %-7s", name, level)
		sum := 0
		for _, status := range statuses {
			n := 0
			for _, r := range l {
				if is(r) && r.status == status {
					n++
				}
			}
			sum += n
			fmt.Fprintf(&b, " %9d", n)
		}
		fmt.Fprintf(&b, " %9d\n", sum)
	}
	fmt.Fprintf(&b, "%-9s %-7s", "RFC", "level")
	for _, column := range append(slices.Clone(statuses), "all") {
		fmt.Fprintf(&b, " %9s", column)
	}
	b.WriteString("\n")
	for _, rfc := range listedRFCs {
		in := func(r *listed) bool { return strings.HasPrefix(r.id, rfc+"#") }
		for _, level := range levels {
			row("RFC "+rfc[3:], level, func(r *listed) bool { return in(r) && r.level == level })
		}
		row("RFC "+rfc[3:], "all", in)
	}
	row("all", "all", func(*listed) bool { return true })
	l.writeBound(&b)
	l.writeNotHeld(&b)
	return b.String()
}

// writeBound is whom the requirements bind that are elsewhere.
func (l requirementList) writeBound(b *strings.Builder) {
	b.WriteString("\nelsewhere\n")
	for _, who := range others {
		n := 0
		for _, r := range l {
			if r.status == "elsewhere" && slices.Contains(strings.Split(r.binds, ", "), who) {
				n++
			}
		}
		fmt.Fprintf(b, "%5d  %s\n", n, who)
	}
}

// writeNotHeld is each requirement that is open or an exception.
func (l requirementList) writeNotHeld(b *strings.Builder) {
	for _, status := range []string{"exception", "open"} {
		fmt.Fprintf(b, "\n%s\n", status)
		for _, r := range l {
			if r.status == status {
				fmt.Fprintf(b, "  %-6s %-20s %s: %s\n", r.level, r.id, r.what, r.why)
			}
		}
	}
}
