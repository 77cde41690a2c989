package compose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/specht-http/specht/gen"
)

// hope is what is known of the tables and numbers that decide.
type hope struct {
	tables [tablesMax]uint8
	also   [tablesMax]uint8 // which it may be instead: what the value was that may have ended
	known  [numbersMax]bool
	number [numbersMax]uint16
}

// outcomes are those of the decision on the body's length.
func (c *Machine) outcomes() []string { return c.model.Domains[c.model.BodyLength(c.seq).Name].Values }

// counted says whether an outcome leads to a part whose octets a number counts.
func (c *Machine) counted(outcome string) bool {
	p := c.seq.Part(c.seq.Parts[0].Next[outcome])
	return p != nil && p.Count != nil
}

// prospect is what can still come of a head.
type prospect struct {
	isHopeless bool
	settled    uint8
	may        may
}

// hopeful is what can still come of a head, of which that is known.
func (c *Machine) hopeful(h hope) prospect {
	is, ok := c.hopes[h]
	if !ok {
		is = c.prospect(h)
		c.hopes[h] = is
	}
	return is
}

// prospect looks at all that may follow.
func (c *Machine) prospect(h hope) prospect {
	came := map[string]bool{}
	seen := map[[tablesMax]uint8]bool{h.tables: true, h.also: true}
	queue := [][tablesMax]uint8{h.tables}
	if h.also != h.tables {
		queue = append(queue, h.also)
	}
	for ; len(queue) > 0; queue = queue[1:] {
		h.tables = queue[0]
		c.decideAll(h, came)
		for k, t := range c.tables {
			for _, e := range t.Events {
				to := h.tables
				to[k] = c.next(k, to[k], e)
				if !seen[to] {
					seen[to] = true
					queue = append(queue, to)
				}
			}
		}
	}
	var is prospect
	if came[""] {
		is.may = mayRefuse
		is.isHopeless = len(came) == 1
	}
	for i, outcome := range c.outcomes() {
		if !came[outcome] {
			continue
		}
		is.may |= 1 << (i + 1)
		if len(came) == 1 && !c.counted(outcome) {
			is.settled = uint8(i + 1)
		}
	}
	return is
}

// decideAll notes what the tables' states come to, for all numbers; "" is that it is
// refused.
func (c *Machine) decideAll(h hope, came map[string]bool) {
	var try func(k int, numbers map[*gen.Domain]string)
	try = func(k int, numbers map[*gen.Domain]string) {
		if k == len(c.numbers) {
			outcome, _ := c.decide(h.tables, func(in *gen.Domain) string { return numbers[in] })
			came[outcome] = true
			return
		}
		n := c.numbers[k]
		if n.isOf == nil {
			try(k+1, numbers)
			return
		}
		for i, v := range n.isOf.Values {
			if h.known[k] && int(h.number[k]) != i || int(n.alike[i]) != i {
				continue
			}
			numbers[n.isOf] = v
			try(k+1, numbers)
		}
	}
	try(0, map[*gen.Domain]string{})
}

// decide makes all decisions; outcome is that on the body's length, and ok is false
// if one refuses.
func (c *Machine) decide(at [tablesMax]uint8, number func(*gen.Domain) string) (outcome string, ok bool) {
	known := map[string]string{}
	for _, d := range c.decisions {
		pick := make([]string, len(d.Inputs))
		for i, in := range d.Inputs {
			k := slices.IndexFunc(c.tables, func(t *gen.Transitions) bool { return t.Name == in.Name })
			switch {
			case known[in.Name] != "":
				pick[i] = known[in.Name]
			case k >= 0:
				pick[i] = c.tables[k].States.Values[at[k]]
			case c.given[in.Name] != "":
				pick[i] = c.given[in.Name]
			default:
				pick[i] = number(in)
			}
		}
		row := d.Choose(pick)
		if row == nil || row.Refuse != nil {
			return "", false
		}
		known[d.Name] = row.Outcome
		outcome = row.Outcome
	}
	return outcome, true
}

// represent finds for each value of an input the first that no decision tells from it.
func (c *Machine) represent(in *gen.Domain) (by []uint16) {
	firsts := map[string]uint16{}
	for i, v := range in.Values {
		var b strings.Builder
		for _, d := range c.decisions {
			for k, o := range d.Inputs {
				if o == in && len(d.Inputs) == 1 {
					if r := d.Choose([]string{v}); r != nil {
						fmt.Fprint(&b, r.Outcome, r.Refuse != nil, " ")
					}
					continue
				}
				for _, r := range d.Rows {
					if o == in {
						fmt.Fprint(&b, slices.Contains(r.Sets[k], v), " ")
					}
				}
			}
		}
		if _, ok := firsts[b.String()]; !ok {
			firsts[b.String()] = uint16(i)
		}
		by = append(by, firsts[b.String()])
	}
	return by
}
