package h2_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// anyExecutor runs each task on a goroutine of its own.
type anyExecutor struct{}

func (anyExecutor) Execute(t engine.Task) bool { go t.Run(); return true }

// readAllOf reads the content of a response.
func readAllOf(x message.ClientExchange) ([]byte, error) {
	var all []byte
	p := make([]byte, 5000)
	for {
		n, err := x.Read(p)
		all = append(all, p[:n]...)
		if errors.Is(err, message.ErrEnd) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
	}
}

// fetchOver sends a request with its content, and is the response's.
func fetchOver(c *h2.Client, h message.RequestHead, content []byte, trailers ...message.Field) (message.Status, []byte, error) {
	x, err := c.Begin(&h)
	if err != nil {
		return 0, nil, err
	}
	defer x.Close()
	var wg sync.WaitGroup
	defer wg.Wait()
	if h.ContentLength != 0 {
		wg.Go(func() { // content comes back while it is sent
			if _, err := x.Write(content); err == nil {
				_ = x.End(trailers...)
			}
		})
	}
	if err := x.Await(); err != nil {
		return 0, nil, err
	}
	b, err := readAllOf(x)
	return x.Status(), b, err
}

// echoHandler sends content back as it comes.
func echoHandler(t *testing.T) message.Handler {
	return message.HandlerFunc(func(x message.Exchange) {
		if x.ContentLength() == 0 {
			_ = x.Respond(200, nil, []byte("you asked for "+string(x.Target())))
			return
		}
		if err := x.Start(200, nil, -1); err != nil {
			t.Error(err)
		}
		p := make([]byte, 8000)
		for {
			n, err := x.Read(p)
			if n > 0 {
				if _, err := x.Write(p[:n]); err != nil {
					return
				}
			}
			if err != nil {
				break
			}
		}
		_ = x.End(message.Field{Name: "Trailer-Of-Server", Value: "yes"})
	})
}

// connectOver drives a client under a setup, and one of our servers over the
// other end of its flow.
func connectOver(t *testing.T, s looptest.Setup, o h2.ClientOptions, service *h2.Service) *h2.Client {
	t.Helper()
	ready := make(chan struct{})
	o.OnSettings = func(*h2.Client) { close(ready) } // and with them, how many streams there may be
	o.OnError = func(e *h2.Error) { t.Errorf("the server is told to have done wrong: %v", e) }
	o.OnPanic = func(v any) { t.Errorf("panic: %v", v) }
	client := h2.NewClient(o)
	far := s.Start(t, client)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = loop.Run(ctx, far, service.NewServer(nil), loop.Options{})
	}()
	t.Cleanup(func() { cancel(); <-done })
	<-ready
	return client
}

// Our client and our server understand each other under every driver, over
// every kind of flow, many exchanges at once.
func TestClientUnderDrivers(t *testing.T) {
	service := h2.NewService(h2.Options{
		Handler: echoHandler(t), Executor: anyExecutor{}, StreamsMax: 4,
		OnError: func(_ any, e *h2.Error) { t.Errorf("the client is told to have done wrong: %v", e) },
	})
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			most := 100_000
			if strings.Contains(s.Name, "mem ") {
				most = 2000 // an octet at a time takes its time
			}
			c := connectOver(t, s, h2.ClientOptions{}, service)
			var wg sync.WaitGroup
			for i := range 8 {
				wg.Go(func() {
					for k := range 4 {
						content := bytes.Repeat([]byte{byte('a' + i)}, most/16*k)
						h := message.RequestHead{Method: "PUT", Target: "/echo", Authority: "x", ContentLength: -1}
						if k%2 == 0 {
							h.ContentLength = int64(len(content))
						}
						want := string(content)
						if h.ContentLength == 0 {
							want = "you asked for /echo"
						}
						status, got, err := fetchOver(c, h, content)
						if err != nil || status != 200 || string(got) != want {
							t.Errorf("%d.%d: %d, %d octets, %v", i, k, status, len(got), err)
							return
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

// dialNetHTTP is a client of ours on a connection to a server of net/http, which
// is that of golang.org/x/net.
func dialNetHTTP(t *testing.T, handler http.Handler, streamsMax int) *h2.Client {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{
		Handler: handler, Protocols: &protocols, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: streamsMax},
		ErrorLog: log.New(io.Discard, "", 0), // where a handler aborts
	}
	var wg sync.WaitGroup
	wg.Go(func() { _ = server.Serve(l) }) // until it is closed
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	c := h2.NewClient(h2.ClientOptions{
		OnSettings: func(*h2.Client) { close(ready) }, // which say how many streams there may be
		OnError:    func(e *h2.Error) { t.Errorf("the server is told to have done wrong: %v", e) },
	})
	ctx, cancel := context.WithCancel(context.Background())
	wg.Go(func() { _ = loop.Run(ctx, conn, c, loop.Options{}) })
	t.Cleanup(func() { cancel(); _ = server.Close(); wg.Wait() })
	<-ready
	return c
}

// What we send net/http's server understands, and what it answers we do.
func TestClientNetHTTPServer(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		all, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading %s: %v", r.URL, err)
		}
		w.Header().Set("Trailer", "Sum")
		_, _ = w.Write(all)
		w.Header().Set("Sum", r.Trailer.Get("Sum"))
	})
	mux.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(http.StatusEarlyHints)
		_, _ = io.WriteString(w, "done")
	})
	mux.HandleFunc("/304", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotModified) })
	mux.HandleFunc("/refuse", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) })
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 5000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	mux.HandleFunc("/large", func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(make([]byte, 3<<20)) })
	c := dialNetHTTP(t, mux, 5)
	head := func(method, target string, length int64) message.RequestHead {
		return message.RequestHead{Method: method, Target: target, Authority: "a.example", ContentLength: length}
	}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for k := range 8 {
				content := bytes.Repeat([]byte("octets "), (i*20+k)*200)
				h := head("PUT", "/echo", int64(len(content)))
				if k%2 == 0 {
					h.ContentLength = -1
				}
				if k%3 == 0 && len(content) > 0 {
					h.Fields = []message.Field{{Name: "Expect", Value: "100-continue"}}
				}
				status, got, err := fetchOver(c, h, content)
				if err != nil || status != 200 || !bytes.Equal(got, content) {
					t.Errorf("%d octets: got %d, %d, %v", len(content), status, len(got), err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, test := range []struct {
		method, target string
		status         message.Status
		want           string
	}{{"GET", "/hints", 200, "done"}, {"GET", "/304", 304, ""}, {"HEAD", "/hints", 200, ""}, {"DELETE", "/none", 404, "404 page not found\n"}} {
		status, got, err := fetchOver(c, head(test.method, test.target, 0), nil)
		if status != test.status || string(got) != test.want || err != nil {
			t.Errorf("%s %s: %d %q %v", test.method, test.target, status, got, err)
		}
	}
	if status, got, err := fetchOver(c, head("GET", "/large", 0), nil); status != 200 || len(got) != 3<<20 || err != nil {
		t.Errorf("large: %d, %d octets, %v", status, len(got), err)
	}

	h := head("POST", "/echo", -1)
	h.Fields = []message.Field{{Name: "Trailer", Value: "Sum"}}
	x, err := c.Begin(&h)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = x.Write([]byte("content"))
	_ = x.End(message.Field{Name: "Sum", Value: "12"})
	if err := x.Await(); err != nil {
		t.Fatal(err)
	}
	got, err := readAllOf(x)
	if sum, _ := x.Trailers().Get("sum"); string(got) != "content" || string(sum) != "12" || err != nil {
		t.Errorf("trailers: %q, %q, %v", got, sum, err)
	}
	x.Close()

	if status, _, err := fetchOver(c, head("PUT", "/cut", 0), nil); status != 200 || err == nil {
		t.Errorf("a cut response: %d, %v", status, err)
	}
	h = head("PUT", "/refuse", 1<<30)
	x, _ = c.Begin(&h)
	p := make([]byte, 50_000)
	for err = nil; err == nil; {
		_, err = x.Write(p)
	}
	if err := x.Await(); err != nil || x.Status() != 413 {
		t.Errorf("refused: %d, %v; Write: %v", x.Status(), err, err)
	}
	x.Close()
	answered := make(chan error)
	if err := c.Ping(func(ns int64, err error) { answered <- err }); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
	if err := c.Err(); err != nil {
		t.Errorf("the connection isn't usable: %v", err)
	}
}

// The server that goes away says so first: what it has begun is finished.
func TestClientNetHTTPGoesAway(t *testing.T) {
	begun, goOn := make(chan struct{}, 10), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		if r.URL.Path == "/last" {
			w.Header().Set("Connection", "close") // which says GOAWAY then
		}
		<-goOn
		_, _ = fmt.Fprint(w, "done")
	})
	c := dialNetHTTP(t, handler, 100)
	var wg sync.WaitGroup
	for _, target := range []string{"/a", "/last", "/b"} {
		wg.Go(func() {
			status, got, err := fetchOver(c, message.RequestHead{Target: target, Authority: "a"}, nil)
			if status != 200 || string(got) != "done" || err != nil {
				t.Errorf("%s: %d %q %v", target, status, got, err)
			}
		})
	}
	for range 3 {
		<-begun
	}
	close(goOn)
	wg.Wait()
	looptest.Eventually(t, "no request is taken", func() bool { return c.Err() != nil })
}
