package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/h1"
)

// explained are the events of an input, a word or two for each, and its problem.
func explained(t *testing.T, input string) (events []event, wrong *problem) {
	t.Helper()
	return explainedAs(t, asRequests(), input)
}

func explainedAs(t *testing.T, s *source, input string) (events []event, wrong *problem) {
	t.Helper()
	b, err := readBook()
	if err != nil {
		t.Fatal(err)
	}
	wrong = newExplainer([]byte(input), s, b, func(e event) { events = append(events, e) }).run()
	return events, wrong
}

// short is an event in short: what stands where.
func short(e event) string {
	s := fmt.Sprintf("%s %d:%d", e.Event, e.Start, e.End)
	for _, word := range []string{e.Text, e.Outcome, e.Authority} {
		if word != "" {
			s += " " + word
		}
	}
	return s
}

func TestExplain(t *testing.T) {
	const input = "\r\nPOST /a HTTP/1.1\r\nhost: h\r\nTransfer-Encoding:  chunked \r\n\r\n" +
		"3;x\r\nabc\r\n0\r\nT: u\r\n\r\n" +
		"GET / HTTP/1.0\r\n\r\n\r\n"
	want := []string{
		`empty line 0:2 \r\n`,
		`part 2:6 POST`,
		`part 7:9 /a`,
		`part 10:18 HTTP/1.1`,
		`field 20:27 host: h`,
		`field 29:57 Transfer-Encoding:  chunked `,
		`outcome 49:56 chunked`,
		`outcome 26:27 one`,
		`decision 0:61 HTTP/1.1`,
		`decision 0:61 chunked`,
		`decision 0:61 no`,
		`decision 0:61 given`,
		`decision 0:61 good`,
		`decision 0:61 persist`,
		`decision 0:61 origin-form`,
		`decision 0:61 no`,
		`head 0:61`,
		`target 7:9 h`,
		`chunk line 61:66 3;x\r\n`,
		`content 66:69`,
		`chunk end 69:71 \r\n`,
		`chunk line 71:74 0\r\n`,
		`trailer 74:78 T: u`,
		`part 80:82 \r\n`,
		`end 0:82`,
		`part 82:85 GET`,
		`part 86:87 /`,
		`part 88:96 HTTP/1.0`,
		`decision 82:100 HTTP/1.0`,
		`decision 82:100 none`,
		`decision 82:100 no`,
		`decision 82:100 unknown`,
		`decision 82:100 good`,
		`decision 82:100 close`,
		`decision 82:100 origin-form`,
		`decision 82:100 no`,
		`head 82:100`,
		`target 86:87`,
		`end 82:100`,
		`note 100:102 a server reads no request behind this one, for it closes the connection`,
		`empty line 100:102 \r\n`,
	}
	events, wrong := explained(t, input)
	if wrong != nil {
		t.Errorf("refused: %+v", wrong)
	}
	var got []string
	for _, e := range events {
		got = append(got, short(e))
		if e.Section == "" && e.Requirement == "" {
			t.Errorf("%s: no section and no requirement", short(e))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What the tables are found to say here is what the generated decisions say.
func TestDecisionsAgree(t *testing.T) {
	for _, head := range []string{
		"GET / HTTP/1.1\r\nHost: a\r\n",
		"GET / HTTP/1.0\r\n",
		"GET / HTTP/1.9\r\nHost: a\r\nConnection: close\r\n",
		"GET / HTTP/1.0\r\nConnection: keep-alive\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nConnection: x\r\n",
		"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: a b\r\n",
	} {
		var m h1.RequestMessage
		limits := h1.DefaultRequestMessageLimits()
		if _, what := m.Next([]byte(head+"\r\n"), 0, &limits); what != h1.RequestMessageHead {
			t.Fatalf("%q: %v", head, what)
		}
		want := []string{m.Version.String(), m.RequestBodyLength.String(), m.Waits.String(), m.WhichHost.String(), m.Brackets.String(), m.Persistence.String(), m.Target.String(), m.ProtocolsOffered.String()}
		events, _ := explained(t, head+"\r\n")
		var got []string
		for _, e := range events {
			if e.Event == eventDecision {
				got = append(got, e.Outcome)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", head, got, want)
		}
	}
}

// Each machine that the specifications feed is known here.
func TestValueMachines(t *testing.T) {
	b, err := readBook()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Concat(b.feeds["request"], b.feeds["response"]) {
		if newValueMachine(f.machine) == nil {
			t.Errorf("the field %s is fed to the machine %s, which isn't found", f.field, f.machine)
		}
		if _, ok := outcomeOf(new(h1.RequestMessage), f.machine); !ok {
			t.Errorf("the field %s is fed to the machine %s, whose outcome isn't found", f.field, f.machine)
		}
	}
}

// A feed whose machine can't be found here is passed over: its field lines are
// told as all others are.
func TestUnknownFeed(t *testing.T) {
	b, err := readBook()
	if err != nil {
		t.Fatal(err)
	}
	for _, machine := range []string{"nowhere", "head", "left", "version", ""} {
		b.feeds["request"] = append(b.feeds["request"], feed{"X", machine, "x " + machine})
	}
	b.feeds["request"] = append(b.feeds["request"], feed{"X", "nowhere", "content-length"}) // which a refusal depends on
	for _, test := range []struct{ input, problem string }{
		{"PUT / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n", ""},
		{"PUT / HTTP/1.1\r\nHost: a\r\nX: y\r\nContent-Length: 1x\r\n\r\n", "malformed Content-Length"},
	} {
		var fields []string
		e := newExplainer([]byte(test.input), asRequests(), b, func(e event) {
			if e.Event == eventField || e.Event == eventOutcome {
				fields = append(fields, short(e))
			}
		})
		p := e.run()
		if (p == nil) != (test.problem == "") || p != nil && p.Name != test.problem {
			t.Errorf("%q: got %+v, want %q", test.input, p, test.problem)
		}
		if !slices.Contains(fields, "field 25:29 X: y") {
			t.Errorf("%q: got %q", test.input, fields)
		}
	}
}

func TestProblems(t *testing.T) {
	const (
		host    = "Host: a\r\n"
		chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
		good    = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	)
	tests := []struct {
		name, input string
		at          string // the octets from the place on
		problem     problem
	}{
		{"a method", "G(T / HTTP/1.1\r\n", "(T /", problem{Name: "malformed method", Rule: "method", Section: "RFC 9112, Section 3.1", Octet: `"("`, Status: 400, Line: 1, Expected: "SP or tchar"}},
		{"a control octet", "GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", "\x01\r\n", problem{Name: "malformed field-line", Rule: "field-line", Section: "RFC 9112, Section 5", Octet: "%x01", Status: 400, Line: 3, Expected: "CR, HTAB, SP or field-vchar"}},
		{"the second request", good + "GET / HTTP/1.1\r\nHost : a\r\n\r\n", " : a", problem{ordinal: ordinal{Request: 2}, Name: "white space before the colon", Rule: "field-name", Section: "RFC 9110, Section 5.1", Octet: "SP", Status: 400, Line: 5, Expected: `":" or tchar`, OffsetInMessage: 20}},
		{"a limit", "GET /" + strings.Repeat("a", 9000) + " HTTP/1.1\r\n", strings.Repeat("a", 813) + " HTTP", problem{Name: "request-line too long", Rule: "request-line", Section: "RFC 9112, Section 3", Status: 414, Line: 1, Limit: "RequestLineOctets", LimitValue: 8192}},
		{"a version", "GET / HTTP/3.0\r\n" + host + "\r\n", "HTTP/3.0", problem{Name: "version not supported", Rule: "version", Section: "RFC 9110, Section 6.2", Status: 505, Line: 1, Row: "foreign"}},
		{"two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n", "chunked\r\n", problem{Name: "Transfer-Encoding with Content-Length", Rule: "request-body-length", Section: "RFC 9112, Section 6.1", Status: 400, Line: 4, Row: "both"}},
		{"a value", "POST / HTTP/1.1\r\n" + host + "Content-Length: 4x\r\n\r\n", "4x\r\n", problem{Name: "malformed Content-Length", Rule: "Content-Length", Section: "RFC 9110, Section 8.6", Octet: `"x"`, Status: 400, Line: 3, Row: "length malformed", Expected: "DIGIT or the end"}},
		{"no Host", good + "GET / HTTP/1.1\r\nA: b\r\n\r\n" + good, "\r\n" + good, problem{ordinal: ordinal{Request: 2}, Name: "no Host", Rule: "which-host", Section: "RFC 9112, Section 3.2", Status: 400, Row: "without", Line: 6, OffsetInMessage: 22}},
		{"a target", "GET a HTTP/1.1\r\n" + host + "\r\n", "a HTTP", problem{Name: "malformed request-target", Rule: "target-form", Section: "RFC 9112, Section 3.2.2", Octet: `"a"`, Status: 400, Line: 1, Row: "no form", Expected: `"*", "h" of "http" or "h" of "https"`}},
		{"chunk-size", chunked + "x\r\n", "x\r\n", problem{Name: "malformed chunk-line", Rule: "chunk-line", Section: "RFC 9112, Section 7.1", Octet: `"x"`, Status: 400, Line: 5, Expected: `"0" or HEXDIG`}},
		{"chunk-data", chunked + "1\r\nab\r\n", "b\r\n", problem{Name: "chunk-data longer than chunk-size says", Rule: "chunk-end", Section: "RFC 9112, Section 7.1", Octet: `"b"`, Status: 400, Line: 6, Expected: "CR"}},
		{"a trailer", chunked + "0\r\nA: b\r\n c\r\n\r\n", " c\r\n", problem{Name: "line folding, or white space before a field name", Rule: "trailer-section", Section: "RFC 9112, Section 7.1.2", Octet: "SP", Status: 400, Line: 7, Expected: "CR or tchar"}},
		{"cut in the head", "GET / HT", "", problem{Name: "request cut short", Rule: "request-message", Section: "RFC 9112, Section 8", Status: 400, Line: 1}},
		{"cut in content", "POST / HTTP/1.1\r\n" + host + "Content-Length: 3\r\n\r\nab", "", problem{Name: "request cut short", Rule: "request-message", Section: "RFC 9112, Section 8", Status: 400, Line: 5}},
		{"cut in a chunk line", chunked + "1", "", problem{Name: "request cut short", Rule: "request-message", Section: "RFC 9112, Section 8", Status: 400, Line: 5}},
		{"cut behind a chunk", chunked + "1\r\na\r", "", problem{Name: "request cut short", Rule: "request-message", Section: "RFC 9112, Section 8", Status: 400, Line: 6}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, p := explained(t, test.input)
			if p == nil {
				t.Fatal("no problem")
			}
			if !strings.HasPrefix(test.input[p.Offset:], test.at) || test.at == "" && p.Offset != len(test.input) {
				t.Errorf("at octet %d: %.20q", p.Offset, test.input[p.Offset:])
			}
			want := test.problem
			if want.Request == 0 {
				want.Request, want.OffsetInMessage = 1, p.Offset
			}
			got := problem{
				ordinal: p.ordinal, Name: p.Name, Rule: p.Rule, Section: p.Section, Octet: p.Octet, Status: p.Status, Line: p.Line,
				Expected: p.Expected, Limit: p.Limit, LimitValue: p.LimitValue, Row: p.Row, OffsetInMessage: p.OffsetInMessage,
			}
			if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
			for _, r := range p.Requirements {
				if isSection := !strings.Contains(r.ID, "/"); isSection != (r.Level == "") {
					t.Errorf("requirement %s has the level %q", r.ID, r.Level)
				}
			}
		})
	}
}

// Whatever the octets are, parse says something and doesn't fall over.
func TestAnyOctets(t *testing.T) {
	const input = "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n0\r\nT: u\r\n\r\nGET / HTTP/1.0\r\n\r\n"
	b, err := readBook()
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(input) {
		for _, c := range []string{"", "\x00", "\n", "\r", " ", "x", "0", ":", "\xff"} {
			octets := []byte(input[:at] + c + input[at+1:])
			for _, octets := range [][]byte{octets, octets[:at]} {
				var out bytes.Buffer
				e := newExplainer(octets, asRequests(), b, jsonExplanation{json.NewEncoder(&out)}.event)
				text := &textExplanation{octets: octets, w: &out}
				if p := e.run(); p != nil {
					text.problem(p)
				}
			}
		}
	}
}

// What a decision refuses is at the octet that a server tells.
func TestRefusalOffset(t *testing.T) {
	for _, fields := range []string{
		"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
		"Transfer-Encoding: chunked\r\nContent-Length: 5\r\nX: y\r\n",
		"Content-Length: 1, 2\r\n",
	} {
		input := "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"
		_, p := explained(t, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"+input)
		f := judge([]byte(input)).fault
		if p == nil || f == nil {
			t.Errorf("%q: accepted", input)
		} else if int64(p.OffsetInMessage) != f.Offset {
			t.Errorf("%q: octet %d, but a server says %d", input, p.OffsetInMessage, f.Offset)
		}
	}
}

func TestSectionOf(t *testing.T) {
	for _, test := range []struct{ cell, want string }{
		{"rfc9112#6.1/12, rfc9112#6.3/13", "RFC 9112, Section 6.1"},
		{"exception: rfc9112#C.2.2/1 allows it", "RFC 9112, Appendix C.2.2"},
		{"rfc9112#6.3", "RFC 9112, Section 6.3"},
		{"choice: often sent", ""},
	} {
		if got := sectionOf(test.cell); got != test.want {
			t.Errorf("%s: got %q", test.cell, got)
		}
	}
}
