package h1

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// serveAlone answers every request of octets that arrive in parts of size, as
// the documentation of ServerConn has it.
func serveAlone(t *testing.T, octets string, size int) (log []string, out []byte) {
	t.Helper()
	limits := DefaultRequestMessageLimits()
	c := NewServerConn(&limits)
	var b []byte
	var content []byte
	for {
		n, event := c.Receive(b)
		switch event {
		case RequestMessageMore:
			if n == 0 && octets == "" {
				c.ReceiveEnd(b)
				return append(log, c.Coupling().String()), out
			}
			if n == 0 {
				k := min(size, len(octets))
				b, octets = append(b, octets[:k]...), octets[k:]
			}
		case RequestMessageHead:
			log = append(log, fmt.Sprintf("%d %s", c.Began(), c.Request().Head.Method.Of(b)))
			content = nil
		case RequestMessageContent:
			content = append(content, c.Request().Content.Of(b)...)
		case RequestMessageFailed:
			log = append(log, c.Fault().Name)
			out, _ = c.AppendWhole(out, &ReplyHead{Status: message.Status(c.Fault().Status)}, nil)
			return append(log, c.Coupling().String()), out
		case RequestMessageEnd:
			var err error
			if out, err = c.AppendHead(out, &ReplyHead{Status: 200, ContentLength: -1, Persistence: PersistencePersist}); err != nil {
				t.Fatal(err)
			}
			out, _ = c.AppendContent(out, content)
			if out, err = c.AppendEnd(out); err != nil {
				t.Fatal(err)
			}
		}
		b = b[n:]
		if c.Coupling() == CouplingNext {
			c.Next()
		}
	}
}

func TestServerConn(t *testing.T) {
	octets := get + length + "hello" + post + "3\r\nabc\r\n0\r\n\r\n" + "GET /\r\n"
	chunked := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	for size := 1; size <= len(octets); size++ {
		log, out := serveAlone(t, octets, size)
		if got, want := strings.Join(log, ", "), "0 GET, 27 POST, 79 POST, no HTTP-version behind the request-target, close"; got != want {
			t.Fatalf("in parts of %d: got %s, want %s", size, got, want)
		}
		want := chunked + "0\r\n\r\n" + chunked + "5\r\nhello\r\n0\r\n\r\n" + chunked + "3\r\nabc\r\n0\r\n\r\n" +
			"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
		if string(out) != want {
			t.Fatalf("in parts of %d:\n got %q\nwant %q", size, out, want)
		}
	}
	if log, out := serveAlone(t, "GET / HTTP/1.0\r\n\r\n"+get, 100); log[len(log)-1] != "close" || string(out) != "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" {
		t.Errorf("HTTP/1.0: %q, %q", log, out)
	}
}

// Nothing that is out of order changes anything.
func TestServerConnOrder(t *testing.T) {
	limits := DefaultRequestMessageLimits()
	c := NewServerConn(&limits)
	if _, event := c.Receive([]byte(get)); event != RequestMessageHead {
		t.Fatal(event)
	}
	dst := []byte("before")
	wants := func(rule string, got []byte, err error) {
		t.Helper()
		if misuse, ok := err.(*message.MisuseError); !ok || misuse.Rule != rule || string(got) != "before" {
			t.Errorf("got %q, %v, want the rule %q", got, err, rule)
		}
	}
	b, err := c.AppendContent(dst, []byte("a"))
	wants("content out of order", b, err)
	b, err = c.AppendEnd(dst)
	wants("content out of order", b, err)
	if _, err = c.AppendInterim(dst, 103, []message.Field{{Name: "Link", Value: "<a>"}}); err != nil {
		t.Error(err)
	}
	if _, err = c.AppendWhole(dst, &ReplyHead{Status: 200}, nil); err != nil {
		t.Error(err)
	}
	b, err = c.AppendHead(dst, &ReplyHead{Status: 200})
	wants("response already begun", b, err)
	b, err = c.AppendInterim(dst, 103, nil)
	wants("response already begun", b, err)
	b, err = c.AppendContent(dst, []byte("a"))
	wants("content out of order", b, err)
}
