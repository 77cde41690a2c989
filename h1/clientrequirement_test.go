package h1

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// TestClientReceivesClose holds that behind a response that ends the connection
// nothing more is sent, and that the connection is closed without waiting for
// the peer to do it.
func TestClientReceivesClose(t *testing.T) {
	for name, head := range map[string]string{
		"close":                             "HTTP/1.1 200 OK\r\nConnection: close\r\n",
		"close among others":                "HTTP/1.1 200 OK\r\nConnection: a, Close\r\n",
		"a Connection that can't be read":   "HTTP/1.1 200 OK\r\nConnection: (\r\n",
		"HTTP/1.0":                          "HTTP/1.0 200 OK\r\n",
		"HTTP/1.0 with close":               "HTTP/1.0 200 OK\r\nConnection: close, keep-alive\r\n",
		"close in the second interim one":   "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nConnection: close\r\n",
		"a minor version above ours, close": "HTTP/1.7 200 OK\r\nConnection: close\r\n",
	} {
		c := newTestClient(t, ClientOptions{})
		c.begin(getA)
		c.want(name, "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n")
		waits := c.begin(headOf("", "b"))
		c.feed(head+"Content-Length: 5\r\n\r\nhello").want(name+": the second isn't sent", "").wantClosed(name)
		if err := waits.Err(); err == nil {
			t.Errorf("%s: the second request goes on", name)
		}
		if _, err := c.client.Begin(&getA); err == nil {
			t.Errorf("%s: a request can be begun", name)
		}
	}
}

// TestClientReceived is what a client makes of responses: what the application
// is told, or the name of the fault.
func TestClientReceived(t *testing.T) {
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for _, test := range []struct{ name, octets, want string }{
		{
			"octets that a decoder could take for a line end",
			"HTTP/1.1 200 \xC4\x8A\r\nX: \xC4\x8A\xC0\x8AContent-Length: 9\r\nContent-Length: 1\r\n\r\na",
			"200 \xC4\x8A X=\xC4\x8A\xC0\x8AContent-Length: 9 Content-Length=1 content=a",
		},
		{"values without the white space around them", "HTTP/1.1 200 OK\r\nX:\t a b \t\r\nContent-Length:0\r\n\r\n", "200 OK X=a b Content-Length=0 content="},
		{"lines of one name in order", "HTTP/1.1 204 No\r\nX: 1\r\nY: 2\r\nx: 3\r\n\r\n", "204 No X=1 Y=2 x=3 content="},
		{"unknown chunk extensions", chunked + "1 ; a = b;c=\"\\\"\"\r\na\r\n0;d\r\n\r\n", "200 OK Transfer-Encoding=chunked content=a"},
		{"empty list elements", "HTTP/1.1 200 OK\r\nTransfer-Encoding: , chunked,\r\n\r\n1\r\na\r\n0\r\n\r\n", "200 OK Transfer-Encoding=, chunked, content=a"},
		{"trailers apart", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: h\r\n\r\n0\r\nX: t\r\n\r\n", "200 OK Transfer-Encoding=chunked X=h content= trailer X=t"},
		{"a status that nobody knows", "HTTP/1.1 499 \r\nContent-Length: 1\r\n\r\na", "499  Content-Length=1 content=a"},
		{"chunked with a parameter", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", "unknown transfer coding in a response"},
		{"gzip with a parameter", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip;a=b, chunked\r\n\r\n0\r\n\r\n", "unknown transfer coding in a response"},
		{"a chunk-size that overflows", chunked + "8000000000000000\r\n", "chunk-size too large"},
		{"a length that overflows", "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\na", "Content-Length too large in a response"},
		{"a list of equal lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na", "Content-Length repeated in a response"},
		{"a control octet in a field value", "HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n", "malformed field-line"},
		{"a bare CR", "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", "bare CR"},
		{"NUL", "HTTP/1.1 200 OK\r\nX: \x00\r\n\r\n", "NUL in a field value"},
		{"a tab behind the version", "HTTP/1.1\t200 OK\r\n\r\n", "white space other than SP in the status-line"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := newTestClient(t, ClientOptions{})
			if got := c.receiveOne(test.octets); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// receiveOne is the response to one request, in a line of text.
func (c *testClient) receiveOne(octets string) string {
	var told strings.Builder
	header := 0
	x := c.begin(getA)
	x.OnResponse(func(x message.ClientExchange, err error) {
		if err != nil {
			return
		}
		fmt.Fprintf(&told, "%d %s", x.Status(), x.Reason())
		for name, value := range x.Fields().All() {
			fmt.Fprintf(&told, " %s=%s", name, value)
		}
		header = x.Fields().Len()
		told.WriteString(" content=")
		_ = x.OnContent(func(x message.ClientExchange, p []byte, _ error) int {
			told.Write(p)
			return len(p)
		})
	})
	var fault *message.Fault
	x.OnOver(func(x message.ClientExchange, err error) {
		for name, value := range x.Trailers().All() {
			fmt.Fprintf(&told, " trailer %s=%s", name, value)
		}
		if x.Fields().Len() != header { // trailers aren't merged (RFC 9112, Section 7.1.2)
			fmt.Fprintf(&told, " then %d header fields", x.Fields().Len())
		}
		errors.As(err, &fault)
	})
	if c.feed(octets); fault != nil {
		c.wantClosed("refused")
		return fault.Name
	}
	return told.String()
}
