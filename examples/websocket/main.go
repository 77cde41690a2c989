// Command websocket serves an echo over WebSocket (RFC 6455), by
// github.com/coder/websocket on an engine of Specht: the connection leaves the
// engine by Hijack.
package main

import (
	"log"
	"net/http"

	"github.com/coder/websocket"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/nethttp"
)

// messageOctetsMax is how long a message may be.
const messageOctetsMax = 16 << 20

// newEngine makes the engine of a connection, for either driver.
func newEngine() loop.NewEngine {
	service := h1.NewService(h1.Options{
		Handler:  nethttp.Handler(http.HandlerFunc(echo), nethttp.Options{}),
		Executor: loop.NewWorkers(loop.WorkersOptions{}),
	})
	return func(f any) engine.Engine { return service.NewServer(loop.PeerOf(f).String()) }
}

// echo sends every message back, until the client closes.
func echo(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"echo"}})
	if err != nil {
		return // Accept has answered
	}
	defer c.CloseNow()
	c.SetReadLimit(messageOctetsMax)
	for {
		kind, message, err := c.Read(r.Context())
		if err != nil {
			return
		}
		if err := c.Write(r.Context(), kind, message); err != nil {
			return
		}
	}
}

func main() {
	listener, err := tcp.Listen("127.0.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("echoing on ws://%s", listener.Addr())
	log.Fatal(loop.NewGroup(loop.Options{}).Serve(listener, newEngine()))
}
