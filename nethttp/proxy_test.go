package nethttp_test

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// httputil.ReverseProxy works: content both ways, trailers, interim responses,
// Upgrade, and a backend that breaks.
func TestReverseProxy(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/echo":
			set(w, "Trailer", "Sum")
			http.NewResponseController(w).EnableFullDuplex()
			n, err := io.Copy(w, r.Body)
			set(w, "Sum", fmt.Sprint(n, err))
		case "/hints":
			set(w, "Link", "</a.css>")
			w.WriteHeader(103)
		case "/cut":
			set(w, "Content-Length", "1000000")
			w.Write(make([]byte, 5000))
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		default:
			hijacker(w, r)
		}
	}))
	defer backend.Close()
	target, _ := url.Parse(backend.URL)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	onSites(t, proxy.ServeHTTP, func(s *site) {
		r, _ := http.NewRequest(http.MethodPost, s.url+"/echo", io.LimitReader(letters{}, 4000))
		if answer, got := s.do(r); len(got) != 4000 || answer.Trailer.Get("Sum") != "4000 <nil>" {
			s.t.Errorf("%d octets, %v", len(got), answer.Trailer)
		}

		hints := ""
		r, _ = http.NewRequest(http.MethodGet, s.url+"/hints", nil)
		r = r.WithContext(httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
				hints += fmt.Sprint(code, header.Get("Link"))
				return nil
			},
		}))
		if answer, _ := s.do(r); answer.StatusCode != 200 || hints != "103</a.css>" {
			s.t.Errorf("%s after %q", answer.Status, hints)
		}

		answer, err := s.client.Get(s.url + "/cut")
		if err != nil {
			s.t.Fatal(err)
		}
		if b, err := io.ReadAll(answer.Body); err != io.ErrUnexpectedEOF {
			s.t.Errorf("cut after %d octets: %v", len(b), err)
		}

		c := s.dial()
		io.WriteString(c, "GET /101 HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n")
		reader := bufio.NewReader(c)
		switched, err := http.ReadResponse(reader, nil)
		if err != nil || switched.StatusCode != 101 {
			s.t.Fatalf("%v, %v", switched, err)
		}
		io.WriteString(c, "through\n")
		if line, err := reader.ReadString('\n'); line != "echo through\n" || err != nil {
			s.t.Errorf("%q, %v", line, err)
		}
	})
}

// http.FileServer answers as it does in net/http: whole, in parts, and on
// conditions.
func TestFileServer(t *testing.T) {
	files := fstest.MapFS{
		"a.txt":          {Data: []byte("some content\n"), ModTime: time.Unix(1e9, 0)},
		"large":          {Data: []byte(strings.Repeat("large ", 50_000)), ModTime: time.Unix(1e9, 0)},
		"sub/index.html": {Data: []byte("<h1>index"), ModTime: time.Unix(1e9, 0)},
		"list/b":         {Data: []byte("b")},
	}
	server := http.FileServerFS(files)
	want := map[string]string{}
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, ".txt") {
			set(w, "ETag", `"tag"`)
		}
		server.ServeHTTP(w, r)
	}, func(s *site) {
		for _, request := range []string{
			"GET /a.txt", "HEAD /a.txt", "GET /large", "HEAD /large", "GET /sub/", "GET /sub", "GET /list/", "GET /none", "GET /sub/index.html",
			"GET /a.txt\r\nRange: bytes=2-4", "HEAD /a.txt\r\nRange: bytes=2-4", "GET /a.txt\r\nRange: bytes=-3",
			"GET /a.txt\r\nRange: bytes=100-", "GET /a.txt\r\nRange: what", "GET /large\r\nRange: bytes=10-40000",
			"GET /a.txt\r\nRange: bytes=2-4\r\nIf-Range: \"tag\"", "GET /a.txt\r\nRange: bytes=2-4\r\nIf-Range: \"other\"",
			"GET /a.txt\r\nIf-None-Match: \"tag\"", "HEAD /a.txt\r\nIf-None-Match: *", "GET /a.txt\r\nIf-None-Match: \"other\"",
			"GET /a.txt\r\nIf-Match: \"other\"", "GET /a.txt\r\nIf-Modified-Since: Sun, 09 Sep 2001 01:46:40 GMT",
			"GET /a.txt\r\nIf-Unmodified-Since: Sun, 09 Sep 2000 01:46:40 GMT",
		} {
			line, fields, _ := strings.Cut(request, "\r\n")
			method, _, _ := strings.Cut(line, " ")
			if fields != "" {
				fields += "\r\n"
			}
			got := s.talk(method, line+" HTTP/1.1\r\nHost: h\r\n"+fields+"Connection: close\r\n\r\n")
			if want[request] == "" {
				want[request] = got
			}
			if got != want[request] {
				s.t.Errorf("%q\n--- in net/http:\n%s--- here:\n%s", request, want[request], got)
			}
		}
	})
}
