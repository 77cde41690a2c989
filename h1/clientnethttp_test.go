package h1_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// dialNetHTTP is a client of ours on a connection to a server of net/http.
func dialNetHTTP(t *testing.T, url string, o h1.ClientOptions) *h1.Client {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	o.OnReady = func(*h1.Client) { close(ready) }
	c := h1.NewClient(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = loop.Run(ctx, conn, c, loop.Options{}) }()
	t.Cleanup(func() { cancel(); <-done })
	<-ready
	return c
}

// What we send net/http's server understands, and what it answers we do.
func TestNetHTTPServer(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		all, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("reading %s: %v", r.URL, err)
		}
		if r.ContentLength < 0 {
			_ = http.NewResponseController(w).Flush() // of unknown length
		}
		_, _ = w.Write(all)
	})
	mux.HandleFunc("/trailers", func(w http.ResponseWriter, r *http.Request) {
		all, _ := io.ReadAll(r.Body)
		w.Header().Set("Trailer", "Sum")
		_, _ = w.Write(all)
		w.Header().Set("Sum", r.Trailer.Get("Sum"))
	})
	mux.HandleFunc("/hints", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(http.StatusEarlyHints)
		w.WriteHeader(http.StatusProcessing)
		_, _ = io.WriteString(w, "done")
	})
	mux.HandleFunc("/304", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNotModified) })
	mux.HandleFunc("/refuse", func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write(make([]byte, 5000))
		panic(http.ErrAbortHandler)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	head := func(method, target string, length int64) message.RequestHead {
		return message.RequestHead{Method: method, Target: target, Authority: strings.TrimPrefix(server.URL, "http://"), ContentLength: length}
	}

	c := dialNetHTTP(t, server.URL, h1.ClientOptions{WaitingMax: 100, PipelinedMax: 4})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range 20 {
				content := bytes.Repeat([]byte("octets "), (i*20+k)*100)
				h := head("PUT", "/echo", int64(len(content)))
				if k%2 == 0 {
					h.ContentLength = -1
				}
				if k%3 == 0 {
					h.Fields = []message.Field{{Name: "Expect", Value: "100-continue"}}
				}
				status, got, err := fetch(c, h, content)
				if err != nil || status != 200 || !bytes.Equal(got, content) {
					t.Errorf("%d octets: got %d, %d, %v", len(content), status, len(got), err)
					return
				}
			}
		}()
	}
	wg.Wait()

	for _, test := range []struct {
		method, target string
		status         message.Status
		want           string
	}{{"GET", "/hints", 200, "done"}, {"GET", "/304", 304, ""}, {"HEAD", "/hints", 200, ""}, {"DELETE", "/none", 404, "404 page not found\n"}, {"OPTIONS", "*", 200, ""}} {
		status, got, err := fetch(c, head(test.method, test.target, 0), nil)
		if status != test.status || string(got) != test.want || err != nil {
			t.Errorf("%s %s: %d %q %v", test.method, test.target, status, got, err)
		}
	}

	h := head("POST", "/trailers", -1)
	h.Fields = []message.Field{{Name: "Trailer", Value: "Sum"}, {Name: "TE", Value: "trailers"}}
	x, err := c.Begin(&h)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = x.Write([]byte("content"))
	_ = x.End(message.Field{Name: "Sum", Value: "12"})
	if err := x.Await(); err != nil {
		t.Fatal(err)
	}
	got, err := readAll(x)
	if sum, _ := x.Trailers().Get("sum"); string(got) != "content" || string(sum) != "12" || err != nil {
		t.Errorf("trailers: %q, %q, %v", got, sum, err)
	}
	x.Close()

	interims := make(chan string, 9)
	h = head("GET", "/hints", 0)
	c.Turn(func() { // they come behind this turn
		begun, err := c.BeginInTurn(&h)
		if err != nil {
			t.Fatal(err)
		}
		begun.OnInterim(func(_ message.ClientExchange, s message.Status, f message.Fields) {
			link, _ := f.Get("link")
			interims <- fmt.Sprintf("%d %s", s, link)
		})
		x = begun.Detach()
	})
	_ = x.Await()
	x.Close()
	if len(interims) != 2 || <-interims != "103 </a>" {
		t.Errorf("%d interim responses", len(interims))
	}

	if status, _, err := fetch(c, head("PUT", "/cut", 0), nil); status != 200 || err == nil {
		t.Errorf("a cut response: %d, %v", status, err)
	}
	if err := c.Err(); err == nil {
		t.Error("the connection goes on after a cut")
	}

	c = dialNetHTTP(t, server.URL, h1.ClientOptions{})
	h = head("PUT", "/refuse", 1<<30)
	x, _ = c.Begin(&h)
	defer x.Close()
	p := make([]byte, 50_000)
	for err = nil; err == nil; {
		_, err = x.Write(p)
	}
	if err := x.Await(); err != nil || x.Status() != 413 {
		t.Errorf("refused: %d, %v; Write: %v", x.Status(), err, err)
	}
}
