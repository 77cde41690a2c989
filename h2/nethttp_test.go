package h2_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// TestNetHTTPClient has net/http's client ask, in clear text by prior knowledge.
func TestNetHTTPClient(t *testing.T) {
	svc := h2.NewService(h2.Options{Handler: message.HandlerFunc(func(x message.Exchange) {
		switch string(x.Target()) {
		case "/echo":
			x.Start(200, nil, -1)
			b := make([]byte, 32<<10)
			for {
				n, err := x.Read(b)
				if n > 0 {
					if _, err := x.Write(b[:n]); err != nil {
						t.Error(err)
						return
					}
				}
				if err != nil {
					break
				}
			}
			x.End(message.Field{Name: "X-Trailer", Value: "yes"})
		default:
			x.Respond(200, []message.Field{{Name: "Content-Type", Value: "text/plain"}}, []byte("hello "+string(x.Target())))
		}
	}), Executor: loop.NewWorkers(loop.WorkersOptions{}), OnPanic: func(v any) { panic(v) }, OnError: func(_ any, e *h2.Error) { t.Log(e) }})
	l, err := tcp.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := loop.NewGroup(loop.Options{})
	go g.Serve(l, func(f any) engine.Engine { return svc.NewServer(nil) })
	defer g.Close()
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	tr := &http.Transport{Protocols: &protocols, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		return net.Dial("tcp", l.Addr())
	}}
	c := &http.Client{Transport: tr}
	for i := range 3 {
		r, err := c.Get(fmt.Sprintf("http://a.example/x%d", i))
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r.Body)
		if err != nil || r.StatusCode != 200 || r.ProtoMajor != 2 || string(b) != fmt.Sprintf("hello /x%d", i) || r.Header.Get("Content-Type") != "text/plain" || r.Header.Get("Date") == "" {
			t.Errorf("%v %v %q %v", r.Status, r.Header, b, err)
		}
	}
	want := strings.Repeat("hello", 1<<20)
	r, err := c.Post("http://a.example/echo", "text/plain", strings.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r.Body)
	if err != nil || string(b) != want || r.Trailer.Get("X-Trailer") != "yes" {
		t.Errorf("%v, %d octets, trailers %v: %v", r.Status, len(b), r.Trailer, err)
	}
}
