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
