package h1

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// However the input of a Client is cut, it tells the same.
func TestClientSplits(t *testing.T) {
	ok := "HTTP/1.1 200 OK\r\n"
	inputs := []string{
		okHello + okHello + okHello,
		"HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n" + okHello + ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n" + ok + "\r\nhello",
		"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhiHTTP/1.0 200 OK\r\n\r\nhello",
		"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n" + okHello,
		okHello + "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel",
		okHello + "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello" + okHello,
		okHello + okHello + okHello + okHello,
		ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 200 OK\n\n",
		ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhelloX", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
	}
	run := func(input string, cuts ...int) string {
		c := newTestClient(t, ClientOptions{PipelinedMax: 3})
		c.client.Turn(func() {
			for i := range 3 {
				h := headOf("", fmt.Sprint(i))
				x, _ := c.client.BeginInTurn(&h)
				c.watch(x)
			}
		})
		at := 0
		for _, cut := range append(cuts, len(input)) {
			c.feed(input[at:cut])
			at = cut
		}
		c.end()
		var log []string // by exchange: in which turn one is over depends on the cuts
		for i := range 3 {
			for _, line := range c.log {
				if strings.HasPrefix(line, fmt.Sprint(i)) {
					log = append(log, line)
				}
			}
		}
		return fmt.Sprintf("%s\n%s\nclosed: %v, buffers: %d", c.out, strings.Join(log, "\n"), c.client.Closed(), c.h.got)
	}
	for _, input := range inputs {
		want := run(input)
		if !strings.HasSuffix(want, "closed: true, buffers: 0") {
			t.Errorf("%q: %s", input, want)
		}
		var all []int
		for i := 1; i < len(input); i++ {
			all = append(all, i)
			if got := run(input, i); got != want {
				t.Fatalf("%q cut at %d:\n got %s\nwant %s", input, i, got, want)
			}
		}
		if got := run(input, all...); got != want {
			t.Errorf("%q octet by octet:\n got %s\nwant %s", input, got, want)
		}
	}
}

// However little a flow takes at a time, what it takes is the same.
func TestClientPartialWrites(t *testing.T) {
	run := func(most int) string {
		c := newTestClient(t, ClientOptions{PipelinedMax: 3})
		c.most = most
		c.begin(getA)
		x := c.begin(message.RequestHead{Method: "PUT", Authority: "a", ContentLength: -1})
		c.in(func() {
			_, _ = x.Write([]byte("hello"))
			_ = x.WriteLent([]byte("lent"), func(error) {})
			_ = x.End(message.Field{Name: "a", Value: "b"})
		})
		c.begin(getA)
		out := string(c.out)
		c.feed(okHello + okHello + okHello).wantNoBuffers("all is answered")
		return out
	}
	want := run(0)
	for most := 1; most < len(want)+1; most++ {
		if got := run(most); got != want {
			t.Fatalf("%d octets at a time:\n got %q\nwant %q", most, got, want)
		}
	}
}
