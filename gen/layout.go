package gen

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/specht-http/specht/spec"
)

// Layout is one frame, or a part of one, as its bits follow each other.
type Layout struct {
	Name   string // as in the document, without "Frame": DATA
	Into   string // its name in Go
	Type   uint8
	Doc    *spec.Document
	Pos    spec.Pos
	Source string         // its section: "RFC 9113, Section 6.1"
	Flags  []*LayoutFlag  // of the header, those that mean something
	Fields []*LayoutField // of the payload
	Zero   bool           // the stream is 0
	Length int            // of the payload in octets, if the layout says it; -1 if not
}

// LayoutFlag is a flag, by the value that it has in its octet.
type LayoutFlag struct {
	Name string
	Bit  uint8
}

// LayoutField is a field of a payload.
type LayoutField struct {
	Name       string
	Into       string // its name in Go
	Pos        spec.Pos
	Bits       int    // 0 for the rest of the payload
	Most       int    // bits of a field that may be so long at most; 0 for no limit
	IsOptional bool   // in brackets
	IsReserved bool   // it is 0 when sending, and ignored when receiving
	IsRepeated bool   // it comes as often as there is room for
	With       string // the flag that brings it
	Type       string // in Go, if it has one of its own
}

// IsVariable says whether the field is as long as what is left.
func (f *LayoutField) IsVariable() bool { return f.Bits == 0 }

// IsPadding says whether it is the padding.
func (f *LayoutField) IsPadding() bool { return f.Name == "Padding" }

var (
	layoutTitle = regexp.MustCompile(`^(?:HTTP/2 )?([A-Za-z_]+)(?: Frame)? \{$`)
	layoutLine  = regexp.MustCompile(`^  (\[)?([A-Z][A-Za-z _-]*) \((?:([0-9]+)|\.\.([0-9]+)?)\)(\])?(?: = (0x[0-9a-f]+|[0-9]+))?( \.\.\.)?,$`)
)

// rawField is a line of a layout.
type rawField struct {
	name       string
	bits, most int
	isOptional bool
	isRepeated bool
	value      int // -1 for none
	pos        spec.Pos
}

// loadLayouts reads the layouts of all documents, and what tables say of them.
func (m *Model) loadLayouts() {
	m.loadErrorCodes()
	for _, d := range m.Set.Documents {
		for _, l := range d.Layouts {
			m.readLayouts(d, l)
		}
	}
	if len(m.errs) > 0 || len(m.Layouts) == 0 {
		return
	}
	m.loadFrames()
	m.loadFrameFields()
	m.checkLayouts()
	m.loadSettingRanges()
	m.loadValidity()
}

// readLayouts reads the layouts of one block.
func (m *Model) readLayouts(d *spec.Document, block *spec.Layout) {
	var raw []rawField
	var l *Layout
	for i, line := range strings.Split(strings.TrimSuffix(block.Text, "\n"), "\n") {
		at := spec.Pos{File: d.File, Line: block.Pos.Line + i}
		switch {
		case line == "":
		case l == nil:
			p := layoutTitle.FindStringSubmatch(line)
			if p == nil {
				m.errorf(at, "expected a title such as DATA Frame {", "malformed layout: %q", line)
				return
			}
			l = &Layout{Name: p[1], Doc: d, Pos: at, Source: sectionText(block.Namespace, block.Section), Length: -1}
			if m.Layout(l.Name) != nil {
				m.errorf(at, "describe it once", "a second layout of %s", l.Name)
			}
		case line == "}":
			m.finishLayout(l, raw)
			l, raw = nil, nil
		default:
			f, ok := readLayoutLine(line, at)
			if !ok {
				m.errorf(at, "expected a field such as Stream Identifier (31), or [Pad Length (8)], or Data (..), with a comma at its end", "malformed layout: %q", line)
				return
			}
			raw = append(raw, f)
		}
	}
	if l != nil {
		m.errorf(l.Pos, "end it with } on a line of its own", "the layout of %s has no end", l.Name)
	}
}

func readLayoutLine(line string, at spec.Pos) (rawField, bool) {
	p := layoutLine.FindStringSubmatch(line)
	if p == nil || (p[1] == "[") != (p[5] == "]") {
		return rawField{}, false
	}
	f := rawField{name: p[2], isOptional: p[1] == "[", isRepeated: p[7] != "", value: -1, pos: at}
	f.bits, _ = strconv.Atoi(p[3])
	f.most, _ = strconv.Atoi(p[4])
	if p[6] != "" {
		v, err := strconv.ParseInt(p[6], 0, 32)
		if err != nil {
			return f, false
		}
		f.value = int(v)
	}
	return f, p[3] != "0"
}

// finishLayout takes the frame header off the fields of a frame.
func (m *Model) finishLayout(l *Layout, raw []rawField) {
	if l.Name != "HTTP" && l.Name != "Setting" {
		var ok bool
		if raw, ok = m.takeHeader(l, raw); !ok {
			return
		}
	}
	for _, f := range raw {
		if f.value >= 0 {
			m.errorf(f.pos, "give it a width alone", "a field of a payload with a value")
		}
		l.Fields = append(l.Fields, &LayoutField{
			Name: f.name, Into: exported(f.name), Pos: f.pos, Bits: f.bits, Most: f.most,
			IsOptional: f.isOptional, IsRepeated: f.isRepeated, IsReserved: f.name == "Reserved",
		})
	}
	m.Layouts = append(m.Layouts, l)
}

// takeHeader compares the beginning of a layout with the frame header.
func (m *Model) takeHeader(l *Layout, raw []rawField) (rest []rawField, ok bool) {
	wrong := func(at spec.Pos, want string) ([]rawField, bool) {
		m.errorf(at, want, "the layout of %s doesn't begin with the frame header", l.Name)
		return nil, false
	}
	if len(raw) < 2 || raw[0].name != "Length" || raw[0].bits != 24 {
		return wrong(l.Pos, "expected Length (24)")
	}
	l.Length = raw[0].value
	if raw[1].name != "Type" || raw[1].bits != 8 || raw[1].value < 0 || raw[1].value > 255 {
		return wrong(raw[1].pos, "expected Type (8) = 0x and its number")
	}
	l.Type = uint8(raw[1].value)
	bits := 0
	for raw = raw[2:]; len(raw) > 0 && strings.Contains(raw[0].name, "Flag"); raw = raw[1:] {
		f := raw[0]
		bits += f.bits
		if name, isFlag := strings.CutSuffix(f.name, " Flag"); isFlag && name != "Unused" {
			if f.bits != 1 || bits > 8 {
				return wrong(f.pos, "a flag has one of eight bits")
			}
			l.Flags = append(l.Flags, &LayoutFlag{Name: name, Bit: 1 << (8 - bits)})
		}
	}
	if bits != 8 {
		return wrong(l.Pos, fmt.Sprintf("the flags have 8 bits, and here %d", bits))
	}
	if len(raw) < 2 || raw[0].name != "Reserved" || raw[0].bits != 1 || raw[1].name != "Stream Identifier" || raw[1].bits != 31 {
		return wrong(l.Pos, "expected Reserved (1) and Stream Identifier (31)")
	}
	l.Zero = raw[1].value == 0
	return raw[2:], true
}

// Layout is the layout of that name, or nil.
func (m *Model) Layout(name string) *Layout {
	for _, l := range m.Layouts {
		if l.Name == name {
			return l
		}
	}
	return nil
}

// Frames are the layouts that are frames.
func (m *Model) Frames() (frames []*Layout) {
	for _, l := range m.Layouts {
		if l.Name != "HTTP" && l.Name != "Setting" {
			frames = append(frames, l)
		}
	}
	return frames
}

// checkLayouts finds what no reader can be made of.
func (m *Model) checkLayouts() {
	bits := map[string]uint8{}
	for _, l := range m.Layouts {
		for _, f := range l.Flags {
			if was, ok := bits[f.Name]; ok && was != f.Bit {
				m.errorf(l.Pos, "a flag has the same bit in all frames, so that it needs one name", "the flag %s is another bit in %s", f.Name, l.Name)
			}
			bits[f.Name] = f.Bit
		}
		m.checkFields(l)
	}
	if h := m.Layout("HTTP"); h == nil {
		m.errorf(m.Layouts[0].Pos, "expected HTTP Frame { … }", "no layout of the frame header")
	}
}

// checkFields checks that fixed fields stand in front, in whole octets.
func (m *Model) checkFields(l *Layout) {
	at, isRest := 0, false
	with := ""
	for _, f := range l.Fields {
		switch {
		case f.IsPadding():
			if f.Most != 8*255 {
				m.errorf(f.Pos, "expected Padding (..2040)", "padding of another size than its length can say")
			}
		case f.IsVariable() || f.IsRepeated:
			if isRest {
				m.errorf(f.Pos, "one field takes what is left", "a second field of variable length in %s", l.Name)
			}
			isRest = true
			continue
		case isRest:
			m.errorf(f.Pos, "write it in front", "a field of fixed length behind one of variable length in %s", l.Name)
		}
		if f.IsOptional != (f.With != "") {
			m.errorf(f.Pos, "a field in brackets has a row in a table | frame field | of | present with | type | requirement |, and no other has", "the field %s of %s", f.Name, l.Name)
		}
		if f.With != with && at%8 != 0 {
			m.errorf(f.Pos, "octets don't begin in the middle", "the field %s of %s doesn't begin at an octet", f.Name, l.Name)
		}
		with = f.With
		at += f.Bits
	}
	if at%8 != 0 {
		m.errorf(l.Pos, "the widths add up to whole octets", "the fields of %s have %d bits", l.Name, at)
	}
	if l.Length >= 0 && l.Length != at/8 {
		m.errorf(l.Pos, "expected the sum of its fields", "the layout of %s says that its length is %d, and its fields have %d octets", l.Name, l.Length, at/8)
	}
}

// sectionText is a section for people.
func sectionText(rfc, section string) string {
	return "RFC " + strings.TrimPrefix(rfc, "rfc") + ", Section " + section
}
