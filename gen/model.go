// Package gen makes Go from the specifications: grammars become octet
// machines, decision and transition tables become functions over enumerations,
// and a sequence ties them together into a reader of whole messages.
//
// Nouns: a [Model] is a set of documents understood; a [Machine] is one root
// of a grammar with all that tables say of it; a [Domain] is an enumeration.
// What can be wrong with a specification is found here, before anything is
// written, and is reported with its place.
//
// The package runs at build time. No runtime package of this module imports
// it.
package gen

import (
	"errors"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/specht-http/specht/gen/abnf"
	"github.com/specht-http/specht/gen/automaton"
	"github.com/specht-http/specht/spec"
)

// Model is a set of documents, understood and checked.
type Model struct {
	Set         *spec.Set
	Grammar     *abnf.Grammar
	Machines    []*Machine
	Keywords    []*KeywordSet
	Domains     map[string]*Domain
	Refusals    []*Refusal
	Decisions   []*Decision
	Transitions []*Transitions
	Sequences   []*Sequence
	Feeds       []*Feed
	Properties  []*Property
	Inclusions  []*Inclusion
	Overheads   []*Limit // on what a message may waste
	Options     []*Option
	Actions     []*Action
	Budgets     []*Budget

	Layouts       []*Layout
	ErrorCodes    []*ErrorCode
	SettingRanges []*SettingRange
	Validities    []*Validity

	notes  map[any]*note // by abnf.Node or *abnf.Rule
	limits []*Limit
	errs   []error

	asking sync.Mutex // for what is compiled when all has been read, which notes what it uses

	dropped []error // those that count for nothing in a peer

	isMutant bool    // what a check refuses is kept in refused
	refused  []error // by checks, of a mutant
}

// Machine is one octet machine.
type Machine struct {
	Name  string
	Root  abnf.Node
	Roles []string // who runs it: server, client; or sender, which reads lists as senders write them
	Input string   // window, stream or value
	Room  string   // the package that it goes to
	Doc   *spec.Document
	Row   spec.Row

	Yields      []*Bound
	Limits      []*Limit // of octets, in the order in which they nest
	RecordLimit *Limit
	Errors      []*ErrorRow
	DFA         *automaton.DFA

	Of     *Machine // whose variant it is, or nil
	Breaks []string // the properties that it breaks as a variant

	extras  map[*abnf.Rule][]abnf.Node // the alternatives that it has as a variant
	options []string                   // their names
	rule    *abnf.Rule                 // the root as a rule of the machine's name
	raised  map[*ErrorRow]bool         // the errors that can happen in it
}

// Yield is what a table says a rule or element gives.
type Yield struct {
	Pos     spec.Pos
	Path    string
	Into    string
	Span    bool
	Record  bool
	Beside  string // a mark of a record that no machine sets; empty for none
	Mark    bool
	Event   bool
	Name    string // of the event; empty for other, or the keyword
	Base    int    // of a number; 0 if it is none
	Max     uint64 // the largest number
	Wraps   int    // bits that are kept of a number, if it is not refused above Max; 0 for one that is
	Keyword string // the set that the span is looked up in
	set     *KeywordSet
	used    bool
}

// Bound is a yield in a machine, with its registers.
type Bound struct {
	*Yield
	Start, End, ID, Value automaton.Reg
	In                    *Bound // the record that it is a member of
}

// KeywordSet is a set of words that get an id.
type KeywordSet struct {
	Name  string
	Doc   *spec.Document
	Pos   spec.Pos
	Words []Keyword
	Flags []string // the names of its columns of yes and no
	Fold  bool
	used  bool
}

// Keyword is one word.
type Keyword struct {
	Name string // of the Go constant
	Text string
	Row  spec.Row
	is   map[string]bool // by flag
}

// Is says whether the word has yes in the column of that name.
func (w *Keyword) Is(flag string) bool { return w.is[flag] }

// ErrorRow gives an error its own name.
type ErrorRow struct {
	Node        any
	Octets      abnf.Set
	Overflow    bool
	Name        string
	Status      int
	Requirement string
	Row         spec.Row
	used        bool
}

// Property is a language that machines must not accept anything of.
type Property struct {
	Name  string
	Of    []string
	Never abnf.Node
	Row   spec.Row
	space string
}

// Inclusion is a language that a machine must accept all of.
type Inclusion struct {
	Name  string
	Every abnf.Node
	In    *Machine
	Row   spec.Row
	space string
}

// note is what the tables say of one place in a grammar.
type note struct {
	yields []*Yield
	limits []*Limit
	prefer string
	row    spec.Row
	used   bool
}

func (m *Model) fail(err error) {
	if err != nil {
		m.errs = append(m.errs, err)
	}
}

func (m *Model) errorf(p spec.Pos, want, format string, args ...any) {
	m.fail(spec.Errorf(p, want, format, args...))
}

// refuse is errorf for what a check finds, though code could be made of it.
func (m *Model) refuse(p spec.Pos, want, format string, args ...any) {
	if m.isMutant {
		m.refused = append(m.refused, spec.Errorf(p, want, format, args...))
		return
	}
	m.errorf(p, want, format, args...)
}

// space is the namespace in which a document's expressions are looked up: that
// of its first grammar.
func space(d *spec.Document) string {
	for _, g := range d.Grammars {
		if g.Namespace != abnf.ChoiceNamespace {
			return g.Namespace
		}
	}
	return abnf.CoreNamespace
}

func (m *Model) loadMachines() {
	m.Set.Tables(spec.KindMachine, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			root := t.Cell(r, "root")
			n, err := abnf.Parse(root.Text, space(d), root.Pos)
			if err != nil {
				m.fail(err)
				continue
			}
			ma := &Machine{
				Name: t.Cell(r, "machine").Text, Root: n, Roles: t.Cell(r, "role").List(),
				Input: t.Cell(r, "input").Text, Room: t.Cell(r, "room").Text, Doc: d, Row: r,
			}
			switch ma.Input {
			case "window", "stream", "value":
			default:
				m.errorf(t.Cell(r, "input").Pos, "expected window, stream or value", "unknown input %q", ma.Input)
			}
			m.checkRoles(ma, t.Cell(r, "role"))
			if m.Machine(ma.Name) != nil {
				m.errorf(r.Pos, "give it another name", "a second machine with the name %s", ma.Name)
			}
			ma.rule = &abnf.Rule{Name: ma.Name, Namespace: space(d), Source: sourceOf(d), Def: n, At: r.Pos}
			m.Machines = append(m.Machines, ma)
		}
	})
	if len(m.Machines) == 0 {
		m.errs = append(m.errs, errors.New("spec: no document defines a machine; expected a table | machine | root | role | input | room |"))
	}
}

// checkRoles finds roles that don't exist, or that don't go together: a
// recipient and a sender read lists differently.
func (m *Model) checkRoles(ma *Machine, c spec.Cell) {
	for _, role := range ma.Roles {
		switch role {
		case "server", "client", "sender":
		default:
			m.errorf(c.Pos, "expected server, client or both, or sender for a machine that checks what we send", "unknown role %q", role)
		}
	}
	if len(ma.Roles) == 0 || len(ma.Roles) > 1 && slices.Contains(ma.Roles, "sender") {
		m.errorf(c.Pos, "expected server, client or both, or sender alone", "no machine can have the roles %q", c.Text)
	}
}

func sourceOf(d *spec.Document) string {
	for _, g := range d.Grammars {
		if g.Section != "" {
			return g.Source()
		}
	}
	return ""
}

// Machine is the machine of that name, or nil.
func (m *Model) Machine(name string) *Machine {
	for _, ma := range m.Machines {
		if ma.Name == name {
			return ma
		}
	}
	return nil
}

// KeywordSet is the set of that name, or nil.
func (m *Model) KeywordSet(name string) *KeywordSet {
	for _, k := range m.Keywords {
		if k.Name == name {
			return k
		}
	}
	return nil
}

func (m *Model) loadKeywords() {
	m.Set.Tables(spec.KindKeyword, func(d *spec.Document, t *spec.Table) {
		k := &KeywordSet{Name: t.Name, Doc: d, Pos: t.Pos}
		if m.KeywordSet(t.Name) != nil {
			m.errorf(t.Pos, "give it another name", "a second keyword set with the name %s", t.Name)
		}
		for _, h := range t.Header[3 : len(t.Header)-1] {
			k.Flags = append(k.Flags, h.Text)
		}
		for i, r := range t.Rows {
			value := t.Cell(r, "value")
			n, err := abnf.Parse(value.Text, space(d), value.Pos)
			lit, ok := n.(*abnf.Literal)
			if err != nil || !ok {
				m.errorf(value.Pos, `expected a string such as "close" (any case) or %s"GET" (this case)`, "the keyword %s is not a string", value.Text)
				continue
			}
			if i == 0 {
				k.Fold = lit.Fold
			} else if k.Fold != lit.Fold {
				m.errorf(value.Pos, "write all keywords of a set as strings of the same kind", "the keyword %s is compared in another way than those above it", value.Text)
			}
			m.checkName(t.Cell(r, "keyword"))
			word := Keyword{Name: t.Cell(r, "keyword").Text, Text: lit.Text, Row: r, is: map[string]bool{}}
			for _, flag := range k.Flags {
				c := t.Cell(r, flag)
				if word.is[flag] = c.Text == "yes"; !word.is[flag] && c.Text != "no" {
					m.errorf(c.Pos, "write yes or no", "%s is neither %s nor not: %q", lit.Text, flag, c.Text)
				}
			}
			for _, w := range k.Words {
				if w.Name == word.Name || w.Text == word.Text || k.Fold && strings.EqualFold(w.Text, word.Text) {
					m.errorf(r.Pos, "remove one of the two", "the keyword %s stands twice in the set %s", value.Text, t.Name)
				}
			}
			k.Words = append(k.Words, word)
		}
		m.Keywords = append(m.Keywords, k)
	})
}

// note finds or makes the note of a place.
func (m *Model) note(place any) *note {
	n := m.notes[place]
	if n == nil {
		n = &note{}
		m.notes[place] = n
	}
	return n
}

var pathIndex = regexp.MustCompile(`^(.*)\[(\d+)\]$`)

// place finds what a path names: a rule or machine by its name alone, or an
// element of its definition, as in request-line/SP[1]. A place is an
// abnf.Node, an *abnf.Rule, or for the whole of a machine its *abnf.Rule.
func (m *Model) place(d *spec.Document, c spec.Cell) any {
	name, element, inside := strings.Cut(c.Text, "/")
	var rules []*abnf.Rule
	if ma := m.Machine(name); ma != nil {
		rules = append(rules, ma.rule)
	}
	if r, err := m.Grammar.Lookup(space(d), name, c.Pos); err == nil {
		rules = append(rules, r)
	}
	if len(rules) == 0 {
		m.errorf(c.Pos, "expected rule or rule/element[1] with a rule or machine of these documents", "the path %s begins with an unknown rule", c.Text)
		return nil
	}
	if !inside {
		return rules[len(rules)-1]
	}
	index := 0
	if p := pathIndex.FindStringSubmatch(element); p != nil {
		element = p[1]
		if index, _ = strconv.Atoi(p[2]); index == 0 {
			m.errorf(c.Pos, "count from the left, from 1", "there is no %s[%s] in %s", element, p[2], name)
			return nil
		}
	}
	for _, def := range m.definitions(rules) {
		var found []abnf.Node
		walk(def, func(n abnf.Node) {
			if abnf.String(n) == element {
				found = append(found, n)
			}
		})
		switch {
		case len(found) == 0:
			continue
		case index == 0 && len(found) > 1:
			m.errorf(c.Pos, "say which with [1] and so on, counted from the left", "%s stands %d times in %s", element, len(found), name)
			return nil
		case index > len(found):
			m.errorf(c.Pos, "count from the left, from 1", "%s stands only %d times in %s", element, len(found), name)
			return nil
		}
		return found[max(index, 1)-1]
	}
	m.errorf(c.Pos, "expected an element of "+abnf.String(rules[0].Def), "%s is not a part of %s", element, name)
	return nil
}

func walk(n abnf.Node, f func(abnf.Node)) {
	f(n)
	switch n := n.(type) {
	case *abnf.Seq:
		for _, p := range n.Parts {
			walk(p, f)
		}
	case *abnf.Alt:
		for _, p := range n.Parts {
			walk(p, f)
		}
	case *abnf.Repeat:
		walk(n.X, f)
	case *abnf.List:
		walk(n.X, f)
	}
}

var (
	numberYield = regexp.MustCompile(`^number base (10|16) at most (\d+)$`)
	// wrapYield is how a peer reads one that doesn't look whether it fits. Nothing is
	// generated from it.
	wrapYield = regexp.MustCompile(`^number base (10|16) wrapping at (32|64) bits$`)
)

func (m *Model) loadYields() {
	m.Set.Tables(spec.KindYield, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			y := &Yield{Pos: r.Pos, Path: t.Cell(r, "path").Text, Into: t.Cell(r, "into").Text}
			for _, w := range t.Cell(r, "yields").List() {
				switch {
				case w == "span":
					y.Span = true
				case w == "record":
					y.Record = true
				case strings.HasPrefix(w, "beside "):
					y.Beside = strings.TrimPrefix(w, "beside ")
				case w == "mark":
					y.Mark = true
				case w == "event":
					y.Event = true
				case strings.HasPrefix(w, "event "):
					y.Event, y.Name = true, strings.TrimPrefix(w, "event ")
				case strings.HasPrefix(w, "keyword "):
					y.Keyword = strings.TrimPrefix(w, "keyword ")
					if y.set = m.KeywordSet(y.Keyword); y.set == nil {
						m.errorf(r.Pos, "expected the name of a table | keyword set NAME | …", "unknown keyword set %s", y.Keyword)
					} else {
						y.set.used = true
					}
				case numberYield.MatchString(w):
					p := numberYield.FindStringSubmatch(w)
					y.Base, _ = strconv.Atoi(p[1])
					var err error
					if y.Max, err = strconv.ParseUint(p[2], 10, 63); err != nil {
						m.errorf(r.Pos, "expected at most 9223372036854775807", "the number %s doesn't fit in 63 bits", p[2])
					}
				case wrapYield.MatchString(w):
					p := wrapYield.FindStringSubmatch(w)
					y.Base, _ = strconv.Atoi(p[1])
					y.Wraps, _ = strconv.Atoi(p[2])
					y.Max = math.MaxInt64
				default:
					m.errorf(r.Pos, "expected span, record, beside NAME, mark, event, event NAME, keyword SET or number base 10 at most N", "unknown yield %q", w)
				}
			}
			if len(t.Cell(r, "yields").List()) == 0 {
				m.errorf(t.Cell(r, "yields").Pos, "expected span, record, beside NAME, mark, event, event NAME, keyword SET or number base 10 at most N", "%s yields nothing", y.Path)
			}
			m.checkName(t.Cell(r, "into"))
			if y.Beside != "" && (!y.Record || !goName.MatchString(y.Beside)) {
				m.errorf(r.Pos, "write record, beside NAME", "%q is no name, or stands beside no record", y.Beside)
			}
			if y.Keyword != "" && y.Name != "" {
				m.errorf(r.Pos, "write event alone: the keyword is its name", "the event of %s has two names", y.Path)
			}
			if y.Keyword != "" && !y.Span {
				m.errorf(r.Pos, "write span, keyword SET", "a keyword is looked up in a span, and %s yields none", y.Path)
			}
			if y.Span && y.Base > 0 {
				m.errorf(r.Pos, "write two rows with names of their own", "%s yields a span and a number under one name", y.Path)
			}
			if at := m.place(d, t.Cell(r, "path")); at != nil {
				n := m.note(at)
				n.yields = append(n.yields, y)
			}
		}
	})
}

func (m *Model) loadPreferences() {
	m.Set.Tables(spec.KindPreference, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			p := t.Cell(r, "prefers")
			switch p.Text {
			case "longest", "shortest", "first alternative", "last alternative":
			default:
				m.errorf(p.Pos, "expected longest, shortest, first alternative or last alternative", "unknown preference %q", p.Text)
			}
			if at := m.place(d, t.Cell(r, "path")); at != nil {
				n := m.note(at)
				n.prefer, n.row = p.Text, r
			}
		}
	})
}

func (m *Model) status(c spec.Cell) int {
	v := m.natural(c)
	if v < 400 || v > 599 {
		m.errorf(c.Pos, "expected a status code from 400 to 599", "%q doesn't say what is wrong with a request", c.Text)
	}
	return int(v)
}

func (m *Model) natural(c spec.Cell) uint64 {
	v, err := strconv.ParseUint(c.Text, 10, 63)
	if err != nil {
		m.errorf(c.Pos, "expected a decimal number", "%q is not a number", c.Text)
	}
	return v
}

func (m *Model) loadErrors() {
	m.Set.Tables(spec.KindSyntaxError, func(d *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			e := &ErrorRow{
				Name: t.Cell(r, "error").Text, Status: m.status(t.Cell(r, "status")),
				Requirement: t.Cell(r, "requirement").Text, Row: r,
			}
			octet := t.Cell(r, "octet")
			if octet.Text == "overflow" {
				e.Overflow = true
			} else if e.Octets = m.octets(d, octet); e.Octets.Empty() {
				continue
			}
			if e.Node = m.place(d, t.Cell(r, "path")); e.Node == nil {
				continue
			}
			for _, ma := range m.Machines {
				ma.Errors = append(ma.Errors, e)
			}
		}
	})
}

// octets is the set that an expression matches, each member alone.
func (m *Model) octets(d *spec.Document, c spec.Cell) (set abnf.Set) {
	n, err := abnf.Parse(c.Text, space(d), c.Pos)
	if err != nil {
		m.fail(err)
		return set
	}
	set, ok := m.asSet(n, space(d), c.Pos)
	if !ok {
		m.errorf(c.Pos, "expected octets such as SP / HTAB, %x00 or overflow", "%q is not a set of octets", c.Text)
	}
	return set
}

// asSet is the set of octets that an element matches, if it always matches
// exactly one. A rule that refers to itself never does.
func (m *Model) asSet(n abnf.Node, space string, at spec.Pos, in ...*abnf.Rule) (set abnf.Set, ok bool) {
	switch n := n.(type) {
	case *abnf.Char:
		return n.Set, true
	case *abnf.Literal:
		if len(n.Text) != 1 {
			return set, false
		}
		return letter(n.Text[0], n.Fold), true
	case *abnf.Ref:
		r, err := m.Grammar.Lookup(space, n.Name, at)
		if err != nil {
			m.fail(err)
			return set, false
		}
		if slices.Contains(in, r) {
			return set, false
		}
		return m.asSet(r.Def, r.Namespace, at, append(in, r)...)
	case *abnf.Alt:
		for _, p := range n.Parts {
			s, ok := m.asSet(p, space, at, in...)
			if !ok {
				return set, false
			}
			set = set.Union(s)
		}
		return set, true
	}
	return set, false
}

// letter is c, in both cases if fold is set and it is a letter.
func letter(c byte, fold bool) abnf.Set {
	if l := c | 0x20; fold && l >= 'a' && l <= 'z' {
		return abnf.Of(l, l-0x20)
	}
	return abnf.Of(c)
}
