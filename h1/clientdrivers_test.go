package h1_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// connect drives a client under a setup, and one of our servers over the other
// end of its flow. It returns when the client is ready.
func connect(t *testing.T, s looptest.Setup, o h1.ClientOptions, service *h1.Service) *h1.Client {
	t.Helper()
	ready := make(chan struct{})
	o.OnReady = func(*h1.Client) { close(ready) }
	client := h1.NewClient(o)
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

// readAll reads the content of a response.
func readAll(x message.ClientExchange) ([]byte, error) {
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

// fetch sends a request with its content, and is the response's.
func fetch(c *h1.Client, h message.RequestHead, content []byte) (message.Status, []byte, error) {
	x, err := c.Begin(&h)
	if err != nil {
		return 0, nil, err
	}
	defer x.Close()
	if h.ContentLength != 0 {
		if _, err := x.Write(content); err != nil {
			return 0, nil, err
		}
		if err := x.End(); err != nil {
			return 0, nil, err
		}
	}
	if err := x.Await(); err != nil {
		return 0, nil, err
	}
	b, err := readAll(x)
	return x.Status(), b, err
}

// Our client and our server understand each other under every driver, over
// every kind of flow.
func TestClientConversations(t *testing.T) {
	large := strings.Repeat("all work and no play ", 20_000)
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			c := connect(t, s, h1.ClientOptions{}, newService(t))
			for _, test := range []struct {
				target, content string
				length          int64
				want            string
			}{
				{"/a", "", 0, "you asked for /a"},
				{"/stream", "", 0, "line 0\nline 1\nline 2\n"},
				{"/echo", "hello", 5, "hello"},
				{"/echo", "hello", -1, "hello"},
				{"/echo", large, -1, large},
				{"/big", "", 0, strings.Repeat("0123456789abcde\n", 65536)},
				{"/b", "", 0, "you asked for /b"},
			} {
				if strings.Contains(s.Name, "mem ") && len(test.want) > 100_000 {
					continue // an octet at a time takes its time
				}
				method := "GET"
				if test.length != 0 {
					method = "POST"
				}
				h := message.RequestHead{Method: method, Target: test.target, Authority: "x", ContentLength: test.length}
				status, got, err := fetch(c, h, []byte(test.content))
				if err != nil || status != 200 || string(got) != test.want {
					t.Errorf("%s %s: %d, %d octets, %v, want %d", method, test.target, status, len(got), err, len(test.want))
				}
			}
			expect := message.RequestHead{Method: "PUT", Target: "/echo", Authority: "x", ContentLength: 5, Fields: []message.Field{{Name: "Expect", Value: "100-continue"}}}
			if status, got, err := fetch(c, expect, []byte("hello")); status != 200 || string(got) != "hello" || err != nil {
				t.Errorf("with an expectation: %d %q %v", status, got, err)
			}
		})
	}
}

// Many goroutines share a connection, pipelined and not. Each sends few
// requests: what they wait for is one another.
func TestClientGoroutines(t *testing.T) {
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		for _, pipelined := range []int{1, 8} {
			t.Run(s.Name, func(t *testing.T) {
				c := connect(t, s, h1.ClientOptions{PipelinedMax: pipelined, WaitingMax: 100}, newService(t))
				var wg sync.WaitGroup
				for i := range 8 {
					wg.Add(1)
					go func() {
						defer wg.Done()
						for k := range 4 {
							content := bytes.Repeat([]byte{byte('a' + i)}, k)
							h := message.RequestHead{Target: "/echo", Authority: "x", ContentLength: -1}
							if k%2 == 0 {
								h.ContentLength = int64(k)
							}
							status, got, err := fetch(c, h, content)
							if err != nil || status != 200 || !bytes.Equal(got, content) {
								t.Errorf("%d.%d: %d %q %v", i, k, status, got, err)
								return
							}
						}
					}()
				}
				wg.Wait()
			})
		}
	}
}

// A callback begins the next request: nothing is allocated by client, driver
// and flow together.
func TestClientKeepAliveDoesNotAllocate(t *testing.T) {
	if h1.Invariants {
		t.Skip("with the tag invariants exchanges aren't used again")
	}
	fields := []message.Field{{Name: "Content-Type", Value: "text/plain"}}
	content := []byte("Hello, World!")
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, fields, content)
	}))})
	for _, s := range looptest.Mem() {
		t.Run(s.Name, func(t *testing.T) {
			c := connect(t, s, h1.ClientOptions{}, service)
			done := make(chan struct{}, 1)
			octets := 0
			onContent := message.ResponseContentFunc(func(x message.ClientExchange, p []byte, err error) int {
				octets += len(p)
				return len(p)
			})
			onResponse := func(x message.ClientExchange, err error) {
				if err == nil {
					err = x.OnContent(onContent)
				}
				if err != nil {
					t.Error(err)
				}
			}
			onOver := func(message.ClientExchange, error) { done <- struct{}{} }
			head := message.RequestHead{Target: "/", Authority: "example.org", Fields: []message.Field{{Name: "User-Agent", Value: "test"}}}
			begin := func() {
				x, err := c.BeginInTurn(&head)
				if err != nil {
					t.Error(err)
					return
				}
				x.OnResponse(onResponse)
				x.OnOver(onOver)
			}
			get := func() { c.Turn(begin); <-done }
			get()
			octets = 0
			if n := testing.AllocsPerRun(300, get); n != 0 {
				t.Errorf("%v allocations a request", n)
			}
			if octets != 301*len(content) {
				t.Errorf("%d octets of content", octets)
			}
		})
	}
}

// A connection leaves both of its engines, under every driver, with what has
// been read already.
func TestClientUpgradeUnderDrivers(t *testing.T) {
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		t.Run(s.Name, func(t *testing.T) {
			echo := func(stream message.Stream, rest []byte) {
				defer stream.Close()
				_, _ = stream.Write(rest)
				_, _ = io.Copy(stream, stream)
			}
			service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
				if err := x.Upgrade(message.StatusSwitchingProtocols, []message.Field{{Name: "Upgrade", Value: "echo"}}, echo); err != nil {
					t.Error(err)
				}
			}))})
			c := connect(t, s, h1.ClientOptions{}, service)
			x, err := c.Begin(&message.RequestHead{Authority: "a", Fields: []message.Field{{Name: "Upgrade", Value: "echo"}}})
			if err != nil {
				t.Fatal(err)
			}
			defer x.Close()
			if err := x.Await(); err != nil || x.Status() != 101 {
				t.Fatalf("%d, %v", x.Status(), err)
			}
			got := make(chan string)
			if err := x.Upgrade(func(stream message.Stream, rest []byte) {
				defer stream.Close()
				_, _ = io.WriteString(stream, "hello")
				p := make([]byte, 5)
				n := copy(p, rest)
				_, _ = io.ReadFull(stream, p[n:])
				got <- string(p)
			}); err != nil {
				t.Fatal(err)
			}
			if s := <-got; s != "hello" {
				t.Errorf("got %q", s)
			}
			if err := x.Wait(); err != message.ErrOver {
				t.Errorf("Wait: %v", err)
			}
		})
	}
}
