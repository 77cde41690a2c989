package nethttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/nethttp"
)

// hijacker takes the connection over and echoes lines, by the ways there are.
func hijacker(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/101" {
		set(w, "Upgrade", "echo")
		set(w, "Connection", "Upgrade")
		w.WriteHeader(http.StatusSwitchingProtocols)
	}
	if content, err := io.ReadAll(r.Body); string(content) != map[string]string{"/posted": "hello"}[r.URL.Path] || err != nil {
		panic(fmt.Sprintf("%q, %v", content, err))
	}
	c, both, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	if r.URL.Path == "/leave" { // its goroutine goes on alone
		go serveEcho(c, both, r)
		return
	}
	if _, _, again := http.NewResponseController(w).Hijack(); again == nil {
		panic("hijacked twice")
	}
	if _, err := w.Write([]byte("x")); !errors.Is(err, http.ErrHijacked) {
		panic(err)
	}
	serveEcho(c, both, r)
}

func serveEcho(c net.Conn, both *bufio.ReadWriter, r *http.Request) {
	defer c.Close()
	if r.URL.Path != "/101" {
		fmt.Fprintf(both, "HTTP/1.1 299 Mine\r\nPeer: %v\r\n\r\n", c.RemoteAddr().String() == r.RemoteAddr && c.LocalAddr() != nil)
		both.Flush()
	}
	if err := c.SetDeadline(time.Now().Add(time.Hour)); err != nil {
		panic(err)
	}
	for {
		line, err := both.ReadString('\n')
		if err != nil {
			return
		}
		both.WriteString("echo " + line)
		both.Flush()
	}
}

// A hijacked connection is the handler's: what was sent behind the request is
// there, nothing is added, and its end is seen.
func TestHijack(t *testing.T) {
	onSites(t, hijacker, func(s *site) {
		for _, path := range []string{"/", "/leave", "/101", "/posted"} {
			c := s.dial()
			request := "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n"
			if path == "/posted" {
				request = "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello"
			}
			io.WriteString(c, request+"early\n")
			r := bufio.NewReader(c)
			response, err := http.ReadResponse(r, nil)
			if err != nil {
				s.t.Fatal(err)
			}
			want := 299
			if path == "/101" {
				want = 101
				if !strings.EqualFold(response.Header.Get("Connection"), "upgrade") || response.Header.Get("Upgrade") != "echo" {
					s.t.Errorf("%s: %v", path, response.Header)
				}
			} else if response.Header.Get("Peer") != "true" || len(response.Header) != 1 {
				s.t.Errorf("%s: %v", path, response.Header)
			}
			if response.StatusCode != want {
				s.t.Errorf("%s: %s", path, response.Status)
			}
			for i, line := range []string{"early\n", "later\n", strings.Repeat("x", 100_000) + "\n"} {
				if i > 0 {
					go io.WriteString(c, line)
				}
				if got, err := r.ReadString('\n'); got != "echo "+line || err != nil {
					s.t.Errorf("%s: sent %.20q, received %.20q, %v", path, line, got, err)
				}
			}
			c.(*net.TCPConn).CloseWrite()
			if rest, err := io.ReadAll(r); len(rest) > 0 || err != nil {
				s.t.Errorf("%s: at the end: %q, %v", path, rest, err)
			}
		}
	})
}

// What is read from a hijacked connection begins behind the request, though its
// content wasn't read: it is thrown away, also what comes later.
func TestHijackDiscards(t *testing.T) {
	for _, framed := range []string{"Content-Length: 5\r\n\r\nhe|llo", "Transfer-Encoding: chunked\r\n\r\n2\r\nhe|\r\n3\r\nllo\r\n0\r\nT: u\r\n\r\n"} {
		for _, setup := range looptest.Setups() {
			t.Run(setup.Name, func(t *testing.T) {
				workers := loop.NewWorkers(loop.WorkersOptions{})
				t.Cleanup(func() { _ = workers.Close(context.Background()) })
				asked := make(chan struct{})
				handler := func(w http.ResponseWriter, r *http.Request) {
					close(asked)
					c, both, err := http.NewResponseController(w).Hijack()
					if err != nil {
						t.Error(err)
						return
					}
					serveEcho(c, both, r)
				}
				service := h1.NewService(h1.Options{Handler: nethttp.Handler(http.HandlerFunc(handler), nethttp.Options{}), Executor: workers})
				c := setup.Start(t, service.NewServer(nil))
				early, late, _ := strings.Cut(framed, "|")
				go func() {
					io.WriteString(c, "POST / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n"+early)
					<-asked
					io.WriteString(c, late+"behind\n")
				}()
				r := bufio.NewReader(c)
				if response, err := http.ReadResponse(r, nil); err != nil || response.StatusCode != 299 {
					t.Fatalf("%v, %v", response, err)
				}
				if line, err := r.ReadString('\n'); line != "echo behind\n" || err != nil {
					t.Errorf("%q, %v", line, err)
				}
			})
		}
	}
}

// Whatever the flow is, what is hijacked is a net.Conn.
func TestHijackOfAnyFlow(t *testing.T) {
	for _, setup := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(setup.Name, func(t *testing.T) {
			workers := loop.NewWorkers(loop.WorkersOptions{})
			t.Cleanup(func() { _ = workers.Close(context.Background()) })
			service := h1.NewService(h1.Options{Handler: nethttp.Handler(http.HandlerFunc(hijacker), nethttp.Options{}), Executor: workers})
			c := setup.Start(t, service.NewServer(nil))
			go io.WriteString(c, "GET /101 HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhello\n")
			r := bufio.NewReader(c)
			response, err := http.ReadResponse(r, nil)
			if err != nil || response.StatusCode != 101 {
				t.Fatalf("%v, %v", response, err)
			}
			if line, err := r.ReadString('\n'); line != "echo hello\n" || err != nil {
				t.Errorf("%q, %v", line, err)
			}
			_ = c.CloseWrite() // fails where the hijacker, who has read the end, has closed already
			if rest, err := io.ReadAll(r); len(rest) > 0 || err != nil {
				t.Errorf("%q, %v", rest, err)
			}
		})
	}
}

// The context of a hijacked request lives as long as the handler.
func TestContextOfHijacked(t *testing.T) {
	seen := make(chan error, 2)
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		ctx.Done()
		c, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		io.WriteString(c, "hello")
		io.Copy(io.Discard, c)
		seen <- ctx.Err()
		go func() { <-ctx.Done(); seen <- ctx.Err() }()
	}, func(s *site) {
		c := s.dial()
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
		io.ReadFull(c, make([]byte, 5))
		c.Close()
		if during, after := <-seen, <-seen; during != nil || after == nil {
			s.t.Errorf("%v, then %v", during, after)
		}
	})
}

// A tunnel is opened by Hijack: the handler answers CONNECT by itself, or has it
// answered by WriteHeader.
func TestConnect(t *testing.T) {
	tunnel := func(w http.ResponseWriter, r *http.Request) {
		c, both, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		defer c.Close()
		if r.URL.Port() == "1" {
			io.WriteString(c, "HTTP/1.1 200 Mine\r\n\r\n")
		}
		fmt.Fprintf(c, "to %s of %q: ", r.Host, r.URL)
		io.Copy(c, both)
	}
	talk := func(s *site, target, want string) {
		c := s.dial()
		io.WriteString(c, "CONNECT "+target+" HTTP/1.1\r\nHost: "+target+"\r\n\r\nthrough ")
		io.WriteString(c, "it")
		c.(*net.TCPConn).CloseWrite()
		got, err := io.ReadAll(c)
		if head, rest, _ := strings.Cut(string(got), "\r\n\r\n"); !strings.HasPrefix(head, "HTTP/1.1 200 ") || strings.Contains(head, "ransfer-") || rest != want || err != nil {
			s.t.Errorf("%q, %v", got, err)
		}
	}
	onSites(t, tunnel, func(s *site) { talk(s, "h:1", `to h:1 of "//h:1": through it`) })
	onOurs(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		tunnel(w, r)
	}, func(s *site) { talk(s, "h:2", `to h:2 of "//h:2": through it`) })
}

// What can't be hijacked goes on as it was.
func TestHijackTooLate(t *testing.T) {
	onOurs(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/written":
			io.WriteString(w, "x")
		case "/flushed":
			w.(http.Flusher).Flush()
		case "/unasked": // 101 without an offer
			set(w, "Upgrade", "echo")
			w.WriteHeader(101)
		}
		_, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			panic("hijacked")
		}
		if r.URL.Path != "/unasked" {
			fmt.Fprint(w, " went on")
		}
	}, func(s *site) {
		for path, want := range map[string]string{"/written": "x went on", "/flushed": " went on"} {
			if answer, got := s.get(path); got != want || answer.StatusCode != 200 {
				s.t.Errorf("%s: %s %q", path, answer.Status, got)
			}
		}
		if answer, _ := s.get("/unasked"); answer.StatusCode != 500 || !strings.Contains(s.log.String(), "status 101") {
			s.t.Errorf("101 that wasn't asked for: %s, logged %q", answer.Status, s.log)
		}
	})
}
