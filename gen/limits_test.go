package gen

import (
	"fmt"
	"os"
	"strconv"
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
	section := map[string]string{
		"Options": "`h1.Options` (compared)", "ClientOptions": "`h1.ClientOptions` (compared)", "h2.Options": "`h2.Options` (compared)",
		"h2.Credits": "`h2.Credits` (compared)", "h2.ClientOptions": "`h2.ClientOptions` (compared)",
	}
	set.Tables(spec.KindSetting, func(_ *spec.Document, table *spec.Table) {
		_, under, ok := strings.Cut(string(text), section[table.Name])
		if !ok || section[table.Name] == "" {
			t.Errorf("SECURITY.md has no table of %s, as %s has", table.Name, table.Pos)
			return
		}
		under, _, _ = strings.Cut(under, "(compared)")
		for _, r := range table.Rows {
			row := fmt.Sprintf("| `%s` | %s | %s |", r.Cells[0].Text, readable(r.Cells[1].Text, r.Cells[2].Text), r.Cells[3].Text)
			if !strings.Contains(under, row) {
				t.Errorf("SECURITY.md has no row of %s that begins with %s, as %s says", table.Name, row, r.Pos)
			}
		}
	})
	if len(m.limits) < 9 {
		t.Errorf("%d limits, expected nine or more", len(m.limits))
	}
}

// readable is a default as people read it.
func readable(value, unit string) string {
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
		return value
	case unit == "ns":
		return fmt.Sprintf("%d s", n/1_000_000_000)
	case unit == "octets" && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case unit == "octets" && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	case n >= 1000:
		return fmt.Sprintf("%d,%03d", n/1000, n%1000)
	}
	return value
}
