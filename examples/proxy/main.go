// Command proxy is a reverse proxy: what comes to it goes on to one server, and
// what that answers comes back.
//
//	go run ./examples/proxy -listen 127.0.0.1:8081 -to 127.0.0.1:8080
package main

import (
	"context"
	"flag"
	"log"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
)

// newProxy is a proxy to where dial connects.
func newProxy(dial func() (flow.Flow, error)) *proxy {
	p := &proxy{workers: loop.NewWorkers(loop.WorkersOptions{}), helpers: loop.NewWorkers(loop.WorkersOptions{Max: 1 << 20})}
	p.pool = pool{dial: dial, group: loop.NewGroup(loop.Options{Helpers: p.helpers})}
	p.service = h1.NewService(h1.Options{Handler: p, Executor: p.workers})
	return p
}

// newEngine makes the engine of a connection that comes.
func (p *proxy) newEngine(f any) engine.Engine { return p.service.NewServer(loop.PeerOf(f)) }

// close closes the connections to the server, and waits for the handlers: the
// connections that come have been closed before.
func (p *proxy) close() {
	_ = p.pool.group.Close()                  // which doesn't fail
	_ = p.workers.Close(context.Background()) // nor this
	_ = p.helpers.Close(context.Background())
}

func main() {
	listen := flag.String("listen", "127.0.0.1:8081", "where to listen")
	to := flag.String("to", "127.0.0.1:8080", "the server that answers")
	flag.Parse()
	listener, err := tcp.Listen(*listen)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("http://%s goes on to http://%s", listener.Addr(), *to)
	dial := func() (flow.Flow, error) { return tcp.Dial(context.Background(), *to) }
	log.Fatal(loop.NewGroup(loop.Options{}).Serve(listener, newProxy(dial).newEngine))
}
