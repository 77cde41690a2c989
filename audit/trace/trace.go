// Package trace measures what holds each requirement: the rows of the specifications
// that cite it, the tests that take these rows, and what kills it.
//
// Nouns: a [Requirement] is a line of spec/requirements.tsv; a [Row] is one of a
// document that cites requirements; a [Mutant] is a specification in which one row
// says something else; an [Entry] is what was measured of a row, and the [Snapshot]
// is all of them, which is committed.
//
// A row is killed if a named test dies when the code is generated from its mutant.
// That takes minutes, so [Make] only compares the snapshot with the tree, and [Rebuild]
// measures what has changed.
//
// The package runs at build time, as gen does. It starts the go command.
package trace

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// Requirement is one requirement of an RFC, as spec/requirements.tsv has it.
type Requirement struct {
	ID     string
	Level  string   // MUST, SHOULD, MAY
	Status string   // held, exception or elsewhere
	What   string   // in our words
	Places []string // rows, tests and cases that hold it
	Why    string
}

// RFC is the one that it is from, as "RFC 9112".
func (r *Requirement) RFC() string {
	rfc, _, _ := strings.Cut(r.ID, "#")
	return "RFC " + strings.TrimPrefix(rfc, "rfc")
}

// Tests are its places that aren't rows: tests and golden cases.
func (r *Requirement) Tests() (out []string) {
	for _, p := range r.Places {
		if !strings.HasPrefix(p, "spec/") || strings.HasPrefix(p, "spec/testdata/") || strings.Contains(p, "_test.go: ") {
			out = append(out, p)
		}
	}
	return out
}

// readList reads the list of requirements of a specification.
func readList(specs fs.FS) (out []*Requirement, err error) {
	text, err := fs.ReadFile(specs, "requirements.tsv")
	if err != nil {
		return nil, fmt.Errorf("trace: the list of requirements: %w", err)
	}
	for i, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		f := strings.Split(line, "\t")
		if i == 0 {
			continue
		}
		if len(f) < 5 {
			return nil, fmt.Errorf("trace: requirements.tsv:%d: expected id, level, binds, status, what, places and why, with tabs between them", i+1)
		}
		f = append(f, "", "")
		r := &Requirement{ID: f[0], Level: f[1], Status: f[3], What: f[4], Why: f[6]}
		for _, p := range strings.Split(f[5], "; ") {
			if p != "" {
				r.Places = append(r.Places, p)
			}
		}
		out = append(out, r)
	}
	return out, nil
}

var requirementID = regexp.MustCompile(`rfc[0-9]+#[0-9A-Z.]+/[0-9]+`)
