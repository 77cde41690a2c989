package main

import (
	"bytes"
	"fmt"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/message"
)

// connExplainer reads what one end of a connection of HTTP/2 has sent as the
// other end's engine does, by h2.Conn, frame by frame, and tells what each
// brings and does. What the limits hold that depend on time, or on what the other
// end has said, isn't held: neither is there.
type connExplainer struct {
	octets  []byte
	began   int // where the frame that is told begins
	at      int // where the next one begins
	conn    *h2.Conn
	tell    func(connEvent)
	methods []string // of the requests that responses answer; nil for requests

	out      []byte // what the protocol itself sends
	requests int    // that were made for responses
	frames   int
	errors   int
	hasEnded bool // the connection has failed
}

// requestsAheadMax is how many requests are made at once, for a response to the
// last one.
const requestsAheadMax = 10_000

// newConnExplainer explains octets of a server, if there are methods, else those
// of a client.
func newConnExplainer(octets []byte, methods []string, tell func(connEvent)) *connExplainer {
	e := &connExplainer{octets: octets, methods: methods, tell: tell}
	d := h2.NewService(h2.Options{Handler: message.Inline(message.HandlerFunc(func(message.Exchange) {}))}).Options
	o := &h2.ConnOptions{
		StreamsMax: 1 << 30, ContentWindowOctets: 1<<31 - 1, ConnectionWindowOctets: 1<<31 - 1,
		HeaderTableOctets: d.HeaderTableOctets, EncoderTableOctets: d.EncoderTableOctets,
		FieldSectionOctets: d.FieldSectionOctets, FieldLines: d.FieldLines, FieldBlockOctets: d.FieldBlockOctets,
		ContinuationsMax: d.ContinuationsMax, TakesPush: true, TakesConnectProtocol: true, OnField: e.onField,
		Credits: h2.Credits{Resets: -1, WindowUpdates: -1, Priorities: -1, Settings: -1, Pings: -1, Empties: -1, Unknowns: -1},
	}
	if methods == nil {
		e.conn = h2.NewServerConn(o)
	} else {
		e.conn = h2.NewClientConn(o)
	}
	e.out = e.conn.AppendPending(e.out)[:0]
	return e
}

// run explains everything.
func (e *connExplainer) run() {
	if e.conn.IsServer() {
		e.preface()
	}
	for !e.hasEnded && e.at < len(e.octets) {
		e.frame()
	}
	if !e.hasEnded && e.conn.IsInBlock() {
		e.fail(connEvent{Scope: "input error", Code: "short", Rule: "the input ends in a field block: CONTINUATION has to follow", Section: "RFC 9113, Section 6.10"})
	}
}

// preface is the client's, which the octets may begin behind: then it is taken as
// received, and so is a SETTINGS frame if there is none either.
func (e *connExplainer) preface() {
	n := min(len(h2.Preface), len(e.octets))
	if bytes.HasPrefix(e.octets, []byte("PRI ")) || n < len(h2.Preface) && string(e.octets[:n]) == h2.Preface[:n] {
		e.at = n
		e.tell(connEvent{Event: eventPreface, End: n, Text: fmt.Sprintf("%d octets of the client's 24", n), Section: "RFC 9113, Section 3.4"})
		e.feed(e.octets[:n], 0)
		if !e.hasEnded && n < len(h2.Preface) {
			e.short()
		}
		return
	}
	if looksLikeHTTP1(e.octets) {
		return // which is refused
	}
	assumed := []byte(h2.Preface)
	what := "there is no client's connection preface: it is taken as received"
	if len(e.octets) >= frames.HeaderOctets && frames.ReadHeader(e.octets).Type != frames.TypeSettings {
		assumed = frames.AppendSettingsFrame(assumed)
		what = "there are neither a client's connection preface nor SETTINGS: both are taken as received"
	}
	e.tell(connEvent{Event: eventNote, Text: what, Section: "RFC 9113, Section 3.4"})
	for len(assumed) > 0 {
		n, _ := e.conn.Receive(assumed)
		assumed = assumed[n:]
	}
	e.out = e.conn.AppendPending(e.out[:0])
}

func looksLikeHTTP1(octets []byte) bool {
	line, _, _ := bytes.Cut(octets, []byte("\n"))
	return bytes.Contains(line, []byte("HTTP/1."))
}

// frame explains the frame that is next.
func (e *connExplainer) frame() {
	b := e.octets[e.at:]
	start := e.at
	e.began = start
	if len(b) < frames.HeaderOctets || !e.conn.IsServer() && looksLikeHTTP1(e.octets) || e.conn.Input() == h2.ConnectionInputPreface {
		e.at = len(e.octets)
		e.feed(b, start)
		if !e.hasEnded {
			e.short()
		}
		return
	}
	h := frames.ReadHeader(b)
	isWhole := len(b) >= frames.HeaderOctets+int(h.Length)
	if isWhole {
		b = b[:frames.HeaderOctets+int(h.Length)]
	}
	e.at += len(b)
	e.frames++
	e.request(h.StreamID)
	e.tell(frameEvent(eventFrame, b, start))
	if f, _, err := frames.Read(b); err == nil && h.Type == frames.TypeSettings {
		for x := f.Rest; len(x) >= frames.SettingOctets; x = x[frames.SettingOctets:] {
			e.about(settingEvent(frames.ReadSetting(x)))
		}
	}
	e.feed(b, start)
	if !isWhole && !e.hasEnded {
		e.short()
	}
}

// about tells something about the frame that was told last.
func (e *connExplainer) about(v connEvent) {
	v.Start, v.End = e.began, e.at
	e.tell(v)
}

// short is that the input ends too early.
func (e *connExplainer) short() {
	e.fail(connEvent{Scope: "input error", Code: "short", Rule: "the input ends in the middle of a frame", Section: "RFC 9113, Section 4.1"})
}

func (e *connExplainer) fail(v connEvent) {
	v.Event = eventError
	e.errors++
	e.about(v)
}

// request makes the requests up to that of a stream, for what comes is a response
// to it.
func (e *connExplainer) request(id uint32) {
	if e.conn.IsServer() || id%2 == 0 || int(id)/2 >= e.requests+requestsAheadMax {
		return
	}
	for e.requests <= int(id)/2 && !e.hasEnded {
		method := e.methods[min(e.requests, len(e.methods)-1)]
		e.requests++
		head := message.RequestHead{Method: method, Target: "/", Authority: "unknown.invalid"}
		if method == "CONNECT" {
			head.Target = "unknown.invalid:443"
		}
		b, _, err := e.conn.AppendRequest(e.out[:0], &head, "http", method != "CONNECT")
		if err != nil {
			e.fail(connEvent{Scope: "input error", Code: "method", Rule: fmt.Sprintf("no request can be made with --method %s: %v", method, err)})
			e.hasEnded = true
		}
		e.out = b
	}
}

// states are what a frame may change.
type states struct {
	input             h2.ConnectionInput
	stream, promised  h2.StreamState
	isAgreed, isGoing bool
}

// feed gives the connection a frame that begins at start, and tells what it does.
func (e *connExplainer) feed(b []byte, start int) {
	c := e.conn
	var id, promised uint32
	if len(b) >= frames.HeaderOctets && start+len(b) == e.at && c.Input() != h2.ConnectionInputPreface {
		f, _, _ := frames.Read(b)
		id, promised = f.StreamID, f.PushPromise.PromisedStreamID
	}
	was := e.states(id, promised)
	c.Fault = nil
	for {
		n, event := c.Receive(b)
		b = b[n:]
		e.on(event)
		if event == h2.EventMore || event == h2.EventFailed {
			break
		}
	}
	e.changes(id, promised, was)
	e.answers()
	if c.Fault != nil {
		e.refused(c.Fault)
	}
}

func (e *connExplainer) states(id, promised uint32) states {
	c := e.conn
	return states{c.Input(), c.StateOf(id), c.StateOf(promised), c.IsAgreed(), c.IsGoingAway()}
}

// on tells what the application would be told, and uses content at once.
func (e *connExplainer) on(event h2.Event) {
	c := e.conn
	switch event {
	case h2.EventHead:
		e.head()
	case h2.EventTrailers:
		e.message("trailers", c.Stream.ID)
	case h2.EventContent:
		e.message(fmt.Sprintf("%d octets of content: %s", len(c.Content), clipped(c.Content, whatColumns/2)), c.Stream.ID)
		c.Consume(c.Stream, len(c.Content))
	case h2.EventPromise:
		s := c.Section
		e.message("promised: "+string(s.Method.Of(s.Arena))+" "+string(s.Target.Of(s.Arena)), c.Promised.ID)
	case h2.EventPriority:
		text := fmt.Sprintf("urgency %d", c.Priority.Urgency)
		if c.Priority.IsIncremental {
			text += ", incremental"
		}
		e.about(connEvent{Event: eventMessage, Stream: c.Stream.ID, Text: text, Section: "RFC 9218, Section 4"})
	case h2.EventFailed:
		e.hasEnded = true
	}
}

// head tells of a head, and makes a tunnel of what CONNECT asks for.
func (e *connExplainer) head() {
	c, s := e.conn, e.conn.Section
	stream := c.Stream
	if c.IsServer() {
		e.message(fmt.Sprintf("request %s %s%s", s.Method.Of(s.Arena), s.Authority.Of(s.Arena), s.Target.Of(s.Arena)), stream.ID)
		if s.MethodID == message.MethodConnect && !c.IsEnd {
			c.Connect(stream)
		}
		return
	}
	e.message(fmt.Sprintf("response %s", s.Status), stream.ID)
	n := int(stream.ID) / 2
	isConnect := stream.ID%2 == 1 && e.methods[min(n, len(e.methods)-1)] == "CONNECT"
	if isConnect && s.Status/100 == 2 && !c.IsEnd {
		c.Connect(stream)
	}
}

func (e *connExplainer) message(text string, id uint32) {
	if e.conn.IsEnd {
		text += ", and it ends"
	}
	e.about(connEvent{Event: eventMessage, Stream: id, Text: text, Section: "RFC 9113, Section 8.1"})
}

// onField tells of a field as it is decoded.
func (e *connExplainer) onField(name, value string, isSensitive bool) {
	section := "RFC 9113, Section 8.2"
	if name != "" && name[0] == ':' {
		section = "RFC 9113, Section 8.3"
	}
	e.about(connEvent{Event: eventField, Name: visible([]byte(name)), Value: visible([]byte(value)), IsSensitive: isSensitive, Section: section})
}

// changes tells what isn't as it was.
func (e *connExplainer) changes(id, promised uint32, was states) {
	is := e.states(id, promised)
	say := func(of string, stream uint32, from, to fmt.Stringer, section string) {
		if from != to {
			e.about(connEvent{Event: eventState, Of: of, Stream: stream, From: from.String(), To: to.String(), Section: section})
		}
	}
	say("connection", 0, was.input, is.input, inputSections[is.input])
	if was.isAgreed != is.isAgreed {
		e.about(connEvent{Event: eventState, Of: "settings", From: "sent", To: "acknowledged", Section: "RFC 9113, Section 6.5.3"})
	}
	if was.isGoing != is.isGoing {
		e.about(connEvent{Event: eventState, Of: "connection", From: "running", To: "going away", Section: "RFC 9113, Section 6.8"})
	}
	if id != 0 {
		say(fmt.Sprintf("stream %d", id), id, was.stream, is.stream, "RFC 9113, Section 5.1")
	}
	if promised != 0 {
		say(fmt.Sprintf("stream %d", promised), promised, was.promised, is.promised, "RFC 9113, Section 5.1")
	}
}

// inputSections are what says that a connection takes what it takes next.
var inputSections = map[h2.ConnectionInput]string{
	h2.ConnectionInputFirstSettings: "RFC 9113, Section 3.4",
	h2.ConnectionInputFrames:        "RFC 9113, Section 4.1",
	h2.ConnectionInputFieldBlock:    "RFC 9113, Section 4.3",
}

// answers tells what the protocol itself sends in return.
func (e *connExplainer) answers() {
	e.out = e.conn.AppendPending(e.out[:0])
	for b := e.out; len(b) >= frames.HeaderOctets; {
		n := frames.HeaderOctets + int(frames.ReadHeader(b).Length)
		e.about(frameEvent(eventAnswer, b[:n], 0))
		b = b[n:]
	}
}

// refused tells what is wrong, and what to do about it where that is easily
// said.
func (e *connExplainer) refused(fault *h2.Error) {
	v := errorEvent(fault)
	switch {
	case looksLikeHTTP1(e.octets):
		v.Hint = "this looks like HTTP/1: leave --h2 out"
	case e.frames == 1 && e.methods != nil && bytes.HasPrefix(e.octets, []byte("PRI ")):
		v.Hint = "these are octets of a client: leave --response out"
	case e.frames == 1 && e.methods == nil:
		v.Hint = "octets of a server are read by --response"
	}
	e.fail(v)
}
