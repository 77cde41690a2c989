package h1

import (
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// Fields that passed last aren't read again; whatever isn't exactly those is.
func TestFieldsThatPassed(t *testing.T) {
	one := func(name, value string) []message.Field { return []message.Field{{Name: name, Value: value}} }
	long := strings.Repeat("v", passedOctetsMax)
	steps := []struct {
		why     string
		fields  []message.Field
		passed  bool // before
		refused bool
	}{
		{"the first ones", one("A", "b: c"), false, false},
		{"the same", one("A", "b: c"), true, false},
		{"the same octets as other fields", one("A: b", "c"), false, true},
		{"the same behind a refusal", one("A", "b: c"), false, false},
		{"one more", append(one("A", "b: c"), one("D", "e")...), false, false},
		{"the same two", append(one("A", "b: c"), one("D", "e")...), true, false},
		{"the same octets as one field", one("A", "b: c\r\nD: e"), false, true},
		{"one line end", append(one("A", "b: c"), one("D", "e\r\n")...), false, true},
		{"more than is kept", one("A", long), false, false},
		{"the same of that", one("A", long), false, false},
		{"an empty value", one("A", ""), false, false},
		{"the same without one", one("A", ""), true, false},
		{"an empty name", one("", ""), false, true},
	}
	c := new(fieldChecker)
	for _, step := range steps {
		if got := c.havePassed(step.fields); got != step.passed {
			t.Errorf("%s: have passed: %v", step.why, got)
		}
		b, err := appendFieldLines([]byte("before"), c, step.fields)
		want := "before"
		for _, f := range step.fields {
			if !step.refused {
				want += f.Name + ": " + f.Value + "\r\n"
			}
		}
		if (err != nil) != step.refused || string(b) != want {
			t.Errorf("%s: %q, %v; want %q", step.why, b, err, want)
		}
	}
}

// The application may change the fields that it gave.
func TestFieldsThatPassedAndChanged(t *testing.T) {
	c := new(fieldChecker)
	fields := []message.Field{{Name: "A", Value: "b"}}
	if _, err := appendFieldLines(nil, c, fields); err != nil {
		t.Fatal(err)
	}
	fields[0].Value = "b\r\nC: d"
	if b, err := appendFieldLines(nil, c, fields); err == nil {
		t.Errorf("%q passes", b)
	}
}
