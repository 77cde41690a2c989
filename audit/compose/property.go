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
	type place struct {
		id      int32
		hasLine bool
	}
	type way struct {
		from place
		o    byte
	}
	start := place{id: c.id(c.Start())}
	came := map[place]way{start: {}}
	for queue := []place{start}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, o := range c.octets {
			c.begun, c.decided = 0, ""
			got, out := c.Step(c.configs[at.id], o)
			to := place{hasLine: at.hasLine || c.begun == f}
			if c.decided != "" && got.part == 0 {
				to.hasLine = false // another head begins
			}
			isBehind := out == Ended || out == Running && got.part > 0
			switch {
			case out == Cut:
				cut++
				continue
			case out == Refused:
				continue
			case isBehind && c.decided != outcome:
				continue
			case isBehind && (to.hasLine || c.configs[at.id].settled > 0):
				// Of a settled head the fields weren't looked at: it may have the line.
				head = []byte{o}
				for s := at; s != start; s = came[s].from {
					head = append(head, came[s].o)
				}
				slices.Reverse(head)
				return head, len(came), cut, nil
			case isBehind:
				continue
			}
			to.id = c.id(got)
			if _, isKnown := came[to]; !isKnown {
				came[to] = way{at, o}
				queue = append(queue, to)
			}
		}
	}
	return nil, len(came), cut, nil
}
