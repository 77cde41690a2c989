//go:build openssl && cgo

// Command openssl serves HTTPS with OpenSSL 3, by cgo. It needs a C compiler,
// pkg-config and the headers of OpenSSL (Debian: libssl-dev), and a build tag:
//
//	go run -tags openssl . cert.pem key.pem
//
// session.go, endpoint.go and glue.c are all that is between: a secure.Session.
package main

import (
	"log"
	"os"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: openssl CERTIFICATE KEY (files in PEM; `openssl req -x509 -newkey rsa -nodes -subj /CN=localhost -keyout key.pem -out cert.pem` makes some)")
	}
	certificate, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	key, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	endpoint, err := newServer(certificate, key, "http/1.1")
	if err != nil {
		log.Fatal(err)
	}
	listener, err := tcp.ListenPoll("127.0.0.1:8443")
	if err != nil {
		log.Fatal(err)
	}
	l, err := loop.New(loop.Options{OnOpenError: func(f any, err error) { log.Printf("%s: %v", loop.PeerOf(f), err) }})
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("try curl -k https://%s/", listener.Addr())
	log.Fatal(serve(l, endpoint, listener))
}

// serve serves until the listener or the loop is closed.
func serve(l *loop.Loop, endpoint *secure.Endpoint, listener flow.PollListener) error {
	service := h1.NewService(h1.Options{Scheme: "https", Handler: message.Inline(message.HandlerFunc(hello))})
	engines := alpn.Server{HTTP1: func(f any) engine.Engine { return service.NewServer(f) }}
	return l.Serve(endpoint.ListenPoll(listener), engines.NewEngine)
}

// hello says what the ends have agreed on. What an exchange is About is here its
// flow: what NewServer was given.
func hello(x message.Exchange) {
	s := x.About().(flow.Secured).Security()
	text := []message.Field{{Name: "Content-Type", Value: "text/plain"}}
	_ = x.Respond(message.StatusOK, text, []byte("Hello over "+s.Version+"!\n")) // the client may have gone
}
