package gen

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/specht-http/specht/spec"
)

// TestLimitsAreInSecurity compares the table of limits that people read with
// the tables of the specifications.
func TestLimitsAreInSecurity(t *testing.T) {
	text, err := os.ReadFile("../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	m, err := Load(set)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range m.limits {
		row := fmt.Sprintf("| `%s` | %d | %d |", l.Name, l.Default, l.Status)
		if !strings.Contains(string(text), row) {
			t.Errorf("SECURITY.md has no row that begins with %s, as %s says", row, l.Row.Pos)
		}
	}
	if len(m.limits) < 9 {
		t.Errorf("%d limits, expected nine or more", len(m.limits))
	}
}
