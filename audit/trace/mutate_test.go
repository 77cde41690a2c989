package trace

import (
	"go/format"
	"io/fs"
	"strings"
	"testing"

	"github.com/specht-http/specht/gen"
	"github.com/specht-http/specht/spec"
)

func ourRows(t *testing.T) (*spec.Set, []*Row) {
	t.Helper()
	set, err := spec.Read(spec.Embedded())
	if err != nil {
		t.Fatal(err)
	}
	return set, Rows(set)
}

// TestMutantsChangeOneRow holds that each row has a mutant, which is another text, of
// one line or with two rows exchanged, and still a document.
func TestMutantsChangeOneRow(t *testing.T) {
	_, rows := ourRows(t)
	for _, r := range rows {
		all := Mutants(r)
		if len(all) == 0 {
			t.Errorf("%s has no mutant", r.Key)
			continue
		}
		text, err := fs.ReadFile(spec.Embedded(), all[0].File)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range all {
			changed := m.Apply(string(text))
			n := differences(string(text), changed)
			if n != len(m.edits) {
				t.Errorf("%s, %s: %d lines are others", r.Key, m.What, n)
			}
			if i > 0 {
				continue
			}
			if _, err := spec.Read(with{spec.Embedded(), m.File, changed}); err != nil {
				t.Errorf("%s, %s: %v", r.Key, m.What, err)
			}
		}
	}
}

func differences(a, b string) (n int) {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	if len(x) != len(y) {
		return len(x) - len(y)
	}
	for i := range x {
		if x[i] != y[i] {
			n++
		}
	}
	return n
}

func TestMutants(t *testing.T) {
	_, rows := ourRows(t)
	for key, want := range map[string]string{
		"bodylength.md: request-body-length | both":                                       `→ outcome: "none" instead of "refuse: Transfer-Encoding with Content-Length"`,
		"stream.md: stream-state | idle | received reset":                                 `→ next: "the same" instead of "connection error: PROTOCOL_ERROR, RST_STREAM on an idle stream"`,
		"connection.md: connection | close":                                               `→ next: "absent" instead of "close"`,
		"requestmessage.md: request-message | head | machine request-head | end of input": ``,
		"chunked.md: chunk-line/CRLF[1]":                                                  `without the row`,
		"chunked.md: TrailerFieldLines":                                                   `error: "something else" instead of "too many trailer field lines", status: "599" instead of "431"`,
		"connection.md: connection-option | RFC 9110, Section 7.8":                        `value: "\"upgradex\"" instead of "\"upgrade\""`,
		"leniency.md: bare-LF":                                                            `"CRLF =/ LF %x7F" instead of "CRLF =/ LF"`,
		"settings.md: SETTINGS_ENABLE_PUSH":                                               `otherwise: "connection error: INTERNAL_ERROR" instead of "connection error: PROTOCOL_ERROR"`,
		"stream.md: asymmetry of stream-state | closed by end":                            `without the row`,
		"requesthead.md: no bare CR":                                                      `never: "*OCTET" instead of "*OCTET CR ( %x00-09 / %x0B-FF ) *OCTET"`,
	} {
		found := false
		for _, r := range rows {
			if r.Key == key {
				found = true
				if got := Mutants(r)[0].What; got != want && want != "" {
					t.Errorf("%s: %s, want %s", key, got, want)
				}
			}
		}
		if !found {
			t.Errorf("there is no row %q that cites a requirement", key)
		}
	}
}

// TestProvedRowsAreRefused changes what is claimed in rows that are proved: the proof
// fails, and says which claim.
func TestProvedRowsAreRefused(t *testing.T) {
	_, rows := ourRows(t)
	done := map[spec.Kind]bool{}
	for _, r := range rows {
		if !isProved(r) || done[r.Table.Kind] {
			continue
		}
		done[r.Table.Kind] = true
		m := Mutants(r)[0]
		text, err := fs.ReadFile(spec.Embedded(), m.File)
		if err != nil {
			t.Fatal(err)
		}
		set, err := spec.Read(with{spec.Embedded(), m.File, m.Apply(string(text))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := gen.Load(set); err == nil {
			t.Errorf("%s: nothing is refused with %s", r.Key, m.What)
		}
	}
	if len(done) < 2 {
		t.Errorf("only %v were tried", done)
	}
}

// TestBatch puts two mutants of a file into one build.
func TestBatch(t *testing.T) {
	const before = `// Code generated.

package h1

type S uint8

// On is a table.
func (s S) On(e int) (next S, wrong string) {
	return cells[s][e], ""
}

var cells = [1][2]S{{0, 1}}

func decide(a, b int) int {
	switch {
	// | row |
	case a == b:
		return 1
	}
	return 2
}
`
	b := &batch{text: func(string) ([]byte, error) { return []byte(before), nil }, beside: func(string) []string { return nil }, inserts: map[string][]insert{}, copies: map[string][]string{}}
	change := func(old, replacement string) map[string][]byte {
		if !strings.Contains(before, old) {
			t.Fatalf("there is no %q", old)
		}
		return map[string][]byte{"h1/x_gen.go": []byte(strings.Replace(before, old, replacement, 1))}
	}
	for number, files := range []map[string][]byte{change("return 1", "return 3"), change("{0, 1}", "{0, 0}")} {
		if ok, err := b.add(number+1, files); !ok || err != nil {
			t.Fatalf("mutant %d isn't taken (%v)", number+1, err)
		}
	}
	for _, other := range []map[string][]byte{change("uint8", "uint16"), change("func decide(a, b int)", "func decide(a, _ int)"), change("func decide(a, b int) int", "func decide(a, b int) uint"), change("// | row |", "// | other |")} {
		ok, err := b.add(9, other)
		if err != nil {
			t.Fatal(err)
		}
		isComment := strings.Contains(string(other["h1/x_gen.go"]), "| other |")
		if ok != isComment {
			t.Errorf("taken is %v", ok)
		}
	}
	files, err := b.files()
	if err != nil {
		t.Fatal(err)
	}
	got, err := format.Source(files["h1/x_gen.go"])
	if err != nil {
		t.Fatalf("%v\n%s", err, files["h1/x_gen.go"])
	}
	for _, want := range []string{
		"func decide(a, b int) int {\n\tif took.Mutant == 1 {\n\t\treturn decide__1(a, b)\n\t}",
		"func decide__1(a, b int) int {",
		"if took.Mutant == 2 {\n\t\tcells = cells__2\n\t}",
		"import \"github.com/specht-http/specht/internal/took\"",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("there is no %q in\n%s", want, got)
		}
	}
}

func TestDeaths(t *testing.T) {
	for _, c := range []struct{ out, test, how string }{
		{"=== RUN   TestA\n=== RUN   TestA/b\n    x.go:1: no\n--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\nFAIL\n", "TestA/b", "fails"},
		{"=== RUN   TestA\n--- PASS: TestA (0.00s)\n=== RUN   TestB\npanic: no\n\ngoroutine 1", "TestB", "panics"},
		{"=== RUN   TestA\npanic: test timed out after 30s\n\trunning tests:\n", "TestA", "hangs"},
		{"=== RUN   TestA\n--- FAIL: TestA (0.00s)\npanic: no [recovered]\n", "TestA", "panics"},
	} {
		if d := readDeath(c.out); d.test != c.test || d.how != c.how {
			t.Errorf("%q: %v", c.out, d)
		}
	}
}

// TestRowsOfCells finds the rows of what is told of tables.
func TestRowsOfCells(t *testing.T) {
	set, _ := ourRows(t)
	m, err := gen.Understand(set)
	if err != nil {
		t.Fatal(err)
	}
	for line, want := range map[string]string{
		"bodylength.md: request-body-length | both": "bodylength.md: request-body-length | both",
		"stream.md: stream-state\t0\t7":             "stream.md: stream-state | idle | received reset",
	} {
		if got, err := rowOf(m, line); got != want || err != nil {
			t.Errorf("%q is of %q (%v)", line, got, err)
		}
	}
	for _, line := range []string{"stream.md: nothing\t0\t0", "stream.md: stream-state\tx\t0"} {
		if _, err := rowOf(m, line); err == nil {
			t.Errorf("%q is a row", line)
		}
	}
}
