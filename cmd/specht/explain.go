package main

import (
	"bytes"
	"strings"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// explainer reads the requests of an input and tells what it finds.
//
// RequestMessage reports what an engine needs: heads, content, trailers. What is
// between them it reads in one go, so the explainer asks for it in two steps:
// with no room for content Next stops behind the octets that frame it.
type explainer struct {
	octets []byte
	book   *book
	tell   func(event)

	requests *h1.Requests
	limits   h1.RequestMessageLimits
	number   int  // of the request under way, from 1
	at       int  // octets consumed
	inChunk  bool // the CRLF behind it is still to come
	ended    int  // requests

	isJudging bool // the head is well formed
}

func newExplainer(octets []byte, b *book, tell func(event)) *explainer {
	e := &explainer{octets: octets, book: b, tell: tell, limits: h1.DefaultRequestMessageLimits(), number: 1}
	e.requests = h1.NewRequests(&e.limits)
	return e
}

// run explains everything up to the end or the first problem, which it returns.
func (e *explainer) run() *problem {
	for {
		rest := e.octets[e.at:]
		n, what := e.requests.Next(rest, 0)
		if what == h1.RequestMessageMore && n == 0 {
			n, what = e.requests.Next(rest, 1<<30)
		}
		b := rest[:n]
		switch what {
		case h1.RequestMessageMore:
			if n == 0 {
				return e.finish()
			}
			e.framing(b)
		case h1.RequestMessageHead:
			if p := e.head(n); p != nil {
				return p
			}
		case h1.RequestMessageContent:
			e.content(n)
		case h1.RequestMessageTrailers:
			e.trailers(b)
		case h1.RequestMessageEnd:
			if e.end(n) {
				return nil
			}
		case h1.RequestMessageFailed:
			f := e.requests.Fault()
			e.before(f)
			return e.problem(f)
		}
		e.at += n
	}
}

// finish is that there are no more octets.
func (e *explainer) finish() *problem {
	rest := e.octets[e.at:]
	e.requests.End(rest)
	if f := e.requests.Fault(); f != nil {
		return e.problem(f)
	}
	if len(rest) > 0 {
		e.tell(event{Event: eventEmptyLine, Request: e.number, Start: e.at, End: len(e.octets), Rule: "CRLF", Section: e.book.section("CRLF"), Text: visible(rest)})
	}
	return nil
}

// began is the offset of the request under way.
func (e *explainer) began() int { return int(e.requests.Began) }

// span tells of a span of a window that begins at base.
func (e *explainer) span(what, rule, id string, base int, s message.Span) {
	start, end := base+int(s.Start), base+int(s.End)
	if id == message.MethodOther.String() {
		id = ""
	}
	e.tell(event{
		Event: what, Request: e.number, Start: start, End: end, Rule: rule, Section: e.book.section(rule),
		Text: visible(e.octets[start:end]), ID: id,
	})
}

// head tells of a head of n octets that the machine has accepted, and has it
// judged.
func (e *explainer) head(n int) *problem {
	m := e.requests.Message
	e.requestLine()
	e.fields(eventField, e.at, m.Head.Fields)
	e.outcomes()
	for _, v := range e.book.decide(e.known()) {
		e.decision(v, n)
	}
	e.tell(event{Event: eventHead, Request: e.number, Start: e.began(), End: e.at + n, Rule: "request-head", Section: e.book.section("HTTP-message")})
	j := judge(e.octets[e.at : e.at+n])
	if j.fault != nil {
		e.isJudging = true
		return e.judged(j.fault, n)
	}
	e.tell(event{
		Event: eventTarget, Request: e.number, Start: e.at + int(m.Head.Target.Start), End: e.at + int(m.Head.Target.End),
		Rule: "target URI", Section: "RFC 9112, Section 3.3", Scheme: j.scheme, Authority: j.authority,
	})
	return nil
}

// requestLine tells of the first line, and of an empty one before it.
func (e *explainer) requestLine() {
	h, base := &e.requests.Message.Head, e.began()
	if h.Method.Start > 0 {
		e.span(eventEmptyLine, "CRLF", "", base, message.Span{End: h.Method.Start})
	}
	e.span(eventPart, "method", h.MethodID.String(), base, h.Method)
	e.span(eventPart, "request-target", "", base, h.Target)
	e.span(eventPart, "HTTP-version", h.VersionID.String(), base, h.Version)
}

// fields tells of field lines in a window that begins at base.
func (e *explainer) fields(what string, base int, lines []message.FieldLine) {
	for _, l := range lines {
		name := [2]int{base + int(l.Name.Start), base + int(l.Name.End)}
		value := [2]int{base + int(l.Value.Start), base + int(l.Value.End)}
		end := value[1]
		if k := bytes.Index(e.octets[end:], []byte("\r\n")); k >= 0 { // behind white space
			end += k
		}
		id := ""
		if l.NameID != message.FieldNameOther {
			id = l.NameID.String()
		}
		e.tell(event{
			Event: what, Request: e.number, Start: name[0], End: end, Rule: "field-line", Section: e.book.section("field-line"),
			Text: visible(e.octets[name[0]:end]), ID: id, Name: &name, Value: &value,
		})
	}
}

// fed are the values of the field lines that a feed takes, or the span.
func (e *explainer) fed(f feed) (values []message.Span) {
	if strings.Contains(f.field, "/") {
		return spanOf(e.requests.Message, f.field)
	}
	for _, l := range e.requests.Message.Head.Fields {
		if strings.EqualFold(string(l.Name.Of(e.octets[e.began():])), f.field) {
			values = append(values, l.Value)
		}
	}
	return values
}

// outcomes tells what the values of the fields that are fed come to.
func (e *explainer) outcomes() {
	for _, f := range e.book.feeds {
		values := e.fed(f)
		outcome, ok := outcomeOf(e.requests.Message, f.machine)
		if len(values) == 0 || !ok {
			continue
		}
		e.tell(event{
			Event: eventOutcome, Request: e.number,
			Start: e.began() + int(values[0].Start), End: e.began() + int(values[len(values)-1].End),
			Rule: f.machine, Section: e.book.sectionOfFeed(f), Outcome: outcome,
		})
	}
}

// decision tells of a decision about a head of n octets.
func (e *explainer) decision(v verdict, n int) {
	e.tell(event{
		Event: eventDecision, Request: e.number, Start: e.began(), End: e.began() + n, Rule: v.decision,
		Section: sectionOf(v.requirement), Outcome: v.outcome, Row: v.row, Requirement: v.requirement, Spec: v.at.String(),
	})
}

// framing tells of octets between contents: the CRLF behind a chunk and the
// line of the next one, as far as they are there.
func (e *explainer) framing(b []byte) {
	at := e.at
	if e.inChunk {
		end := min(2, len(b))
		e.tell(event{Event: eventChunkEnd, Request: e.number, Start: at, End: at + end, Rule: "CRLF", Section: e.book.section("CRLF"), Text: visible(b[:end])})
		e.inChunk = false
		at, b = at+end, b[end:]
	}
	if !bytes.HasSuffix(b, []byte("\n")) {
		return // the input ends in it
	}
	c := &e.requests.Message.ChunkLine
	rule, size := "chunk", c.Size
	if c.Last {
		rule = "last-chunk"
	}
	e.inChunk = !c.Last
	e.tell(event{
		Event: eventChunkLine, Request: e.number, Start: at, End: at + len(b), Rule: rule, Section: e.book.section(rule),
		Text: visible(b), Size: &size,
	})
}

// content tells of n octets of content: of a chunk, or of the whole.
func (e *explainer) content(n int) {
	c := event{Event: eventContent, Request: e.number, Start: e.at, End: e.at + n, Rule: "message-body", Section: "RFC 9112, Section 6"}
	if e.inChunk {
		c.Rule, c.Section = "chunk-data", e.book.section("chunk-data")
	}
	e.tell(c)
}

// trailers tells of the trailer section b, with the empty line that ends it.
func (e *explainer) trailers(b []byte) {
	e.fields(eventTrailer, e.at, e.requests.Message.Trailers.Fields)
	e.tell(event{
		Event: eventPart, Request: e.number, Start: e.at + len(b) - 2, End: e.at + len(b),
		Rule: "CRLF", Section: e.book.section("chunked-body"), Text: `\r\n`,
	})
}

// end tells of the end of a request, and says whether that was the last.
func (e *explainer) end(n int) (isLast bool) {
	at := e.at + n
	e.ended++
	e.tell(event{Event: eventEnd, Request: e.number, Start: e.began(), End: at, Rule: "HTTP-message", Section: e.book.section("HTTP-message")})
	if at == len(e.octets) {
		return true
	}
	if e.requests.Message.Persistence == h1.PersistenceClose {
		e.tell(event{
			Event: eventNote, Request: e.number, Start: at, End: len(e.octets), Section: "RFC 9112, Section 9.6",
			Text: "a server reads no request behind this one, for it closes the connection",
		})
	}
	e.number++
	return false
}
