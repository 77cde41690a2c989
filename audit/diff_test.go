package audit

import (
	"slices"
	"strings"
	"testing"
)

func TestDiffOfItself(t *testing.T) {
	t.Parallel()
	r, err := Diff(openDefault(t), openAlone(t, Default))
	if got := failing(t, r, err); got != "" || r.Verdict() != Holds || r.Count(Holds) < 200 {
		t.Errorf("%s, with %d claims: %s", r.Verdict(), r.Count(Holds), got)
	}
}

// TestDiffOfOptions asks what some options add to others, and nothing else is said of
// them.
func TestDiffOfOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want []string
	}{
		{"default", "default+obs-fold", []string{`response-head: what the second accepts the first accepts|octets: "HTTP/0.0 000 \r\na:\r\n \r\n\r\n"`}},
		{"default+white-space", "default+bare-LF,white-space", []string{`request-head: what the second accepts the first accepts|octets: "a a HTTP/0.0\n\n"`, `response-head: what the second accepts the first accepts|octets: "HTTP/0.0 000 \n\n"`}},
		{"default+bare-LF,white-space,no-reason,obs-fold", "default+lenient", nil},
	} {
		r, err := Diff(open(t, c.a), open(t, c.b))
		got := failing(t, r, err)
		for _, want := range c.want {
			name, octets, _ := strings.Cut(want, "|")
			if !strings.Contains(got, name) || !strings.Contains(got, octets) {
				t.Errorf("%s and %s: no %s in %s", c.a, c.b, want, got)
			}
		}
		if n := r.Count(Fails); n != len(c.want) {
			t.Errorf("%s and %s: %d fail: %s", c.a, c.b, n, got)
		}
	}
	if _, err := Open("default+no-such"); err == nil || !strings.Contains(err.Error(), "there are: bare-LF, white-space, no-reason, obs-fold") {
		t.Errorf("an unknown option: %v", err)
	}
}

// TestDiff changes the specifications in one place, and asks for the difference.
func TestDiff(t *testing.T) {
	t.Parallel()
	strict := openDefault(t)
	for _, c := range []struct {
		name, file, old, replacement string
		want                         []string
	}{
		{
			// RFC 7230, Section 3.2.6, had the rule so: white space between two single
			// visible octets alone.
			"field-content of RFC 7230", "fieldline.md", "[ 1*( SP / HTAB / field-vchar ) field-vchar ]", "[ 1*( SP / HTAB ) field-vchar ]",
			[]string{`request-head: what the first accepts the second accepts`, `octets: "a a HTTP/0.0\r\na:a a a\r\n\r\n"`, `section-value: what the first accepts the second accepts`, `octets: "a a a"`},
		},
		{
			"bare CR in a field value", "fieldline.md", "[ 1*( SP / HTAB / field-vchar ) field-vchar ]", "[ 1*( SP / HTAB / CR / field-vchar ) field-vchar ]",
			[]string{`request-head: what the second accepts the first accepts`, `octets: "a a HTTP/0.0\r\na:a\ra\r\n\r\n"`, `the first refuses them at octet 18, 'a', where it expects LF`},
		},
		{
			"white space before a value belongs to it", "fieldline.md", "| `field-line/OWS[1]` | longest |", "| `field-line/OWS[1]` | shortest |",
			[]string{`request-head: both yield the same of what both accept`, `octets: "a a HTTP/0.0\r\na: \r\n\r\n"`, `differ in records or events`},
		},
		{
			"another number", "chunked.md", "number base 16 at most 9223372036854775807", "number base 10 at most 9223372036854775807",
			[]string{`chunk-line: both yield the same of what both accept`, `octets: "a\r\n"`, "differ in Size"},
		},
		{
			"a cell of a decision", "persistence.md", "| unreadable | every version | malformed | close |", "| unreadable | every version | malformed | persist |",
			[]string{"decision persistence is the same", "HTTP/1.1 | malformed: the first says close, the second persist"},
		},
		{
			"a cell of transitions", "transferencoding.md", "| chunked repeated | chunked, other | chunked repeated |", "| chunked repeated | chunked, other | chunked |",
			[]string{"transitions transfer-encoding is the same", "chunked in state chunked repeated: the first has chunked repeated, the second chunked"},
		},
		{
			"what a field is fed to", "responsemessage.md", "| `Connection` | `connection` | connection |\n", "",
			[]string{"what is written of fields that are fed is the same", "only the first: responsemessage.md: field | Connection | connection | connection"},
		},
		{
			"what comes behind a part", "responsemessage.md", "| head | machine response-head | interim | head |", "| head | machine response-head | interim | end |",
			[]string{"what is written of sequences is the same", "only the second: sequence response-message | head | machine response-head | interim | end"},
		},
		{
			"a property less", "bodylength.md", "| a request with Content-Length is not read as chunked | request-message | `Content-Length` | chunked | rfc9112#6.3 |\n", "",
			[]string{"what is written of properties of messages is the same"},
		},
		{
			"the status of an error", "bodylength.md", "| unknown transfer coding | 501 |", "| unknown transfer coding | 400 |",
			[]string{"what is written of errors of decisions is the same"},
		},
		{
			"a limit", "requesthead.md", "| octets of `request-head/field-line` | 8192 |", "| octets of `request-head/field-line` | 8193 |",
			[]string{"limit FieldLineOctets of request-head is the same", "only the second: 8193 of octets field-line: 431"},
		},
		{
			"a keyword", "connection.md", `"keep-alive"`, `"keepalive"`,
			[]string{"keyword set connection-option is the same", `only the first: keep-alive "keep-alive"`},
		},
		{
			"a layout", "settings.md", "| 16777215 |", "| 16777214 |",
			[]string{"setting SETTINGS_MAX_FRAME_SIZE is the same", "only the second: column 6: 16777214"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Diff(strict, openChanged(t, c.file, c.old, c.replacement))
			got := failing(t, r, err)
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

// TestDiffOfBeginnings has a table begin in another state.
func TestDiffOfBeginnings(t *testing.T) {
	t.Parallel()
	other := openAlone(t, Default)
	table := other.Model.Transitions[0]
	states := *table.States
	states.Values = slices.Clone(states.Values)
	slices.Reverse(states.Values)
	table.States = &states
	r, err := Diff(openDefault(t), other)
	if got := failing(t, r, err); !strings.Contains(got, "the first begins in state") || r.Count(Fails) != 1 {
		t.Error(got)
	}
}

func TestLeniency(t *testing.T) {
	t.Parallel()
	r, err := Leniency(openDefault(t))
	if got := failing(t, r, err); got != "" {
		t.Error(got)
	}
	var b strings.Builder
	if err := r.Text(&b, true); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"a a HTTP/0.0\n\n"`, `"a\ta HTTP/0.0\r\n\r\n"`, `"HTTP/0.0 000\r\n\r\n"`, `"HTTP/0.0 000 \r\na:\r\n \r\n\r\n"`, "rfc9112#2.2/2 is a MAY", "4 holds"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}

// TestLeniencyFails has a variant read what is strict in another way, and an option
// that adds nothing.
func TestLeniencyFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, replacement, want string }{
		{"another reading", "| `field-line` | first alternative | a line that isn't folded is read as it is strictly |\n| `field-line/*( SP / HTAB / fold )[1]` | longest |", "| `field-line` | last alternative | a line that isn't folded is read as it is strictly |\n| `field-line/*( SP / HTAB / fold )[1]` | shortest |", "lenient-response-head yields of it what response-head yields"},
		{"nothing", "status-line =/ HTTP-version SP status-code", "status-line =/ HTTP-version SP status-code SP", "nothing: the strict machine accepts all of it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Leniency(openChanged(t, "leniency.md", c.old, c.replacement))
			if got := failing(t, r, err); !strings.Contains(got, c.want) {
				t.Errorf("want %q, got\n%s", c.want, got)
			}
		})
	}
}
