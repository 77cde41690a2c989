package spec

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the totals of requirements.tsv into testdata")

// The list of requirements is checked against the RFCs, where these are at
// hand (this file); against itself, the documents and the tests that it names
// (requirementlist_test.go, requirementplaces_test.go); and the checks are
// checked by mistakes that they must find (requirementmistakes_test.go).

// rfcs is where the RFCs and what was made of them are, beside the module.
const rfcs = "../../shared/rfc/"

// TestRequirementsAreThoseOfTheRFCs compares the list of ids with the list
// that was made from the RFCs' texts, which is not a part of the module.
func TestRequirementsAreThoseOfTheRFCs(t *testing.T) {
	text, err := os.ReadFile(rfcs + "requirements.tsv")
	if err != nil {
		t.Skipf("the requirements with their sentences are not beside the module: %v", err)
	}
	list, err := readList(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range compareWithRFCs(list, string(text)) {
		t.Error(err)
	}
}

// TestSectionsAreThoseOfTheRFCs looks up the sections that rows cite.
func TestSectionsAreThoseOfTheRFCs(t *testing.T) {
	set, err := Read(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, c := range citations(set) {
		if !sectionID.MatchString(c.id) {
			continue
		}
		rfc, section, _ := strings.Cut(c.id, "#")
		if texts[rfc] == "" {
			text, err := os.ReadFile(rfcs + rfc + ".txt")
			if err != nil {
				t.Skipf("the text of %s is not beside the module: %v", rfc, err)
			}
			texts[rfc] = "\n" + string(text)
		}
		if !strings.Contains(texts[rfc], "\n"+section+". ") {
			t.Errorf("%v: %s has no Section %s", c.row.Pos, rfc, section)
		}
	}
}

// TestRequirementList holds that the list is whole and true, as far as a
// machine can: what has no place to point at isn't held.
func TestRequirementList(t *testing.T) {
	list, err := readList(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	set, err := Read(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	errs := append(list.check(), list.checkPlaces(set, os.DirFS(".."))...)
	for _, err := range append(errs, list.checkCitations(set)...) {
		t.Error(err)
	}
}

// TestIDsInProse looks up every id in code and documents outside of spec/.
func TestIDsInProse(t *testing.T) {
	list, err := readList(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range list.checkProse(os.DirFS("..")) {
		t.Error(err)
	}
}

// TestRequirementTotals writes how much of the RFCs is held.
func TestRequirementTotals(t *testing.T) {
	list, err := readList(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	got := list.totals()
	t.Log("\n" + got)
	name := filepath.Join("testdata", "requirements.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s isn't what requirements.tsv adds up to; write it by: go test ./spec -run Totals -update", name)
	}
}

func TestEmbeddedDocumentsAreRead(t *testing.T) {
	set, err := Read(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range set.Documents {
		if d.Title == "" {
			t.Errorf("%s has no title", d.File)
		}
	}
	if _, err := fs.Stat(Embedded(), requirementsFile); err != nil {
		t.Error(err)
	}
}
