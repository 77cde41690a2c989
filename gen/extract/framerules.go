package extract

import (
	"fmt"
	"slices"

	"github.com/specht-http/specht/gen"
)

// validities runs Header.Check, and compares it with the rows.
func (s *Source) validities(m *gen.Model) (runs int, err error) {
	p, err := s.program("Header.Check")
	if err != nil {
		return 0, err
	}
	const most = 16384
	lengths := []uint32{most - 1, most, most + 1, most + 2, 1<<24 - 1}
	for n := range uint32(26) {
		lengths = append(lengths, n)
	}
	flagSets := []uint8{0, 0xff, 1, 2, 4, 8, 16, 32, 64, 128}
	var r run
	for typ := range 256 {
		for _, stream := range []uint32{0, 1, 1<<31 - 1} {
			for _, flags := range flagSets {
				for _, length := range lengths {
					runs++
					r.start(p, nil)
					r.put("h.Type", uint64(typ))
					r.put("h.Flags", uint64(flags))
					r.put("h.StreamID", uint64(stream))
					r.put("h.Length", uint64(length))
					r.put("maxFrameSize", most)
					if _, err := r.execute(0); err != nil {
						return runs, fmt.Errorf("extract: Header.Check: %w", err)
					}
					want := frameError(validity(m, uint8(typ), flags, stream), length, most)
					if len(r.ret) != 3 || r.ret[0] != want[0] || r.ret[1] != want[1] {
						return runs, fmt.Errorf("extract: Header.Check of type %d, flags %#x, stream %d, length %d is %v, expected %v", typ, flags, stream, length, r.ret, want)
					}
				}
			}
		}
	}
	return runs, nil
}

// validity is the row of a frame: the one with a flag first.
func validity(m *gen.Model, typ, flags uint8, stream uint32) *gen.Validity {
	var found *gen.Validity
	isKnown := slices.ContainsFunc(m.Frames(), func(l *gen.Layout) bool { return l.Type == typ })
	for _, v := range m.Validities {
		if v.Zero != (stream == 0) || (v.Layout == nil) == isKnown || v.Layout != nil && v.Layout.Type != typ {
			continue
		}
		if v.Flag == "" {
			if found == nil {
				found = v
			}
			continue
		}
		for _, f := range v.Layout.Flags {
			if f.Name == v.Flag && flags&f.Bit != 0 {
				return v
			}
		}
	}
	return found
}

// frameError is what a row says of a length, as names in Go: scope and code.
func frameError(v *gen.Validity, length, most uint32) [2]string {
	said := func(e *gen.FrameError) [2]string {
		return [2]string{"Scope" + goName(e.Scope), "Code" + e.Code.Into}
	}
	n := int(length)
	switch {
	case v.None:
		return said(v.Otherwise)
	case length > most:
		return said(v.TooLong)
	case v.Exactly >= 0 && n != v.Exactly, v.AtLeast > 0 && n < v.AtLeast, v.Multiple > 0 && n%v.Multiple != 0:
		return said(v.Otherwise)
	}
	return [2]string{"ScopeNone", "CodeNoError"}
}

// settings compares identifiers, initial values, Set and Check.
func (s *Source) settings(m *gen.Model) (runs int, err error) {
	initial, err := s.program("DefaultSettings")
	if err != nil {
		return 0, err
	}
	var r run
	r.start(initial, nil)
	if _, err := r.execute(0); err != nil || len(r.records) != 1 || len(r.records[0].names) != len(m.SettingRanges) {
		return 0, fmt.Errorf("extract: DefaultSettings has other members than the rows (%v)", err)
	}
	for _, g := range m.SettingRanges {
		if err := s.numbered("Setting"+g.Into, uint64(g.Identifier)); err != nil {
			return 0, err
		}
		if got := r.records[0].of(g.Into); got != uint64(g.Initial) || !slices.Contains(r.records[0].names, g.Into) {
			return 0, fmt.Errorf("extract: %s begins as %d, expected %d", g.Name, got, g.Initial)
		}
	}
	if err := s.sets(m); err != nil {
		return 0, err
	}
	check, err := s.program("Setting.Check")
	if err != nil {
		return 0, err
	}
	for id := range uint16(65) {
		values := []uint32{0, 1, 2, 1<<32 - 1}
		want := func(uint32) [2]string { return [2]string{"ScopeNone", "CodeNoError"} }
		for _, g := range m.SettingRanges {
			if g.Identifier == id && g.Otherwise != nil {
				values = append(values, g.Least-1, g.Least, g.Most, g.Most+1)
				none := want
				want = func(v uint32) [2]string {
					if v < g.Least || v > g.Most {
						return [2]string{"Scope" + goName(g.Otherwise.Scope), "Code" + g.Otherwise.Code.Into}
					}
					return none(v)
				}
			}
		}
		for _, v := range values {
			runs++
			r.start(check, nil)
			r.put("x.Identifier", uint64(id))
			r.put("x.Value", uint64(v))
			if _, err := r.execute(0); err != nil {
				return runs, fmt.Errorf("extract: Setting.Check: %w", err)
			}
			if w := want(v); len(r.ret) != 3 || r.ret[0] != w[0] || r.ret[1] != w[1] {
				return runs, fmt.Errorf("extract: Setting.Check of %d in setting %d is %v, expected %v", v, id, r.ret, w)
			}
		}
	}
	return runs, nil
}

// sets runs Set for each identifier: it changes one member, or none.
func (s *Source) sets(m *gen.Model) error {
	p, err := s.program("Settings.Set")
	if err != nil {
		return err
	}
	var r run
	for id := range uint16(65) {
		r.start(p, nil)
		r.put("x.Identifier", uint64(id))
		r.put("x.Value", 77)
		if _, err := r.execute(0); err != nil {
			return fmt.Errorf("extract: Settings.Set: %w", err)
		}
		for _, g := range m.SettingRanges {
			want := uint64(0)
			if g.Identifier == id {
				want = 77
			}
			if got := r.get("v." + g.Into); got != want {
				return fmt.Errorf("extract: Settings.Set of setting %d makes %s %d, expected %d", id, g.Name, got, want)
			}
		}
	}
	return nil
}
