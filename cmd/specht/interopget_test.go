//go:build !wasip1

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht/loop/looptest"
)

// fetchBy is specht get, and what it printed.
func fetchBy(t *testing.T, g *getCommand, stdin string) (stdout, stderr string, err error) {
	t.Helper()
	if g.Timeout == 0 {
		g.Timeout = 20 * time.Second
	}
	var out, errOut bytes.Buffer
	err = g.Run(&console{strings.NewReader(stdin), &out, &errOut})
	return out.String(), errOut.String(), err
}

// nodeServer starts a server of node's, and is its URL.
func nodeServer(t *testing.T) string {
	cmd := exec.Command(program(t, "node"), filepath.Join("testdata", "interop", "server.mjs"))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stdin.Close(); _ = cmd.Wait() })
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return "http://127.0.0.1:" + strings.TrimSpace(port)
}

// TestGetFromNode fetches from node's server.
func TestGetFromNode(t *testing.T) {
	url := nodeServer(t)
	data := func(s string) *string { return &s }
	for _, test := range []struct {
		name   string
		get    getCommand
		stdin  string
		stdout string
		stderr []string // parts of it
		failed string   // a part of the error
	}{
		{"content of known length", getCommand{URLs: []string{"/hello"}}, "", "Hello, World!", nil, ""},
		{"chunks", getCommand{URLs: []string{"/chunks"}, Verbose: true}, "", "chunk 0\nchunk 1\nchunk 2\nchunk 3\nchunk 4\n", []string{"< Transfer-Encoding: chunked"}, ""},
		{"trailers", getCommand{URLs: []string{"/trailers"}, Verbose: true}, "", "hello\n", []string{"< trailers:", "< X-Sum: 42"}, ""},
		{"early hints", getCommand{URLs: []string{"/early"}, Verbose: true}, "", "late", []string{"< HTTP/1.1 103 Early Hints", "< Link: </style.css>; rel=preload"}, ""},
		{"a server that closes", getCommand{URLs: []string{"/close", "/hello"}}, "", "byeHello, World!", nil, ""},
		{"content until the end", getCommand{URLs: []string{"/untilclose"}}, "", "until the end", nil, ""},
		{"statuses without content", getCommand{URLs: []string{"/none?status=204", "/none?status=304", "/none?status=205", "/hello"}}, "", "Hello, World!", nil, ""},
		{"HEAD", getCommand{URLs: []string{"/hello", "/chunks"}, Method: "HEAD", Verbose: true}, "", "", []string{"< HTTP/1.1 200 OK"}, ""},
		{"content sent by length", getCommand{URLs: []string{"/echo"}, Data: data("hello")}, "", "hello", nil, ""},
		{"content sent in chunks", getCommand{URLs: []string{"/echo"}, Data: data("@-")}, strings.Repeat("hello\n", 100_000), strings.Repeat("hello\n", 100_000), nil, ""},
		{"an expectation that is met", getCommand{URLs: []string{"/echo"}, Data: data("hello"), Fields: []string{"Expect: 100-continue"}, Verbose: true}, "", "hello", []string{"< HTTP/1.1 100 Continue"}, ""},
		{"an expectation that isn't", getCommand{URLs: []string{"/refuse"}, Data: data("hello"), Fields: []string{"Expect: 100-continue"}, Verbose: true}, "", "not for me", []string{"< HTTP/1.1 417 "}, ""},
		{"an early answer", getCommand{URLs: []string{"/refuse"}, Data: data("@-"), Verbose: true}, strings.Repeat("x", 1<<20), "too much", []string{"< HTTP/1.1 413 "}, ""},
		{"a response that is cut", getCommand{URLs: []string{"/cut"}}, "", "half", nil, "isn't whole"},
		{"a failure by status", getCommand{URLs: []string{"/nothing"}, Fail: true}, "", "", nil, "404"},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i := range test.get.URLs {
				test.get.URLs[i] = url + test.get.URLs[i]
			}
			stdout, stderr, err := fetchBy(t, &test.get, test.stdin)
			if (err != nil) != (test.failed != "") || err != nil && !strings.Contains(err.Error(), test.failed) {
				t.Errorf("the error is %v, want %q", err, test.failed)
			}
			if stdout != test.stdout && test.failed != "404" {
				t.Errorf("got %.200q, want %.200q", stdout, test.stdout)
			}
			for _, part := range test.stderr {
				if !strings.Contains(strings.ToLower(stderr), strings.ToLower(part)) {
					t.Errorf("no %q in\n%s", part, stderr)
				}
			}
		})
	}
	t.Run("one connection for many", func(t *testing.T) {
		stdout, _, err := fetchBy(t, &getCommand{URLs: []string{url + "/connections", url + "/chunks", url + "/connections"}}, "")
		before, after, _ := strings.Cut(stdout, "chunk 0\n")
		if err != nil || before == "" || !strings.HasSuffix(after, before) {
			t.Errorf("got %q, %v", stdout, err)
		}
	})
}

const nginxConfig = `
daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/log;
events {}
http {
	access_log off; client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
	server {
		listen %[2]s; root %[1]s/www; client_max_body_size 1k;
		location = /return { return 200 "hello"; }
		location = /gone { return 410; }
		location /proxied/ { proxy_pass http://%[3]s/; proxy_http_version 1.1; }
		location /old/ { proxy_pass http://%[3]s/; }
	}
}
`

// nginxServer starts nginx: it serves a directory, and is a proxy for what is
// at upstream. It is its address, and the directory.
func nginxServer(t *testing.T, upstream string) (address, www string) {
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx" // where it is, but not in everybody's PATH
		if _, err := os.Stat(path); err != nil {
			t.Skip("nginx isn't installed here, so nothing is tried with it")
		}
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "www"), 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	l.Close() // for nginx, which can't choose a port itself
	config := filepath.Join(dir, "conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, nginxConfig, dir, address, upstream), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "-c", config, "-p", dir, "-e", filepath.Join(dir, "log"))
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	looptest.Eventually(t, "nginx listens", func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return address, filepath.Join(dir, "www")
}

// TestGetFromNginx fetches from nginx, and TestServeBehindNginx through it.
func TestGetFromNginx(t *testing.T) {
	address, www := nginxServer(t, "127.0.0.1:1")
	url := "http://" + address
	large := strings.Repeat("0123456789abcdef", 1<<16)
	if err := os.WriteFile(filepath.Join(www, "large.txt"), []byte(large), 0o644); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, err := fetchBy(t, &getCommand{URLs: []string{url + "/return", url + "/large.txt", url + "/gone", url + "/return"}, Verbose: true}, "")
	if err != nil || !strings.HasPrefix(stdout, "hello"+large+"<html>") || !strings.HasSuffix(stdout, "hello") || strings.Count(stderr, "* connected to "+address+" already") != 3 {
		t.Errorf("%v, %d octets\n%s", err, len(stdout), stderr)
	}
	stdout, stderr, err = fetchBy(t, &getCommand{URLs: []string{url + "/large.txt"}, Fields: []string{"Range: bytes=16-19"}, Verbose: true}, "")
	if err != nil || stdout != "0123" || !strings.Contains(stderr, "< HTTP/1.1 206 Partial Content") {
		t.Errorf("%q, %v\n%s", stdout, err, stderr)
	}
	if stdout, _, err = fetchBy(t, &getCommand{URLs: []string{url + "/large.txt"}, Method: "HEAD"}, ""); err != nil || stdout != "" {
		t.Errorf("HEAD: %q, %v", stdout, err)
	}
	content := strings.Repeat("x", 1<<20)
	stdout, _, err = fetchBy(t, &getCommand{URLs: []string{url + "/large.txt"}, Data: &content}, "")
	if err != nil || !strings.Contains(stdout, "413 Request Entity Too Large") {
		t.Errorf("too much: %.300q, %v", stdout, err)
	}
}

// TestServeBehindNginx asks nginx, which asks us: by HTTP/1.1 and by HTTP/1.0.
func TestServeBehindNginx(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		address, _ := nginxServer(t, strings.TrimPrefix(s.url, "http://"))
		client := &http.Client{Transport: &http.Transport{}}
		defer client.CloseIdleConnections()
		proxied := &served{Client: client, app: s.app, url: "http://" + address}
		for _, prefix := range []string{"/proxied", "/old"} {
			for range 20 {
				if _, content := proxied.do(t, "GET", prefix+"/bytes/1000", ""); len(content) != 1000 {
					t.Errorf("%s: %d octets of 1000", prefix, len(content))
				}
				if _, content := proxied.do(t, "GET", prefix+"/stream?n=3&ms=0", ""); content != "line 1\nline 2\nline 3\n" {
					t.Errorf("%s: %q", prefix, content)
				}
				if _, content := proxied.do(t, "POST", prefix+"/echo", "hello"); content != "hello" {
					t.Errorf("%s: %q", prefix, content)
				}
				if response, _ := proxied.do(t, "GET", prefix+"/status/204", ""); response.StatusCode != 204 {
					t.Errorf("%s: %s", prefix, response.Status)
				}
			}
		}
	})
}
