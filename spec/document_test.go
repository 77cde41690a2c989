package spec

import (
	"strings"
	"testing"
	"testing/fstest"
)

// valid is a small document with a block of rules, a table with a requirement,
// a table with a code mark, and prose. The mistakes below are made in it.
const valid = `# Line

A line is a name, a colon and a value.

` + "```abnf rfc9112#5" + `
line = name ":" value
` + "```" + `

| limit | counts | default | error | status | requirement |
|---|---|---|---|---|---|
| LineOctets | octets of ` + "`line`" + ` | 64 | line too long | 431 | rfc9110#5.4/1 |
| Lines | records of line | 8 | too many lines | 431 | choice: enough for a test |

Prose between the tables.

| decision length | version | → outcome | requirement |
|---|---|---|---|
| old | 1.0 | none | rfc9110#5.4/1 |
`

const requirements = "id\tlevel\nrfc9110#5.4/1\tMUST\nrfc9112#6.3/4\tMUST\n"

func read(name, text string) (*Set, error) {
	return Read(fstest.MapFS{
		name:               {Data: []byte(text)},
		"requirements.tsv": {Data: []byte(requirements)},
	})
}

func TestReadTellsWhatADocumentHolds(t *testing.T) {
	set, err := read("line.md", valid)
	if err != nil {
		t.Fatal(err)
	}
	if len(set.Documents) != 1 {
		t.Fatalf("read %d documents, want 1", len(set.Documents))
	}
	d := set.Documents[0]
	if d.File != "line.md" || d.Noun != "line" || d.Title != "Line" {
		t.Errorf("the document is %q, %q, %q; want line.md, line, Line", d.File, d.Noun, d.Title)
	}
	if len(d.Grammars) != 1 || len(d.Tables) != 2 {
		t.Fatalf("read %d blocks of rules and %d tables, want 1 and 2", len(d.Grammars), len(d.Tables))
	}
	g := d.Grammars[0]
	if g.Namespace != "rfc9112" || g.Section != "5" || g.Source() != "RFC 9112, Section 5" || g.Text != "line = name \":\" value\n" {
		t.Errorf("the block is %+v from %s", g, g.Source())
	}
	if got := g.Pos.String(); got != "spec/line.md:6" {
		t.Errorf("the block's first line is at %s, want spec/line.md:6", got)
	}
	limits, length := d.Tables[0], d.Tables[1]
	if limits.Kind != KindLimit || limits.Name != "" || len(limits.Rows) != 2 {
		t.Errorf("the first table is of kind %d, name %q, with %d rows", limits.Kind, limits.Name, len(limits.Rows))
	}
	if length.Kind != KindDecision || length.Name != "length" {
		t.Errorf("the second table is of kind %d, name %q", length.Kind, length.Name)
	}
	counts := limits.Cell(limits.Rows[0], "counts")
	if counts.Text != "octets of line" || counts.Pos.String() != "spec/line.md:11:16" {
		t.Errorf("the cell is %q at %s, want it without code marks at spec/line.md:11:16", counts.Text, counts.Pos)
	}
	if got := limits.Rows[1].String(); got != "| Lines | records of line | 8 | too many lines | 431 | choice: enough for a test |" {
		t.Errorf("the row is %s", got)
	}
	if got := limits.Cell(limits.Rows[0], "no such column"); got.Text != "" || got.Pos.Line != 11 {
		t.Errorf("a column that the table has not gives %+v", got)
	}
}

func TestReadTellsTheKindOfEveryTable(t *testing.T) {
	for header, want := range map[string]struct {
		kind Kind
		name string
	}{
		"| machine | root | role | input | room |":                                           {KindMachine, ""},
		"| path | yields | into |":                                                           {KindYield, ""},
		"| keyword set option | keyword | value | requirement |":                             {KindKeyword, "option"},
		"| limit | counts | default | error | status | requirement |":                        {KindLimit, ""},
		"| path | octet | error | status | requirement |":                                    {KindSyntaxError, ""},
		"| path | prefers | because |":                                                       {KindPreference, ""},
		"| property | of | never | requirement |":                                            {KindProperty, ""},
		"| input | values | room | means |":                                                  {KindInput, ""},
		"| group | of | values |":                                                            {KindGroup, ""},
		"| error | status | means |":                                                         {KindRefusal, ""},
		"| decision body length | version | coding | → outcome | requirement |":              {KindDecision, "body length"},
		"| transitions request | event | → next | action | requirement |":                    {KindTransition, "request"},
		"| sequence request-message | reads | event | → next | requirement |":                {KindSequence, "request-message"},
		"| transitions paid | event | → next | action | pays | requirement |":                {KindTransition, "paid"},
		"| action | costs | means |":                                                         {KindAction, ""},
		"| budget | refilled by | limit | means |":                                           {KindBudget, ""},
		"| dual of stream | is |":                                                            {KindDual, "stream"},
		"| asymmetry of stream | event | because | requirement |":                            {KindAsymmetry, "stream"},
		"| end of stream | because |":                                                        {KindEnd, "stream"},
		"| field | machine | outcome |":                                                      {KindFeed, ""},
		"| `decision marked` | `version` | → outcome | requirement |":                        {KindDecision, "marked"},
		"| decision with a bar \\| in it | version | → outcome | requirement |":              {KindDecision, "with a bar | in it"},
		"|  transitions   spaced | event | → next | action | requirement        | ":          {KindTransition, "spaced"},
		"| frame | into | requirement |":                                                     {KindFrame, ""},
		"| frame field | of | present with | type | requirement |":                           {KindFrameField, ""},
		"| frame validity | stream | length | otherwise | too long | requirement |":          {KindFrameValidity, ""},
		"| error code | value | into | means | requirement |":                                {KindErrorCode, ""},
		"| setting | identifier | into | initial | least | most | otherwise | requirement |": {KindSettingRange, ""},
	} {
		width := strings.Count(strings.ReplaceAll(header, `\|`, ""), "|") - 1
		set, err := read("line.md", "# Line\n\n"+header+"\n|"+strings.Repeat("---|", width)+"\n|"+strings.Repeat("choice: x |", width)+"\n")
		if err != nil {
			t.Errorf("%s: %v", header, err)
			continue
		}
		got := set.Documents[0].Tables[0]
		if got.Kind != want.kind || got.Name != want.name {
			t.Errorf("%s is of kind %d with name %q, want kind %d with name %q", header, got.Kind, got.Name, want.kind, want.name)
		}
	}
}

func TestReadTellsLayouts(t *testing.T) {
	set, err := read("line.md", strings.Replace(valid, "abnf rfc9112#5", "layout rfc9113#6.1", 1))
	if err != nil {
		t.Fatal(err)
	}
	d := set.Documents[0]
	if len(d.Layouts) != 1 || len(d.Grammars) != 0 {
		t.Fatalf("read %d layouts and %d blocks of rules, want 1 and 0", len(d.Layouts), len(d.Grammars))
	}
	l := d.Layouts[0]
	if l.Namespace != "rfc9113" || l.Section != "6.1" || l.Text != "line = name \":\" value\n" || l.Pos.String() != "spec/line.md:6" {
		t.Errorf("the layout is %+v", l)
	}
}

func TestReadPassesOverProse(t *testing.T) {
	const prose = "# Line\n\n```http\n| not | a table |\n```\n\n- a list\n  of two lines\n\n~~~\n```abnf\nnot a rule\n```\n~~~\n\n> a quotation\n"
	set, err := read("line.md", prose)
	if err != nil {
		t.Fatal(err)
	}
	if d := set.Documents[0]; len(d.Grammars)+len(d.Tables) != 0 {
		t.Errorf("prose was read as %d blocks of rules and %d tables", len(d.Grammars), len(d.Tables))
	}
}

// mistake is one way in which the valid document is made wrong.
type mistake struct {
	name     string
	old, new string // in the valid document, where old stands once
	file     string // line.md if empty
	want     string // the whole error
	shows    string // a part of the line that the error points at
}

var mistakes = []mistake{
	{
		name: "a row with a cell too many",
		old:  "| 431 | choice: enough for a test |", new: "| 431 | choice: enough for a test | more |",
		want:  "spec/line.md:12: the row has 7 cells; expected 6 cells, as the header has",
		shows: "| more |",
	},
	{
		name: "a row with a cell too few",
		old:  "| too many lines | 431 |", new: "| 431 |",
		want:  "spec/line.md:12: the row has 5 cells; expected 6 cells, as the header has",
		shows: "| Lines |",
	},
	{
		name: "a row without its last bar",
		old:  "choice: enough for a test |", new: "choice: enough for a test",
		want:  `spec/line.md:12: the row "| Lines | records of line | 8 | too many lines | 431 | choice: enough for a test" is not closed; end the row with a bar`,
		shows: "enough for a test",
	},
	{
		name: "a row with a bar that was meant as text",
		old:  "choice: enough for a test |", new: "choice: enough | for a test |",
		want:  "spec/line.md:12: the row has 7 cells; expected 6 cells, as the header has",
		shows: "enough | for",
	},
	{
		name: "a table without delimiter row",
		old:  "|---|---|---|---|---|---|\n", new: "",
		want: "spec/line.md:9: the rows that begin here are not a table: the delimiter row is missing or has another number of columns; " +
			"write |---|---| with one part for each column under the header row",
		shows: "| limit |",
	},
	{
		name: "a delimiter row with another number of columns",
		old:  "|---|---|---|---|---|---|", new: "|---|---|---|---|---|",
		want: "spec/line.md:9: the rows that begin here are not a table: the delimiter row is missing or has another number of columns; " +
			"write |---|---| with one part for each column under the header row",
		shows: "| limit |",
	},
	{
		name: "text glued under a table",
		old:  "enough for a test |\n\nProse", new: "enough for a test |\nProse",
		want:  `spec/line.md:13: text directly under a table is read as a row: "Prose between the tables."; put an empty line after the table, or write the row between bars`,
		shows: "Prose between",
	},
	{
		name: "a fence that is never closed",
		old:  "value\n```\n", new: "value\n",
		want:  "spec/line.md:5: the fence that begins here is never closed; close it with ``` on a line of its own",
		shows: "```abnf",
	},
	{
		name: "a fence that is closed with fewer marks",
		old:  "```abnf rfc9112#5", new: "````abnf rfc9112#5",
		want:  "spec/line.md:5: the fence that begins here is never closed; close it with ```` on a line of its own",
		shows: "````abnf",
	},
	{
		name: "a block of rules without section",
		old:  "abnf rfc9112#5", new: "abnf rfc9112",
		want: "spec/line.md:5: a block of rules without its source: \"abnf rfc9112\"; " +
			"expected ```abnf rfc9112#7.1 (RFC and section), or ```abnf choice for a rule of our own",
		shows: "```abnf",
	},
	{
		name: "a block of rules without any source",
		old:  "abnf rfc9112#5", new: "abnf",
		want: "spec/line.md:5: a block of rules without its source: \"abnf\"; " +
			"expected ```abnf rfc9112#7.1 (RFC and section), or ```abnf choice for a rule of our own",
		shows: "```abnf",
	},
	{
		name: "a block of rules in capitals",
		old:  "abnf rfc9112#5", new: "ABNF rfc9112#5",
		want: "spec/line.md:5: a block of rules without its source: \"ABNF rfc9112#5\"; " +
			"expected ```abnf rfc9112#7.1 (RFC and section), or ```abnf choice for a rule of our own",
		shows: "```ABNF",
	},
	{
		name: "a block of layouts without section",
		old:  "abnf rfc9112#5", new: "layout rfc9113",
		want:  "spec/line.md:5: a block of layouts without its source: \"layout rfc9113\"; expected ```layout rfc9113#6.1 (RFC and section)",
		shows: "```layout",
	},
	{
		name: "a block of layouts in capitals",
		old:  "abnf rfc9112#5", new: "Layout rfc9113#6",
		want:  "spec/line.md:5: a block of layouts without its source: \"Layout rfc9113#6\"; expected ```layout rfc9113#6.1 (RFC and section)",
		shows: "```Layout",
	},
	{
		name: "a layout of our own",
		old:  "abnf rfc9112#5", new: "layout choice",
		want:  "spec/line.md:5: a block of layouts without its source: \"layout choice\"; expected ```layout rfc9113#6.1 (RFC and section)",
		shows: "```layout",
	},
	{
		name: "a block of layouts in a list",
		old:  "```abnf rfc9112#5\nline = name \":\" value\n```", new: "- see\n\n  ```layout rfc9113#6\n  Line Frame {\n  }\n  ```",
		want:  "spec/line.md:7: a block of rules inside a list, a quotation or indented text is not read; write it at the left margin",
		shows: "```layout",
	},
	{
		name: "a fence that is not closed before a layout",
		old:  "value\n```\n", new: "value\n\n```layout rfc9113#6\nLine Frame {\n}\n```\n",
		want:  "spec/line.md:5: the fence that begins here is not closed before the next one begins, on line 8; close it with ``` on a line of its own",
		shows: "```abnf",
	},
	{
		name: "a block of rules in a list",
		old:  "```abnf rfc9112#5\nline = name \":\" value\n```", new: "- see\n\n  ```abnf rfc9112#5\n  line = name\n  ```",
		want:  "spec/line.md:7: a block of rules inside a list, a quotation or indented text is not read; write it at the left margin",
		shows: "```abnf",
	},
	{
		name: "a block of rules indented as code",
		old:  "```abnf rfc9112#5\nline = name \":\" value\n```", new: "    ```abnf rfc9112#5\n    line = name\n    ```",
		want:  "spec/line.md:5: a block of rules inside a list, a quotation or indented text is not read; write it at the left margin",
		shows: "```abnf",
	},
	{
		name: "a block of rules in a quotation",
		old:  "```abnf rfc9112#5\nline = name \":\" value\n```", new: "> ```abnf rfc9112#5\n> line = name\n> ```",
		want:  "spec/line.md:5: a block of rules inside a list, a quotation or indented text is not read; write it at the left margin",
		shows: "> ```abnf",
	},
	{
		name: "a table in a quotation",
		old:  "Prose between the tables.", new: "> | group | of | values |\n> |---|---|---|\n> | a | b | c |",
		want:  "spec/line.md:14: a table inside a list or a quotation is not read; write it at the left margin",
		shows: "> | group",
	},
	{
		name: "a table in a list",
		old:  "Prose between the tables.", new: "- see\n\n  | group | of | values |\n  |---|---|---|\n  | a | b | c |",
		want:  "spec/line.md:16: a table inside a list or a quotation is not read; write it at the left margin",
		shows: "  | group",
	},
	{
		name: "an unknown kind of table",
		old:  "| limit | counts | default |", new: "| limit | count | default |",
		want: "spec/line.md:9: unknown kind of table | limit | count | default | error | status | requirement |; " +
			"see machine.md for the header rows; a table that is only for people goes into a list or a fence",
		shows: "| limit |",
	},
	{
		name: "a decision without an input",
		old:  "| decision length | version | → outcome | requirement |\n|---|---|---|---|\n| old | 1.0 | none |", new: "| decision length | → outcome | requirement |\n|---|---|---|\n| old | none |",
		want: "spec/line.md:16: unknown columns | decision length | → outcome | requirement |; " +
			"expected | decision NAME | an input … | → outcome | requirement |",
		shows: "| decision",
	},
	{
		name: "a decision whose outcome has no arrow",
		old:  "→ outcome", new: "outcome",
		want: "spec/line.md:16: unknown columns | decision length | version | outcome | requirement |; " +
			"expected | decision NAME | an input … | → outcome | requirement |",
		shows: "| decision",
	},
	{
		name: "transitions with unknown columns",
		old:  "| decision length | version | → outcome | requirement |", new: "| transitions length | event | next | requirement |",
		want: "spec/line.md:16: unknown columns | transitions length | event | next | requirement |; " +
			"expected | transitions length | event | → next | action | requirement |, perhaps with a column pays before the last",
		shows: "| transitions",
	},
	{
		name: "a table without rows",
		old:  "\n| old | 1.0 | none | rfc9110#5.4/1 |", new: "",
		want:  "spec/line.md:16: the table has no rows; add a row, or remove the table",
		shows: "| decision",
	},
	{
		name: "a table with a column without name",
		old:  "| decision length | version |", new: "| decision length | |",
		want:  "spec/line.md:16: a column of the table has no name; give every column a name",
		shows: "| decision",
	},
	{
		name: "an unknown requirement id",
		old:  "431 | rfc9110#5.4/1 |", new: "431 | rfc9110#5.4/99 |",
		want: "spec/line.md:11:62: unknown requirement id \"rfc9110#5.4/99\"; " +
			"look it up in requirements.tsv: the number counts the requirements of a section",
		shows: "rfc9110#5.4/99",
	},
	{
		name: "an unknown requirement id behind a known one",
		old:  "431 | rfc9110#5.4/1 |", new: "431 | rfc9110#5.4/1, rfc9112#6.3/99 |",
		want: "spec/line.md:11:62: unknown requirement id \"rfc9112#6.3/99\"; " +
			"look it up in requirements.tsv: the number counts the requirements of a section",
		shows: "rfc9110#5.4/1, rfc9112#6.3/99",
	},
	{
		name: "a section that is none",
		old:  "431 | rfc9110#5.4/1 |", new: "431 | rfc9110#5.4. |",
		want:  "spec/line.md:11:62: unknown requirement id \"rfc9110#5.4.\"; expected an id of requirements.tsv such as rfc9112#6.3/3, a section such as rfc9112#6.3, or choice: or exception: and the reason",
		shows: "rfc9110#5.4.",
	},
	{
		name: "a requirement that is no id",
		old:  "431 | rfc9110#5.4/1 |", new: "431 | Section 5.4 |",
		want:  "spec/line.md:11:62: unknown requirement id \"Section 5.4\"; expected an id of requirements.tsv such as rfc9112#6.3/3, a section such as rfc9112#6.3, or choice: or exception: and the reason",
		shows: "Section 5.4",
	},
	{
		name: "a row without a requirement",
		old:  "431 | rfc9110#5.4/1 |", new: "431 | |",
		want:  "spec/line.md:11:62: the row cites no requirement; cite a requirement id, or choice: or exception: and the reason",
		shows: "|",
	},
	{
		name: "a choice without a reason",
		old:  "choice: enough for a test", new: "choice:",
		want:  "spec/line.md:12:56: \"choice:\" gives no reason; write the reason behind the colon and a space",
		shows: "choice:",
	},
	{
		name: "a document without title",
		old:  "# Line\n", new: "## Line\n",
		want:  "spec/line.md:1: the document has no title; begin the document with a heading of level 1",
		shows: "## Line",
	},
	{
		name: "a file name that is not a stem",
		file: "field-line.md",
		want: "spec/field-line.md:1: the file name \"field-line.md\" is not a stem; name it after its noun in lower-case letters and digits",
	},
}

func TestMistakes(t *testing.T) {
	for _, m := range mistakes {
		t.Run(m.name, func(t *testing.T) {
			if m.old != "" && strings.Count(valid, m.old) != 1 {
				t.Fatalf("%q stands %d times in the valid document", m.old, strings.Count(valid, m.old))
			}
			text := strings.Replace(valid, m.old, m.new, 1)
			name := m.file
			if name == "" {
				name = "line.md"
			}
			_, err := read(name, text)
			if err == nil {
				t.Fatalf("the mistake is not found; want\n%s", m.want)
			}
			if err.Error() != m.want {
				t.Fatalf("the error is\n%v\nwant\n%s", err, m.want)
			}
			e, ok := err.(interface{ Unwrap() []error })
			if !ok || len(e.Unwrap()) != 1 {
				t.Fatalf("one mistake is reported as %T", err)
			}
			at := e.Unwrap()[0].(*Error).Pos
			line := strings.Split(text, "\n")[at.Line-1]
			if at.Column > 0 {
				line = line[at.Column-1:]
			}
			if !strings.Contains(line, m.shows) || at.Column > 0 && !strings.HasPrefix(line, m.shows) {
				t.Errorf("%s is %q, which doesn't show %q", at, line, m.shows)
			}
		})
	}
}

func TestReadReportsEveryMistake(t *testing.T) {
	text := strings.NewReplacer("abnf rfc9112#5", "abnf", "| too many lines | 431 |", "| 431 |", "| 431 | rfc9110#5.4/1 |", "| 431 | rfc9110#5.4/2 |").Replace(valid)
	_, err := read("line.md", text)
	if err == nil || len(strings.Split(err.Error(), "\n")) != 3 {
		t.Errorf("three mistakes are reported as\n%v", err)
	}
}

func TestReadWithoutFiles(t *testing.T) {
	for name, c := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"no documents": {
			fstest.MapFS{"requirements.tsv": {Data: []byte(requirements)}, "README.md": {Data: []byte("about")}},
			"spec: there is no specification here; expected files named NOUN.md",
		},
		"no requirements": {
			fstest.MapFS{"line.md": {Data: []byte(valid)}},
			"spec: the list of requirement ids is missing: open requirements.tsv: file does not exist",
		},
		"a requirement without tab": {
			fstest.MapFS{"line.md": {Data: []byte(valid)}, "requirements.tsv": {Data: []byte("id\tlevel\nrfc9110#5.4/1 MUST\n")}},
			`spec/requirements.tsv:2: line "rfc9110#5.4/1 MUST" has no tab; expected an id, a tab and a level`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(c.files); err == nil || err.Error() != c.want {
				t.Errorf("the error is\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}
