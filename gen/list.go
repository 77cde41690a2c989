package gen

import (
	"github.com/specht-http/specht/gen/abnf"
)

// expand writes a list out (RFC 9110, Section 5.6.1): as a recipient must read
// it, or as a sender may write it.
func (c *compiler) expand(l *abnf.List) abnf.Node {
	ref := func(name string) abnf.Node { return &abnf.Ref{At: l.At, Name: name} }
	seq := func(parts ...abnf.Node) abnf.Node { return &abnf.Seq{At: l.At, Parts: parts} }
	opt := func(x abnf.Node) abnf.Node { return &abnf.Repeat{At: l.At, Max: 1, X: x, Option: true} }
	many := func(lo, hi int, x abnf.Node) abnf.Node { return &abnf.Repeat{At: l.At, Min: lo, Max: hi, X: x} }
	comma := seq(ref("OWS"), &abnf.Literal{At: l.At, Text: ",", Fold: true}, ref("OWS"))
	less := func(hi int) int {
		if hi < 0 {
			return hi
		}
		return max(hi-1, 0)
	}
	if l.Max == 0 {
		l = &abnf.List{At: l.At, Max: 1, X: seq()} // no elements, but commas
	}
	if c.sender {
		body := seq(l.X, many(max(l.Min-1, 0), less(l.Max), seq(comma, l.X)))
		if l.Min == 0 {
			return opt(body)
		}
		return body
	}
	if l.Min == 0 && l.Max < 0 {
		// [ X ] *( OWS "," OWS [ X ] ), turned round so that an element's event
		// can be raised where one octet decides that the element has ended: at
		// the comma, not in white space that may still belong to it.
		y := c.event(l)
		if y == nil {
			return seq(many(0, -1, seq(opt(l.X), comma)), opt(l.X))
		}
		end := &raise{Node: l, of: y}
		between := &abnf.Alt{At: l.At, Parts: []abnf.Node{seq(l.X, ref("OWS"), end), ref("OWS")}}
		return seq(many(0, -1, seq(between, &abnf.Literal{At: l.At, Text: ",", Fold: true}, ref("OWS"))), opt(seq(l.X, end)))
	}
	// Empty elements, then the elements with at least one comma between them.
	gap := many(0, -1, comma)
	body := seq(gap, l.X, many(max(l.Min-1, 0), less(l.Max), seq(comma, gap, l.X)), gap)
	if l.Min == 0 {
		return &abnf.Alt{At: l.At, Parts: []abnf.Node{body, gap}}
	}
	return body
}

// event is the event that a list's element yields, or nil.
func (c *compiler) event(l *abnf.List) *Yield {
	if n := c.m.notes[l.X]; n != nil && c.ma != nil {
		for _, y := range n.yields {
			if y.Event {
				if c.hoisted == nil {
					c.hoisted = map[*Yield]bool{}
				}
				c.hoisted[y] = true
				return y
			}
		}
	}
	return nil
}
