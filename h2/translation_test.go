package h2

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// What HTTP/2 lets in, written as HTTP/1.1, is the same exchange to a strict
// reader. spec/translation.md has the proof that the machines accept it; here it
// is tried, and that what is found is what was put in.

// asOctets writes a section as HTTP/1.1 would have it, and its target.
func asOctets(s *FieldSection) (octets []byte, target string) {
	b := new(bytes.Buffer)
	switch s.kind {
	case sectionRequest, sectionPromise:
		target = string(s.Target.Of(s.Arena))
		if target == "" {
			target = string(s.Authority.Of(s.Arena))
		}
		fmt.Fprintf(b, "%s %s HTTP/1.1\r\n", s.Method.Of(s.Arena), target)
	case sectionResponse:
		fmt.Fprintf(b, "HTTP/1.1 %d \r\n", s.Status)
	}
	for name, value := range message.NewFields(s.Arena, s.Lines).All() {
		fmt.Fprintf(b, "%s: %s\r\n", name, value)
	}
	b.WriteString("\r\n")
	return b.Bytes(), target
}

// untranslatable says how a reader of HTTP/1.1 differs on a section; nothing if it
// doesn't.
func untranslatable(s *FieldSection) string {
	octets, target := asOctets(s)
	var lines []message.FieldLine
	switch s.kind {
	case sectionTrailers:
		var m h1.Trailers
		if n, p := m.Consume(octets, &h1.TrailersLimits{TrailerSectionOctets: math.MaxUint32, TrailerLineOctets: math.MaxUint32, TrailerFieldLines: math.MaxUint32}); p != message.Done || n != len(octets) {
			return "the trailers are refused"
		}
		lines = m.Fields
	case sectionResponse:
		var m h1.ResponseHead
		limits := h1.ResponseHeadLimits{StatusLineOctets: math.MaxUint32, ResponseFieldLineOctets: math.MaxUint32, ResponseFieldSectionOctets: math.MaxUint32, ResponseFieldLines: math.MaxUint32}
		if n, p := m.Consume(octets, &limits); p != message.Done || n != len(octets) {
			return "the response is refused"
		}
		if m.Status != uint64(s.Status) {
			return "another status"
		}
		lines = m.Fields
	default:
		limits := h1.DefaultRequestMessageLimits()
		limits.RequestHeadLimits = h1.RequestHeadLimits{FieldSectionOctets: math.MaxUint32, FieldLineOctets: math.MaxUint32, RequestLineOctets: math.MaxUint32, MethodOctets: math.MaxUint32, FieldLines: math.MaxUint32}
		m := h1.NewRequests(&limits)
		n, event := m.Next(octets, 0)
		switch {
		case event != h1.RequestMessageHead || n != len(octets):
			return fmt.Sprint("the request is refused: ", m.Fault())
		case string(m.Message.Head.Method.Of(octets)) != string(s.Method.Of(s.Arena)):
			return "another method"
		case string(m.Message.Head.Target.Of(octets)) != target:
			return "another target"
		case (s.ContentLength >= 0) != (m.Message.RequestBodyLength == h1.RequestBodyLengthFixed),
			s.ContentLength >= 0 && uint64(s.ContentLength) != m.Message.ContentLength.Length:
			return "another length"
		case string(m.Message.HostAt.Of(octets)) != string(s.Authority.Of(s.Arena)):
			return "another Host"
		}
		lines = m.Message.Head.Fields
	}
	if len(lines) != len(s.Lines) {
		return "more or fewer fields"
	}
	for i := range lines {
		if string(lines[i].Name.Of(octets)) != string(s.Lines[i].Name.Of(s.Arena)) || string(lines[i].Value.Of(octets)) != string(s.Lines[i].Value.Of(s.Arena)) {
			return "another field"
		}
	}
	return ""
}

// fuzzed are the kind of a section and its fields: names and values are divided by
// 0x1f, fields by 0x1e.
func fuzzed(input string) (kind sectionKind, fields [][2]string) {
	if input == "" {
		return sectionRequest, nil
	}
	kind = sectionKind(input[0] % 4)
	for _, f := range strings.Split(input[1:], "\x1e") {
		name, value, _ := strings.Cut(f, "\x1f")
		fields = append(fields, [2]string{name, value})
	}
	return kind, fields
}

var translated = []struct {
	kind   sectionKind
	fields string
}{
	{sectionRequest, get + "accept: */*\ncookie: a\ncookie: b\ncontent-length: 3\nx: "},
	{sectionRequest, ":method: OPTIONS\n:scheme: http\n:authority: [::1]:8080\n:path: *"},
	{sectionRequest, ":method: !#$%&'*+-.^_`|~09azAZ\n:scheme: http\n:authority: a%20b;c\n:path: /\"<>\\^`{|}~?[]\n!#$%&'*+-.^_`|~09az: a \t\x80\xffb"},
	{sectionRequest, ":method: GET\n:scheme: http\n:path: /\nhost: a\ncontent-length: 0"},
	{sectionRequest, tunnel},
	{sectionRequest, get + "expect: 100-continue\nte: trailers\ncontent-length: 1"},
	{sectionPromise, get},
	{sectionResponse, ok + "set-cookie: a\nset-cookie: b\ncontent-length: 7"},
	{sectionResponse, ":status: 103\nlink: a"},
	{sectionTrailers, "a: b\nc: "},
}

func TestTranslation(t *testing.T) {
	for _, c := range translated {
		s, f := section(c.kind, sectionLimits{}, parseFields(c.fields))
		if f != nil {
			t.Fatalf("%q: %v", c.fields, f)
		}
		if why := untranslatable(s); why != "" {
			octets, _ := asOctets(s)
			t.Errorf("%q: %s: %q", c.fields, why, octets)
		}
	}
	// The test sees what a reader would see: a value that splits the head.
	s, _ := section(sectionTrailers, sectionLimits{}, [][2]string{{"a", "b"}})
	s.Arena = append(s.Arena[:1], "b\r\nc: d"...)
	s.Lines[0].Value = message.Span{Start: 1, End: uint32(len(s.Arena))}
	if untranslatable(s) == "" {
		t.Error("a split head isn't seen")
	}
}

// FuzzTranslation looks for a section that we accept and a reader of HTTP/1.1
// doesn't, or not as the same.
func FuzzTranslation(f *testing.F) {
	for _, c := range translated {
		text := string(rune('0' + c.kind))
		for i, field := range parseFields(c.fields) {
			if i > 0 {
				text += "\x1e"
			}
			text += field[0] + "\x1f" + field[1]
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, input string) {
		kind, fields := fuzzed(input)
		s, fault := section(kind, sectionLimits{octets: 1 << 16, lines: 100}, fields)
		if fault != nil {
			if fault.Name == "" || fault.Status < 400 || fault.Error() == "" {
				t.Errorf("a fault that says nothing: %+v", fault)
			}
			return
		}
		if why := untranslatable(s); why != "" {
			octets, _ := asOctets(s)
			t.Errorf("%s: %q", why, octets)
		}
	})
}
