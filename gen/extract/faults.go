package extract

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
)

// faults asks the method Fault for the fault of each state and octet, and of each
// limit, and compares what it says with the rows.
func (c *checker) faults() {
	p, err := c.s.program(c.typ + ".Fault")
	if err != nil {
		c.errorf("%v", err)
		return
	}
	for k := range c.ma.DFA.States {
		if _, ok := c.merged[k]; ok {
			continue // it fails as the state does whose label it stands under
		}
		for octet := -1; octet < 256; octet++ {
			c.syntaxFault(p, k, octet)
		}
		c.overflowFault(p, k)
		if len(c.errs) > 0 {
			return
		}
	}
	if c.ma.Input == "value" {
		if c.feed() != nil {
			c.failures()
		}
		return
	}
	limits := c.ma.Limits
	if c.ma.RecordLimit != nil {
		limits = append(limits[:len(limits):len(limits)], c.ma.RecordLimit)
	}
	for i, l := range limits {
		c.said(p, 0, -1, 3+i, fmt.Sprint("limit ", l.Name), map[string]string{
			"Name": l.Error, "Status": strconv.Itoa(l.Status), "Requirement": l.Requirement, "Limit": l.Name, "Value": strconv.Itoa(1000 + i), "Want": "",
		})
	}
}

// failures compares what the method event makes of the names of faults with the
// events that the table answers: a fault that is none of them is malformed.
func (c *checker) failures() {
	fn := c.s.funcs[c.typ+".event"]
	if fn == nil {
		c.errorf("there is no method event")
		return
	}
	got, other := map[string]string{}, ""
	for _, st := range fn.Body.List {
		switch st := st.(type) {
		case *ast.SwitchStmt:
			for _, b := range st.Body.List {
				cl := b.(*ast.CaseClause)
				ret, ok := cl.Body[0].(*ast.ReturnStmt)
				name, isText := "", false
				if len(cl.List) == 1 {
					name, isText = stringOf(cl.List[0])
				}
				if !ok || !isText {
					c.errorf("event: a case that machines don't have")
					return
				}
				got[name] = exprName(ret.Results[0])
			}
		case *ast.ReturnStmt:
			other = exprName(st.Results[0])
		default:
			c.errorf("event: a statement that machines don't have: %T", st)
		}
	}
	for _, e := range c.ma.Errors {
		said, ok := got[e.Name]
		if !ok {
			said = other
		}
		want := slices.Index(c.feed().Outcome.Events, e.Name)
		if want < 0 || !c.ma.Raises(e) {
			want = slices.Index(c.feed().Outcome.Events, "malformed")
		}
		if n, ok := c.eventNumber(said); c.ma.Raises(e) && (!ok || n != uint64(want)) {
			c.errorf("event: the fault %q is %s, expected event %d", e.Name, said, want)
		}
	}
	if n, ok := c.eventNumber(other); !ok || n != uint64(slices.Index(c.feed().Outcome.Events, "malformed")) {
		c.errorf("event: other faults are %s, expected malformed", other)
	}
}

// syntaxFault compares the fault of an octet that a state refuses, or of the end
// of the input.
func (c *checker) syntaxFault(p *program, k, octet int) {
	s := &c.ma.DFA.States[k]
	if octet >= 0 && s.Edges[octet] >= 0 || octet < 0 && s.Final {
		return
	}
	want := map[string]string{"Machine": c.ma.Name, "Status": "400", "Octet": strconv.Itoa(octet)}
	if s.Rule != nil {
		want["Name"], want["Rule"], want["Source"] = "malformed "+s.Rule.Rule, s.Rule.Rule, s.Rule.Source
	}
	if octet < 0 {
		c.said(p, k, octet, 1, fmt.Sprint("the end of the input in state ", k), want)
		return
	}
	if e := c.m.ErrorAt(c.ma, k, byte(octet)); e != nil {
		want["Name"], want["Status"], want["Requirement"] = e.Name, strconv.Itoa(e.Status), e.Requirement
	}
	c.said(p, k, octet, 1, fmt.Sprintf("octet %d in state %d", octet, k), want)
}

// overflowFault compares the fault of a number that is too large.
func (c *checker) overflowFault(p *program, k int) {
	hasDigits := false
	for _, e := range c.ma.DFA.States[k].Out {
		hasDigits = hasDigits || len(e.Digits) > 0
	}
	if !hasDigits {
		return
	}
	e := c.m.Overflow(c.ma)
	if e == nil {
		return
	}
	c.said(p, k, '9', 2, fmt.Sprint("overflow in state ", k), map[string]string{"Name": e.Name, "Status": strconv.Itoa(e.Status), "Requirement": e.Requirement})
}

// said runs Fault and compares the members that are wanted.
func (c *checker) said(p *program, state, octet, why int, what string, want map[string]string) {
	limits := map[string]uint64{}
	for i, l := range c.ma.Limits {
		limits[l.Name] = uint64(1000 + i)
	}
	if l := c.ma.RecordLimit; l != nil {
		limits[l.Name] = uint64(1000 + len(c.ma.Limits))
	}
	c.runs++
	r := &c.again
	r.start(p, limits)
	r.put("m.in", uint64(state))
	r.put("m.why", uint64(why))
	r.put("m.octet", uint64(octet))
	r.put("m.at", 77)
	if _, err := r.execute(0); err != nil {
		c.errorf("%s: %v", what, err)
		return
	}
	if len(r.ret) != 1 || r.ret[0] != "f" || r.told["Offset"] != "77" {
		c.errorf("%s: Fault returns %v at %q", what, r.ret, r.told["Offset"])
		return
	}
	for member := range want {
		if got := r.told[member]; got != want[member] {
			c.errorf("%s: the fault's %s is %q, expected %q", what, member, got, want[member])
		}
	}
}
