package gen

import (
	"slices"
	"strconv"
	"strings"

	"github.com/specht-http/specht/spec"
)

// FrameError is an error that a frame header, or a setting, is.
type FrameError struct {
	Scope string // "stream" or "connection"
	Code  *ErrorCode
}

// ErrorCode is one code of RFC 9113, Section 7.
type ErrorCode struct {
	Name, Into, Means string
	Value             uint32
	Row               spec.Row
}

// SettingRange is one setting: RFC 9113, Section 6.5.2.
type SettingRange struct {
	Name, Into           string
	Identifier           uint16
	Initial, Least, Most uint32
	Otherwise            *FrameError // nil if every value is right
	Source               string
	Row                  spec.Row
}

// Validity is what a type of frames may be on some streams.
type Validity struct {
	Layout    *Layout // nil for all other types
	Flag      string  // that makes the row count; empty for none
	Zero      bool    // on stream 0
	None      bool    // no length is right
	Exactly   int     // octets; -1 for any
	AtLeast   int
	Multiple  int
	Otherwise *FrameError
	TooLong   *FrameError
	Source    string
	Row       spec.Row
}

func (m *Model) loadFrames() {
	seen := map[string]bool{}
	m.Set.Tables(spec.KindFrame, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			l := m.Layout(r.Cells[0].Text)
			if l == nil || seen[l.Name] {
				m.errorf(r.Pos, "name each layout once", "no layout, or a second row, for %q", r.Cells[0].Text)
				continue
			}
			seen[l.Name] = true
			l.Into = t.Cell(r, "into").Text
		}
	})
	types := map[uint8]string{}
	for _, l := range m.Frames() {
		if l.Into == "" {
			m.errorf(l.Pos, "add a row to a table | frame | into | requirement |", "the frame %s has no name in Go", l.Name)
		}
		if was, ok := types[l.Type]; ok {
			m.errorf(l.Pos, "a type is one frame's", "%s has the type of %s", l.Name, was)
		}
		types[l.Type] = l.Name
	}
}

func (m *Model) loadFrameFields() {
	m.Set.Tables(spec.KindFrameField, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			of := t.Cell(r, "of")
			l := m.Layout(of.Text)
			if l == nil {
				m.errorf(of.Pos, "expected the name of a layout, without Frame", "unknown layout %q", of.Text)
				continue
			}
			i := slices.IndexFunc(l.Fields, func(f *LayoutField) bool { return f.Name == r.Cells[0].Text })
			if i < 0 {
				m.errorf(r.Pos, "write it as the layout does", "%s has no field %q", l.Name, r.Cells[0].Text)
				continue
			}
			f := l.Fields[i]
			f.With, f.Type = t.Cell(r, "present with").Text, t.Cell(r, "type").Text
			if f.With != "" && !slices.ContainsFunc(l.Flags, func(g *LayoutFlag) bool { return g.Name == f.With }) {
				m.errorf(r.Pos, "expected one of its flags", "%s has no flag %q", l.Name, f.With)
			}
		}
	})
}

// number reads a cell, and says so if it can't.
func (m *Model) number(c spec.Cell, bits int) uint64 {
	v, err := strconv.ParseUint(c.Text, 10, bits)
	if err != nil {
		m.errorf(c.Pos, "expected a number of at most "+strconv.Itoa(bits)+" bits", "%q", c.Text)
	}
	return v
}

func (m *Model) loadErrorCodes() {
	m.Set.Tables(spec.KindErrorCode, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			c := &ErrorCode{
				Name: r.Cells[0].Text, Into: t.Cell(r, "into").Text, Means: t.Cell(r, "means").Text,
				Value: uint32(m.number(t.Cell(r, "value"), 32)), Row: r,
			}
			if m.errorCode(c.Name) != nil || int(c.Value) != len(m.ErrorCodes) {
				m.errorf(r.Pos, "the codes have each name once, and their values in order from 0", "the error code %s", c.Name)
			}
			m.ErrorCodes = append(m.ErrorCodes, c)
		}
	})
}

func (m *Model) errorCode(name string) *ErrorCode {
	for _, c := range m.ErrorCodes {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// frameError reads "stream error: CODE" or "connection error: CODE".
func (m *Model) frameError(c spec.Cell) *FrameError {
	scope, code, ok := strings.Cut(c.Text, " error: ")
	e := &FrameError{Scope: scope, Code: m.errorCode(code)}
	if !ok || scope != "stream" && scope != "connection" || e.Code == nil {
		m.errorf(c.Pos, "expected stream error: or connection error: and a code of errorcode.md", "%q is no error", c.Text)
		return nil
	}
	return e
}

func (m *Model) loadSettingRanges() {
	m.Set.Tables(spec.KindSettingRange, func(_ *spec.Document, t *spec.Table) {
		for _, r := range t.Rows {
			s := &SettingRange{
				Name: r.Cells[0].Text, Into: t.Cell(r, "into").Text, Row: r, Source: Section(t.Cell(r, "requirement").Text),
				Identifier: uint16(m.number(t.Cell(r, "identifier"), 16)), Initial: uint32(m.number(t.Cell(r, "initial"), 32)),
				Least: uint32(m.number(t.Cell(r, "least"), 32)), Most: uint32(m.number(t.Cell(r, "most"), 32)),
			}
			isLimited := s.Least > 0 || s.Most < 1<<32-1
			if c := t.Cell(r, "otherwise"); isLimited || c.Text != "" {
				s.Otherwise = m.frameError(c)
			}
			switch {
			case s.Otherwise != nil && !isLimited:
				m.errorf(r.Pos, "leave otherwise empty, or narrow the range", "every value of %s is right, and a row says otherwise", s.Name)
			case s.Initial < s.Least || s.Initial > s.Most:
				m.errorf(r.Pos, "an initial value is one of those that there are", "the initial value of %s is out of its range", s.Name)
			case slices.ContainsFunc(m.SettingRanges, func(o *SettingRange) bool { return o.Identifier == s.Identifier || o.Name == s.Name }):
				m.errorf(r.Pos, "a setting has one row, and an identifier of its own", "a second row for %s", s.Name)
			}
			m.SettingRanges = append(m.SettingRanges, s)
		}
	})
}

// loadValidity reads the table of validity, which has a row for every type on
// stream 0 and one for every type on others.
func (m *Model) loadValidity() {
	var at spec.Pos
	rows := map[string]bool{}
	m.Set.Tables(spec.KindFrameValidity, func(_ *spec.Document, t *spec.Table) {
		at = t.Pos
		for _, r := range t.Rows {
			v := m.validity(t, r)
			if v == nil {
				continue
			}
			key := r.Cells[0].Text + " " + t.Cell(r, "stream").Text
			if rows[key] {
				m.errorf(r.Pos, "make it one row", "a second row for %s on stream %s", r.Cells[0].Text, t.Cell(r, "stream").Text)
			}
			rows[key] = true
			m.Validities = append(m.Validities, v)
		}
	})
	names := []string{"other"}
	for _, l := range m.Frames() {
		names = append(names, l.Name)
	}
	for _, v := range m.Validities {
		if v.Flag != "" && !slices.Contains(names, v.Row.Cells[0].Text) {
			names = append(names, v.Row.Cells[0].Text)
		}
	}
	for _, name := range names {
		for _, stream := range []string{"0", "not 0"} {
			if !rows[name+" "+stream] {
				m.errorf(at, "add it", "missing row: %s on stream %s", name, stream)
			}
		}
	}
}

func (m *Model) validity(t *spec.Table, r spec.Row) *Validity {
	v := &Validity{Row: r, Exactly: -1, Source: Section(t.Cell(r, "requirement").Text)}
	name, flag, hasFlag := strings.Cut(r.Cells[0].Text, " with ")
	if v.Layout = m.Layout(name); v.Layout == nil && name != "other" {
		m.errorf(r.Pos, "expected a layout, perhaps with one of its flags, or other", "unknown frame %q", name)
		return nil
	}
	if v.Flag = flag; hasFlag && !slices.ContainsFunc(v.Layout.Flags, func(g *LayoutFlag) bool { return g.Name == flag }) {
		m.errorf(r.Pos, "expected one of its flags", "%s has no flag %q", name, flag)
		return nil
	}
	switch c := t.Cell(r, "stream"); c.Text {
	case "0":
		v.Zero = true
	case "not 0":
	default:
		m.errorf(c.Pos, "expected 0 or not 0", "unknown stream %q", c.Text)
	}
	m.validLength(v, t.Cell(r, "length"))
	if c := t.Cell(r, "otherwise"); v.isLimited() || c.Text != "" {
		v.Otherwise = m.frameError(c)
		if !v.isLimited() {
			m.refuse(c.Pos, "leave it empty", "every length is right, and a row says otherwise")
		}
	}
	v.TooLong = m.frameError(t.Cell(r, "too long"))
	if l := v.Layout; l != nil && l.Zero && !v.Zero != v.None {
		m.errorf(r.Pos, "the layout says that the stream is 0", "%s on another stream than 0", l.Name)
	}
	if l := v.Layout; l != nil && l.Length >= 0 && !v.None && v.Exactly != l.Length {
		m.refuse(r.Pos, "the layout says what length it has", "%s has another length than its layout says", l.Name)
	}
	return v
}

func (v *Validity) isLimited() bool {
	return v.None || v.Exactly >= 0 || v.AtLeast > 0 || v.Multiple > 0
}

// validLength reads what lengths are right.
func (m *Model) validLength(v *Validity, c spec.Cell) {
	var err error
	switch at, isLeast := strings.CutPrefix(c.Text, "at least "); {
	case c.Text == "none":
		v.None = true
		return
	case c.Text == "any":
		return
	case isLeast:
		v.AtLeast, err = strconv.Atoi(at)
	default:
		if of, isMultiple := strings.CutPrefix(c.Text, "multiple of "); isMultiple {
			v.Multiple, err = strconv.Atoi(of)
		} else {
			v.Exactly, err = strconv.Atoi(c.Text)
		}
	}
	if err != nil {
		m.errorf(c.Pos, "expected none, any, a number, at least and a number, or multiple of and a number", "unknown length %q", c.Text)
	}
}
