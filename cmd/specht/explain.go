package main

import (
	"bytes"
	"strings"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// explainer reads the messages of an input and tells what it finds.
//
// RequestMessage reports what an engine needs: heads, content, trailers. What is
// between them it reads in one go, so the explainer asks for it in two steps:
// with no room for content Next stops behind the octets that frame it.
type explainer struct {
	octets []byte
	book   *book
	out    func(event)

	*source
	number  int  // of the message under way, from 1
	at      int  // octets consumed
	inChunk bool // the CRLF behind it is still to come
	ended   int  // messages

	isJudging bool // the head is well formed
}

func newExplainer(octets []byte, s *source, b *book, out func(event)) *explainer {
	return &explainer{octets: octets, source: s, book: b, out: out, number: 1}
}

// tell tells an event of the message under way.
func (e *explainer) tell(what event) {
	what.ordinal = e.ordinal()
	e.out(what)
}

// ordinal is which message is under way.
func (e *explainer) ordinal() ordinal {
	if e.responses != nil {
		return ordinal{Response: e.number}
	}
	return ordinal{Request: e.number}
}

// run explains everything up to the end or the first problem, which it returns.
func (e *explainer) run() *problem {
	for {
		rest := e.octets[e.at:]
		n, what := e.next(rest, 0)
		if what == h1.RequestMessageMore && n == 0 {
			n, what = e.next(rest, 1<<30)
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
			e.trailerSection(b)
		case h1.RequestMessageEnd:
			if e.end(n) {
				return nil
			}
		case h1.RequestMessageFailed:
			f := e.fault()
			e.before(f)
			return e.problem(f)
		}
		e.at += n
	}
}

// finish is that there are no more octets.
func (e *explainer) finish() *problem {
	rest := e.octets[e.at:]
	isEnd := e.source.end(rest)
	if f := e.fault(); f != nil {
		return e.problem(f)
	}
	if isEnd {
		e.end(0)
	}
	if len(rest) > 0 {
		e.tell(event{Event: eventEmptyLine, Start: e.at, End: len(e.octets), Rule: "CRLF", Section: e.book.section("CRLF"), Text: visible(rest)})
	}
	return nil
}

// span tells of a span of a window that begins at base.
func (e *explainer) span(what, rule, id string, base int, s message.Span) {
	start, end := base+int(s.Start), base+int(s.End)
	if id == message.MethodOther.String() {
		id = ""
	}
	e.tell(event{
		Event: what, Start: start, End: end, Rule: rule, Section: e.book.section(rule),
		Text: visible(e.octets[start:end]), ID: id,
	})
}

// head tells of a head of n octets that the machine has accepted, and has it
// judged.
func (e *explainer) head(n int) *problem {
	e.startLine()
	e.lines(eventField, e.at, e.fields())
	e.outcomes()
	for _, v := range e.decide() {
		e.decision(v, n)
	}
	e.tell(event{Event: eventHead, Start: e.at, End: e.at + n, Rule: e.noun() + "-head", Section: e.book.section("HTTP-message")})
	if e.responses != nil {
		return nil // what a client makes of it is its own
	}
	j := judge(e.octets[e.at : e.at+n])
	if j.fault != nil {
		e.isJudging = true
		return e.judged(j.fault, n)
	}
	e.tell(event{
		Event: eventTarget, Start: e.at + int(e.target().Start), End: e.at + int(e.target().End),
		Rule: "target URI", Section: "RFC 9112, Section 3.3", Scheme: j.scheme, Authority: j.authority,
	})
	return nil
}

// startLine tells of the first line, and of an empty one before it.
func (e *explainer) startLine() {
	if e.responses != nil {
		h := &e.responses.Message.Head
		e.span(eventPart, "HTTP-version", h.VersionID.String(), e.at, h.Version)
		code := message.Span{Start: h.Version.End + 1, End: h.Version.End + 4}
		e.span(eventPart, "status-code", message.Status(h.Status).Reason(), e.at, code)
		if h.Reason.Len() > 0 {
			e.span(eventPart, "reason-phrase", "", e.at, h.Reason)
		}
		return
	}
	h := &e.requests.Message.Head
	if h.Method.Start > 0 {
		e.span(eventEmptyLine, "CRLF", "", e.at, message.Span{End: h.Method.Start})
	}
	e.span(eventPart, "method", h.MethodID.String(), e.at, h.Method)
	e.span(eventPart, "request-target", "", e.at, h.Target)
	e.span(eventPart, "HTTP-version", h.VersionID.String(), e.at, h.Version)
}

// lines tells of field lines in a window that begins at base.
func (e *explainer) lines(what string, base int, lines []message.FieldLine) {
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
			Event: what, Start: name[0], End: end, Rule: "field-line", Section: e.book.section("field-line"),
			Text: visible(e.octets[name[0]:end]), ID: id, Name: &name, Value: &value,
		})
	}
}

// fed are the values of the field lines that a feed takes, or the span.
func (e *explainer) fed(f feed) (values []message.Span) {
	if strings.Contains(f.field, "/") {
		return spanOf(e.message(), f.field)
	}
	for _, l := range e.fields() {
		if strings.EqualFold(string(l.Name.Of(e.octets[e.at:])), f.field) {
			values = append(values, l.Value)
		}
	}
	return values
}

// outcomes tells what the values of the fields that are fed come to.
func (e *explainer) outcomes() {
	for _, f := range e.book.feeds[e.noun()] {
		values := e.fed(f)
		outcome, ok := outcomeOf(e.message(), f.machine)
		if len(values) == 0 || !ok {
			continue
		}
		e.tell(event{
			Event: eventOutcome, Start: e.at + int(values[0].Start), End: e.at + int(values[len(values)-1].End),
			Rule: f.machine, Section: e.book.sectionOfFeed(f), Outcome: outcome,
		})
	}
}

// decision tells of a decision about a head of n octets.
func (e *explainer) decision(v verdict, n int) {
	e.tell(event{
		Event: eventDecision, Start: e.at, End: e.at + n, Rule: v.decision,
		Section: sectionOf(v.requirement), Outcome: v.outcome, Row: v.row, Requirement: v.requirement, Spec: v.at.String(),
	})
}

// framing tells of octets between contents: the CRLF behind a chunk and the
// line of the next one, as far as they are there.
func (e *explainer) framing(b []byte) {
	at := e.at
	if e.inChunk {
		end := min(2, len(b))
		e.tell(event{Event: eventChunkEnd, Start: at, End: at + end, Rule: "CRLF", Section: e.book.section("CRLF"), Text: visible(b[:end])})
		e.inChunk = false
		at, b = at+end, b[end:]
	}
	if !bytes.HasSuffix(b, []byte("\n")) {
		return // the input ends in it
	}
	c := e.chunkLine()
	rule, size := "chunk", c.Size
	if c.Last {
		rule = "last-chunk"
	}
	e.inChunk = !c.Last
	e.tell(event{
		Event: eventChunkLine, Start: at, End: at + len(b), Rule: rule, Section: e.book.section(rule),
		Text: visible(b), Size: &size,
	})
}

// content tells of n octets of content: of a chunk, or of the whole.
func (e *explainer) content(n int) {
	c := event{Event: eventContent, Start: e.at, End: e.at + n, Rule: "message-body", Section: "RFC 9112, Section 6"}
	if e.inChunk {
		c.Rule, c.Section = "chunk-data", e.book.section("chunk-data")
	}
	e.tell(c)
}

// trailerSection tells of the trailer section b, with the empty line that ends it.
func (e *explainer) trailerSection(b []byte) {
	e.lines(eventTrailer, e.at, e.trailers())
	e.tell(event{
		Event: eventPart, Start: e.at + len(b) - 2, End: e.at + len(b),
		Rule: "CRLF", Section: e.book.section("chunked-body"), Text: `\r\n`,
	})
}

// end tells of the end of a message, and says whether that was the last.
func (e *explainer) end(n int) (isLast bool) {
	at := e.at + n
	e.ended++
	e.tell(event{Event: eventEnd, Start: e.began(), End: at, Rule: "HTTP-message", Section: e.book.section("HTTP-message")})
	if at == len(e.octets) {
		return true
	}
	if text, section := e.note(); text != "" {
		e.tell(event{Event: eventNote, Start: at, End: len(e.octets), Section: section, Text: text})
	}
	if e.isOver() {
		return true
	}
	if e.responses != nil {
		e.await()
	}
	e.number++
	return false
}
