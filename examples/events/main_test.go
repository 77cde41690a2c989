package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/specht-http/specht/message"
)

func Example() {
	events, err := converse()
	fmt.Print(events, err)
	// Output:
	// The client:
	//   the head is whole: 200 OK, interim: false
	//   the message has ended
	//   the head is whole: 100 Continue, interim: true
	//   the head is whole: 200 OK, interim: false
	//   some content: "all that is sent comes back"
	//   the message has ended
	// The server:
	//   the head is whole: GET /hello, at octet 0
	//   the message has ended
	//   the head is whole: POST /echo, at octet 42
	//   some content: "all that is sent "
	//   some content: "comes back"
	//   the trailer section is whole
	//   the message has ended
	// <nil>
}

// The server answers others, and refuses what is no request.
func TestServer(t *testing.T) {
	for octets, want := range map[string]string{
		"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a\r\n\r\n":                     "HTTP/1.1 400 Bad Request\r\n",
	} {
		near, far := net.Pipe()
		go func() { _ = (&server{conn: far}).serve() }()
		go func() { _, _ = io.WriteString(near, octets) }()
		if got, err := io.ReadAll(near); !strings.HasPrefix(string(got), want) || err != nil {
			t.Errorf("%q: %q, %v", octets, got, err)
		}
	}
}

// The client understands others, and says what it can't read.
func TestClient(t *testing.T) {
	for octets, want := range map[string]string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi":  "<nil>",
		"HTTP/1.1 200 OK\r\n\r\nhi":                       "<nil>",
		"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi":  "response cut short",
		"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nhi": "malformed Content-Length",
	} {
		near, far := net.Pipe()
		go func() {
			_, _ = http.ReadRequest(bufio.NewReader(far))
			_, _ = io.WriteString(far, octets)
			far.Close()
		}()
		err := newClient(near).ask(&message.RequestHead{Authority: "a"}, "")
		near.Close()
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%q: %v", octets, err)
		}
	}
}
