package extract

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"github.com/specht-http/specht/gen"
)

// Frames compares what was made of layouts, of what a frame header may say, of
// settings and of error codes.
func Frames(s *Source, m *gen.Model) (out []Reading) {
	for _, l := range m.Layouts {
		c := &layoutChecker{s: s, l: l}
		err := c.check()
		out = append(out, Reading{"layout " + l.Name, l.Pos, fmt.Sprintf("%d fields and %d flags; the reader and the appender were run %d times: for each set of flags with each bit alone, with all and with none", len(l.Fields), len(l.Flags), c.runs), err})
	}
	if len(m.Validities) > 0 {
		runs, err := s.validities(m)
		out = append(out, Reading{"validity of frames", m.Validities[0].Row.Pos, fmt.Sprintf("%d rows; Header.Check was run %d times: for all types, streams 0, 1 and the last one, each flag alone, none and all, and lengths around each bound", len(m.Validities), runs), err})
	}
	if len(m.SettingRanges) > 0 {
		runs, err := s.settings(m)
		out = append(out, Reading{"settings", m.SettingRanges[0].Row.Pos, fmt.Sprintf("%d settings; initial values, Set, and Check run %d times: for all identifiers up to 64, with values around each bound", len(m.SettingRanges), runs), err})
	}
	var errs []error
	for _, c := range m.ErrorCodes {
		errs = append(errs, s.numbered("Code"+c.Into, uint64(c.Value)))
	}
	if len(errs) > 0 {
		out = append(out, Reading{"error codes", m.ErrorCodes[0].Row.Pos, fmt.Sprintf("%d constants", len(errs)), errors.Join(errs...)})
	}
	return out
}

// numbered checks that a constant is a number.
func (s *Source) numbered(name string, want uint64) error {
	if v, ok := s.consts[name]; !ok || v.n != want {
		return fmt.Errorf("extract: the constant %s is %d, expected %d", name, v.n, want)
	}
	return nil
}

// layoutChecker compares the reader and the appender of one layout with it.
type layoutChecker struct {
	s    *Source
	l    *gen.Layout
	name string
	runs int
	run  run
}

func (c *layoutChecker) check() error {
	c.name = c.l.Into
	var errs []error
	switch c.l.Name {
	case "HTTP":
		c.name = "Header"
	case "Setting":
		c.name = "Setting"
	default:
		errs = append(errs, c.s.numbered("Type"+c.l.Into, uint64(c.l.Type)))
	}
	for _, f := range c.l.Flags {
		if v, ok := c.s.consts["Flag"+flagGo(f.Name)]; !ok || v.n != uint64(f.Bit) {
			errs = append(errs, fmt.Errorf("extract: flag %s is %#x, expected %#x", f.Name, v.n, f.Bit))
		}
	}
	if err := errors.Join(errs...); err != nil || len(c.fields(0xff)) == 0 {
		return err
	}
	read, err := c.s.program("Read" + c.name)
	if err != nil {
		return err
	}
	appends, err := c.s.program("Append" + c.name)
	if err != nil {
		return err
	}
	for _, flags := range c.flagSets() {
		for _, f := range []func() error{
			func() error { return c.length(flags) },
			func() error { return c.reads(read, flags) },
			func() error { return c.appended(appends, flags) },
		} {
			if err := f(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flagSets are all sets of the layout's flags, each with and without the others.
func (c *layoutChecker) flagSets() (out []uint8) {
	known := uint8(0)
	for _, f := range c.l.Flags {
		known |= f.Bit
	}
	for b := range 256 {
		if rest := uint8(b) &^ known; rest == 0 || rest == ^known {
			out = append(out, uint8(b))
		}
	}
	return out
}

// fields are those of fixed length that the flags announce.
func (c *layoutChecker) fields(flags uint8) (out []*gen.LayoutField) {
	for _, f := range c.l.Fields {
		if f.IsVariable() || f.IsRepeated {
			break
		}
		isThere := f.With == ""
		for _, g := range c.l.Flags {
			isThere = isThere || g.Name == f.With && flags&g.Bit != 0
		}
		if isThere {
			out = append(out, f)
		}
	}
	return out
}

func (c *layoutChecker) bits(flags uint8) (n int) {
	for _, f := range c.fields(flags) {
		n += f.Bits
	}
	return n
}

// length compares how long the fields are said to be.
func (c *layoutChecker) length(flags uint8) error {
	want, name := uint64(c.bits(flags)/8), c.name+"Octets"
	if c.s.funcs[name] == nil {
		return c.s.numbered(name, want)
	}
	p, err := c.s.program(name)
	if err != nil {
		return err
	}
	c.runs++
	c.run.start(p, nil)
	c.run.put("flags", uint64(flags))
	if _, err := c.run.execute(0); err != nil {
		return fmt.Errorf("extract: %s: %w", name, err)
	}
	if got := c.run.get("n"); got != want {
		return fmt.Errorf("extract: %s is %d with flags %#x, expected %d", name, got, flags, want)
	}
	return nil
}

// member is what a field is called in Go.
func (c *layoutChecker) member(f *gen.LayoutField) string {
	if c.l.Name == "HTTP" {
		return map[string]string{"Length": "Length", "Type": "Type", "Flags": "Flags", "Stream Identifier": "StreamID"}[f.Name]
	}
	return f.Into
}

// reads runs the reader.
func (c *layoutChecker) reads(p *program, flags uint8) error {
	n := c.bits(flags)
	for bit := -2; bit < n; bit++ { // all, none, one alone
		in := make([]byte, n/8+3)
		switch {
		case bit == -2:
			in = bytes.Repeat([]byte{0xff}, len(in))
		case bit >= 0:
			in[bit/8] = 0x80 >> (bit % 8)
		}
		c.runs++
		r := &c.run
		r.start(p, nil)
		r.b = in
		r.put("flags", uint64(flags))
		if _, err := r.execute(0); err != nil {
			return fmt.Errorf("extract: Read%s: %w", c.name, err)
		}
		at := 0
		there := c.fields(flags)
		for _, f := range c.fields(0xff) {
			want := uint64(0)
			if slices.Contains(there, f) {
				for range f.Bits {
					want = want<<1 | uint64(in[at/8]>>(7-at%8)&1)
					at++
				}
			}
			if f.IsReserved || c.member(f) == "" {
				continue
			}
			got := r.get("f." + c.member(f))
			if len(r.records) > 0 {
				got = r.records[0].of(c.member(f))
			}
			if got != want {
				return fmt.Errorf("extract: Read%s: %s of %x with flags %#x is %#x, expected %#x", c.name, f.Name, in, flags, got, want)
			}
		}
	}
	return nil
}

// appended runs the appender, with values that are too long for their field, too.
func (c *layoutChecker) appended(p *program, flags uint8) error {
	param := "f"
	if c.l.Name == "HTTP" {
		param = "h"
	}
	there := c.fields(flags)
	for _, f := range there {
		if f.IsReserved || c.member(f) == "" {
			continue
		}
		for bit := -2; bit < 64; bit++ {
			v := uint64(0)
			switch {
			case bit == -2 && f.Bits == 64:
				v = ^uint64(0)
			case bit == -2:
				v = 1<<f.Bits - 1
			case bit >= 0:
				v = 1 << bit
			}
			if bit >= (f.Bits+7)/8*8 || f.Bits == 1 && bit > 0 {
				continue // no number of its type
			}
			c.runs++
			r := &c.run
			r.start(p, nil)
			r.put("flags", uint64(flags))
			for _, g := range there {
				r.put(param+"."+c.member(g), 0)
			}
			r.put(param+"."+c.member(f), v)
			if _, err := r.execute(0); err != nil {
				return fmt.Errorf("extract: Append%s: %w", c.name, err)
			}
			if want := c.octetsOf(there, f, v); !bytes.Equal(r.out, want) {
				return fmt.Errorf("extract: Append%s: with %s %#x and flags %#x it is %x, expected %x", c.name, f.Name, v, flags, r.out, want)
			}
		}
	}
	return nil
}

// octetsOf are the fields with one of them set, bit by bit.
func (c *layoutChecker) octetsOf(there []*gen.LayoutField, of *gen.LayoutField, v uint64) []byte {
	var bits []byte
	for _, f := range there {
		for i := f.Bits - 1; i >= 0; i-- {
			bit := byte(0)
			if f == of {
				bit = byte(v >> i & 1)
			}
			bits = append(bits, bit)
		}
	}
	out := make([]byte, len(bits)/8)
	for i, b := range bits {
		out[i/8] |= b << (7 - i%8)
	}
	return out
}

// flagGo is a flag as it stands in Go: END_STREAM is EndStream.
func flagGo(name string) string { return codeName(name) }
