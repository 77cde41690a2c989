package spec

import (
	"fmt"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"testing/fstest"
)

// A small module, whose list has no mistake: one requirement of each status.
var (
	validList = listColumns + "\n" +
		"rfc9112#1/1\tMUST\tserver\theld\tone\tspec/line.md: short | LF; spec/line.md: words; spec/line.md: rule line; h1/line_test.go: TestLine/a \"line\"; h1/testdata/lines.md: A line\t\n" +
		"rfc9112#1/2\tMAY\trecipient\texception\ttwo\tspec/line.md: long\trefused\n" +
		"rfc9112#1/3\tSHOULD\torigin application, cache\telsewhere\tthree\t\t\n" +
		"rfc9112#1/4\tMUST\tclient\topen\tfour\tspec/line.md: state\tthe client\n"

	validDocument = "# Line\n\n```abnf rfc9112#1\nline = ALPHA\n```\n\n" +
		"| path | octet | error | status | requirement |\n|---|---|---|---|---|\n" +
		"| `short` | `LF` | empty | 400 | rfc9112#1/1 |\n" +
		"| `short` | `CR` | bare | 400 | rfc9112#1 |\n" +
		"| `long` | `CR` | bare | 400 | exception: rfc9112#1/2 allows it |\n\n" +
		"| keyword set words | keyword | value | requirement |\n|---|---|---|---|\n" +
		"| IANA | `A` | `\"a\"` | rfc9112#1/1 |\n\n" +
		"| transitions state | event | → next | action | requirement |\n|---|---|---|---|---|\n" +
		"| a, b | c | d | | rfc9112#1/4 |\n"

	validTest = "package h1\n\nvar lines = []string{name}\n\nconst name = `a \"line\"`\n\n" +
		"func TestLine(t *testing.T) { _ = lines }\n\nfunc TestOther(t *testing.T) { _ = \"other\" }\n\nfunc lineOf() {}\n"

	validSource = "id\tsection\tlevel\tsentence\nrfc9112#1/1\t1\tMUST\tA.\nrfc9112#1/2\t1\tMAY\tB.\n" +
		"rfc9112#1/3\t1\tSHOULD\tC.\nrfc9112#1/4\t1\tMUST\tD.\nrfc9111#1/1\t1\tMUST\tE.\n"

	validModule = map[string]string{
		"spec/requirements.tsv":    validList,
		"spec/line.md":             validDocument,
		"h1/line_test.go":          validTest,
		"h1/line.go":               "package h1\n\n// It is as rfc9112#1/1 has it.\n",
		"h1/testdata/lines.md":     "# Lines\n\n## A line\n",
		"cmd/testdata/line.txtar":  "# show a line\nexec line\n",
		"../shared/rfc/source.tsv": validSource,
	}
)

// listMistakes are changes to the small module, each with the complaint that has to
// come of it, and no other.
var listMistakes = []struct{ name, file, old, new, want string }{
	{"no mistake", "spec/line.md", "# Line", "# Line", ""},
	{"another column", "spec/requirements.tsv", "\twhy\n", "\tbecause\n", "spec/requirements.tsv:1: the columns are"},
	{"a column too few", "spec/requirements.tsv", "\tthree\t\t\n", "\tthree\t\n", "spec/requirements.tsv:4: 6 columns, want 7"},
	{"an id that is missing", "../shared/rfc/source.tsv", "C.\n", "C.\nrfc9112#1/9\t1\tMAY\tF.\n", "rfc9112#1/9 (MAY) is missing"},
	{"an id that is unknown", "../shared/rfc/source.tsv", "rfc9112#1/3\t1\tSHOULD\tC.\n", "", "rfc9112#1/3 is no requirement of the RFCs"},
	{"another level", "spec/requirements.tsv", "1/3\tSHOULD", "1/3\tMUST", "rfc9112#1/3 is MUST here and SHOULD in the RFC"},
	{"no RFC", "../shared/rfc/source.tsv", validSource, "id\n", "the RFCs have no requirements"},
	{"no id", "spec/requirements.tsv", "rfc9112#1/3", "rfc9112#1", "rfc9112#1 is no id"},
	{"an id twice", "spec/requirements.tsv", "rfc9112#1/3", "rfc9112#1/2", "rfc9112#1/2 stands twice"},
	{"no level", "spec/requirements.tsv", "1/3\tSHOULD", "1/3\tCOULD", `rfc9112#1/3 has the level "COULD"`},
	{"no words", "spec/requirements.tsv", "\tthree\t", "\t\t", "rfc9112#1/3 doesn't say what it asks for"},
	{"no status", "spec/requirements.tsv", "\topen\t", "\tdone\t", `rfc9112#1/4 has the status "done"`},
	{"held by a row alone", "spec/requirements.tsv", "; h1/line_test.go: TestLine/a \"line\"; h1/testdata/lines.md: A line", "", "rfc9112#1/1 is held by no test"},
	{"an exception without a reason", "spec/requirements.tsv", "\trefused\n", "\t\n", "rfc9112#1/2 is exception without a reason"},
	{"open without a reason", "spec/requirements.tsv", "\tthe client\n", "\t\n", "rfc9112#1/4 is open without a reason"},
	{"held by a cache", "spec/requirements.tsv", "\tserver\theld", "\tcache\theld", `rfc9112#1/1 is held and binds "cache", who is none of: sender, `},
	{"a server elsewhere", "spec/requirements.tsv", "\torigin application, cache\t", "\torigin application, server\t", `rfc9112#1/3 is elsewhere and binds "server", who is none of: origin application, `},
	{"no such document", "spec/requirements.tsv", "spec/line.md: rule line", "spec/lines.md: rule line", `rfc9112#1/1 is said to be held by "spec/lines.md: rule line": there is no such document`},
	{"no such row", "spec/requirements.tsv", "spec/line.md: rule line", "spec/line.md: sho", "there is no such row or table"},
	{"no such rule", "spec/requirements.tsv", "rule line", "rule lin", "there is no such rule"},
	{"a row of another requirement", "spec/requirements.tsv", "rule line", "short | CR", "it doesn't cite this requirement"},
	{"a table of another requirement", "spec/requirements.tsv", "rule line", "state", "it doesn't cite this requirement"},
	{"no such file", "spec/requirements.tsv", "h1/line_test.go", "h1/lines_test.go", "there is no such file"},
	{"a file that proves nothing", "spec/requirements.tsv", "h1/testdata/lines.md: A line", "h1/line.go: A line", "neither a document, nor a test, nor a case of one"},
	{"no name", "spec/requirements.tsv", "h1/testdata/lines.md: A line", "h1/testdata/lines.md", "a place is a file, a colon and a name"},
	{"a place twice", "spec/requirements.tsv", "rule line", "words", `names "spec/line.md: words" twice`},
	{"no such test", "h1/line_test.go", "func TestLine(", "func TestLines(", "there is no such test"},
	{"a function that is no test", "spec/requirements.tsv", "TestLine/a \"line\"", "lineOf", "there is no such test"},
	{"no such row of a test", "h1/line_test.go", "`a \"line\"`", "`a line`", `TestLine doesn't say "a \"line\""`},
	{"a row of another test", "spec/requirements.tsv", "TestLine/a \"line\"", "TestLine/other", `TestLine doesn't say "other"`},
	{"no such case", "h1/testdata/lines.md", "## A line", "## A lines", "no case has this heading"},
	{"no such script", "spec/requirements.tsv", "h1/testdata/lines.md: A line", "cmd/testdata/line.txtar: show lines", "no comment says this"},
	{"a row that isn't among the places", "spec/line.md", "400 | rfc9112#1 |", "400 | rfc9112#1/4 |", "rfc9112#1/4 is cited at spec/line.md:10; add that row to its places, or the table"},
	{"a row that cites what binds others", "spec/line.md", "400 | rfc9112#1 |", "400 | rfc9112#1/3 |", "rfc9112#1/3 binds somebody else, and spec/line.md:10 cites it"},
	{"an exception that is held", "spec/requirements.tsv", "recipient\texception", "recipient\topen", "rfc9112#1/2 is open, and an exception at spec/line.md:11"},
	{"an exception from nothing", "spec/line.md", "400 | rfc9112#1 |", "400 | exception: we don't |", "spec/line.md:10: the exception doesn't say from what"},
	{"an unknown id in code", "h1/line.go", "rfc9112#1/1", "rfc9112#1/11", "h1/line.go: rfc9112#1/11 isn't in requirements.tsv"},
}

func TestListMistakes(t *testing.T) {
	for _, m := range listMistakes {
		t.Run(m.name, func(t *testing.T) {
			files := maps.Clone(validModule)
			if strings.Count(files[m.file], m.old) != 1 {
				t.Fatalf("%s has %d times %q, want once", m.file, strings.Count(files[m.file], m.old), m.old)
			}
			files[m.file] = strings.Replace(files[m.file], m.old, m.new, 1)
			errs := checkModule(files)
			switch {
			case m.want == "" && len(errs) == 0:
			case m.want == "" || len(errs) != 1 || !strings.Contains(errs[0].Error(), m.want):
				t.Errorf("got %q, want one with %q", fmt.Sprint(errs), m.want)
			}
		})
	}
}

// checkModule is all that the checks say of a module.
func checkModule(files map[string]string) (errs []error) {
	root := fstest.MapFS{}
	for name, text := range files {
		if fs.ValidPath(name) {
			root[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	documents, err := fs.Sub(root, "spec")
	if err != nil {
		return []error{err}
	}
	list, err := readList(documents)
	if err != nil {
		return []error{err}
	}
	if errs := list.check(); len(errs) > 0 {
		return errs
	}
	set, err := Read(documents)
	if err != nil {
		return []error{err}
	}
	errs = append(compareWithRFCs(list, files["../shared/rfc/source.tsv"]), list.checkPlaces(set, root)...)
	return append(append(errs, list.checkCitations(set)...), list.checkProse(root)...)
}
