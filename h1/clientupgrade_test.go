package h1

import (
	"io"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"

func upgradeHead() message.RequestHead {
	return message.RequestHead{Authority: "a", Fields: []message.Field{{Name: "Upgrade", Value: "echo"}}}
}

// nowhere is a connection that has left.
type nowhere struct{ isClosed bool }

func (*nowhere) Read([]byte) (int, error)    { return 0, io.EOF }
func (*nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n *nowhere) Close() error              { n.isClosed = true; return nil }

// The connection leaves behind 101, and behind 2xx to CONNECT, and what follows
// isn't looked at.
func TestClientUpgrade(t *testing.T) {
	for _, test := range []struct {
		head     message.RequestHead
		response string
	}{
		{upgradeHead(), switching},
		{upgradeHead(), "HTTP/1.1 103 Early Hints\r\n\r\n" + switching},
		{message.RequestHead{Method: "CONNECT", Target: "a:1"}, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
	} {
		c := newTestClient(t, ClientOptions{})
		var over error
		var rest string
		c.client.Turn(func() {
			x, err := c.client.BeginInTurn(&test.head)
			if err != nil {
				t.Fatal(err)
			}
			x.OnOver(func(_ message.ClientExchange, err error) { over = err })
			x.OnResponse(func(x message.ClientExchange, err error) {
				if err == nil {
					err = x.Upgrade(func(_ message.Stream, b []byte) { rest = string(b); panic("oh") })
				}
				if err != nil {
					t.Error(err)
				}
				if err := x.Upgrade(func(message.Stream, []byte) {}); err == nil {
					t.Error("two have the connection")
				}
			})
		})
		c.look()
		c.feed(test.response + "HTTP/1.1 is not spoken here")
		op, _ := c.client.NextWrite()
		if c.client.NextRead() != engine.Upgrade || op != engine.Upgrade {
			t.Fatalf("%q: NextRead is %v, NextWrite is %v", test.response, c.client.NextRead(), op)
		}
		c.h.Lock()
		take := c.client.Upgraded()
		c.h.Unlock()
		n := new(nowhere)
		take(n, c.testConn.in)
		if over != message.ErrOver || rest != "HTTP/1.1 is not spoken here" || !n.isClosed {
			t.Errorf("%q: over with %v, rest %q, closed: %v", test.response, over, rest, n.isClosed)
		}
		c.wantNoBuffers(test.response)
	}
}

// What isn't taken ends the connection, and so does what nobody may switch to.
func TestClientUpgradeRefused(t *testing.T) {
	c := newTestClient(t, ClientOptions{})
	c.begin(upgradeHead())
	c.feed(switching + "more")
	c.wantOps("the response was told, and nobody has decided", engine.Yield, false)
	c.end()
	c.client.ReportError(io.ErrUnexpectedEOF)
	c.wantClosed("the flow is broken")

	c = newTestClient(t, ClientOptions{})
	c.client.Turn(func() {
		h := upgradeHead()
		_, _ = c.client.BeginInTurn(&h)
	})
	c.look()
	c.feed(switching + "more").wantClosed("nobody wants it")

	c = newTestClient(t, ClientOptions{})
	h := upgradeHead()
	h.Method, h.ContentLength = "POST", -1
	x := c.begin(h)
	var over error
	x.OnOver(func(_ message.ClientExchange, err error) { over = err })
	c.feed(switching + "more").wantClosed("the request is under way")
	if over == nil || !strings.Contains(over.Error(), "before the request has ended") {
		t.Errorf("over with %v", over)
	}

	c = newTestClient(t, ClientOptions{})
	x = c.begin(getA)
	var err error
	x.OnResponse(func(x message.ClientExchange, _ error) { err = x.Upgrade(func(message.Stream, []byte) {}) })
	c.feed(okHello)
	if err == nil {
		t.Error("Upgrade behind 200")
	}

	c = newTestClient(t, ClientOptions{})
	c.begin(upgradeHead())
	c.feed(okHello)
	c.wantLog("the server has no use for it", gotOK, gotAll, overOK).wantOps("and HTTP goes on", engine.Read, false)
}
