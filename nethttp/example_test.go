package nethttp_test

import (
	"fmt"
	"io"
	"net/http"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/nethttp"
)

// A mux of net/http is served, and asked by net/http's client.
func ExampleHandler() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "Hello, %s!", r.PathValue("name"))
	})
	service := h1.NewService(h1.Options{
		Handler:  nethttp.Handler(mux, nethttp.Options{}),
		Executor: loop.NewWorkers(loop.WorkersOptions{}),
	})
	listener, err := tcp.Listen("127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	group := loop.NewGroup(loop.Options{})
	defer group.Close()
	go group.Serve(listener, func(f any) engine.Engine { return service.NewServer(loop.PeerOf(f).String()) })

	response, err := http.Get("http://" + listener.Addr() + "/hello/you")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	fmt.Println(response.Status, string(content), err)
	// Output: 200 OK Hello, you! <nil>
}
