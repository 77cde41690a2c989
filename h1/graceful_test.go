package h1_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// TestGracefulShutdown shuts a driver down while a request is being answered:
// in its handler, while another goroutine has it, and between two parts of its
// content. The response arrives whole and says that the connection closes, and
// the shutdown ends with it.
func TestGracefulShutdown(t *testing.T) {
	type test struct {
		name   string
		serve  func(x message.Exchange, shutDown func())
		answer string
	}
	const closing = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"
	tests := []test{
		{"in the handler", func(x message.Exchange, shutDown func()) {
			shutDown()
			_ = x.Respond(message.StatusOK, nil, []byte("hello"))
		}, closing},
		{"detached", func(x message.Exchange, shutDown func()) {
			go func(x message.Exchange) {
				shutDown()
				_ = x.Respond(message.StatusOK, nil, []byte("hello"))
			}(x.Detach())
		}, closing},
		{"behind a flush", func(x message.Exchange, shutDown func()) {
			_ = x.Start(message.StatusOK, nil, -1)
			_, _ = x.Write([]byte("hel"))
			if err := x.Flush(); err != nil {
				t.Error(err)
			}
			shutDown()
			_, _ = x.Write([]byte("lo"))
			if err := x.Flush(); err != nil {
				t.Error(err)
			}
			_ = x.End()
		}, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"},
	}
	for _, s := range append(looptest.Setups(), looptest.TLS()...) {
		for _, test := range tests {
			t.Run(s.Name+"/"+test.name, func(t *testing.T) {
				served := make(chan *looptest.Server, 1)
				down := make(chan error, 1)
				begun := make(chan struct{})
				w := loop.NewWorkers(loop.WorkersOptions{Max: 10})
				defer w.Close(context.Background())
				service := h1.NewService(h1.Options{Executor: w, Handler: message.HandlerFunc(func(x message.Exchange) {
					test.serve(x, func() {
						server := <-served
						go func() { down <- server.Shutdown(context.Background()) }()
						<-begun
					})
				})})
				server := s.Serve(t, func(any) engine.Engine {
					return &shutdownTold{Server: service.NewServer(nil), told: begun}
				}, loop.Options{})
				served <- server
				c := server.Dial()
				if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(c)
				if answer := varying.ReplaceAllString(string(got), ""); answer != test.answer || err != nil {
					t.Errorf("received %q, %v", answer, err)
				}
				c.Close()
				if err := <-down; err != nil {
					t.Errorf("Shutdown: %v", err)
				}
			})
		}
	}
}

// shutdownTold tells when the engine has been told Shutdown.
type shutdownTold struct {
	*h1.Server
	told chan struct{}
}

func (s *shutdownTold) Shutdown() {
	s.Server.Shutdown()
	close(s.told)
}

// TestFieldsAsTheyAre shows fields in the order and case in which they were
// received, and sends them as they were given.
func TestFieldsAsTheyAre(t *testing.T) {
	const lines = "hOsT: a\r\nX-B: 1\r\nx-a: 2\r\nX-b: 3\r\nACCEPT: 4\r\nx-A: \r\n"
	service := h1.NewService(h1.Options{Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		var fields []message.Field
		for name, value := range x.Fields().All() {
			fields = append(fields, message.Field{Name: string(name), Value: string(value)})
		}
		_ = x.Respond(message.StatusOK, fields, nil)
	}))})
	for _, s := range looptest.Mem() {
		got := s.Talk(t, service.NewServer(nil), "GET / HTTP/1.1\r\n"+lines+"\r\n")
		if !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n"+lines) {
			t.Errorf("%s: received %q", s.Name, got)
		}
	}
}
