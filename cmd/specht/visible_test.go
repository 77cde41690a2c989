package main

import (
	"strings"
	"testing"
)

func TestVisible(t *testing.T) {
	for _, test := range []struct{ octets, want string }{
		{"", ""},
		{"a ~", "a ~"},
		{"\r\n\t\\", `\r\n\t\\`},
		{"\x00\x1f\x7f\x80\xff", `\x00\x1F\x7F\x80\xFF`},
		{"ä", `\xC3\xA4`},
	} {
		if got := visible([]byte(test.octets)); got != test.want {
			t.Errorf("%q: got %s, want %s", test.octets, got, test.want)
		}
	}
}

// A caret stands under the first column of what it points at, whatever is
// before.
func TestPointed(t *testing.T) {
	long := strings.Repeat("a", 200)
	tests := []struct {
		name, octets string
		place        place
		line, carets string
	}{
		{"one octet", "ab\r\ncd\r\n", place{5, 6}, `cd\r\n`, ` ^`},
		{"wide octets before", "\t\x00b", place{2, 3}, `\t\x00b`, `      ^`},
		{"a wide octet", "a\x80b", place{1, 2}, `a\x80b`, ` ^^^^`},
		{"a range", "abcde\n", place{1, 4}, `abcde\n`, ` ^^^`},
		{"a range over lines", "ab\ncd", place{1, 5}, `ab\n`, ` ^^^`},
		{"LF", "ab\ncd", place{2, 3}, `ab\n`, `  ^^`},
		{"the end", "ab\ncd", place{5, 6}, `cd`, `  ^`},
		{"the end behind LF", "ab\n", place{3, 4}, ``, `^`},
		{"far behind", long + "x\n", place{200, 201}, "…" + long[:octetsBefore] + `x\n`, strings.Repeat(" ", octetsBefore+1) + "^"},
		{"far from the end", "x" + long, place{0, 1}, "x" + long[:octetsBehind] + "…", "^"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if line, carets := test.place.pointed([]byte(test.octets)); line != test.line || carets != test.carets {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", line, carets, test.line, test.carets)
			}
		})
	}
}
