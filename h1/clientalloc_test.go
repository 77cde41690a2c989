package h1

import (
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// steadyClient is a client whose host gives the same buffers out again.
func steadyClient(o ClientOptions) *Client {
	c := NewClient(o)
	c.Attach(steadyHost())
	return c
}

// clientTurns has requests sent and answered.
func clientTurns(c *Client, begin func(), response []byte) {
	c.Turn(begin)
	for op, v := c.NextWrite(); op == engine.Write; op, v = c.NextWrite() {
		size := 0
		for _, b := range v {
			size += len(b)
		}
		c.ReportWrite(size, nil)
	}
	for b := response; len(b) > 0; {
		b = b[c.Read(b):]
	}
	if c.callbacks.Due != 0 {
		c.host.(*testHost).mono = c.callbacks.Due
		c.Expire()
	}
}

func TestClientAllocations(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: specht\r\n"
	tests := []struct {
		name     string
		request  message.RequestHead
		content  string
		times    int
		response string
	}{
		{"GET", message.RequestHead{Authority: "example.org", Fields: static}, "", 1, head + "Content-Length: 12\r\n\r\nhello, world"},
		{"pipelined", message.RequestHead{Authority: "example.org", Fields: static}, "", 16, strings.Repeat(head+"Content-Length: 12\r\n\r\nhello, world", 16)},
		{"chunked", message.RequestHead{Authority: "a"}, "", 1, head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: y\r\n\r\n"},
		{"interim", message.RequestHead{Authority: "a"}, "", 1, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + head + "Content-Length: 0\r\n\r\n"},
		{"POST", message.RequestHead{Method: "POST", Authority: "a", ContentLength: 5}, "hello", 1, head + "Content-Length: 0\r\n\r\n"},
		{"chunks", message.RequestHead{Method: "PUT", Authority: "a", ContentLength: -1}, "hello", 1, "HTTP/1.1 204 No Content\r\n\r\n"},
		{"HEAD", message.RequestHead{Method: "HEAD", Authority: "a"}, "", 1, head + "Content-Length: 12\r\n\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if invariants {
				t.Skip("exchanges aren't used again")
			}
			c := steadyClient(ClientOptions{PipelinedMax: 16})
			over := 0
			onOver := func(message.ClientExchange, error) { over++ }
			onContent := message.ResponseContentFunc(func(_ message.ClientExchange, p []byte, _ error) int { return len(p) })
			onResponse := func(x message.ClientExchange, _ error) { _ = x.OnContent(onContent) }
			onInterim := func(message.ClientExchange, message.Status, message.Fields) {}
			content, response := []byte(test.content), []byte(test.response)
			begin := func() {
				for range test.times {
					x, err := c.BeginInTurn(&test.request)
					if err != nil {
						t.Fatal(err)
					}
					x.OnInterim(onInterim)
					x.OnResponse(onResponse)
					x.OnOver(onOver)
					if len(content) > 0 {
						_, _ = x.Write(content)
						_ = x.End()
					}
				}
			}
			if n := testing.AllocsPerRun(100, func() { clientTurns(c, begin, response) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
			if over != 101*test.times || c.first != nil || c.isLast {
				t.Errorf("%d exchanges are over", over)
			}
		})
	}
}

func BenchmarkClient(b *testing.B) {
	response := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nServer: specht\r\nContent-Length: 12\r\n\r\nhello, world")
	c := steadyClient(ClientOptions{})
	h := message.RequestHead{Authority: "example.org", Fields: static}
	begin := func() { _, _ = c.BeginInTurn(&h) }
	b.ReportAllocs()
	for b.Loop() {
		clientTurns(c, begin, response)
	}
}
