package compose

import (
	"fmt"
	"slices"
	"strings"
)

// Never looks for the shortest head that has a line of a field and comes to an
// outcome of the decision on the body's length. head is nil if there is none; states
// is how many places were looked at, and cut how many branches ended at numbers that
// aren't explored, whose heads come to what others do. It is about heads of any
// length.
func (c *Machine) Never(field, outcome string) (head []byte, states, cut int, err error) {
	f := uint8(1 + slices.IndexFunc(c.feeds, func(f *feed) bool { return strings.EqualFold(f.Field, field) }))
	if f == 0 {
		return nil, 0, 0, fmt.Errorf("compose: the length of a body of %s doesn't depend on the field %s", c.seq.Name, field)
	}
	if !slices.Contains(c.outcomes(), outcome) {
		return nil, 0, 0, fmt.Errorf("compose: %s is no outcome of the decision on the body of %s: %s", outcome, c.seq.Name, strings.Join(c.outcomes(), ", "))
	}
	start := c.id(c.Start()) << 1
	came := make([]place, start+1) // by the number of a Config, twice, and 1 if the head has a line of it
	came[start] = place{isKnown: true, from: -1}
	states = 1
	for queue := []int32{start}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, w := range c.from(at >> 1) {
			hasLine := at&1 > 0 || w.begun == f
			to := c.lead(w.to)
			isEnd := w.to <= toExit
			// Of a settled head the fields weren't looked at: it may have the line.
			if isEnd && to != toRefused && c.heads.exits[toExit-w.to].event == outcome && (hasLine || c.config(at>>1).settled > 0) {
				return streamTo(came, at, w.octet()), states, cut, nil
			}
			switch {
			case to == toCut:
				cut += w.on.Intersect(c.each).Len()
				continue
			case to == toRefused, isEnd && (to == toEnded || to&inBody != 0):
				continue
			}
			next := to << 1
			if hasLine && !isEnd { // behind the end, another head begins
				next |= 1
			}
			for len(came) <= int(next) {
				came = append(came, place{})
			}
			if !came[next].isKnown {
				came[next] = place{true, at, w.octet()}
				states++
				queue = append(queue, next)
			}
		}
	}
	return nil, states, cut, nil
}

// place is how one was come to.
type place struct {
	isKnown bool
	from    int32
	o       byte
}

// streamTo are the octets that lead to a place, and one more.
func streamTo(came []place, at int32, o byte) (stream []byte) {
	stream = []byte{o}
	for ; came[at].from >= 0; at = came[at].from {
		stream = append(stream, came[at].o)
	}
	slices.Reverse(stream)
	return stream
}
