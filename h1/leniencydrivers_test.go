package h1_test

import (
	"io"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// Folds are overwritten in the driver's window, which in builds tagged
// invariants is compared with what was in it: what stands behind the head there
// stays as it was, under every driver, however the head arrives.
func TestLenientClientDrivers(t *testing.T) {
	const response = "HTTP/1.1 200 OK\r\nA: b\r\n c\nContent-Length:\r\n 8\r\n\r\nD: e\r\n f"
	for _, s := range looptest.Setups() {
		t.Run(s.Name, func(t *testing.T) {
			ready := make(chan struct{})
			c := h1.NewClient(h1.ClientOptions{Lenient: true, PipelinedMax: 2, OnReady: func(*h1.Client) { close(ready) }})
			far := s.Start(t, c)
			<-ready
			var all [2]message.ClientExchange
			for i := range all {
				x, err := c.Begin(&message.RequestHead{Authority: "a"})
				if err != nil {
					t.Fatal(err)
				}
				defer x.Close()
				all[i] = x
			}
			const request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
			requests := make([]byte, 2*len(request))
			if _, err := io.ReadFull(far, requests); err != nil || string(requests) != request+request {
				t.Fatalf("%q, %v", requests, err)
			}
			if _, err := io.WriteString(far, response+response); err != nil {
				t.Fatal(err)
			}
			for i, x := range all {
				if err := x.Await(); err != nil {
					t.Fatalf("response %d: %v", i, err)
				}
				a, _ := x.Fields().Get("A")
				content, err := readAll(x)
				if string(a) != "b   c" || string(content) != "D: e\r\n f" || err != nil {
					t.Errorf("response %d: A is %q, content %q, %v", i, a, content, err)
				}
			}
		})
	}
}
