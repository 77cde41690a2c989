//go:build !wasip1

package main

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/specht-http/specht"
)

// bothURLs runs a test under each driver, over clear text and over TLS.
func bothURLs(t *testing.T, test func(t *testing.T, url string)) {
	drivers(t, 0, func(t *testing.T, s *served) {
		t.Run("clear", func(t *testing.T) { test(t, s.url) })
		t.Run("TLS", func(t *testing.T) { test(t, "https://"+s.overTLS(t)) })
	})
}

// printed is what a program prints that succeeds.
func printed(t *testing.T, stdin, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program(t, name), args...)
	cmd.Stdin = strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%s %s: %v\n%.3000s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// TestCurlHTTP2 asks by curl: with prior knowledge, and as ALPN agrees.
func TestCurlHTTP2(t *testing.T) {
	tests := []struct{ name, args, in, want string }{
		{"the version", "-o /dev/null -w %{http_version} URL/", "", "2"},
		{"plain", "-i URL/", "", "HTTP/2 200 \r\n"},
		{"HEAD", "-I URL/bytes/1000", "", "content-length: 1000\r\n"},
		{"content", "--data-binary @- URL/echo", strings.Repeat("hello\n", 100_000), strings.Repeat("hello\n", 100_000)},
		{"content of unknown length", "-T - -X POST URL/echo", strings.Repeat("hello\n", 1000), strings.Repeat("hello\n", 1000)},
		{"expectation", "-i -H Expect:100-continue --data-binary @- URL/echo", "hello", "HTTP/2 100 \r\n"},
		{"early hints", "-i URL/status/103", "", "HTTP/2 103 \r\n"},
		{"trailers", "-i URL/trailers", "", "\nreceived-"},
		{"one connection for many", "-w <%{num_connects}> URL/ URL/bytes/4 URL/status/204 URL/stream?n=1&ms=0", "", "Hello, World!<1>0123<0><0>line 1\n<0>"},
		{"many at once", "-Z --parallel-max 20 URL/bytes/[1-50]", "", ""},
		{"a method that the route hasn't", "-i -X BREW URL/echo", "", "HTTP/2 405 \r\n"},
	}
	bothURLs(t, func(t *testing.T, url string) {
		version := "--http2-prior-knowledge "
		if strings.HasPrefix(url, "https") {
			version = "--http2 -k "
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				if version != "--http2 -k " && strings.Count(test.args, "URL")+strings.Count(test.args, "-Z") > 1 {
					t.Skip("curl 7.88 fails when it asks again on a connection of prior knowledge, nghttpd too")
				}
				out := printed(t, test.in, "curl", strings.Fields("-sS --max-time 20 "+version+strings.ReplaceAll(test.args, "URL", url))...)
				if !strings.Contains(out, test.want) {
					t.Errorf("no %.200q in\n%.2000s", test.want, out)
				}
			})
		}
	})
}

// TestNghttp has nghttp send trailers behind a large upload, and tells what it
// has seen of both sides' frames.
func TestNghttp(t *testing.T) {
	upload := filepath.Join(t.TempDir(), "upload")
	if err := os.WriteFile(upload, bytes.Repeat([]byte("0123456789abcdef"), 4<<16), 0o600); err != nil {
		t.Fatal(err)
	}
	bothURLs(t, func(t *testing.T, url string) {
		out := printed(t, "", "nghttp", "-v", "-n", "-t", "20", "-d", upload, "--trailer", "x-sum: 7", url+"/trailers", url+"/echo")
		for _, want := range []string{"recv (stream_id=13) :status: 200", "received-octets: 4194304\n", "received-trailers: 1\n", "recv (stream_id=15) :status: 200"} {
			if !strings.Contains(out, want) {
				t.Errorf("nghttp: no %q in\n%.8000s", want, out)
			}
		}
	})
}

// TestNghttpTakesPush has nghttp take what is pushed, and refuse it.
func TestNghttpTakesPush(t *testing.T) {
	bothURLs(t, func(t *testing.T, url string) {
		out := printed(t, "", "nghttp", "-v", "-t", "20", url+"/push")
		for _, want := range []string{"recv PUSH_PROMISE frame", "promised_stream_id=2", ":path: /connection", "pushed /connection\n", "recv (stream_id=2) :status: 200", "version=HTTP/2"} {
			if !strings.Contains(out, want) {
				t.Errorf("nghttp: no %q in\n%.8000s", want, out)
			}
		}
		out = printed(t, "", "nghttp", "-v", "--no-push", "-t", "20", url+"/push")
		if !strings.Contains(out, "not pushed: the client takes none") || strings.Contains(out, "PUSH_PROMISE") {
			t.Errorf("nghttp --no-push:\n%.8000s", out)
		}
	})
}

// TestH2load has h2load ask as fast as it can, by 16 connections with 100
// requests each under way: none fails.
func TestH2load(t *testing.T) {
	bothURLs(t, func(t *testing.T, url string) {
		out := printed(t, "", "h2load", "-c", "16", "-m", "100", "-n", "20000", url+"/")
		if !strings.Contains(out, "20000 total, 20000 started, 20000 done, 20000 succeeded, 0 failed, 0 errored, 0 timeout") {
			t.Errorf("h2load:\n%s", out)
		}
	})
}

// The log says which version an exchange had, and a limit that a flag has set is
// what the peer is told.
func TestServeHTTP2(t *testing.T) {
	for _, driver := range []string{"poll", "goroutine"} {
		t.Run(driver, func(t *testing.T) {
			var s serveCommand
			parse(t, &s, "--driver", driver, "--log", "--http2-streams-max", "7")
			var log bytes.Buffer
			out := newOutput(&log)
			app, err := s.build(&console{strings.NewReader(""), &log, t.Output()}, out)
			if errors.As(err, new(*usageError)) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			e, err := app.server.Start(specht.Service{Address: "127.0.0.1:0"})
			if err != nil {
				t.Fatal(err)
			}
			told := printed(t, "", "nghttp", "-v", "-t", "20", e.URL()+"/bytes/5")
			app.close()
			out.close()
			if !strings.Contains(told, "[SETTINGS_MAX_CONCURRENT_STREAMS(0x03):7]") {
				t.Errorf("nghttp: no setting of 7 streams in\n%.3000s", told)
			}
			if !strings.Contains(log.String(), " HTTP/2 GET /bytes/5 200 5 ") {
				t.Errorf("the log: %s", &log)
			}
		})
	}
}

// TestGetOverHTTP2 fetches by specht get over HTTP/2: interim responses, content both
// ways, trailers.
func TestGetOverHTTP2(t *testing.T) {
	bothURLs(t, func(t *testing.T, url string) {
		for _, test := range []struct {
			path, data  string
			stdout, log string
		}{
			{"/", "", "Hello, World!", "HTTP/2 200"},
			{"/status/103", "", "103 Early Hints came before this.\n", "HTTP/2 103"},
			{"/echo", strings.Repeat("hello\n", 100_000), strings.Repeat("hello\n", 100_000), "HTTP/2 200"},
			{"/trailers", "content", "", "Received-Octets: 7"},
		} {
			g := getCommand{URLs: []string{url + test.path}, Verbose: true, Insecure: true, Prior: true}
			if test.data != "" {
				g.Data = &test.data
			}
			stdout, told, err := fetchBy(t, &g, "")
			if err != nil || stdout != test.stdout || !strings.Contains(strings.ToLower(told), strings.ToLower(test.log)) {
				t.Errorf("%s: %.100q, %v; no %q in\n%s", test.path, stdout, err, test.log, told)
			}
		}
	})
}

// TestNodeHTTP2 asks by node's client. Each line that the script prints is
// something it tried.
func TestNodeHTTP2(t *testing.T) {
	bothURLs(t, func(t *testing.T, url string) {
		t.Logf("%s", printed(t, "", "node", filepath.Join("testdata", "interop", "http2client.mjs"), url))
	})
}

// TestGoHTTP2 asks by net/http: h2c, and h2 over TLS.
func TestGoHTTP2(t *testing.T) {
	bothURLs(t, func(t *testing.T, url string) {
		transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, Protocols: new(http.Protocols)}
		transport.Protocols.SetUnencryptedHTTP2(true)
		transport.Protocols.SetHTTP2(true)
		defer transport.CloseIdleConnections()
		ask := func(method, path string, content io.Reader, trailer http.Header) (*http.Response, string) {
			t.Helper()
			request, err := http.NewRequest(method, url+path, content)
			if err != nil {
				t.Fatal(err)
			}
			request.Trailer = trailer
			response, err := transport.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			b, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.ProtoMajor != 2 {
				t.Errorf("%s: %s", path, response.Proto)
			}
			return response, string(b)
		}
		if _, got := ask("GET", "/", nil, nil); got != "Hello, World!" {
			t.Errorf("/: %q", got)
		}
		large := strings.Repeat("0123456789abcdef", 4<<16)
		if _, got := ask("POST", "/echo", strings.NewReader(large), nil); got != large {
			t.Errorf("/echo: %d octets", len(got))
		}
		response, _ := ask("POST", "/trailers", io.MultiReader(strings.NewReader("content")), http.Header{"X-Sum": {"7"}})
		if got := response.Trailer.Get("Received-Trailers"); got != "1" {
			t.Errorf("/trailers: %v", response.Trailer)
		}
	})
}

// TestH2CUpgrade has curl and nghttp change a connection to HTTP/2 by a request of
// HTTP/1.1: where the flag lets them, also with much that is sent; elsewhere they
// are answered over HTTP/1.1, as is a request with content.
func TestH2CUpgrade(t *testing.T) {
	for _, driver := range []string{"poll", "goroutine"} {
		for _, flag := range []string{"", "--h2c-upgrade"} {
			t.Run(driver+flag, func(t *testing.T) {
				var s serveCommand
				parse(t, &s, append([]string{"--driver", driver}, strings.Fields(flag)...)...)
				var log bytes.Buffer
				out := newOutput(&log)
				defer out.close()
				app, err := s.build(&console{strings.NewReader(""), &log, t.Output()}, out)
				if errors.As(err, new(*usageError)) {
					t.Skip(err)
				}
				if err != nil {
					t.Fatal(err)
				}
				defer app.close()
				e, err := app.server.Start(specht.Service{Address: "127.0.0.1:0"})
				if err != nil {
					t.Fatal(err)
				}
				version := "1.1"
				if flag != "" {
					version = "2"
				}
				curl := func(args ...string) string {
					return printed(t, "", "curl", append([]string{"-sS", "--max-time", "20", "--http2", "-w", "<%{http_version} %{num_connects} %{size_download}>"}, args...)...)
				}
				if got, want := curl(e.URL()+"/", e.URL()+"/bytes/4"), "Hello, World!<"+version+" 1 13>0123<"+version+" 0 4>"; got != want {
					t.Errorf("curl: %q, want %q", got, want)
				}
				if got, want := curl("-o", os.DevNull, e.URL()+"/big"), "<"+version+" 1 1048576>"; got != want {
					t.Errorf("curl of /big: %q, want %q", got, want)
				}
				if got, want := curl("-d", "content", e.URL()+"/echo"), "content<1.1 1 7>"; got != want {
					t.Errorf("curl of /echo: %q, want %q", got, want)
				}
				if flag == "" {
					return
				}
				told := printed(t, "", "nghttp", "-u", "-v", "-t", "20", e.URL()+"/", e.URL()+"/bytes/4")
				for _, want := range []string{"HTTP Upgrade success", "recv (stream_id=1) :status: 200", "Hello, World!", ":path: /bytes/4", "0123"} {
					if !strings.Contains(told, want) {
						t.Errorf("nghttp: no %q in\n%.8000s", want, told)
					}
				}
			})
		}
	}
}
