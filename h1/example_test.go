package h1_test

import (
	"fmt"
	"io"
	"strings"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// A connection is served from a reader to a writer: here one octet after the
// other, which is no different from all at once.
func ExampleServerConn() {
	var to strings.Builder
	from := strings.NewReader("GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n" +
		"POST /b HTTP/1.1\r\nHost: example.org\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")
	answerAll(from, &to)
	fmt.Print(strings.ReplaceAll(to.String(), "\r\n", "\n"))
	// Output:
	// HTTP/1.1 200 OK
	// Content-Length: 10
	//
	// 0 octets.
	// HTTP/1.1 200 OK
	// Content-Length: 10
	// Connection: close
	//
	// 5 octets.
}

// answerAll answers each request by how long its content is.
func answerAll(from io.ByteReader, to io.Writer) {
	limits := h1.DefaultRequestMessageLimits()
	c := h1.NewServerConn(&limits)
	var b, content, out []byte
	for c.Coupling() != h1.CouplingClose {
		n, event := c.Receive(b)
		switch event {
		case h1.RequestMessageMore:
			if n > 0 {
				break // there may be more in what is left
			}
			octet, err := from.ReadByte()
			if err != nil {
				c.ReceiveEnd(b)
				return
			}
			b = append(b, octet)
		case h1.RequestMessageHead:
			content = content[:0]
		case h1.RequestMessageContent:
			content = append(content, c.Request().Content.Of(b)...)
		case h1.RequestMessageEnd:
			answer := fmt.Appendf(nil, "%d octets.\n", len(content))
			out = appendAnswer(c, out, message.StatusOK, answer)
		case h1.RequestMessageFailed:
			out = appendAnswer(c, out, message.Status(c.Fault().Status), []byte(c.Fault().Error()))
		}
		b = b[n:]
		if c.Coupling() == h1.CouplingNext {
			c.Next()
		}
		_, _ = to.Write(out)
		out = out[:0]
	}
}

func appendAnswer(c *h1.ServerConn, out []byte, status message.Status, content []byte) []byte {
	out, err := c.AppendWhole(out, &h1.ReplyHead{Status: status, Persistence: h1.PersistencePersist}, content)
	if err != nil {
		panic(err) // a head that can't be sent: see message.FieldError
	}
	return out
}
