package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/specht-http/specht/message"
)

// before tells what was read of a head that is refused.
func (e *explainer) before(f *message.Fault) {
	inWindow := int64(e.began()) + f.Offset - int64(e.at)
	switch {
	case e.isDecision(f.Machine):
		e.startLine()
		e.lines(eventField, e.at, e.fields())
		e.outcomes()
	case f.Machine == e.noun()+"-head" && e.hasStartLine(inWindow):
		e.startLine()
		e.lines(eventField, e.at, wholeBefore(e.fields(), inWindow))
	case f.Machine == "trailers":
		e.lines(eventTrailer, e.at, wholeBefore(e.trailers(), inWindow))
	}
}

// wholeBefore are the lines that end before an offset.
func wholeBefore(lines []message.FieldLine, offset int64) []message.FieldLine {
	n := len(lines)
	for n > 0 && int64(lines[n-1].Value.End) >= offset {
		n--
	}
	return lines[:n]
}

// hasStartLine says whether an offset of the head is behind its first line.
func (e *explainer) hasStartLine(offset int64) bool {
	b := e.octets[e.at:]
	skipped := len(b) - len(bytes.TrimPrefix(b, []byte("\r\n")))
	end := bytes.Index(b[skipped:], []byte("\r\n"))
	return end >= 0 && offset >= int64(skipped+end+2)
}

// isDecision says whether a decision of that name is about heads.
func (e *explainer) isDecision(name string) bool {
	return slices.ContainsFunc(e.decide(), func(v verdict) bool { return v.decision == name })
}

// problem is a fault as people need it. Its offset counts from the first octet
// of the message.
func (e *explainer) problem(f *message.Fault) *problem {
	p := &problem{
		Event: "error", ordinal: e.ordinal(), Name: f.Name, Machine: f.Machine, Rule: f.Rule, Section: f.Source, Expected: f.Want,
		Limit: f.Limit, LimitValue: f.Value, Status: f.Status, Reason: message.Status(f.Status).Reason(), Requirement: f.Requirement,
	}
	at := min(e.began()+int(f.Offset), len(e.octets))
	p.places = []place{e.place(at)}
	if f.Machine != e.noun()+"-message" && e.isDecision(f.Machine) {
		e.explainRefusal(p)
	}
	if p.Section == "" {
		p.Section = sectionOf(p.Requirement)
	}
	p.Requirements = e.book.requirements(p.Requirement)
	e.pointAt(p, at)
	if found := p.places[len(p.places)-1].start; found < len(e.octets) && (f.Octet >= 0 || p.Octet != "") {
		p.Octet = octetName(e.octets[found])
		if found != p.Offset {
			p.OctetAt = found
		}
	}
	p.Hint = e.hint(p)
	return p
}

// judged is a fault of a head of n octets that the machine has accepted. One
// that lies behind the head is about what isn't in it.
func (e *explainer) judged(f *message.Fault, n int) *problem {
	p := e.problem(f)
	if f.Offset == int64(n) {
		p.places = []place{{e.at + n - 2, e.at + n}} // the empty line
		e.pointAt(p, e.at+n-2)
	}
	return p
}

// place is what begins at an offset: the request-target, a field value, or one
// octet.
func (e *explainer) place(at int) place {
	spans := []message.Span{e.target()}
	for _, l := range e.fields() {
		spans = append(spans, l.Value)
	}
	for _, s := range spans {
		if p := (place{e.at + int(s.Start), e.at + int(s.End)}); e.isJudging && p.start == at && p.end > at {
			return p
		}
	}
	return place{at, at + 1}
}

// pointAt says where a problem is.
func (e *explainer) pointAt(p *problem, at int) {
	p.Offset = at
	p.OffsetInMessage = p.Offset - e.began()
	p.Line = lineOf(e.octets, p.Offset)
	p.Unread = len(e.octets) - p.Offset
}

// explainRefusal finds the row that refused, and what it depended on: the field
// lines that were fed to its inputs, and in one that is malformed the octet.
func (e *explainer) explainRefusal(p *problem) {
	verdicts := e.decide()
	v := verdicts[len(verdicts)-1]
	p.Row, p.Spec, p.Requirement, p.Section = v.row, v.at.String(), v.requirement, sectionOf(v.requirement)
	base := e.at
	var places, exact []place
	for _, f := range e.book.feeds[e.noun()] {
		if !slices.Contains(v.inputs, f.outcome) || !v.names(f.outcome, e.known()[f.outcome]) {
			continue
		}
		for _, s := range e.fed(f) {
			places = append(places, place{base + int(s.Start), base + int(s.End)})
			m := newValueMachine(f.machine)
			if m == nil || m.Consume(s.Of(e.octets[base:])) {
				continue
			}
			if fault := m.Fault(); fault != nil {
				at := base + int(s.Start) + int(fault.Offset)
				exact = append(exact, place{at, at + 1})
				p.Rule, p.Expected, p.Octet = fault.Rule, fault.Want, "found"
				if fault.Source != "" {
					p.Section = fault.Source
				}
			}
		}
	}
	slices.SortFunc(places, func(a, b place) int { return a.start - b.start })
	switch {
	case len(exact) > 0:
		p.places = exact[len(exact)-1:]
	case len(places) > 0:
		p.places = places
	case v.decision == "version":
		s := e.version()
		p.places = []place{{base + int(s.Start), base + int(s.End)}}
	case v.decision == "target":
		s := e.target()
		p.places = []place{{base + int(s.Start), base + int(s.End)}}
	default: // about what isn't there: the empty line
		p.places[0].end = p.places[0].start + 2
	}
}

// hint is what to do about a mistake that is easily made.
func (e *explainer) hint(p *problem) string {
	noun := e.noun()
	isResponse := bytes.HasPrefix(e.octets, []byte("HTTP/1."))
	switch {
	case strings.Contains(p.Name, "bare LF") && !bytes.Contains(e.octets, []byte("\r\n")):
		return "the lines of a " + noun + ` end with CRLF, those of this text with LF: sed 's/$/\r/' FILE | specht parse`
	case p.Machine == noun+"-message" && p.Offset == len(e.octets) && p.Limit == "":
		return "the input ends before the " + noun + " does: a head ends with an empty line, and content is as long as was declared"
	case isResponse && e.responses == nil:
		return "this looks like a response: specht parse --response"
	case !isResponse && e.responses != nil && e.at == 0:
		return "this doesn't look like a response; without --response it is read as a request"
	}
	return ""
}
