// Command anyflow answers HTTP/1.1 over its standard input and output: a
// handler runs over any io.ReadWriteCloser.
//
//	printf 'GET /you HTTP/1.1\r\nHost: a\r\n\r\n' | go run ./examples/anyflow
package main

import (
	"context"
	"io"
	"log"
	"os"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// serve answers the requests that come over a flow, until it ends.
func serve(flow io.ReadWriteCloser) error {
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(hello))})
	return loop.Run(context.Background(), flow, service.NewServer(nil), loop.Options{})
}

func hello(x message.Exchange) {
	text := []message.Field{{Name: "Content-Type", Value: "text/plain"}}
	_ = x.Respond(message.StatusOK, text, []byte("Hello, "+string(x.Target()[1:])+"!\n")) // the client may have gone
}

// standard is the standard input and output as one flow.
type standard struct {
	io.Reader
	io.WriteCloser
}

func main() {
	if err := serve(standard{os.Stdin, os.Stdout}); err != nil {
		log.Fatal(err)
	}
}
