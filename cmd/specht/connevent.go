package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/h2"
)

// What an event of a connection of HTTP/2 can be.
const (
	eventPreface = "preface"
	eventFrame   = "frame"
	eventSetting = "setting"
	eventMessage = "message" // a head, content, or trailers, is told to the application
	eventState   = "state"
	eventAnswer  = "answer" // what the protocol itself sends
	eventError   = "error"
)

// connEvent is one thing that octets of a connection were found to be, or to
// do. Offsets count from the first octet of the input; End is the first octet
// behind the frame.
type connEvent struct {
	Event   string `json:"event"`
	Start   int    `json:"start"`
	End     int    `json:"end"`
	Stream  uint32 `json:"stream,omitempty"`
	Section string `json:"section,omitempty"`

	// Of a frame and an answer. Text is the whole frame for people, and of a
	// message what it is.
	Type   string  `json:"type,omitempty"`
	Flags  *uint8  `json:"flags,omitempty"`
	Length *uint32 `json:"length,omitempty"`
	Text   string  `json:"text,omitempty"`

	// Of a field and a setting.
	Name        string `json:"name,omitempty"`
	Value       string `json:"value,omitempty"`
	IsSensitive bool   `json:"sensitive,omitempty"`

	// Of a state: of what, and both.
	Of   string `json:"of,omitempty"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`

	// Of an error.
	Scope string `json:"scope,omitempty"`
	Code  string `json:"code,omitempty"`
	Rule  string `json:"rule,omitempty"`
	Hint  string `json:"hint,omitempty"`
}

// connExplanation is how the events of a connection are told.
type connExplanation interface {
	event(connEvent)
	end(frames, errors, octets int)
}

// jsonConnExplanation tells one object a line.
type jsonConnExplanation struct{ *json.Encoder }

func (j jsonConnExplanation) event(e connEvent) { _ = j.Encode(e) } // nobody else is left to be told
func (j jsonConnExplanation) end(int, int, int) {}

// textConnExplanation tells each frame in a line, and below it what it brings
// and what it does.
type textConnExplanation struct {
	w     io.Writer
	table *tabwriter.Writer
}

func (t *textConnExplanation) event(e connEvent) {
	if e.Event == eventNote {
		fmt.Fprintf(t.w, "note: %s (%s)\n\n", e.Text, e.Section)
		return
	}
	if t.table == nil {
		t.table = tabwriter.NewWriter(t.w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t.table, "OCTETS\tWHAT\tFROM")
	}
	octets := ""
	what, text := e.Event, e.Text
	switch e.Event {
	case eventPreface, eventFrame:
		octets = fmt.Sprintf("[%d,%d)", e.Start, e.End)
	case eventField:
		text = clip(e.Name+": "+e.Value, 2*whatColumns)
		if e.IsSensitive {
			what += ", sensitive"
		}
	case eventSetting:
		text = e.Name + " = " + e.Value
	case eventState:
		what, text = e.Of, e.From+" → "+e.To
	case eventError:
		what, text = e.Scope, e.Code+": "+e.Rule
	}
	if octets == "" {
		what = "  " + what
	}
	fmt.Fprintf(t.table, "%s\t%s\t%s\t%s\n", octets, what, e.Section, text)
	if e.Hint != "" {
		fmt.Fprintf(t.table, "\t  hint\t\t%s\n", e.Hint)
	}
}

func (t *textConnExplanation) flush() {
	if t.table != nil {
		_ = t.table.Flush() // to the standard output: nobody else is left to be told
		t.table = nil
	}
}

func (t *textConnExplanation) end(frames, errors, octets int) {
	t.flush()
	if errors > 0 {
		fmt.Fprintf(t.w, "\nrefused: %s in %s, %d octets\n", plural(errors, "error"), plural(frames, "frame"), octets)
		return
	}
	fmt.Fprintf(t.w, "\nwell formed: %s, %d octets\n", plural(frames, "frame"), octets)
}

// frameSections are where frames are defined, by type.
var frameSections = map[frames.Type]string{
	frames.TypeData:           "RFC 9113, Section 6.1",
	frames.TypeHeaders:        "RFC 9113, Section 6.2",
	frames.TypePriority:       "RFC 9113, Section 6.3",
	frames.TypeRSTStream:      "RFC 9113, Section 6.4",
	frames.TypeSettings:       "RFC 9113, Section 6.5",
	frames.TypePushPromise:    "RFC 9113, Section 6.6",
	frames.TypePing:           "RFC 9113, Section 6.7",
	frames.TypeGoAway:         "RFC 9113, Section 6.8",
	frames.TypeWindowUpdate:   "RFC 9113, Section 6.9",
	frames.TypeContinuation:   "RFC 9113, Section 6.10",
	frames.TypePriorityUpdate: "RFC 9218, Section 7.1",
}

// frameEvent is a frame, or as much of it as there is in b.
func frameEvent(event string, b []byte, start int) connEvent {
	f, _, err := frames.Read(b)
	text := f.String()
	if err != nil { // what is wrong with it is told by the connection
		text = f.Header.String()
	}
	section := frameSections[f.Type]
	if section == "" {
		section = "RFC 9113, Section 5.5" // frames of unknown types are passed over
	}
	flags, length := uint8(f.Flags), f.Length
	return connEvent{
		Event: event, Start: start, End: start + len(b), Stream: f.StreamID, Section: section,
		Type: f.Type.String(), Flags: &flags, Length: &length, Text: visible([]byte(text)),
	}
}

// settingEvent is one of the settings of a frame.
func settingEvent(x frames.Setting) connEvent {
	name, section := x.Identifier.String(), "RFC 9113, Section 6.5.2"
	switch x.Identifier {
	case frames.SettingEnableConnectProtocol:
		section = "RFC 8441, Section 3"
	case frames.SettingNoRFC7540Priorities:
		section = "RFC 9218, Section 2.1"
	}
	if name == "unknown" {
		name = fmt.Sprintf("setting 0x%02x", uint16(x.Identifier))
	}
	return connEvent{Event: eventSetting, Section: section, Name: name, Value: strconv.FormatUint(uint64(x.Value), 10)}
}

// errorEvent is what is refused and why.
func errorEvent(e *h2.Error) connEvent {
	rule, section := e.Rule, ""
	if e.Fault != nil {
		rule, section = strings.TrimPrefix(e.Fault.Error(), "h2: "), e.Fault.Source
		if section == "" {
			section = sectionOf(e.Fault.Requirement)
		}
	}
	if at := strings.LastIndex(rule, " (RFC "); at >= 0 && strings.HasSuffix(rule, ")") {
		section, rule = rule[at+2:len(rule)-1], rule[:at]
	}
	return connEvent{Event: eventError, Stream: e.StreamID, Scope: e.Scope.String(), Code: e.Code.String(), Rule: rule, Section: section}
}
