package h1

import (
	"errors"
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

// What a request waits for is said by the reader of its head, whether or not anybody
// looks at its length besides.
func TestWaits(t *testing.T) {
	limits := DefaultRequestMessageLimits()
	for _, c := range []struct {
		head string
		want Waits
	}{
		{"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", WaitsNo},
		{"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", WaitsYes},
		{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", WaitsNo},
		{"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", WaitsNo},
	} {
		var m RequestMessage
		if _, event := m.Next([]byte(c.head), 0, &limits); event != RequestMessageHead || m.Waits != c.want {
			t.Errorf("%q: %v, waits %v, want %v", c.head, event, m.Waits, c.want)
		}
	}
}

// A client that waits for 100 (Continue), and is answered instead, has as long for
// its content as any other: a handler that reads behind Start used to wait for ever.
func TestExpectBehindStart(t *testing.T) {
	var err error
	g := new(goroutines)
	c := newTestConn(t, Options{Executor: g, Handler: message.HandlerFunc(func(x message.Exchange) {
		_ = x.Start(message.StatusOK, nil, 0)
		_, err = x.Read(make([]byte, 9))
		_ = x.End()
	})})
	c.feed(expecting).until(func() bool { return c.h.waits > 0 })
	c.wantStatuses("it isn't asked", 200).after(5 * second)
	g.wg.Wait()
	if fault := new(message.Fault); !errors.As(err, &fault) || fault.Limit != "ContentOctetsPerSecondMin" {
		t.Errorf("Read: %v", err)
	}
	c.look().after(5 * second).wantClosed("it has had its time")
}
