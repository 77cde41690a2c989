package nethttp_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/nethttp"
)

// TestHTTP2 has net/http's client ask handlers of net/http over HTTP/2.
func TestHTTP2(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("/facts", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "keep-alive")
		w.Header().Set("Keep-Alive", "timeout=5")
		fmt.Fprintf(w, "%s %d %s %v %v %q", r.Proto, r.ContentLength, r.Host, r.TransferEncoding, r.Close, r.Header["Accept"])
	})
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Trailer", "X-Sum")
		n, err := io.Copy(w, r.Body)
		if err != nil {
			t.Error(err)
		}
		w.Header().Set("X-Sum", fmt.Sprint(n))
	})
	for _, driver := range []specht.Driver{specht.DriverAuto, specht.DriverGoroutine} {
		s, err := specht.NewServer(specht.ServerOptions{Driver: driver, Handler: nethttp.Handler(mux, nethttp.Options{})})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		e, err := s.Start(specht.Service{Address: "127.0.0.1:0"})
		if err != nil {
			t.Fatal(err)
		}
		var protocols http.Protocols
		protocols.SetUnencryptedHTTP2(true)
		c := &http.Client{Transport: &http.Transport{Protocols: &protocols, DialContext: func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("tcp", e.Addr())
		}}}
		r, err := c.Get("http://a.example/facts")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		if want := `HTTP/2.0 0 a.example [] false []`; err != nil || string(b) != want || r.Header.Get("Connection") != "" || r.Header.Get("Keep-Alive") != "" {
			t.Errorf("%v %v %q: %v, want %s", r.Status, r.Header, b, err, want)
		}
		content := strings.Repeat("content ", 50_000)
		if r, err = c.Post("http://a.example/echo", "text/plain", strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if b, err = io.ReadAll(r.Body); err != nil || string(b) != content || r.Trailer.Get("X-Sum") != fmt.Sprint(len(content)) {
			t.Errorf("%v, %d octets, trailers %v: %v", r.Status, len(b), r.Trailer, err)
		}
	}
}
