package spec

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Kind is what a table is about. Its header row tells it.
type Kind int

// The kinds of tables, each under its header row.
const (
	// KindMachine | machine | root | role | input | room |
	KindMachine Kind = iota + 1
	// KindYield | path | yields | into |
	KindYield
	// KindKeyword | keyword set NAME | keyword | value | … | requirement |
	KindKeyword
	// KindLimit | limit | counts | default | error | status | requirement |
	KindLimit
	// KindSyntaxError | path | octet | error | status | requirement |
	KindSyntaxError
	// KindPreference | path | prefers | because |
	KindPreference
	// KindProperty | property | of | never | requirement |
	KindProperty
	// KindInclusion | property | every | is in | requirement |
	KindInclusion
	// KindMessageProperty | property | of message | with field | never comes to | requirement |
	KindMessageProperty
	// KindInput | input | values | room | means |
	KindInput
	// KindGroup | group | of | values |
	KindGroup
	// KindRefusal | error | status | means |
	KindRefusal
	// KindDecision | decision NAME | input … | → outcome | requirement |
	KindDecision
	// KindTransition | transitions NAME | event | → next | action | requirement |,
	// with a column pays before the last where each answer says what it costs
	KindTransition
	// KindSequence | sequence NAME | reads | event | → next | requirement |
	KindSequence
	// KindSetting | settings NAME | default | unit | then | means |
	KindSetting
	// KindFeed | field | machine | outcome |
	KindFeed
	// KindOption | option | means | requirement |
	KindOption
	// KindVariant | variant | of | options | breaks |
	KindVariant
	// KindRoom | room | why |
	KindRoom
	// KindFrame | frame | into | requirement |
	KindFrame
	// KindFrameField | frame field | of | present with | type | requirement |
	KindFrameField
	// KindFrameValidity | frame validity | stream | length | otherwise | too long | requirement |
	KindFrameValidity
	// KindErrorCode | error code | value | into | means | requirement |
	KindErrorCode
	// KindSettingRange | setting | identifier | into | initial | least | most | otherwise | requirement |
	KindSettingRange
	// KindAction | action | costs | means |
	KindAction
	// KindBudget | budget | refilled by | limit | means |
	KindBudget
	// KindDual | dual of NAME | is |
	KindDual
	// KindAsymmetry | asymmetry of NAME | event | because | requirement |
	KindAsymmetry
	// KindEnd | end of NAME | because |
	KindEnd
	// KindPeer | peer | versions | fact | source |, in documents of peers
	KindPeer
	// KindPeerMachine | peer machine | root | options |, in documents of peers
	KindPeerMachine
	// KindPeerWitness | desync with | because |, in documents of peers
	KindPeerWitness
)

// fixed are the header rows that are always the same. A header row that
// starts with "decision", "transitions", "sequence" or "keyword set" and a
// name is told by classify, as are those about transitions.
var fixed = map[string]Kind{
	"machine | root | role | input | room":                              KindMachine,
	"path | yields | into":                                              KindYield,
	"limit | counts | default | error | status | requirement":           KindLimit,
	"path | octet | error | status | requirement":                       KindSyntaxError,
	"path | prefers | because":                                          KindPreference,
	"property | of | never | requirement":                               KindProperty,
	"property | every | is in | requirement":                            KindInclusion,
	"property | of message | with field | never comes to | requirement": KindMessageProperty,

	"input | values | room | means":        KindInput,
	"group | of | values":                  KindGroup,
	"error | status | means":               KindRefusal,
	"field | machine | outcome":            KindFeed,
	"option | means | requirement":         KindOption,
	"variant | of | options | breaks":      KindVariant,
	"room | why":                           KindRoom,
	"action | costs | means":               KindAction,
	"budget | refilled by | limit | means": KindBudget,
	"peer | versions | fact | source":      KindPeer,
	"peer machine | root | options":        KindPeerMachine,
	"desync with | because":                KindPeerWitness,

	"frame | into | requirement":                                                     KindFrame,
	"frame field | of | present with | type | requirement":                           KindFrameField,
	"frame validity | stream | length | otherwise | too long | requirement":          KindFrameValidity,
	"error code | value | into | means | requirement":                                KindErrorCode,
	"setting | identifier | into | initial | least | most | otherwise | requirement": KindSettingRange,
}

// Table is one table of a document.
type Table struct {
	Kind   Kind
	Name   string // of a keyword set, decision, transitions or sequence, or of those that it is about
	Pos    Pos    // of its header row
	Header []Cell
	Rows   []Row
}

// Row is one row under the header, with as many cells as the header has.
type Row struct {
	Pos   Pos
	Cells []Cell
}

// Cell is one cell: its text without the marks of code spans.
type Cell struct {
	Text string
	Pos  Pos
}

// List is the cell's text split at its commas.
func (c Cell) List() []string {
	if c.Text == "" {
		return nil
	}
	parts := strings.Split(c.Text, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

var numbers = regexp.MustCompile(`^(\d{1,4}) to (\d{1,4})$`)

// Values is the cell's list with 2 to 4 written out, if the first number is the
// smaller one.
func (c Cell) Values() (out []string) {
	for _, v := range c.List() {
		p := numbers.FindStringSubmatch(v)
		if p == nil {
			out = append(out, v)
			continue
		}
		from, _ := strconv.Atoi(p[1])
		to, _ := strconv.Atoi(p[2])
		if from >= to {
			out = append(out, v)
		}
		for i := from; from < to && i <= to; i++ {
			out = append(out, strconv.Itoa(i))
		}
	}
	return out
}

// String is the row as it stands in the document, without code marks.
func (r Row) String() string {
	var b strings.Builder
	for _, c := range r.Cells {
		fmt.Fprintf(&b, "| %s ", c.Text)
	}
	b.WriteString("|")
	return b.String()
}

// Cell is the row's cell in the column with that name; the zero Cell when the
// table has no such column.
func (t *Table) Cell(r Row, column string) Cell {
	for i, h := range t.Header {
		if h.Text == column {
			return r.Cells[i]
		}
	}
	return Cell{Pos: r.Pos}
}

func columns(cells []Cell) string {
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = c.Text
	}
	return strings.Join(names, " | ")
}

// named are the header rows that carry a name in their first cell.
var named = []struct {
	prefix string
	kind   Kind
	rest   string // the other columns, or "" when classify checks them itself
}{
	{"keyword set ", KindKeyword, ""},
	{"decision ", KindDecision, ""},
	{"transitions ", KindTransition, ""},
	{"settings ", KindSetting, "default | unit | then | means"},
	{"sequence ", KindSequence, "reads | event | → next | requirement"},
	{"dual of ", KindDual, "is"},
	{"asymmetry of ", KindAsymmetry, "event | because | requirement"},
	{"end of ", KindEnd, "because"},
}

// classify finds the table's kind and name from its header row.
func (t *Table) classify() error {
	h := columns(t.Header)
	if k, ok := fixed[h]; ok {
		t.Kind = k
		return nil
	}
	first, rest := t.Header[0].Text, columns(t.Header[1:])
	for _, n := range named {
		name, ok := strings.CutPrefix(first, n.prefix)
		if !ok {
			continue
		}
		t.Kind, t.Name = n.kind, strings.TrimSpace(name)
		switch {
		case n.rest != "" && rest != n.rest:
			return Errorf(t.Pos, fmt.Sprintf("expected | %s%s | %s |", n.prefix, t.Name, n.rest), "unknown columns | %s |", h)
		case n.kind == KindKeyword && !keywordColumns(t.Header):
			return Errorf(t.Pos, fmt.Sprintf("expected | keyword set %s | keyword | value | requirement |, perhaps with columns of yes and no before the last", t.Name), "unknown columns | %s |", h)
		case n.kind == KindTransition && rest != "event | → next | action | requirement" && rest != "event | → next | action | pays | requirement":
			return Errorf(t.Pos, fmt.Sprintf("expected | transitions %s | event | → next | action | requirement |, perhaps with a column pays before the last", t.Name), "unknown columns | %s |", h)
		case n.kind == KindDecision && !decisionColumns(t.Header):
			return Errorf(t.Pos, "expected | decision NAME | an input … | → outcome | requirement |", "unknown columns | %s |", h)
		}
		return nil
	}
	return Errorf(t.Pos, "see machine.md for the header rows; a table that is only for people goes into a list or a fence", "unknown kind of table | %s |", h)
}

func keywordColumns(h []Cell) bool {
	n := len(h)
	return n >= 4 && h[1].Text == "keyword" && h[2].Text == "value" && h[n-1].Text == "requirement"
}

func decisionColumns(h []Cell) bool {
	n := len(h)
	return n >= 4 && h[n-1].Text == "requirement" && h[n-2].Text == "→ outcome"
}
