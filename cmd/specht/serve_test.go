package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// served is the demonstration under one driver, and a client of package
// net/http that keeps its connections.
type served struct {
	*http.Client
	app *demo
	url string
}

// drivers runs a test under each driver.
func drivers(t *testing.T, handlersMax int, test func(t *testing.T, s *served)) {
	for _, name := range []string{"poll", "goroutine"} {
		t.Run(name, func(t *testing.T) {
			options := loop.Options{Pool: loop.NewPool(0)}
			workers := loop.NewWorkers(loop.WorkersOptions{Max: handlersMax})
			app := newDemo(workers, options.Pool, t.Output())
			server, err := newServer(specht.ServerOptions{Driver: specht.Driver(name), Loop: options, Handler: message.Inline(app), HTTP1: app.options(), HTTP2: app.options2()})
			if errors.As(err, new(*usageError)) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			app.server = server
			endpoint, err := server.Start(specht.Service{Address: "127.0.0.1:0"})
			if err != nil {
				t.Fatal(err)
			}
			s := &served{Client: &http.Client{Transport: &http.Transport{DisableCompression: true}}, app: app, url: endpoint.URL()}
			t.Cleanup(func() {
				s.CloseIdleConnections()
				if err := server.Close(); err != nil {
					t.Error(err)
				}
				if err := workers.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
			test(t, s)
		})
	}
}

// do sends a request and reads the whole response.
func (s *served) do(t *testing.T, method, target, content string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, s.url+target, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s %s: reading the content: %v", method, target, err)
	}
	return response, string(b)
}

func TestRoutes(t *testing.T) {
	tests := []struct {
		method, target, content string
		status                  int
		want                    string // the content, up to "…" if that is at its end
		fields                  string // name: value, one a line
	}{
		{"GET", "/stats", "", 200, "running=0\nrequests=…", ""}, // first: a handler counts until it has returned
		{"GET", "/", "", 200, "Hello, World!", "Content-Type: text/plain\nContent-Length: 13"},
		{"GET", "/?q", "", 200, "Hello, World!", ""},
		{"HEAD", "/", "", 200, "", "Content-Length: 13"},
		{"POST", "/", "x", 405, "405 Method Not Allowed…", "Allow: GET, HEAD"},
		{"POST", "/echo", "", 200, "", "Content-Length: 0"},
		{"POST", "/echo", "hello", 200, "hello", "Content-Length: 5"},
		{"GET", "/echo", "", 405, "405 Method Not Allowed…", "Allow: POST"},
		{"BREW", "/echo", "", 405, "405 Method Not Allowed…", "Allow: POST"},
		{"GET", "/status/200", "", 200, "200 OK\n", ""},
		{"GET", "/status/204", "", 204, "", ""},
		{"GET", "/status/205", "", 205, "", "Content-Length: 0"},
		{"GET", "/status/304", "", 304, "", ""},
		{"GET", "/status/401", "", 401, "401 Unauthorized\n", `WWW-Authenticate: Basic realm="specht"`},
		{"GET", "/status/599", "", 599, "599\n", ""},
		{"GET", "/status/103", "", 200, "103 Early Hints came before this.\n", ""},
		{"GET", "/status/199", "", 200, "199 came before this.\n", ""},
		{"GET", "/status/101", "", 501, "501 Not Implemented…", ""},
		{"GET", "/status/600", "", 400, "400 Bad Request\n\nthe path: \"600\" is no number from 100 to 599\n", ""},
		{"GET", "/status/", "", 404, "404 Not Found…", ""},
		{"GET", "/status/200/", "", 404, "404 Not Found…", ""},
		{"GET", "/bytes/0", "", 200, "", "Content-Length: 0"},
		{"GET", "/bytes/12", "", 200, "0123456789ab", "Content-Length: 12\nContent-Type: application/octet-stream"},
		{"HEAD", "/bytes/9223372036854775807", "", 200, "", "Content-Length: 9223372036854775807"},
		{"GET", "/bytes/9223372036854775808", "", 400, "400 Bad Request…", ""},
		{"GET", "/bytes/-1", "", 400, "400 Bad Request…", ""},
		{"GET", "/stream?n=3&ms=0", "", 200, "line 1\nline 2\nline 3\n", ""},
		{"HEAD", "/stream", "", 200, "", ""},
		{"GET", "/stream?n=0", "", 200, "", ""},
		{"GET", "/stream?n=x", "", 400, "400 Bad Request\n\nn: \"x\" is no number from 0 to 1000000\n", ""},
		{"GET", "/stream?%zz", "", 400, "400 Bad Request\n\nthe query can't be read…", ""},
		{"GET", "/events?n=2&ms=1", "", 200, "id: 1\ndata: …", "Content-Type: text/event-stream"},
		{"HEAD", "/events?n=2&ms=0", "", 200, "", ""},
		{"GET", "/trailers", "", 200, "", "Content-Type: text/plain"},
		{"HEAD", "/trailers", "", 200, "", ""},
		{"GET", "/slow?ms=1", "", 200, "This took 1 ms.\n", ""},
		{"GET", "/big", "", 200, string(block), "Content-Length: 1048576"},
		{"GET", "/connection", "", 200, "peer=127.0.0.1:…", ""},
		{"GET", "/push", "", 200, "not pushed: HTTP/1 has no promises…", ""},
		{"GET", "/nothing", "", 404, "404 Not Found\n\nThe routes are: /, /echo,…", ""},
	}
	drivers(t, 0, func(t *testing.T, s *served) {
		for _, test := range tests {
			t.Run(test.method+" "+test.target, func(t *testing.T) {
				response, content := s.do(t, test.method, test.target, test.content)
				if response.StatusCode != test.status {
					t.Errorf("status %d, want %d", response.StatusCode, test.status)
				}
				if start, ok := strings.CutSuffix(test.want, "…"); ok && !strings.HasPrefix(content, start) || !ok && content != test.want {
					t.Errorf("content %.200q, want %.200q", content, test.want)
				}
				for line := range strings.Lines(test.fields) {
					name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
					if got := response.Header.Get(name); got != value {
						t.Errorf("%s: %q, want %q", name, got, value)
					}
				}
				if response.Header.Get("Date") == "" {
					t.Error("no Date")
				}
			})
		}
	})
}

// What was handed to workers doesn't cost the connection.
func TestReuse(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		for i, target := range []string{"/", "/status/404", "/bytes/100000", "/nothing", "/stream?ms=0", "/"} {
			request, err := http.NewRequest("GET", s.url+target, nil)
			if err != nil {
				t.Fatal(err)
			}
			trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
				if info.Reused != (i > 0) {
					t.Errorf("%s: reused: %v", target, info.Reused)
				}
			}}
			response, err := s.Do(request.WithContext(httptrace.WithClientTrace(t.Context(), trace)))
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}
	})
}

// Content that is longer than what echo buffers comes back while it arrives,
// with the length that was declared, or chunked.
func TestEchoStreams(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		for _, n := range []int{echoOctets - 1, echoOctets, echoOctets + 1, 3<<20 + 1} {
			for _, isDeclared := range []bool{true, false} {
				sent := bytes.Repeat([]byte("0123456789abcdef-"), n/17+1)[:n]
				request, err := http.NewRequest("POST", s.url+"/echo", io.NopCloser(bytes.NewReader(sent)))
				if err != nil {
					t.Fatal(err)
				}
				request.ContentLength = -1
				if isDeclared {
					request.ContentLength = int64(n)
				}
				response, err := s.Do(request)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(response.Body)
				response.Body.Close()
				if err != nil || !bytes.Equal(got, sent) {
					t.Errorf("%d octets: got %d of them back, %v", n, len(got), err)
				}
				if want := int64(n); (isDeclared || n < echoOctets) != (response.ContentLength == want) {
					t.Errorf("%d octets, declared %v: Content-Length %d", n, isDeclared, response.ContentLength)
				}
			}
		}
	})
}

func TestHeaders(t *testing.T) {
	tests := []struct{ name, request, want string }{
		{
			"fields as they came", "PUT /headers?x HTTP/1.1\r\nHost: a.example\r\nx-A:  1 \r\nX-a: 2\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
			"PUT /headers?x\nhost: a.example\nHost: a.example\nx-A: 1\nX-a: 2\nContent-Length: 3\nConnection: close\n",
		},
		{
			"absolute-form wins over Host", "GET http://b.example:81/headers HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n",
			"GET http://b.example:81/headers\nhost: b.example:81\nHost: a.example\nConnection: close\n",
		},
		{
			"HTTP/1.0 without Host", "GET /headers HTTP/1.0\r\n\r\n",
			"GET /headers\nhost: \n",
		},
	}
	drivers(t, 0, func(t *testing.T, s *served) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				c, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				if _, err := io.WriteString(c, test.request); err != nil {
					t.Fatal(err)
				}
				b, err := io.ReadAll(c)
				if err != nil {
					t.Fatal(err)
				}
				if _, content, _ := strings.Cut(string(b), "\r\n\r\n"); content != test.want {
					t.Errorf("got %q, want %q", content, test.want)
				}
			})
		}
	})
}

// A client that waits for 100 (Continue) is told to send.
func TestContinue(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		isTold := false
		trace := &httptrace.ClientTrace{Got100Continue: func() { isTold = true }}
		request, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), "POST", s.url+"/echo", strings.NewReader("hello"))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Expect", "100-continue")
		s.Client.Transport.(*http.Transport).ExpectContinueTimeout = 1 << 40
		response, err := s.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if string(b) != "hello" || !isTold {
			t.Errorf("got %q, told to send: %v", b, isTold)
		}
	})
}

// Above the cap of handlers the answer is 503, and what is answered inline goes
// on. That a handler runs is counted until it returns, though its client has
// left.
func TestBusy(t *testing.T) {
	drivers(t, 1, func(t *testing.T, s *served) {
		// It can't end before its content has: the handler waits for that.
		content, end := io.Pipe()
		request, err := http.NewRequest("POST", s.url+"/headers", content)
		if err != nil {
			t.Fatal(err)
		}
		answered := make(chan error, 1)
		go func() {
			response, err := s.Do(request)
			if err == nil {
				response.Body.Close()
			}
			answered <- err
		}()
		_, _ = io.WriteString(end, "x")
		for s.app.running.Load() == 0 {
			s.do(t, "GET", "/", "")
		}
		if response, content := s.do(t, "GET", "/stats", ""); response.StatusCode != 503 {
			t.Errorf("status %d, %q", response.StatusCode, content)
		}
		end.Close()
		if err := <-answered; err != nil {
			t.Error(err)
		}
	})
}

// A handler that panics or returns too early ends its exchange and nothing
// else: by 500, or by cutting a response that has begun.
func TestJobEnds(t *testing.T) {
	start := func(x message.Exchange) { _ = x.Start(200, nil, 10) }
	cases := []struct {
		name   string
		serve  serveFunc
		status int
		isCut  bool
	}{
		{"panics", func(*demo, message.Exchange, input) error { panic("here") }, 500, false},
		{"panics in a response", func(_ *demo, x message.Exchange, _ input) error { start(x); panic("here") }, 200, true},
		{"returns", func(*demo, message.Exchange, input) error { return nil }, 500, false},
		{"returns in a response", func(_ *demo, x message.Exchange, _ input) error { start(x); return nil }, 200, true},
	}
	before := routes
	t.Cleanup(func() { routes = before })
	for i := range cases {
		routes = append(routes[:len(routes):len(routes)], route{"/test/" + strconv.Itoa(i), get, cases[i].serve})
	}
	drivers(t, 0, func(t *testing.T, s *served) {
		for i, test := range cases {
			t.Run(test.name, func(t *testing.T) {
				response, err := s.Get(s.url + "/test/" + strconv.Itoa(i))
				if err != nil {
					t.Fatal(err)
				}
				_, err = io.Copy(io.Discard, response.Body)
				response.Body.Close()
				if response.StatusCode != test.status || (err != nil) != test.isCut {
					t.Errorf("status %d, reading: %v", response.StatusCode, err)
				}
			})
		}
		if _, content := s.do(t, "GET", "/", ""); content != "Hello, World!" {
			t.Errorf("afterwards: %q", content)
		}
	})
}

func TestUnixSocket(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		e, err := s.app.server.Start(specht.Service{Network: "unix", Address: filepath.Join(t.TempDir(), "s")})
		if err != nil {
			t.Skip(err) // the path may be too long for this system
		}
		s.Client.Transport.(*http.Transport).DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", e.Addr())
		}
		if _, content := s.do(t, "GET", "/", ""); content != "Hello, World!" {
			t.Errorf("got %q", content)
		}
		if _, content := s.do(t, "GET", "/connection", ""); content != "peer=unix\nversion=HTTP/1.1\nscheme=http\nalpn=\n" {
			t.Errorf("got %q", content)
		}
	})
}

func TestStatsCount(t *testing.T) {
	drivers(t, 0, func(t *testing.T, s *served) {
		s.do(t, "GET", "/", "")
		_, content := s.do(t, "GET", "/stats", "")
		got := map[string]string{}
		for line := range strings.Lines(content) {
			name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
			if !ok {
				t.Errorf("no pair: %q", line)
			}
			got[name] = value
		}
		for name, want := range map[string]int{"running": 0, "requests": 2, "failed": 0, "refused": 0, "connections": 1, "accepted": 1} {
			if got[name] != strconv.Itoa(want) {
				t.Errorf("%s=%s, want %d", name, got[name], want)
			}
		}
	})
}

func TestSplitTarget(t *testing.T) {
	for _, test := range []struct{ target, path, query string }{
		{"/", "/", ""},
		{"/a?b?c", "/a", "b?c"},
		{"*", "*", ""},
		{"http://h/a?b", "/a", "b"},
		{"http://h", "/", ""},
		{"http://h?b/c", "/", "b/c"},
	} {
		if path, query := splitTarget([]byte(test.target)); string(path) != test.path || string(query) != test.query {
			t.Errorf("%s: got %q and %q", test.target, path, query)
		}
	}
}
