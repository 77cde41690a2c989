package specht_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
	"github.com/specht-http/specht/nethttp"
)

// A server on a free port, until its context is done.
func ExampleServer() {
	hello := message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, []byte("Hello, World!")) // the peer may have gone
	})
	server, err := specht.NewServer(specht.ServerOptions{Handler: hello})
	if err != nil {
		log.Fatal(err)
	}
	endpoint, err := server.Start(specht.Service{Address: "127.0.0.1:0"})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background()) // or signal.NotifyContext
	ended := make(chan error)
	go func() { ended <- server.Serve(ctx) }()

	fmt.Println(fetch(endpoint.URL()))
	stop()
	fmt.Println("ended with", <-ended)
	// Output:
	// Hello, World!
	// ended with <nil>
}

// Several services of one server: here one for handlers of net/http, and one
// that answers inside the loop.
func ExampleServer_Start() {
	server, err := specht.NewServer(specht.ServerOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, "%s %s", r.Method, r.URL) })
	app, err := server.Start(specht.Service{Address: "127.0.0.1:0", Handler: nethttp.Handler(mux, nethttp.Options{})})
	if err != nil {
		log.Fatal(err)
	}
	alive := message.HandlerFunc(func(x message.Exchange) { _ = x.Respond(message.StatusNoContent, nil, nil) })
	health, err := server.Start(specht.Service{Address: "127.0.0.1:0", Handler: message.Inline(alive)})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(fetch(app.URL() + "/a"))
	fmt.Println(fetch(health.URL()) == "")
	// Output:
	// GET /a
	// true
}

// A service over TLS, whose handler says what was agreed on, and whose
// certificate can be replaced at any time.
func ExampleConnOf() {
	handler := message.HandlerFunc(func(x message.Exchange) {
		security, _ := specht.ConnOf(x).Security()
		_ = x.Respond(message.StatusOK, nil, []byte(security.Version+" for "+security.ServerName))
	})
	server, err := specht.NewServer(specht.ServerOptions{Handler: handler})
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	certificate, pool := looptest.Certificate("a.example") // or specht.LoadCertificates
	var certificates specht.Certificates
	certificates.Set(&certificate)
	endpoint, err := server.Start(specht.Service{
		Address: "127.0.0.1:0",
		TLS:     &tls.Config{GetCertificate: certificates.Get},
	})
	if err != nil {
		log.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "a.example"}}
	defer transport.CloseIdleConnections()
	response, err := (&http.Client{Transport: transport}).Get(endpoint.URL())
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	fmt.Println(string(content))
	// Output:
	// TLS 1.3 for a.example
}

// fetch is the content of a response.
func fetch(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	b, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
