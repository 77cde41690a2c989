package nethttp_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop/looptest"
)

// Large content arrives whole, with its length and without, while the handler
// is slower than the client, and goes back as it comes.
func TestLargeContent(t *testing.T) {
	const octets = 20 << 20
	sum := func(r io.Reader) string {
		h := sha256.New()
		n, err := io.Copy(h, r)
		return fmt.Sprintf("%d octets, %x, %v", n, h.Sum(nil), err)
	}
	want := sum(io.LimitReader(letters{}, octets))
	onSites(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, sum(r.Body)) }, func(s *site) {
		for _, length := range []int64{octets, -1} {
			r, _ := http.NewRequest(http.MethodPost, s.url, io.LimitReader(letters{}, octets))
			r.ContentLength = length
			if _, got := s.do(r); got != want {
				s.t.Errorf("length %d: %s, want %s", length, got, want)
			}
		}
	})
	// net/http reads only a part of the content once the response has begun.
	onOurs(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }, func(s *site) {
		r, _ := http.NewRequest(http.MethodPost, s.url, io.LimitReader(letters{}, octets))
		r.ContentLength = -1
		answer, err := s.client.Do(r)
		if err != nil {
			s.t.Fatal(err)
		}
		defer answer.Body.Close()
		if got := sum(answer.Body); got != want {
			s.t.Errorf("echoed: %s, want %s", got, want)
		}
	})
}

// A response reaches the client as it is flushed.
func TestFlush(t *testing.T) {
	next := make(chan bool)
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprintf(w, "part %d\n", i)
			if err := http.NewResponseController(w).Flush(); err != nil {
				panic(err)
			}
			<-next
		}
	}, func(s *site) {
		answer, err := s.client.Get(s.url)
		if err != nil {
			s.t.Fatal(err)
		}
		defer answer.Body.Close()
		for i := range 3 {
			b := make([]byte, len("part 0\n"))
			if _, err := io.ReadFull(answer.Body, b); err != nil || string(b) != fmt.Sprintf("part %d\n", i) {
				s.t.Fatalf("%q, %v", b, err)
			}
			next <- true
		}
		if rest, err := io.ReadAll(answer.Body); len(rest) > 0 || err != nil {
			s.t.Errorf("%q, %v", rest, err)
		}
	})
}

// 100 (Continue) comes with the first read, and not without one.
func TestExpectContinue(t *testing.T) {
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/read":
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s, %v", b, err)
		case "/begun":
			w.WriteHeader(200)
			w.(http.Flusher).Flush()
		case "/own":
			w.WriteHeader(100)
			b, err := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s, %v", b, err)
		default:
			http.Error(w, "no", http.StatusForbidden)
		}
	}, func(s *site) {
		for path, want := range map[string]string{
			"/read":  "HTTP/1.1 100 Continue\r\n\r\n",
			"/own":   "HTTP/1.1 100 Continue\r\n\r\n",
			"/begun": "HTTP/1.1 200 OK\r\n",
			"/none":  "HTTP/1.1 403 Forbidden\r\n",
		} {
			c := s.dial()
			io.WriteString(c, "POST "+path+" HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
			first := make([]byte, len(want))
			if _, err := io.ReadFull(c, first); err != nil || string(first) != want {
				s.t.Errorf("%s: %q, %v", path, first, err)
			}
			if !strings.Contains(want, "100") {
				continue
			}
			io.WriteString(c, "helloGET /none HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
			rest, err := io.ReadAll(c)
			if n := bytes.Count(rest, []byte("HTTP/1.1 ")); err != nil || n != 2 || !bytes.Contains(rest, []byte("\r\n\r\nhello, <nil>")) {
				s.t.Errorf("%s: %q, %v", path, rest, err)
			}
		}
		// net/http's client waits, too.
		transport := s.client.Transport.(*http.Transport)
		transport.ExpectContinueTimeout = time.Hour
		r, _ := http.NewRequest(http.MethodPost, s.url+"/read", strings.NewReader("hello"))
		r.Header.Set("Expect", "100-continue")
		if _, got := s.do(r); got != "hello, <nil>" {
			s.t.Errorf("%q", got)
		}
	})
}

// Content that is cut short isn't taken for whole.
func TestContentCutShort(t *testing.T) {
	seen := make(chan error, 1)
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		seen <- err
	}, func(s *site) {
		for _, octets := range []string{
			"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhel",
			"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n",
		} {
			c := s.dial()
			io.WriteString(c, octets)
			c.Close()
			if err := <-seen; !errors.Is(err, io.ErrUnexpectedEOF) {
				s.t.Errorf("%q: %v", octets, err)
			}
		}
		c := s.dial()
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\nzzz\r\n")
		if err := <-seen; err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			s.t.Errorf("malformed: %v", err)
		}
	})
}

// http.MaxBytesReader limits content. No request is longer than what is thrown
// away behind an answer: behind more the connection is closed, and the client of
// net/http may fail to write before it has read the answer.
func TestMaxBytesReader(t *testing.T) {
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 10))
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		}
	}, func(s *site) {
		for n, status := range map[int64]int{10: 200, 11: 413, 200_000: 413} {
			r, _ := http.NewRequest(http.MethodPost, s.url, io.LimitReader(letters{}, n))
			r.ContentLength = n
			if answer, _ := s.do(r); answer.StatusCode != status {
				s.t.Errorf("%d octets: %s, want %d", n, answer.Status, status)
			}
		}
	})
}

// The engine's own limit of content is an *http.MaxBytesError, too.
func TestContentLimitOfEngine(t *testing.T) {
	seen := make(chan error, 1)
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		seen <- err
	})
	onTCP(t, func(t *testing.T, setup looptest.Setup) {
		s := newSite(t, setup.Name, serve(t, setup, h, new(logged), h1.Options{ContentOctets: 10}), nil)
		got := s.talk("POST", "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n2\r\nab\r\n0\r\n\r\n")
		if !strings.HasPrefix(got, "413") {
			t.Errorf("answered %s", got)
		}
		err := <-seen
		if tooLarge := new(http.MaxBytesError); !errors.As(err, &tooLarge) || tooLarge.Limit != 10 {
			t.Errorf("%#v", err)
		}
	})
}

// What a handler leaves unread doesn't cost the connection, if it isn't much.
func TestUnreadContent(t *testing.T) {
	onSites(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.RemoteAddr) }, func(s *site) {
		var first string
		for i := range 3 {
			r, _ := http.NewRequest(http.MethodPost, s.url, strings.NewReader(strings.Repeat("x", 10_000)))
			_, got := s.do(r)
			if i == 0 {
				first = got
			}
			if got != first {
				s.t.Errorf("request %d came from %s, the first from %s", i, got, first)
			}
		}
	})
}

// Reads wait no longer than their deadline; the response can be sent after it.
func TestReadDeadline(t *testing.T) {
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		b := make([]byte, 10)
		n, _ := io.ReadFull(r.Body, b[:3])
		if err := c.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
			panic(err)
		}
		k, err := r.Body.Read(b)
		fmt.Fprintf(w, "%d, then %d, %v", n, k, errors.Is(err, os.ErrDeadlineExceeded))
	}, func(s *site) {
		c := s.dial()
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nConnection: close\r\n\r\nabc")
		b := make([]byte, 1000)
		n, err := c.Read(b)
		if !strings.HasSuffix(string(b[:n]), "3, then 0, true") {
			s.t.Errorf("%q, %v", b[:n], err)
		}
	})
	// A deadline that is put off, and content that comes after one has passed.
	onOurs(t, func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		c.SetReadDeadline(time.Now().Add(-time.Second))
		_, err := r.Body.Read(make([]byte, 1))
		c.SetReadDeadline(time.Time{})
		w.WriteHeader(103)
		b, all := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%v, then %q, %v", errors.Is(err, os.ErrDeadlineExceeded), b, all)
	}, func(s *site) {
		c := s.dial()
		io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nConnection: close\r\n\r\n")
		b := make([]byte, 1000)
		if n, err := c.Read(b); !strings.HasPrefix(string(b[:n]), "HTTP/1.1 103") {
			s.t.Fatalf("%q, %v", b[:n], err)
		}
		io.WriteString(c, "abc")
		if rest, err := io.ReadAll(c); !strings.HasSuffix(string(rest), `true, then "abc", <nil>`) {
			s.t.Errorf("%q, %v", rest, err)
		}
	})
}

// Writes to a peer that doesn't read fail when their deadline has passed.
func TestWriteDeadline(t *testing.T) {
	seen := make(chan error)
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
			panic(err)
		}
		for b := make([]byte, 100_000); ; {
			if _, err := w.Write(b); err != nil {
				seen <- err
				return
			}
		}
	}, func(s *site) {
		c := s.dial()
		c.(*net.TCPConn).SetReadBuffer(4096)
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		if err := <-seen; !errors.Is(err, os.ErrDeadlineExceeded) {
			s.t.Errorf("%v", err)
		}
	})
}

// A form with a file is read, and its temporary file is removed.
func TestMultipartForm(t *testing.T) {
	names := make(chan string, 1)
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseMultipartForm(1000); err != nil {
			http.Error(w, err.Error(), 400)
			return
		}
		f, header, err := r.FormFile("file")
		if err != nil {
			panic(err)
		}
		names <- f.(*os.File).Name()
		b, err := io.ReadAll(f)
		fmt.Fprintf(w, "%s %s %d %v", r.FormValue("a"), header.Filename, len(b), err)
		f.Close()
	}, func(s *site) {
		var content bytes.Buffer
		form := multipart.NewWriter(&content)
		form.WriteField("a", "b")
		part, _ := form.CreateFormFile("file", "name")
		part.Write(make([]byte, 1<<20))
		form.Close()
		r, _ := http.NewRequest(http.MethodPost, s.url, &content)
		r.Header.Set("Content-Type", form.FormDataContentType())
		if _, got := s.do(r); got != "b name 1048576 <nil>" {
			s.t.Errorf("%q", got)
		}
		name := <-names
		looptest.Eventually(s.t, "the temporary file is removed", func() bool {
			_, err := os.Stat(name)
			return os.IsNotExist(err)
		})
	})
}
