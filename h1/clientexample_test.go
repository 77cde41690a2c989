package h1_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// A client's engine is driven over any connection; here over one to an engine of
// a server. Requests are begun from any goroutine once it is ready.
func ExampleClient() {
	near, far := net.Pipe()
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, fmt.Appendf(nil, "You asked for %s.\n", x.Target()))
	}))})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go loop.Run(ctx, far, service.NewServer(nil), loop.Options{})

	ready := make(chan struct{})
	client := h1.NewClient(h1.ClientOptions{OnReady: func(*h1.Client) { close(ready) }})
	go loop.Run(ctx, near, client, loop.Options{})
	<-ready

	for _, target := range []string{"/a", "/b"} {
		x, err := client.Begin(&message.RequestHead{Target: target, Authority: "example.org"})
		if err != nil {
			fmt.Println(err)
			return
		}
		if err := x.Await(); err != nil {
			fmt.Println(err)
			return
		}
		var content strings.Builder
		p := make([]byte, 1000)
		for err == nil {
			var n int
			n, err = x.Read(p)
			content.Write(p[:n])
		}
		fmt.Println(x.Status(), errors.Is(err, message.ErrEnd))
		fmt.Print(content.String())
		x.Close()
	}
	// Output:
	// 200 OK true
	// You asked for /a.
	// 200 OK true
	// You asked for /b.
}
