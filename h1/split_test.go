package h1

import (
	"fmt"
	"testing"
)

// However the input of a Server is cut, it writes the same.
func TestServerSplits(t *testing.T) {
	inputs := []string{
		get + get + get,
		get + length + "hello" + get,
		post + "5\r\nhello\r\n3;a=b\r\nabc\r\n0\r\nx: y\r\n\r\n" + get,
		"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n" + get,
		"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get + "GET",
		length + "hel",
		browser + get,
	}
	for _, refusal := range refusals {
		if len(refusal.octets) < 300 {
			inputs = append(inputs, get+refusal.octets+get)
		}
	}
	run := func(input string, cuts ...int) string {
		e := &echo{}
		c := newTestConn(t, inline(e.serve))
		at := 0
		for _, cut := range append(cuts, len(input)) {
			c.feed(input[at:cut])
			at = cut
		}
		c.end()
		return fmt.Sprintf("%s\nclosed: %v, buffers: %d", c.out, c.s.Closed(), c.h.got)
	}
	for _, input := range inputs {
		want := run(input)
		var all []int
		for i := 1; i < len(input); i++ {
			all = append(all, i)
			if got := run(input, i); got != want {
				t.Fatalf("%q cut at %d:\n got %q\nwant %q", input, i, got, want)
			}
		}
		if got := run(input, all...); got != want {
			t.Errorf("%q octet by octet:\n got %q\nwant %q", input, got, want)
		}
	}
}

// However little a flow takes at a time, what it takes is the same.
func TestPartialWrites(t *testing.T) {
	run := func(most int) string {
		e := &echo{}
		c := newTestConn(t, inline(e.serve))
		c.most = most
		c.feed(get + length + "hello" + post + "5\r\nhello\r\n0\r\n\r\n").end().wantClosed("all is written")
		return string(c.out)
	}
	want := run(0)
	for most := 1; most < len(want)+1; most++ {
		if got := run(most); got != want {
			t.Fatalf("%d octets at a time:\n got %q\nwant %q", most, got, want)
		}
	}
}
