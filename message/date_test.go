package message

import (
	"net/http"
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	const now = 1795372800 // 22 November 2026
	for _, test := range []struct {
		text, want string // in RFC 3339, or "" for no date
	}{
		{"Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z"},
		{"Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37Z"},
		{"Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37Z"},
		{"Sun Nov 16 08:49:37 1994", "1994-11-16T08:49:37Z"},
		{"Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01T00:00:00Z"},
		{"Thu, 29 Feb 2024 23:59:60 GMT", "2024-03-01T00:00:00Z"},
		{"Sat, 01 Jan 0000 00:00:00 GMT", "0000-01-01T00:00:00Z"},
		{"Fri, 31 Dec 9999 23:59:59 GMT", "9999-12-31T23:59:59Z"},

		// A year of two digits is at most 50 years ahead.
		{"Sunday, 22-Nov-76 00:00:00 GMT", "2076-11-22T00:00:00Z"},
		{"Monday, 23-Nov-76 00:00:00 GMT", "1976-11-23T00:00:00Z"},
		{"Monday, 01-Jan-26 00:00:00 GMT", "2026-01-01T00:00:00Z"},
		{"Monday, 01-Jan-77 00:00:00 GMT", "1977-01-01T00:00:00Z"},
		{"Monday, 01-Jan-00 00:00:00 GMT", "2000-01-01T00:00:00Z"},

		{"", ""},
		{"0", ""},
		{"Sun, 06 Nov 1994 08:49:37", ""},
		{"Sun, 06 Nov 1994 08:49:37 UTC", ""},
		{"sun, 06 Nov 1994 08:49:37 GMT", ""},
		{"Sun, 6 Nov 1994 08:49:37 GMT", ""},
		{"Sun,  06 Nov 1994 08:49:37 GMT", ""},
		{"Sun, 06 Nov 1994 08:49:37 GMT ", ""},
		{"Sun, 06 Nov 1994 24:00:00 GMT", ""},
		{"Sun, 06 Nov 1994 08:60:00 GMT", ""},
		{"Sun, 06 Nov 1994 08:49:61 GMT", ""},
		{"Sun, 00 Nov 1994 08:49:37 GMT", ""},
		{"Sun, 31 Nov 1994 08:49:37 GMT", ""},
		{"Sun, 29 Feb 2023 08:49:37 GMT", ""},
		{"Sun, 32 Dec 1994 08:49:37 GMT", ""},
		{"Sun, 06-Nov-94 08:49:37 GMT", ""},
		{"Sunday, 06 Nov 1994 08:49:37 GMT", ""},
		{"Sun Nov 06 08:49:37 94", ""},
	} {
		unix, ok := ParseDate([]byte(test.text), now)
		got := ""
		if ok {
			got = time.Unix(unix, 0).UTC().Format(time.RFC3339)
		}
		if got != test.want {
			t.Errorf("%q is %q, want %q", test.text, got, test.want)
		}
	}
}

// What is written is read, and so is what net/http takes it for.
func TestDateRoundtrip(t *testing.T) {
	for unix := int64(-62167219200); unix <= 253402300799; unix += 86399 * 97 {
		b := AppendDate(nil, unix)
		got, ok := ParseDate(b, 0)
		theirs, err := http.ParseTime(string(b))
		if !ok || err != nil || got != unix || theirs.Unix() != unix {
			t.Fatalf("%s is %d, %v; net/http says %d; want %d", b, got, ok, theirs.Unix(), unix)
		}
	}
	b := AppendDate(nil, 784111777)
	if n := testing.AllocsPerRun(100, func() { ParseDate(b, 0) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
