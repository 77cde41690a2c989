package spec

import (
	"io/fs"
	"os"
	"strings"
	"testing"
)

// TestRequirementsAreThoseOfTheRFCs compares the list of ids with the list
// that was made from the RFCs' texts, which is not a part of the module.
func TestRequirementsAreThoseOfTheRFCs(t *testing.T) {
	const source = "../../shared/rfc/requirements.tsv"
	text, err := os.ReadFile(source)
	if err != nil {
		t.Skipf("the requirements with their sentences are not beside the module: %v", err)
	}
	want := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		f := strings.Split(line, "\t")
		if strings.HasPrefix(f[0], "rfc9110#") || strings.HasPrefix(f[0], "rfc9112#") {
			want[f[0]] = f[2]
		}
	}
	if len(want) == 0 {
		t.Fatalf("%s has no requirement of RFC 9110 or RFC 9112", source)
	}
	got, err := readRequirements(Embedded())
	if err != nil {
		t.Fatal(err)
	}
	for id, level := range want {
		if got[id] != level {
			t.Errorf("%s is %q here and %q there", id, got[id], level)
		}
	}
	for id := range got {
		if want[id] == "" {
			t.Errorf("%s is no requirement of the RFCs", id)
		}
	}
}

func TestRequirementsStandOnce(t *testing.T) {
	text, err := fs.ReadFile(Embedded(), "requirements.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		id, level, _ := strings.Cut(line, "\t")
		switch {
		case seen[id]:
			t.Errorf("requirements.tsv:%d: %s stands twice", i+2, id)
		case !requirementID.MatchString(id):
			t.Errorf("requirements.tsv:%d: %q is no id", i+2, id)
		case level != "MUST" && level != "SHOULD" && level != "MAY":
			t.Errorf("requirements.tsv:%d: %q is no level", i+2, level)
		}
		seen[id] = true
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
}
