// Command proxy is a reverse proxy: what comes to it goes on to one server, and
// what that answers comes back.
//
//	go run ./examples/proxy -listen 127.0.0.1:8081 -to 127.0.0.1:8080
package main

import (
	"context"
	"flag"
	"log"

	specht "github.com/specht-http/specht"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "where to listen")
	to := flag.String("to", "127.0.0.1:8080", "the server that answers")
	flag.Parse()
	p := &proxy{server: "http://" + *to}
	defer p.client.Close()
	server, err := specht.NewServer(specht.ServerOptions{Handler: p})
	if err != nil {
		log.Fatal(err)
	}
	endpoint, err := server.Start(specht.Service{Address: *listen})
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("%s goes on to %s", endpoint.URL(), p.server)
	log.Fatal(server.Serve(context.Background()))
}
