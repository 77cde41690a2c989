package h1

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// testClient drives a Client over a host: what the test feeds are responses.
type testClient struct {
	*testConn
	client *Client
	log    []string
}

func newTestClient(t *testing.T, o ClientOptions) *testClient {
	c := &testClient{testConn: &testConn{t: t, h: newTestHost()}, client: NewClient(o)}
	c.e = c.client
	c.e.Attach(c.h)
	return c
}

// begin begins a request in a turn, and logs all that comes of it.
func (c *testClient) begin(h message.RequestHead) message.ClientExchange {
	c.t.Helper()
	var x message.ClientExchange
	var err error
	c.client.Turn(func() {
		if x, err = c.client.BeginInTurn(&h); err == nil {
			c.watch(x)
		}
	})
	if err != nil {
		c.t.Fatalf("begin: %v", err)
	}
	c.look()
	return x
}

// watch logs what comes of an exchange.
func (c *testClient) watch(x message.ClientExchange) {
	name := x.About()
	if name == nil {
		name = "x"
	}
	logf := func(format string, args ...any) {
		c.log = append(c.log, fmt.Sprintf("%v: ", name)+fmt.Sprintf(format, args...))
	}
	x.OnInterim(func(x message.ClientExchange, status message.Status, fields message.Fields) {
		logf("interim %d, %d fields", status, fields.Len())
	})
	x.OnResponse(func(x message.ClientExchange, err error) {
		if err != nil {
			logf("no response: %v", err)
			return
		}
		logf("response %d %q, %d octets", x.Status(), x.Reason(), x.ContentLength())
		var all []byte
		_ = x.OnContent(func(x message.ClientExchange, p []byte, err error) int {
			all = append(all, p...)
			if err != nil {
				logf("content %q, %v", all, err)
			}
			return len(p)
		})
	})
	x.OnOver(func(x message.ClientExchange, err error) {
		if x.Trailers().Len() > 0 {
			logf("%d trailers", x.Trailers().Len())
		}
		logf("over: %v", err)
	})
}

// in runs f in a turn, and pumps. What is called then has a turn of its own.
func (c *testClient) in(f func()) *testClient {
	c.client.Turn(f)
	c.look()
	c.after(1)
	return c
}

// wantLog compares what was logged since the last wantLog.
func (c *testClient) wantLog(why string, lines ...string) *testClient {
	c.t.Helper()
	if got, want := strings.Join(c.log, "\n"), strings.Join(lines, "\n"); got != want {
		c.t.Errorf("%s:\n got\n%s\nwant\n%s", why, got, want)
	}
	c.log = nil
	return c
}

const (
	overOK  = "x: over: message: the exchange is over"
	okHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	gotOK   = `x: response 200 "OK", 5 octets`
	gotAll  = `x: content "hello", message: end of content`
)

var getA = message.RequestHead{Target: "/a", Authority: "example.org"}

func TestClientGet(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	c.begin(getA)
	c.want("the request", "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n")
	c.feed(okHello)
	c.wantLog("the response", gotOK, gotAll, overOK)
	c.begin(getA)
	c.want("the connection is used again", "GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n")
	c.feed(okHello)
	c.wantLog("the response", gotOK, gotAll, overOK)
	c.wantOps("it goes on", engine.Read, false)
	c.wantNoBuffers("idle")
	c.end()
	c.wantClosed("the peer has gone")
	if _, err := c.client.Begin(&getA); !errors.Is(err, message.ErrOver) {
		t.Errorf("Begin after the end: %v", err)
	}
}

// When an exchange is over, it is known whether the connection can be used again.
func TestClientErrInTurn(t *testing.T) {
	for _, test := range []struct {
		response string
		want     error
	}{
		{okHello, nil},
		{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", message.ErrOver},
		{"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", message.ErrOver},
	} {
		c := newTestClient(t, ClientOptions{})
		asked := false
		c.in(func() {
			x, err := c.client.BeginInTurn(&getA)
			if err != nil {
				t.Fatal(err)
			}
			x.OnOver(func(message.ClientExchange, error) {
				asked = true
				if err := c.client.ErrInTurn(); (err == nil) != (test.want == nil) || !errors.Is(err, test.want) {
					t.Errorf("%q: got %v, want %v", test.response, err, test.want)
				}
			})
		})
		if c.feed(test.response); !asked {
			t.Errorf("%q: the exchange isn't over", test.response)
		}
	}
}

func TestClientResponses(t *testing.T) {
	type row struct {
		name, octets string
		isOver       bool // the connection isn't used again
		log          []string
	}
	cut := func(s string) string { return "x: over: message: the response isn't whole: " + s }
	for _, test := range []row{
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n", false, []string{`x: response 204 "No Content", 0 octets`, `x: content "", message: end of content`, overOK}},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\na: b\r\n\r\n", false, []string{`x: response 200 "OK", -1 octets`, gotAll, "x: 1 trailers", overOK}},
		{"interim", "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + okHello, false, []string{"x: interim 103, 1 fields", "x: interim 100, 0 fields", gotOK, gotAll, overOK}},
		{"until close", "HTTP/1.1 200 OK\r\n\r\nhello", true, []string{`x: response 200 "OK", -1 octets`, gotAll, overOK}},
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", true, []string{gotOK, gotAll, overOK}},
		{"HTTP/1.0 keep-alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", false, []string{gotOK, gotAll, overOK}},
		{"close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", true, []string{gotOK, gotAll, overOK}},
		{"empty reason", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", false, []string{`x: response 200 "", 0 octets`, `x: content "", message: end of content`, overOK}},
		{"nothing", "", true, []string{
			"x: no response: message: the request is unanswered: message: the connection has ended",
			"x: over: message: the request is unanswered: message: the connection has ended",
		}},
		{"cut content", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", true, []string{
			gotOK,
			`x: content "hel", message: the response isn't whole: message: the connection has failed: response-message: response cut short at octet 41 (RFC 9112, Section 8)`,
			cut("message: the connection has failed: response-message: response cut short at octet 41 (RFC 9112, Section 8)"),
		}},
	} {
		c := newTestClient(t, ClientOptions{})
		c.begin(getA)
		if c.feed(test.octets); test.isOver {
			c.end()
		}
		c.wantLog(test.name, test.log...)
		if test.isOver {
			c.wantClosed(test.name)
			continue
		}
		c.wantOps(test.name, engine.Read, false)
		if err := c.client.Err(); err != nil {
			t.Errorf("%s: the connection can't be used again: %v", test.name, err)
		}
		c.wantNoBuffers(test.name)
	}
}
