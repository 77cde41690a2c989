package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// chain is a server behind a proxy: both are driven in the same way.
func chain(t *testing.T, s looptest.Setup, serve func(message.Exchange)) *looptest.Server {
	t.Helper()
	workers := loop.NewWorkers(loop.WorkersOptions{})
	t.Cleanup(func() { _ = workers.Close(context.Background()) })
	service := h1.NewService(h1.Options{Handler: message.HandlerFunc(serve), Executor: workers})
	server := s.Serve(t, func(any) engine.Engine { return service.NewServer(nil) }, loop.Options{})
	return serveProxy(t, s, func() (flow.Flow, error) { return server.TryDial() })
}

// serveProxy drives a proxy.
func serveProxy(t *testing.T, s looptest.Setup, dial func() (flow.Flow, error)) *looptest.Server {
	p := newProxy(dial)
	t.Cleanup(p.close)
	return s.Serve(t, p.newEngine, loop.Options{})
}

// setups are the drivers over TCP: what is tried here is the proxy.
func setups() (some []looptest.Setup) {
	for _, s := range looptest.Setups() {
		if strings.HasSuffix(s.Name, "/tcp") || s.Name == "goroutine/mem small buffer" {
			some = append(some, s)
		}
	}
	return some
}

// server is what stands behind the proxy.
func server(t *testing.T) func(message.Exchange) {
	return func(x message.Exchange) {
		switch target := string(x.Target()); target {
		case "/echo":
			if _, isExpecting := x.Fields().Get("Expect"); isExpecting {
				_ = x.Interim(message.StatusContinue, nil) // or the response would come instead
			}
			_ = x.Start(message.StatusOK, nil, x.ContentLength())
			err := pump(x.Read, x.WriteLent)
			if err != message.ErrEnd {
				x.Reset()
				return
			}
			_ = x.End(trailers(x.Fields(), x.Trailers(), x.ContentLength())...)
		case "/hints":
			_ = x.Interim(message.StatusEarlyHints, []message.Field{{Name: "Link", Value: "</a>"}})
			_ = x.Respond(message.StatusOK, []message.Field{{Name: "Keep-Alive", Value: "no"}}, []byte("done"))
		case "/fields":
			var b bytes.Buffer
			for name, value := range x.Fields().All() {
				fmt.Fprintf(&b, "%s: %s\n", name, value)
			}
			_ = x.Respond(message.StatusOK, nil, b.Bytes())
		case "/cut":
			_ = x.Start(message.StatusOK, nil, -1)
			_, _ = x.Write([]byte("half"))
			_ = x.Flush()
			x.Reset()
		case "/refuse":
			_ = x.Respond(message.StatusContentTooLarge, nil, nil)
		case "/upgrade":
			if err := x.Upgrade(message.StatusSwitchingProtocols, []message.Field{{Name: "Upgrade", Value: "echo"}}, func(s message.Stream, rest []byte) {
				splice(s, s, rest)
			}); err != nil {
				t.Error(err)
			}
		default:
			_ = x.Respond(message.StatusNotFound, nil, []byte("there is no "+target))
		}
	}
}

// ask sends octets, and reads a response of net/http's making.
func ask(t *testing.T, c looptest.Client, method, octets string) (*http.Response, string, error) {
	t.Helper()
	go func() { _, _ = io.WriteString(c, octets) }() // what fails is seen in the response
	r := bufio.NewReader(c)
	for {
		response, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			t.Fatalf("%.60q: %v", octets, err)
		}
		if response.StatusCode/100 == 1 && response.StatusCode != 101 {
			t.Logf("interim %d", response.StatusCode)
			continue
		}
		content, err := io.ReadAll(response.Body)
		return response, string(content), err
	}
}

// Requests and responses of every framing go through, both ways at once.
func TestExchanges(t *testing.T) {
	large := strings.Repeat("all work and no play ", 200_000)
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			p := chain(t, s, server(t))
			large := large
			if s.IsMem {
				large = large[:20_000]
			}
			for _, test := range []struct{ method, request, want string }{
				{"GET", "GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "404 there is no /nowhere"},
				{"GET", "GET http://a/nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "404 there is no /nowhere"},
				{"OPTIONS", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n", "404 there is no *"},
				{"GET", "GET http://a?b HTTP/1.1\r\nHost: a\r\n\r\n", "404 there is no /?b"},
				{"GET", "GET /hints HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", "200 done"},
				{"GET", "GET /hints HTTP/1.0\r\n\r\n", "200 done"},
				{"HEAD", "HEAD /hints HTTP/1.1\r\nHost: a\r\n\r\n", "200 "},
				{"POST", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "200 hello"},
				{"POST", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nSum: 12\r\n\r\n", "200 hello, 12"},
				{"POST", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nSum: 12\r\nHost: b\r\nKeep-Alive: 5\r\n\r\n", "200 hello, 12"},
				{"POST", "POST /echo HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello", "200 hello"},
				{"POST", fmt.Sprintf("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(large), large), "200 " + large},
				{"POST", "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello", "200 hello"},
				{"POST", "POST /refuse HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5000000\r\n\r\n", "413 "},
			} {
				response, content, err := ask(t, p.Dial(), test.method, test.request)
				got := fmt.Sprintf("%d %s", response.StatusCode, content)
				if sum := response.Trailer.Get("Sum"); sum != "" {
					got += ", " + sum
				}
				if got != test.want || err != nil {
					t.Errorf("%.60q: got %.60q, %v, want %.60q", test.request, got, err, test.want)
				}
			}
		})
	}
}

// What concerns one connection stays on it, and interim responses go through.
func TestFields(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			p := chain(t, s, server(t))
			_, content, _ := ask(t, p.Dial(), "GET", "GET /fields HTTP/1.1\r\nHost: a\r\nConnection: Mine, keep-alive\r\nMine: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nX: y\r\nUpgrade: h2c\r\n\r\n")
			if want := "Host: a\nX: y\nVia: 1.1 specht\n"; content != want {
				t.Errorf("the server got %q, want %q", content, want)
			}
			response, _, err := ask(t, p.Dial(), "POST", "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: Mine\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nMine: 1\r\nSum: 12\r\n\r\n")
			if len(response.Trailer) != 1 || response.Trailer.Get("Sum") != "12" || err != nil {
				t.Errorf("trailers are %v, %v", response.Trailer, err)
			}
			c := p.Dial()
			_, _ = io.WriteString(c, "GET /hints HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
			all, err := io.ReadAll(c)
			if !strings.HasPrefix(string(all), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nVia: 1.1 specht\r\n\r\nHTTP/1.1 200 OK\r\n") || strings.Contains(string(all), "Keep-Alive") || err != nil {
				t.Errorf("got %q, %v", all, err)
			}
		})
	}
}

// Two connections become one tunnel, with what was sent ahead.
func TestUpgrade(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			c := chain(t, s, server(t)).Dial()
			r := bufio.NewReader(c)
			_, _ = io.WriteString(c, "GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nahead ")
			response, err := http.ReadResponse(r, nil)
			if err != nil || response.StatusCode != 101 || response.Header.Get("Upgrade") != "echo" {
				t.Fatalf("%v, %v", response, err)
			}
			_, _ = io.WriteString(c, "and behind")
			got := make([]byte, len("ahead and behind"))
			if _, err := io.ReadFull(r, got); string(got) != "ahead and behind" || err != nil {
				t.Errorf("got %q, %v", got, err)
			}
			c.Close()
		})
	}
}

// A request that can't be sent is refused, and takes no connection away.
func TestUnsendable(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			dials := 0
			service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(server(t)))})
			server := s.Serve(t, func(any) engine.Engine { return service.NewServer(nil) }, loop.Options{})
			p := serveProxy(t, s, func() (flow.Flow, error) { dials++; return server.TryDial() })
			for range 3 {
				response, _, err := ask(t, p.Dial(), "TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na")
				if response.StatusCode != 502 || err != nil {
					t.Errorf("%d, %v", response.StatusCode, err)
				}
			}
			if dials != 1 {
				t.Errorf("%d connections for three requests that can't be sent", dials)
			}
		})
	}
}

// A response that is cut short arrives as one.
func TestServerCuts(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			_, content, err := ask(t, chain(t, s, server(t)).Dial(), "GET", "GET /cut HTTP/1.1\r\nHost: a\r\n\r\n")
			if err == nil || !strings.HasPrefix("half", content) {
				t.Errorf("%q, %v", content, err)
			}
		})
	}
}

// A client that goes in the midst of its request, or of its response, ends what
// is done for it behind the proxy.
func TestClientGoes(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			begun, told := make(chan struct{}, 2), make(chan error, 1)
			p := chain(t, s, func(x message.Exchange) {
				begun <- struct{}{}
				if string(x.Target()) == "/upload" {
					var p [100]byte
					err := error(nil)
					for err == nil {
						_, err = x.Read(p[:])
					}
					told <- err
					return
				}
				_ = x.Start(message.StatusOK, nil, -1)
				err := error(nil)
				for err == nil {
					_, err = x.Write(make([]byte, 10_000))
				}
				told <- err
			})
			c := p.Dial()
			_, _ = io.WriteString(c, "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nhalf")
			<-begun
			c.Close()
			if err := <-told; errors.Is(err, message.ErrEnd) {
				t.Errorf("the server was told that all had come: %v", err)
			}
			c = p.Dial()
			_, _ = io.WriteString(c, "GET /download HTTP/1.1\r\nHost: a\r\n\r\n")
			_, _ = io.ReadFull(c, make([]byte, 1000))
			c.Close()
			if err := <-told; err == nil {
				t.Error("the server wasn't told")
			}
		})
	}
}

// A client that closes its side behind its request gets its response.
func TestHalfClose(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			asked, closed := make(chan struct{}), make(chan struct{})
			c := chain(t, s, func(x message.Exchange) {
				close(asked)
				<-closed
				_ = x.Respond(message.StatusOK, nil, []byte("late"))
			}).Dial()
			_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			<-asked
			_ = c.CloseWrite()
			close(closed)
			if all, err := io.ReadAll(c); !strings.HasSuffix(string(all), "\r\n\r\nlate") || err != nil {
				t.Errorf("got %q, %v", all, err)
			}
		})
	}
}

// Whoever doesn't read stops the server, for the proxy collects nothing.
func TestBackpressure(t *testing.T) {
	for _, s := range looptest.Mem() {
		if strings.Contains(s.Name, "octet") || strings.Contains(s.Name, "block") {
			continue // it takes too long until all is full
		}
		t.Run(s.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				c := chain(t, s, func(x message.Exchange) {
					_ = x.Start(message.StatusOK, nil, -1)
					for err := error(nil); err == nil && sent < 64<<20; sent += 1000 {
						_, err = x.Write(make([]byte, 1000))
					}
				}).Dial()
				_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
				synctest.Wait() // until everybody waits for somebody
				if sent == 0 || sent > 1<<20 {
					t.Errorf("%d octets are sent that nobody reads", sent)
				}
				c.Close()
			})
		})
	}
}

// No server is 502, and a connection that was used is used again.
func TestConnections(t *testing.T) {
	for _, s := range setups() {
		t.Run(s.Name, func(t *testing.T) {
			p := serveProxy(t, s, func() (flow.Flow, error) { return nil, errors.New("nobody is there") })
			if response, content, _ := ask(t, p.Dial(), "GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); response.StatusCode != 502 || content != "nobody is there\n" {
				t.Errorf("%d %q", response.StatusCode, content)
			}
			dials := 0
			var server *looptest.Server
			service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) { _ = x.Respond(message.StatusOK, nil, nil) }))})
			server = s.Serve(t, func(any) engine.Engine { return service.NewServer(nil) }, loop.Options{})
			p = serveProxy(t, s, func() (flow.Flow, error) { dials++; return server.TryDial() })
			c := p.Dial()
			for range 5 {
				if response, _, err := ask(t, c, "GET", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); response.StatusCode != 200 || err != nil {
					t.Errorf("%d, %v", response.StatusCode, err)
				}
			}
			if dials != 1 {
				t.Errorf("%d connections for five requests", dials)
			}
		})
	}
}
