package gen

import (
	"strings"
	"unicode"

	"github.com/specht-http/specht/spec"
)

// exported is a name of the specifications as an exported Go name:
// "request-head" is RequestHead, "HTTP/1.1" is HTTP11.
func exported(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if up {
				r = unicode.ToUpper(r)
			}
			up = false
			b.WriteRune(r)
		case r == '/' || r == '.':
			// HTTP/1.1 is HTTP11
		default:
			up = true
		}
	}
	return b.String()
}

// unexported is the same with a small first letter, or a small first word if
// that is an abbreviation.
func unexported(name string) string {
	s := exported(name)
	i := 1
	for i < len(s) && unicode.IsUpper(rune(s[i])) && (i+1 == len(s) || unicode.IsUpper(rune(s[i+1])) || unicode.IsDigit(rune(s[i+1]))) {
		i++
	}
	return strings.ToLower(s[:i]) + s[i:]
}

// room is the package that what a document defines goes to: that of its
// machines, else of its tables; what several engines share is in message.
func (m *Model) room(d *spec.Document) string {
	for _, ma := range m.Machines {
		if ma.Doc.File == d.File {
			return ma.Room
		}
	}
	for _, t := range d.Tables {
		switch t.Kind {
		case spec.KindDecision, spec.KindTransition, spec.KindSequence:
			return m.tableRoom(d)
		}
	}
	return "message"
}

// tableRoom is the package that a document's decisions and errors go to: the
// one that it names, or h1.
func (m *Model) tableRoom(d *spec.Document) string {
	for _, t := range d.Tables {
		if t.Kind == spec.KindRoom {
			return t.Rows[0].Cells[0].Text
		}
	}
	return "h1"
}
