package nethttp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/nethttp"
)

// http.ErrAbortHandler cuts the response, whether it has begun or not, and
// nothing is logged.
func TestAbort(t *testing.T) {
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/begun" {
			io.WriteString(w, "something")
			w.(http.Flusher).Flush()
		}
		panic(http.ErrAbortHandler)
	}, func(s *site) {
		for _, path := range []string{"/", "/begun"} {
			answer, err := s.client.Get(s.url + path)
			if err == nil {
				_, err = io.ReadAll(answer.Body)
				answer.Body.Close()
			}
			if err == nil || (answer != nil) != (path == "/begun") {
				s.t.Errorf("%s: %v, %v", path, answer, err)
			}
		}
		if text := s.log.String(); text != "" {
			s.t.Errorf("logged %q", text)
		}
	})
}

// A second WriteHeader is told, with the place where it is called, once.
func TestComplaints(t *testing.T) {
	onOurs(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/twice":
			w.WriteHeader(201)
			w.WriteHeader(500)
			http.Error(w, "", 400)
		case "/length":
			set(w, "Content-Length", "many")
			io.WriteString(w, "x")
		case "/field":
			set(w, "a b", "c")
		case "/fine":
			w.WriteHeader(103)
			w.WriteHeader(200)
		}
	}, func(s *site) {
		for path, want := range map[string]string{
			"/twice":  "nethttp: superfluous WriteHeader from github.com/specht-http/specht/nethttp_test.TestComplaints.func1 (handler_test.go:",
			"/length": `nethttp: invalid Content-Length of "many" from github.com/specht-http/specht/nethttp_test`,
			"/field":  `message: field 0 ("a b") can't be sent`,
			"/fine":   "",
		} {
			before := s.log.String()
			s.get(path)
			said := strings.TrimPrefix(s.log.String(), before)
			if !strings.Contains(said, want) || strings.Count(said, "\n") != min(1, len(want)) {
				s.t.Errorf("%s: logged %q", path, said)
			}
		}
	})
}

// What is different from net/http, as the package says.
func TestDifferences(t *testing.T) {
	onOurs(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic("a mistake")
		case "/panic begun":
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			panic("a mistake")
		case "/600":
			w.WriteHeader(600)
		case "/205":
			w.WriteHeader(205)
			if _, err := io.WriteString(w, "x"); err != http.ErrBodyNotAllowed {
				panic(err)
			}
		case "/length": // is taken for none
			set(w, "Content-Length", "-1")
			io.WriteString(w, "hello")
		case "/more": // net/http sends what was declared, and closes
			set(w, "Content-Length", "5")
			io.WriteString(w, "hello")
			if _, err := io.WriteString(w, " world"); err != http.ErrContentLength {
				panic(err)
			}
		case "/interim": // net/http sends it to HTTP/1.0, which hasn't any
			w.WriteHeader(103)
		case "/connection":
			set(w, "Connection", "keep-alive, upgrade, foo")
		case "/goexit":
			runtime.Goexit()
		}
	}, func(s *site) {
		for octets, want := range map[string]struct {
			first string
			count int // of responses
		}{
			"GET /panic HTTP/1.1\r\nHost: h\r\n\r\n":         {"500, length 57", 2},
			"GET /panic%20begun HTTP/1.1\r\nHost: h\r\n\r\n": {"200, length -1, [chunked]", 1},
			"GET /600 HTTP/1.1\r\nHost: h\r\n\r\n":           {"500, length 57", 2},
			"GET /205 HTTP/1.1\r\nHost: h\r\n\r\n":           {"205, length 0", 2},
			"GET /length HTTP/1.1\r\nHost: h\r\n\r\n":        {"200, length 5", 2},
			"GET /more HTTP/1.1\r\nHost: h\r\n\r\n":          {"200, length 5, [], close false", 2},
			"GET /interim HTTP/1.0\r\n\r\n":                  {"200, length 0", 1},
			"GET /connection HTTP/1.1\r\nHost: h\r\n\r\n":    {"200, length 0, [], close false", 2},
			"GET /goexit HTTP/1.1\r\nHost: h\r\n\r\n":        {"", 0},
		} {
			got := s.talk("GET", octets)
			if !strings.HasPrefix(got, want.first) || strings.Count(got, ", length ") != want.count {
				s.t.Errorf("%q: %s", octets, got)
			}
		}
		if text := s.log.String(); strings.Count(text, "panic: a mistake") != 2 || !strings.Contains(text, "panic: nethttp: invalid WriteHeader code 600") {
			s.t.Errorf("logged %q", text)
		}
	})
}

// Many clients at once get their own answers.
func TestManyAtOnce(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /echo/{name}", func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		fmt.Fprint(w, r.PathValue("name"), " ", string(content), " ", err, " ", r.Header.Get("Name"))
	})
	onSites(t, mux.ServeHTTP, func(s *site) {
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				for k := range 20 {
					name := fmt.Sprint(i, "-", k)
					r, _ := http.NewRequest(http.MethodPost, s.url+"/echo/"+name, strings.NewReader("content of "+name))
					r.Header.Set("name", name)
					answer, err := s.client.Do(r)
					if err != nil {
						s.t.Error(err)
						return
					}
					b, err := io.ReadAll(answer.Body)
					answer.Body.Close()
					if want := name + " content of " + name + " <nil> " + name; string(b) != want || err != nil {
						s.t.Errorf("%q, want %q, %v", b, want, err)
					}
				}
			})
		}
		wg.Wait()
	})
}

// A peer that goes while the response is written makes writes fail.
func TestWriteToGonePeer(t *testing.T) {
	seen := make(chan error, 1)
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		for b := make([]byte, 10_000); ; {
			if _, err := w.Write(b); err != nil {
				seen <- err
				return
			}
		}
	}, func(s *site) {
		c := s.dial()
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		io.ReadFull(c, make([]byte, 1000))
		c.Close()
		if err := <-seen; err == nil {
			s.t.Error("no error")
		}
	})
}

// A target that the engine takes and net/url doesn't is answered by 400, which
// repeats it as plain text.
func TestUnreadableTarget(t *testing.T) {
	onTCP(t, func(t *testing.T, setup looptest.Setup) {
		h := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("served") })
		s := newSite(t, setup.Name, serve(t, setup, h, new(logged), h1.Options{}), nil)
		c := s.dial()
		_, _ = io.WriteString(c, "GET /%zz?<script> HTTP/1.1\r\nHost: h\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || answer.StatusCode != 400 || answer.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%v, %v", answer, err)
		}
	})
}

// Handler without a handler is a mistake that is told at once.
func TestNoHandler(t *testing.T) {
	defer func() {
		if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "nethttp: bug") {
			t.Error(v)
		}
	}()
	nethttp.Handler(nil, nethttp.Options{})
	t.Error(errors.New("no panic"))
}
