// Package audit puts questions to specifications: what is proved of them, how
// they compare with the RFCs' text, with each other and with the code that was
// generated, and what shows it.
//
// Nouns: a [Subject] is a specification that can be asked; a check is a function
// of subjects, and comes to a [Report], which is a list of [Claim]s. A claim says
// no more than was done, and what it assumes.
//
// The package runs at build time, as gen does. No runtime package imports it.
package audit

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Verdict is what came of a claim.
type Verdict uint8

// The verdicts, the worst one last.
const (
	Says      Verdict = iota // a fact, that nothing is claimed of
	Holds                    // it was shown
	Undecided                // neither it nor the contrary was shown, and the evidence says why
	Fails                    // the contrary was shown
)

var verdictWords = [...]string{"says", "holds", "undecided", "fails"}

// String is the word for the verdict.
func (v Verdict) String() string { return verdictWords[v] }

// MarshalText implements encoding.TextMarshaler.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// Claim is one thing that is said of a subject, with what shows it.
type Claim struct {
	Name     string   // what is claimed, in the words of the RFC
	Verdict  Verdict  //
	Evidence string   // what was done, in numbers; or what was found
	Witness  []byte   // the shortest octets that show it, or nil
	At       spec.Pos // the row or rule, or the zero Pos
	Section  string   // "RFC 9112, Section 6.3", or empty
	// Requirement is what the row cites: ids, or a choice or an exception with its
	// reason.
	Requirement string
	Assumes     []string // what this claim assumes beyond its report
	Reason      string   // why a difference or an exception is one
}

// MarshalJSON writes the members that have something in them. Octets are told
// quoted, as Go writes them.
func (c Claim) MarshalJSON() ([]byte, error) {
	at, witness := "", ""
	if c.At != (spec.Pos{}) {
		at = c.At.String()
	}
	if c.Witness != nil {
		witness = strconv.Quote(string(c.Witness))
	}
	return json.Marshal(struct {
		Name        string   `json:"claim"`
		Verdict     Verdict  `json:"verdict"`
		Evidence    string   `json:"evidence,omitempty"`
		Witness     string   `json:"witness,omitempty"`
		Octets      []byte   `json:"octets,omitempty"`
		At          string   `json:"at,omitempty"`
		Section     string   `json:"section,omitempty"`
		Requirement string   `json:"requirement,omitempty"`
		Assumes     []string `json:"assumes,omitempty"`
		Reason      string   `json:"reason,omitempty"`
	}{c.Name, c.Verdict, c.Evidence, witness, c.Witness, at, c.Section, c.Requirement, c.Assumes, c.Reason})
}

// Report is what a check came to.
type Report struct {
	Check   string   `json:"check"`   // "prove"
	About   string   `json:"about"`   // "the specifications of Specht"
	Claims  []Claim  `json:"claims"`  //
	Assumes []string `json:"assumes"` // what stays trusted, a sentence each
}

// Add adds a claim.
func (r *Report) Add(c Claim) { r.Claims = append(r.Claims, c) }

// Verdict is the worst one of the claims. A report of facts alone says them, and holds
// nothing.
func (r *Report) Verdict() Verdict {
	if len(r.Claims) == 0 {
		return Undecided // nothing was asked
	}
	worst := Says
	for _, c := range r.Claims {
		worst = max(worst, c.Verdict)
	}
	return worst
}

// Count is how many claims have the verdict.
func (r *Report) Count(v Verdict) (n int) {
	for _, c := range r.Claims {
		if c.Verdict == v {
			n++
		}
	}
	return n
}

// Text writes the report for people: all claims, or without isVerbose those only
// that need to be looked at, behind the totals.
func (r *Report) Text(w io.Writer, isVerbose bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, of %s: %s\n", r.Check, r.About, r.Verdict())
	var totals []string
	for v := range Verdict(len(verdictWords)) {
		if n := r.Count(v); n > 0 {
			totals = append(totals, fmt.Sprintf("%d %s", n, v))
		}
	}
	fmt.Fprintf(&b, "  claims: %s\n", strings.Join(totals, ", "))
	for _, c := range r.Claims {
		if isVerbose || c.Verdict > Holds {
			c.text(&b)
		}
	}
	for _, a := range r.Assumes {
		fmt.Fprintf(&b, "  assumes: %s\n", a)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *Claim) text(b *strings.Builder) {
	fmt.Fprintf(b, "  %s: %s\n", c.Verdict, c.Name)
	if c.Evidence != "" {
		fmt.Fprintf(b, "    %s\n", strings.ReplaceAll(c.Evidence, "\n", "\n    "))
	}
	if c.Witness != nil {
		fmt.Fprintf(b, "    octets: %q\n", c.Witness)
	}
	var from []string
	for _, s := range []string{c.Section, c.Requirement} {
		if s != "" {
			from = append(from, s)
		}
	}
	if c.At != (spec.Pos{}) {
		from = append(from, "at "+c.At.String())
	}
	if len(from) > 0 {
		fmt.Fprintf(b, "    %s\n", strings.Join(from, "; "))
	}
	if c.Reason != "" {
		fmt.Fprintf(b, "    because: %s\n", c.Reason)
	}
	for _, a := range c.Assumes {
		fmt.Fprintf(b, "    assumes: %s\n", a)
	}
}
