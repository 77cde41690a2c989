package nethttp_test

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop/looptest"
)

// conversations are a request, and a handler that answers it.
var conversations = []struct {
	name, request string
	handler       http.HandlerFunc
}{
	{"hello", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "Hello, World!")
	}},
	{
		"browser", "GET /a/path?with=query HTTP/1.1\r\nHost: example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n" +
			"Accept: text/html,application/xhtml+xml\r\nAccept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br\r\n" +
			"Connection: keep-alive\r\nCookie: session=0123456789abcdef\r\nUpgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\n\r\n",
		func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("Content-Length", "13")
			io.WriteString(w, "Hello, World!")
		},
	},
	{
		"upload 64 KiB", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n" + strings.Repeat("x", 65536),
		func(w http.ResponseWriter, r *http.Request) {
			n, _ := io.Copy(io.Discard, r.Body)
			io.WriteString(w, strconv.FormatInt(n, 10))
		},
	},
	{"1 MiB", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1048576")
		io.Copy(w, io.LimitReader(letters{}, 1<<20))
	}},
}

// BenchmarkServers measures both servers by the same client, which doesn't
// allocate: one connection, one request after the other.
func BenchmarkServers(b *testing.B) {
	for _, c := range conversations {
		b.Run(c.name+"/net/http", func(b *testing.B) {
			server := httptest.NewServer(c.handler)
			defer server.Close()
			converse(b, server.Listener.Addr().String(), c.request)
		})
		for _, setup := range looptest.Setups() {
			if name, isTCP := strings.CutSuffix(setup.Name, "/tcp"); isTCP {
				b.Run(c.name+"/"+name, func(b *testing.B) {
					converse(b, serve(b, setup, c.handler, io.Discard, h1.Options{}), c.request)
				})
			}
		}
	}
}

// converse sends a request b.N times, and waits for each response.
func converse(b *testing.B, addr, request string) {
	exchange := conversation(b, addr, request)
	b.ReportAllocs()
	for b.Loop() {
		exchange()
	}
}

// conversation sends a request when it is called, and waits for the response.
// All responses are as long as the first.
func conversation(tb testing.TB, addr, request string) func() {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	octets, buffer := []byte(request), make([]byte, 64<<10)
	exchange := func(length int) (n int) {
		if _, err := conn.Write(octets); err != nil {
			tb.Fatal(err)
		}
		for n < length || length == 0 {
			k, err := conn.Read(buffer)
			if err != nil {
				tb.Fatal(err)
			}
			n += k
			if length == 0 {
				length = lengthOf(tb, buffer[:k])
			}
		}
		return n
	}
	length := exchange(0)
	return func() { exchange(length) }
}

// lengthOf is the length of a response whose head is at the front of b.
func lengthOf(tb testing.TB, b []byte) int {
	head, _, found := bytes.Cut(b, []byte("\r\n\r\n"))
	_, length, declared := bytes.Cut(head, []byte("Content-Length: "))
	if !found || !declared {
		tb.Fatalf("no length in %q", b)
	}
	length, _, _ = bytes.Cut(length, []byte("\r\n"))
	n, err := strconv.Atoi(string(length))
	if err != nil {
		tb.Fatal(err)
	}
	return len(head) + len("\r\n\r\n") + n
}
