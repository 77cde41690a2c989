package specht_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// answer reads a request without content, or with three octets of it, and
// answers.
func answer(f *mem.Flow) {
	if strings.Contains(readHead(f), "Content-Length: 3") {
		_, _ = io.ReadFull(f, make([]byte, 3))
	}
	_, _ = io.WriteString(f, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
}

// What fails on a connection that had been kept is sent again where it may be,
// and what fails on a new one isn't.
func TestClientRetries(t *testing.T) {
	closes := func(f *mem.Flow) { readHead(f) }
	confused := func(f *mem.Flow) { readHead(f); _, _ = io.WriteString(f, "what?\r\n\r\n") }
	again := func() (io.Reader, error) { return strings.NewReader("abc"), nil }
	stream := func() io.Reader { return io.MultiReader(strings.NewReader("abc")) }
	for _, test := range []struct {
		name    string
		dies    func(f *mem.Flow) // how the connection ends at the second request
		request specht.Request
		isNew   bool // it is the first request
		isAgain bool // whether it is sent again
	}{
		{"GET", closes, specht.Request{}, false, true},
		{"GET on a new connection", closes, specht.Request{}, true, false},
		{"GET that is answered wrongly", confused, specht.Request{}, false, false},
		{"DELETE", closes, specht.Request{Method: "DELETE"}, false, true},
		{"POST", closes, specht.Request{Method: "POST"}, false, false},
		{"POST with content", closes, specht.Request{Method: "POST", GetContent: again, ContentLength: 3}, false, false},
		{"a method that isn't known", closes, specht.Request{Method: "FETCH"}, false, false},
		{"PUT with content in memory", closes, specht.Request{Method: "PUT", Content: strings.NewReader("abc")}, false, true},
		{"PUT with content in a buffer", closes, specht.Request{Method: "PUT", Content: bytes.NewBufferString("abc")}, false, true},
		{"PUT with octets", closes, specht.Request{Method: "PUT", Content: bytes.NewReader([]byte("abc"))}, false, true},
		{"PUT with content that can be had again", closes, specht.Request{Method: "PUT", Content: stream(), ContentLength: 3, GetContent: again}, false, true},
		{"PUT with a stream", closes, specht.Request{Method: "PUT", Content: stream(), ContentLength: 3}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			var connections atomic.Int32
			first := func(f *mem.Flow) { connections.Add(1); answer(f); test.dies(f) }
			if test.isNew {
				first = func(f *mem.Flow) { connections.Add(1); test.dies(f) }
			}
			c := closed(t, &specht.Client{Dial: peers(t, first, func(f *mem.Flow) { connections.Add(1); answer(f) })})
			if !test.isNew {
				want(t, c, &specht.Request{URL: "http://a.example"}, 200, "hi")
			}
			r := test.request
			r.URL = "http://a.example"
			if test.isAgain {
				want(t, c, &r, 200, "hi")
			} else {
				var e *message.UnansweredError
				if _, err := c.Do(t.Context(), &r); !errors.As(err, &e) || !e.IsSent {
					t.Errorf("got %v", err)
				}
			}
			n := int32(1)
			if test.isAgain {
				n = 2
			}
			if got := connections.Load(); got != n {
				t.Errorf("%d connections, want %d", got, n)
			}
		})
	}
}

// When one kept connection turns out to be closed, the others aren't tried.
func TestClientRetryIsOnNewConnection(t *testing.T) {
	const count = 5
	var all sync.WaitGroup
	all.Add(count)
	kept := func(f *mem.Flow) {
		all.Done()
		all.Wait() // so that there are as many
		answer(f)
		readHead(f)
	}
	c := closed(t, &specht.Client{Dial: peers(t, kept, kept, kept, kept, kept, answer)})
	var wg sync.WaitGroup
	for range count {
		wg.Go(func() { want(t, c, &specht.Request{URL: "http://a.example"}, 200, "hi") })
	}
	wg.Wait()
	looptest.Eventually(t, "all are idle", func() bool { return c.Stats().Idle == count })
	want(t, c, &specht.Request{URL: "http://a.example"}, 200, "hi")
}

// A request that gets a connection which closes, in its turn, is the next one
// still.
func TestClientKeepsTurn(t *testing.T) {
	var order []string
	release := make(chan struct{})
	serve := func(f *mem.Flow) {
		target := strings.Fields(readHead(f))[1]
		order = append(order, target)
		if target == "/0" {
			<-release
		}
		_, _ = io.WriteString(f, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi")
	}
	c := closed(t, &specht.Client{ConnectionsPerHostMax: 1, Dial: peers(t, serve, serve, serve, serve)})
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			want(t, c, &specht.Request{Method: "POST", URL: "http://a.example/" + string(rune('0'+i))}, 200, "hi")
		})
		looptest.Eventually(t, "it has come", func() bool { s := c.Stats(); return s.Connections+s.Waiting == i+1 })
	}
	close(release)
	wg.Wait()
	c.Close() // the peers have ended
	if got := strings.Join(order, " "); got != "/0 /1 /2 /3" {
		t.Errorf("served in the order %s", got)
	}
}

// A connection that says that it closes gets no further request, also if one
// waits for it: whatever its method, it goes out once.
func TestClientLeavesClosingConnections(t *testing.T) {
	var requests atomic.Int32
	serve := func(f *mem.Flow) {
		defer f.Close()
		readHead(f)
		requests.Add(1)
		_, _ = io.WriteString(f, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi")
	}
	var running sync.WaitGroup
	defer running.Wait()
	c := closed(t, &specht.Client{ConnectionsPerHostMax: 2, Dial: func(context.Context, specht.Address) (flow.Flow, error) {
		near, far := mem.Pipe(mem.Options{})
		running.Go(func() { serve(far) })
		return near, nil
	}})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 20 {
				want(t, c, &specht.Request{Method: "POST", URL: "http://a.example"}, 200, "hi")
			}
		})
	}
	wg.Wait()
	if n := requests.Load(); n != 320 {
		t.Errorf("%d requests", n)
	}
}

// Content that can't be read isn't a connection that was closed, whatever its
// error is, and isn't asked for again.
func TestClientContentFailsOnKeptConnection(t *testing.T) {
	for _, cause := range []error{message.ErrOver, message.ErrClosing, &message.UnansweredError{Cause: message.ErrOver}} {
		c := closed(t, &specht.Client{Dial: peers(t, func(f *mem.Flow) { answer(f); _, _ = io.Copy(io.Discard, f) })})
		want(t, c, &specht.Request{URL: "http://a.example"}, 200, "hi")
		for _, get := range []func() (io.Reader, error){
			func() (io.Reader, error) { return nil, cause }, // which costs no connection
			func() (io.Reader, error) { return errorReader{cause}, nil },
		} {
			_, err := c.Do(t.Context(), &specht.Request{Method: "PUT", URL: "http://a.example", GetContent: get})
			var e *specht.ClientError
			if !errors.As(err, &e) || !errors.Is(err, cause) || e.Stage != specht.StageSending {
				t.Errorf("got %v", err)
			}
		}
	}
}
