package h1

import (
	"fmt"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

// ask sends requests one after the other to a connection that answers with
// octets, in parts of size, as the documentation of ClientConn has it.
func ask(t *testing.T, methods []string, octets string, size int) (log []string, out []byte) {
	t.Helper()
	limits := DefaultResponseMessageLimits()
	c := NewClientConn(&limits)
	var b []byte
	for _, method := range methods {
		var err error
		head := message.RequestHead{Method: method, Target: "/", Authority: "a"}
		if method == "POST" {
			head.ContentLength = -1
		}
		if out, err = c.AppendHead(out, &head); err != nil {
			t.Fatal(err)
		}
		if method == "POST" {
			out, _ = c.AppendContent(out, []byte("hello"))
			if out, err = c.AppendEnd(out); err != nil {
				t.Fatal(err)
			}
		}
		for c.Coupling() == CouplingKeep {
			n, event := c.Receive(b)
			if event == ResponseMessageMore && n == 0 && octets == "" {
				event = c.ReceiveEnd(b)
			}
			switch event {
			case ResponseMessageMore:
				if n == 0 {
					k := min(size, len(octets))
					b, octets = append(b, octets[:k]...), octets[k:]
				}
			case ResponseMessageHead:
				log = append(log, fmt.Sprintf("%d %d interim %v tunnel %v", c.Began(), c.Response().Head.Status, c.IsInterim(), c.IsTunnel()))
			case ResponseMessageEnd:
				log = append(log, "end")
			case ResponseMessageFailed:
				log = append(log, c.Fault().Name)
			}
			b = b[n:]
		}
		log = append(log, c.Coupling().String())
		if c.Coupling() != CouplingNext {
			return append(log, fmt.Sprintf("left %q", string(b)+octets)), out
		}
		c.Next()
	}
	return log, out
}

func TestClientConn(t *testing.T) {
	for _, test := range []struct {
		name    string
		methods []string
		octets  string
		log     string
	}{
		{
			"one after the other",
			[]string{"GET", "HEAD", "POST"},
			"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
			"0 200 interim false tunnel false; end; next; 40 200 interim false tunnel false; end; next; 78 100 interim true tunnel false; 78 204 interim false tunnel false; end; next",
		},
		{
			"the server closes",
			[]string{"GET", "GET"},
			"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
			`0 200 interim false tunnel false; end; close; left ""`,
		},
		{
			"up to the end",
			[]string{"GET", "GET"},
			"HTTP/1.1 200 OK\r\n\r\nhello",
			`0 200 interim false tunnel false; end; close; left ""`,
		},
		{
			"cut short",
			[]string{"GET"},
			"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
			`0 200 interim false tunnel false; response cut short; close; left ""`,
		},
		{
			"a chunk without its end",
			[]string{"GET"},
			"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r",
			`0 200 interim false tunnel false; response cut short; close; left ""`,
		},
		{
			"an interim response of an old server",
			[]string{"GET"},
			"HTTP/1.0 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
			"0 100 interim true tunnel false; 0 204 interim false tunnel false; end; next",
		},
		{"no answer", []string{"GET"}, "", `no response; close; left ""`},
	} {
		t.Run(test.name, func(t *testing.T) {
			for size := 1; size <= len(test.octets)+1; size++ {
				log, _ := ask(t, test.methods, test.octets, size)
				if got := strings.Join(log, "; "); got != test.log {
					t.Fatalf("in parts of %d:\n%s\nwant\n%s", size, got, test.log)
				}
			}
		})
	}
}

// A response that ends before its request leaves the request to be ended.
func TestClientConnEarlyResponse(t *testing.T) {
	limits := DefaultResponseMessageLimits()
	c := NewClientConn(&limits)
	out, err := c.AppendHead(nil, &message.RequestHead{Method: "POST", Target: "/", Authority: "a", ContentLength: 5})
	if err != nil {
		t.Fatal(err)
	}
	for b := []byte("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"); c.Coupling() == CouplingKeep; {
		n, event := c.Receive(b)
		if event == ResponseMessageFailed {
			t.Fatal(c.Fault())
		}
		b = b[n:]
	}
	if got := c.Coupling(); got != CouplingDiscard {
		t.Fatalf("the coupling is %v", got)
	}
	out, _ = c.AppendContent(out, []byte("hello"))
	if _, err = c.AppendEnd(out); err != nil || c.Coupling() != CouplingNext {
		t.Errorf("then it is %v, %v", c.Coupling(), err)
	}
}

// What a ClientConn sends, a ServerConn reads, and back.
func TestConns(t *testing.T) {
	_, out := ask(t, []string{"GET", "POST"}, strings.Repeat("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 2), 100)
	log, answers := serveAlone(t, string(out), 7)
	if got := strings.Join(log, "; "); !strings.Contains(got, "GET") || !strings.Contains(got, "POST") {
		t.Errorf("%s of %q", got, out)
	}
	log, _ = ask(t, []string{"GET", "POST"}, string(answers), 3)
	if got := strings.Join(log, "; "); strings.Count(got, "end; next") != 2 {
		t.Errorf("%s of %q", got, answers)
	}
}
