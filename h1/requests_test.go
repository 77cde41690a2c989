package h1

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

var update = flag.Bool("update", false, "write what is logged into testdata")

// reading logs the events of Requests, with offsets on the connection.
type reading struct {
	lenient bool
	log     []string
	content int // where the last line's content begins and ends, if it is one
	end     int
}

// read reads octets that arrive cut at some places, then the end.
func (g *reading) read(t *testing.T, octets []byte, cuts ...int) {
	t.Helper()
	limits := DefaultRequestMessageLimits()
	r := NewRequests(&limits)
	r.Lenient = g.lenient
	at, cuts := 0, append(cuts, len(octets))
	for _, cut := range cuts {
		// A window that moves, with nothing behind it.
		for b := bytes.Clone(octets[at:cut]); ; b = bytes.Clone(octets[at:cut]) {
			if r.Message != nil && r.ended && len(b) == 0 {
				break
			}
			n, event := r.Next(b, 1<<30)
			g.event(r, event, b, at)
			at += n
			if event == RequestMessageFailed {
				if n2, again := r.Next(b, 1); n2 != 0 || again != event {
					t.Errorf("after Failed: %d, %v", n2, again)
				}
				return
			}
			if event == RequestMessageMore && (n == 0 || at == cut) {
				break
			}
		}
	}
	r.End(octets[at:])
	if f := r.Fault(); f != nil {
		g.fault(r)
	}
}

func (g *reading) line(format string, args ...any) {
	g.log = append(g.log, fmt.Sprintf(format, args...))
}

func (g *reading) event(r *Requests, event RequestMessageEvent, b []byte, at int) {
	m := r.Message
	switch event {
	case RequestMessageHead:
		h := &m.Head
		g.line("%d head %q %v, target %q, %v, %v, %v", r.Began, h.Method.Of(b), h.MethodID, h.Target.Of(b), m.Version, m.RequestBodyLength, m.Persistence)
		g.fields(h.Fields, b, at)
	case RequestMessageContent:
		g.contentAt(at+int(m.Content.Start), at+int(m.Content.End))
	case RequestMessageTrailers:
		g.line("%d trailers", at)
		g.fields(m.Trailers.Fields, b, at)
	case RequestMessageEnd:
		g.line("%d end, %v", r.Began+m.Offset(), r.Direction)
	case RequestMessageFailed:
		g.fault(r)
	}
}

// contentAt logs content, in one line with what it follows.
func (g *reading) contentAt(from, to int) {
	if k := len(g.log) - 1; g.end == from && strings.Contains(g.log[k], " content ") {
		g.log = g.log[:k]
		from = g.content
	}
	g.content, g.end = from, to
	g.line("%d content up to %d", from, to)
}

func (g *reading) fields(lines []message.FieldLine, b []byte, at int) {
	for _, f := range lines {
		g.line("%d field %q %v, %d value %q", at+int(f.Name.Start), f.Name.Of(b), f.NameID, at+int(f.Value.Start), f.Value.Of(b))
	}
}

func (g *reading) fault(r *Requests) {
	f := r.Fault()
	g.line("%d refused by %d: %v [%s]", r.Began+f.Offset, f.Status, f, f.Requirement)
}

// readRequests is the log of Requests.
func readRequests(t *testing.T, octets []byte, cuts ...int) string {
	t.Helper()
	g := new(reading)
	g.read(t, octets, cuts...)
	return strings.Join(g.log, "\n")
}

// goldenCase is a section of a file of testdata.
type goldenCase struct {
	heading  string
	requests []string // that are answered
	octets   []byte
	log      string
}

// TestGoldenRequests reads files of testdata, and holds the split law over them.
func TestGoldenRequests(t *testing.T) {
	for _, name := range []string{"requests", "requestlines", "fieldlines", "requestbodies"} {
		t.Run(name, func(t *testing.T) {
			checkGolden(t, "testdata/"+name+".md", func(c goldenCase, cuts ...int) string {
				return readRequests(t, c.octets, cuts...)
			})
		})
	}
}

// checkGolden compares each case of a file with its log, and holds the split law
// over it.
//
// Octets are written as in a Go string, but that " needs no \, and a line break
// between lines is none.
func checkGolden(t *testing.T, name string, read func(c goldenCase, cuts ...int) string) {
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	got := golden(t, string(text), func(c goldenCase) string {
		log := read(c)
		if log != c.log && !*update {
			t.Errorf("%s:\n got\n%s\nwant\n%s", c.heading, log, c.log)
		}
		checkSplits(t, c.heading, c.octets, log, func(cuts ...int) string { return read(c, cuts...) })
		return log
	})
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// golden runs each case of a file, and is the file with what they log.
func golden(t *testing.T, text string, run func(goldenCase) string) string {
	var out strings.Builder
	var c goldenCase
	for rest := text; rest != ""; {
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		out.WriteString(line + "\n")
		heading, isHeading := strings.CutPrefix(line, "## ")
		switch {
		case isHeading:
			c = goldenCase{heading: heading}
		case line == "```requests":
			block, after, _ := strings.Cut(rest, "\n```\n")
			out.WriteString(block + "\n```\n")
			rest = after
			c.requests = strings.Split(block, "\n")
		case line == "```http":
			block, after, _ := strings.Cut(rest, "```\n")
			out.WriteString(block + "```\n")
			rest = after
			for _, line := range strings.Split(block, "\n") {
				octets, err := strconv.Unquote(`"` + strings.ReplaceAll(line, `"`, `\"`) + `"`)
				if err != nil {
					t.Fatalf("%s: %q: %v", c.heading, line, err)
				}
				c.octets = append(c.octets, octets...)
			}
		case line == "```log":
			block, after, _ := strings.Cut(rest, "```\n")
			rest = after
			c.log = strings.TrimSuffix(block, "\n")
			if log := run(c); log != "" {
				out.WriteString(log + "\n")
			}
			out.WriteString("```\n")
			c.octets, c.requests = nil, nil
		}
	}
	return out.String()
}

// checkSplits holds the split law: however the octets are cut, the log is the
// same.
func checkSplits(t *testing.T, name string, octets []byte, want string, read func(cuts ...int) string) {
	t.Helper()
	check := func(cuts ...int) bool {
		if got := read(cuts...); got != want {
			t.Errorf("%s, cut at %v:\n got\n%s\nwant\n%s", name, cuts, got, want)
			return false
		}
		return true
	}
	var all []int
	for i := 1; i < len(octets); i++ {
		all = append(all, i)
	}
	if len(octets) <= 2000 && !check(all...) {
		return
	}
	step := 1 + len(octets)/2000
	for i := 1; i < len(octets); i += step {
		if !check(i) {
			return
		}
		for j := i + 1; j < len(octets) && len(octets) <= 120; j++ {
			if !check(i, j) {
				return
			}
		}
	}
}

func TestSplitRefusals(t *testing.T) {
	for _, test := range refusals {
		octets := []byte(get + test.octets)
		if len(octets) > 4000 && testing.Short() {
			continue
		}
		read := func(cuts ...int) string { return readRequests(t, octets, cuts...) }
		checkSplits(t, test.name, octets, read(), read)
	}
}
