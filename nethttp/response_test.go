package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// responses are handlers whose responses are the same as in net/http.
var responses = map[string]http.HandlerFunc{
	"nothing":                 func(w http.ResponseWriter, r *http.Request) {},
	"text":                    func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") },
	"page":                    func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<!DOCTYPE html><p>") },
	"octets":                  func(w http.ResponseWriter, r *http.Request) { w.Write([]byte{0, 1, 2, 3}) },
	"nothing written":         func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "") },
	"status":                  func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(404) },
	"status of no name":       func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(299); io.WriteString(w, "x") },
	"error":                   func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no", http.StatusTeapot) },
	"redirect":                func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
	"as much as is buffered":  func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 2048)) },
	"more than is buffered":   func(w http.ResponseWriter, r *http.Request) { w.Write(make([]byte, 2049)) },
	"more, in parts":          writeParts(100, 30),
	"much, in parts":          writeParts(1000, 3000),
	"a string that is larger": func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, strings.Repeat("x", 5000)) },
	"detected late":           func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<ht"); io.WriteString(w, "ml>") },
	"detected from two parts": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "<ht")
		io.WriteString(w, "ml>"+strings.Repeat("x", 3000))
	},
	"flushed": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		io.WriteString(w, "b")
	},
	"flushed at once": func(w http.ResponseWriter, r *http.Request) { w.(http.Flusher).Flush() },
	"flushed with type": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Content-Type", "text/x")
		w.(http.Flusher).Flush()
	},
	"declared": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Content-Length", "5")
		io.WriteString(w, "hello")
	},
	"declared and large": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Content-Length", "50000")
		w.Write(make([]byte, 50000))
	},
	"declared as 0": func(w http.ResponseWriter, r *http.Request) { set(w, "Content-Length", "0") },
	"declared and flushed": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Content-Length", "2")
		w.(http.Flusher).Flush()
		io.WriteString(w, "ab")
	},
	"less than declared": func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/last" {
			set(w, "Content-Length", "50")
			io.WriteString(w, "hello")
		}
	},
	"not modified": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Content-Length", "50")
		set(w, "Content-Type", "text/x")
		set(w, "ETag", `"x"`)
		w.WriteHeader(304)
		n, err := io.WriteString(w, "hello")
		tellAside(r, n, errors.Is(err, http.ErrBodyNotAllowed))
	},
	"no content": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Content-Length", "0")
		w.WriteHeader(204)
		n, err := w.Write([]byte("hello"))
		k, none := w.Write(nil)
		tellAside(r, n, errors.Is(err, http.ErrBodyNotAllowed), k, none)
	},
	"fields": func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("B", "1")
		w.Header().Add("A", "2")
		w.Header().Add("B", "3")
		w.Header()["lower"] = []string{"x"}
		w.Header()["Empty"] = nil
		set(w, "Blank", "")
	},
	"fields that can't be sent": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Split", "a\r\nSet-Cookie: b\nc")
		set(w, "Around", " \t x ")
		w.Header()["not a name"] = []string{"x"}
		w.Header()[""] = []string{"x"}
		w.Header()["Also:not"] = []string{"x"}
		set(w, "Good", "x")
	},
	"fields after the head": func(w http.ResponseWriter, r *http.Request) {
		set(w, "A", "before")
		w.WriteHeader(200)
		set(w, "A", "after")
		set(w, "B", "after")
		io.WriteString(w, "x")
	},
	"fields after a write": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "x")
		set(w, "B", "after")
	},
	"own type": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Content-Type", "a/b")
		io.WriteString(w, "<html>")
	},
	"no type": func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, "<html>")
	},
	"own coding": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Content-Encoding", "br")
		io.WriteString(w, "<html>")
	},
	"own date": func(w http.ResponseWriter, r *http.Request) { set(w, "Date", "Sun, 06 Nov 1994 08:49:37 GMT") },
	"close":    func(w http.ResponseWriter, r *http.Request) { set(w, "Connection", "close"); io.WriteString(w, "x") },
	"own chunked": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Transfer-Encoding", "chunked")
		io.WriteString(w, "x")
	},
	"two framings": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Transfer-Encoding", "chunked")
		set(w, "Content-Length", "1")
		io.WriteString(w, "x")
	},
	"second status": func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(201)
		w.WriteHeader(500)
		io.WriteString(w, "x")
	},
	"read from": func(w http.ResponseWriter, r *http.Request) {
		n, err := w.(io.ReaderFrom).ReadFrom(io.LimitReader(letters{}, 100_000))
		tellAside(r, n, err)
	},
	"read from little": func(w http.ResponseWriter, r *http.Request) { io.Copy(w, io.LimitReader(letters{}, 10)) },
	"deadlines": func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		tellAside(r, c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Now().Add(time.Hour)), c.EnableFullDuplex(), c.Flush())
	},
	"trailers": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Trailer", "A, b-c")
		w.Header().Add("Trailer", "Never")
		io.WriteString(w, "hello")
		set(w, "A", "1")
		set(w, "B-C", "2")
		set(w, "D", "not announced")
	},
	"trailers without content": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Trailer", "A")
		w.WriteHeader(200)
		set(w, "A", "1")
	},
	"trailers by prefix": func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello")
		w.(http.Flusher).Flush()
		set(w, http.TrailerPrefix+"A", "1")
		set(w, http.TrailerPrefix+"B", "2")
	},
	"trailers by prefix from the start": func(w http.ResponseWriter, r *http.Request) {
		set(w, http.TrailerPrefix+"A", "1")
		io.WriteString(w, "hello")
	},
	"interim": func(w http.ResponseWriter, r *http.Request) {
		set(w, "Link", "</a.css>")
		w.WriteHeader(103)
		w.Header().Add("Link", "</b.css>")
		w.WriteHeader(103)
		w.WriteHeader(102)
		w.Header().Del("Link")
		io.WriteString(w, "x")
	},
	"timeout handler": http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		set(w, "A", "1")
		w.WriteHeader(202)
		io.WriteString(w, "in time")
	}), time.Hour, "late").ServeHTTP,
	"timeout": http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.WriteString(w, "never")
		for err == nil { // who returns when the time is over is as good as who was in time
			runtime.Gosched()
			_, err = w.Write(nil)
		}
	}), time.Nanosecond, "late").ServeHTTP,
	"not found": http.NotFound,
	"content": func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "x.txt", time.Unix(1e9, 0), strings.NewReader("some content"))
	},
}

// TestResponses compares the responses of each handler with those of net/http,
// by method and version.
func TestResponses(t *testing.T) {
	for name, handler := range responses {
		t.Run(name, func(t *testing.T) {
			want := map[string]string{}
			onSites(t, handler, func(s *site) {
				for _, octets := range []string{
					"GET / HTTP/1.1\r\nHost: h\r\n\r\n",
					"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n",
					"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
					"GET / HTTP/1.0\r\n\r\n",
				} {
					method, _, _ := strings.Cut(octets, " ")
					if name == "interim" && strings.Contains(octets, "HTTP/1.0") {
						continue // net/http sends what HTTP/1.0 hasn't: see TestDifferences
					}
					got := s.talk(method, octets)
					if want[octets] == "" {
						want[octets] = got
					}
					if got != want[octets] {
						s.t.Errorf("%q\n--- in net/http:\n%s--- here:\n%s", octets, want[octets], got)
					}
				}
			})
		})
	}
}

func set(w http.ResponseWriter, name, value string) { w.Header().Set(name, value) }

// tellAside makes what a handler has seen part of what is compared.
func tellAside(r *http.Request, seen ...any) {
	asides.Lock()
	defer asides.Unlock()
	asides.of[r.RemoteAddr] += fmt.Sprintln(seen...)
}

// asides are what handlers have told, by the address of the client.
var asides = struct {
	sync.Mutex
	of map[string]string
}{of: map[string]string{}}

// takeAside is what handlers have told that a client called, and forgets it.
func takeAside(client net.Addr) string {
	asides.Lock()
	defer asides.Unlock()
	told := asides.of[client.String()]
	delete(asides.of, client.String())
	return told
}

// writeParts is a handler that writes n parts of so many octets.
func writeParts(n, octets int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for i := range n {
			k, err := w.Write([]byte(strings.Repeat(string(rune('a'+i%26)), octets)))
			if k != octets || err != nil {
				return
			}
		}
	}
}

// letters are a reader without an end.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'a' + byte(i%26)
	}
	return len(p), nil
}
