//go:build !wasip1

package main

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// program is the path of a program of others. A test that needs it is skipped
// where it isn't installed.
func program(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s isn't installed here, so nothing is tried with it", name)
	}
	return path
}

// TestNode asks by node's clients: http.request with and without an agent, and
// fetch. Each line that the script prints is something it tried.
func TestNode(t *testing.T) {
	node := program(t, "node")
	drivers(t, 0, func(t *testing.T, s *served) {
		out, err := exec.Command(node, filepath.Join("testdata", "interop", "client.mjs"), s.url).CombinedOutput()
		t.Logf("%s", out)
		if err != nil {
			t.Errorf("node: %v", err)
		}
	})
}

// TestCurl asks by curl, as people do.
func TestCurl(t *testing.T) {
	curl := program(t, "curl")
	tests := []struct {
		name, args string // URL stands for the server's
		in         string // stdin
		want       []string
		code       int
	}{
		{"plain", "URL/", "", []string{"Hello, World!"}, 0},
		{"HTTP/1.0", "-i --http1.0 URL/", "", []string{"HTTP/1.1 200 OK\r\n", "Connection: close\r\n", "\r\n\r\nHello, World!"}, 0},
		{"HTTP/1.0, of unknown length", "-i --http1.0 URL/stream?n=3&ms=1", "", []string{"HTTP/1.1 200 OK\r\n", "Connection: close\r\n", "\r\n\r\nline 1\nline 2\nline 3\n"}, 0},
		{"HTTP/1.0, sending", "--http1.0 --data-binary @- URL/echo", "hello", []string{"hello"}, 0},
		{"HEAD", "-I URL/bytes/1000", "", []string{"HTTP/1.1 200 OK\r\n", "Content-Length: 1000\r\n"}, 0},
		{"content of unknown length", "-T - -X POST URL/echo", strings.Repeat("hello\n", 1000), []string{strings.Repeat("hello\n", 1000)}, 0},
		{"content of known length", "--data-binary @- URL/echo", "hello", []string{"hello"}, 0},
		{"expectation", "-v -H Expect:100-continue --data-binary @- URL/echo", "hello", []string{"< HTTP/1.1 100 Continue", "hello"}, 0},
		{"chunks as they are", "--raw URL/stream?n=2&ms=1", "", []string{"7\r\nline 1\n\r\n7\r\nline 2\n\r\n0\r\n\r\n"}, 0},
		{"one connection for many", "-w <%{num_connects}> URL/ URL/bytes/4 URL/status/204 URL/stream?n=1&ms=0 URL/", "", []string{"Hello, World!<1>0123<0><0>line 1\n<0>Hello, World!<0>"}, 0},
		{"* as the target", "-i -X OPTIONS --request-target * URL/", "", []string{"HTTP/1.1 204 No Content\r\n", "Allow: "}, 0},
		{"absolute-form, as to a proxy", "-x URL http://example.org/headers", "", []string{"http://example.org/headers"}, 0},
		{"no Host", "-i -H Host: URL/", "", []string{"HTTP/1.1 400 Bad Request\r\n", "no Host"}, 0},
		{"a status as a failure", "-f URL/status/404", "", nil, 22},
		{"a method that the route hasn't", "-i -X BREW URL/echo", "", []string{"HTTP/1.1 405 Method Not Allowed\r\n", "Allow: POST\r\n"}, 0},
		{"a client that has no time", "--max-time 0.2 URL/stream?n=100&ms=50", "", []string{"line 1\nline 2\n"}, 28},
		{"early hints", "-i URL/status/103", "", []string{"HTTP/1.1 103 Early Hints\r\n", "HTTP/1.1 200 OK\r\n"}, 0},
		{"trailers", "-i --raw URL/trailers", "", []string{"Trailer: ", "0\r\nReceived-"}, 0},
		{"server-sent events", "-N URL/events?n=2&ms=1", "", []string{"id: 1\ndata: ", "id: 2\ndata: "}, 0},
		{"an upgrade that isn't taken", "-i --http2 URL/", "", []string{"HTTP/1.1 200 OK\r\n", "Hello, World!"}, 0},
		{"many at once", "-Z --parallel-max 20 URL/bytes/[1-50]", "", nil, 0},
		{"early, and the rest is thrown away", "-i -T - -X POST URL/bytes/1", strings.Repeat("x", 100_000), []string{"HTTP/1.1 405 Method Not Allowed\r\n"}, 0},
	}
	drivers(t, 0, func(t *testing.T, s *served) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				args := strings.Fields("-sS --max-time 20 " + strings.ReplaceAll(test.args, "URL", s.url))
				cmd := exec.Command(curl, args...)
				cmd.Stdin = strings.NewReader(test.in)
				out, err := cmd.CombinedOutput()
				code := 0
				if exit := new(exec.ExitError); errors.As(err, &exit) {
					code = exit.ExitCode()
				} else if err != nil {
					t.Fatal(err)
				}
				if code != test.code {
					t.Errorf("curl %s: exit code %s, want %d\n%.2000s", strings.Join(args, " "), strconv.Itoa(code), test.code, out)
				}
				for _, want := range test.want {
					if !strings.Contains(string(out), want) {
						t.Errorf("curl %s: no %.200q in\n%.2000s", strings.Join(args, " "), want, out)
					}
				}
			})
		}
	})
}
