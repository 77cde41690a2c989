package main

import (
	"slices"
	"strings"
	"testing"
)

func TestExplainResponses(t *testing.T) {
	const input = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n" +
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" +
		"HTTP/1.0 200 \r\n\r\nrest"
	want := []string{
		`part 0:8 HTTP/1.1`,
		`part 9:12 100`,
		`part 13:21 Continue`,
		`head 0:25`,
		`part 25:33 HTTP/1.1`,
		`part 34:37 200`,
		`part 38:40 OK`,
		`field 42:68 Transfer-Encoding: chunked`,
		`outcome 61:68 chunked`,
		`head 25:72`,
		`chunk line 72:75 1\r\n`,
		`content 75:76`,
		`chunk end 76:78 \r\n`,
		`chunk line 78:81 0\r\n`,
		`part 81:83 \r\n`,
		`end 0:83`,
		`part 83:91 HTTP/1.1`,
		`part 92:95 200`,
		`part 96:98 OK`,
		`field 100:117 Content-Length: 5`,
		`outcome 116:117 one`,
		`head 83:121`,
		`end 83:121`,
		`part 121:129 HTTP/1.0`,
		`part 130:133 200`,
		`head 121:138`,
		`content 138:142`,
		`end 121:142`,
	}
	events, wrong := explainedAs(t, asResponses([]string{"POST", "HEAD", "GET"}), input)
	if wrong != nil {
		t.Fatalf("%+v", wrong)
	}
	var got []string
	decided := map[int]string{}
	for _, e := range events {
		if e.Event == eventDecision {
			if e.Rule == "response-body-length" {
				decided[e.Start] = e.Outcome
			}
			if e.Rule == "request-body-length" {
				t.Error("a response is framed as a request")
			}
			continue
		}
		got = append(got, short(e))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for at, outcome := range map[int]string{0: "interim", 25: "chunked", 83: "none", 121: "until close"} {
		if decided[at] != outcome {
			t.Errorf("the response at %d is framed as %q, want %q", at, decided[at], outcome)
		}
	}
}

func TestResponseProblems(t *testing.T) {
	for _, test := range []struct {
		name, input string
		want        problem
	}{
		{"a fault behind an interim head", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA : b\r\n\r\n", problem{Name: "white space before the colon", Offset: 43, Line: 4}},
		{"a refusal behind an interim head", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1x\r\n\r\n", problem{Name: "malformed Content-Length in a response", Offset: 58, Line: 4}},
		{"cut short", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab", problem{Name: "response cut short", Offset: 40, Line: 4}},
		{"a request", "GET / HTTP/1.1\r\n\r\n", problem{Name: "malformed HTTP-version", Line: 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, wrong := explainedAs(t, asResponses([]string{"GET"}), test.input)
			if wrong == nil {
				t.Fatal("nothing is wrong")
			}
			if wrong.Name != test.want.Name || wrong.Offset != test.want.Offset || wrong.Line != test.want.Line {
				t.Errorf("got %q at %d in line %d, want %+v", wrong.Name, wrong.Offset, wrong.Line, test.want)
			}
			if test.name == "a request" && !strings.Contains(wrong.Hint, "without --response") {
				t.Errorf("the hint is %q", wrong.Hint)
			}
		})
	}
}

// Behind a tunnel's head there is nothing to explain.
func TestExplainTunnel(t *testing.T) {
	events, wrong := explainedAs(t, asResponses([]string{"CONNECT"}), "HTTP/1.1 200 OK\r\n\r\n\x16\x03")
	if wrong != nil {
		t.Fatalf("%+v", wrong)
	}
	if last := events[len(events)-1]; last.Event != eventNote || last.Start != 19 || last.End != 21 {
		t.Errorf("the last event is %+v", last)
	}
}
