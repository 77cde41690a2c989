package h1

import (
	"testing"

	"github.com/specht-http/specht/message"
)

// With content of no octets there is nothing to wait with.
func TestExpectWithoutContent(t *testing.T) {
	for _, handler := range []func(message.Exchange){unread, hello} {
		c := newTestConn(t, inline(handler))
		for range 2 {
			c.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n").
				want("neither 100 nor close", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
		}
	}
}

// TestExpectations holds the rows of spec/expect.md.
func TestExpectations(t *testing.T) {
	const waits, refused, goes = 100, 417, 200
	for _, test := range []struct {
		version, expect, length string
		want                    int
	}{
		{"1.1", "100-continue", "3", waits},
		{"1.1", "100-Continue", "3", waits},
		{"1.1", ", 100-continue ,", "3", waits},
		{"1.1", "100-continue, 100-continue", "3", waits},
		{"1.1", "100-continue\r\nExpect: 100-continue", "3", waits},
		{"1.1", ",", "3", goes},
		{"1.1", "", "3", goes},
		{"1.1", "100-continue", "0", goes},
		{"1.1", "100-continuation", "3", refused},
		{"1.1", "100-continue=a; b=c", "3", refused},
		{"1.1", "a=\"b\";", "3", refused},
		{"1.1", "100-continue, a", "3", refused},
		{"1.1", "a\r\nExpect: 100-continue", "3", refused},
		{"1.1", "a b", "3", refused},
		{"1.1", "a", "0", refused},
		{"1.0", "100-continue", "3", goes},
		{"1.0", "a", "3", goes},
		{"1.0", "a b", "3", goes},
	} {
		c := newTestConn(t, inline(unread)).feed("POST / HTTP/" + test.version + "\r\nHost: a\r\nExpect: " + test.expect + "\r\nContent-Length: " + test.length + "\r\n\r\n")
		if test.want == waits {
			c.wantStatuses("Expect: "+test.expect, waits)
		}
		if test.want != refused && test.length != "0" {
			c.feed("abc")
		}
		c.wantStatuses("Expect: "+test.expect, max(test.want, goes))
	}
}
