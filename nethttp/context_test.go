package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/nethttp"
)

// A handler that waits for something else is told that its peer has gone: by
// the context, by those made of it, and by CloseNotify.
func TestContextOfGonePeer(t *testing.T) {
	serving, seen := make(chan bool, 1), make(chan error, 1)
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		switch r.URL.Path {
		case "/made":
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(context.WithValue(ctx, &seen, 1), time.Hour)
			defer cancel()
		case "/notify":
			gone := w.(http.CloseNotifier).CloseNotify() //lint:ignore SA1019 what is deprecated is used
			serving <- true
			<-gone
			seen <- context.Canceled
			return
		case "/after":
			done := make(chan bool)
			context.AfterFunc(ctx, func() { close(done) })
			serving <- true
			<-done
			seen <- ctx.Err()
			return
		case "/begun":
			io.WriteString(w, "something")
			w.(http.Flusher).Flush()
		}
		if err := ctx.Err(); err != nil {
			seen <- err
		}
		serving <- true
		<-ctx.Done()
		seen <- ctx.Err()
	}, func(s *site) {
		for _, path := range []string{"/", "/made", "/notify", "/after", "/begun"} {
			c := s.dial()
			io.WriteString(c, "GET "+path+" HTTP/1.1\r\nHost: h\r\n\r\n")
			<-serving
			c.Close()
			if err := <-seen; err != context.Canceled {
				s.t.Errorf("%s: %v", path, err)
			}
		}
	})
}

// The context is there as long as the handler, and not longer.
func TestContextOfReturnedHandler(t *testing.T) {
	contexts := make(chan context.Context, 1)
	onSites(t, func(w http.ResponseWriter, r *http.Request) {
		made, cancel := context.WithCancel(r.Context())
		_ = cancel
		if r.URL.Path == "/whole" {
			w.Header().Set("Content-Length", "1")
			io.WriteString(w, "x")
			w.(http.Flusher).Flush()
		}
		if err := errors.Join(r.Context().Err(), made.Err(), context.Cause(made)); err != nil {
			panic(err)
		}
		contexts <- made
	}, func(s *site) {
		for _, path := range []string{"/", "/whole"} {
			if answer, _ := s.get(path); answer.StatusCode != 200 {
				s.t.Fatal(answer.Status)
			}
			ctx := <-contexts
			<-ctx.Done()
			if ctx.Err() != context.Canceled || context.Cause(ctx) != context.Canceled {
				s.t.Errorf("%s: %v, %v", path, ctx.Err(), context.Cause(ctx))
			}
		}
	})
}

// A request's context is made of the base one: its values, its end.
func TestBaseContext(t *testing.T) {
	type key struct{}
	onTCP(t, func(t *testing.T, setup looptest.Setup) {
		base, cancel := context.WithCancel(context.WithValue(context.Background(), key{}, "value"))
		local := &net.UnixAddr{Name: "here"}
		seen := make(chan any, 10)
		h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			seen <- r.Context().Value(key{})
			seen <- r.Context().Value(http.LocalAddrContextKey)
			seen <- r.RemoteAddr
			<-r.Context().Done()
			seen <- r.Context().Err()
		})
		workers := loop.NewWorkers(loop.WorkersOptions{})
		t.Cleanup(func() { _ = workers.Close(context.Background()) })
		handler := nethttp.Handler(h, nethttp.Options{BaseContext: base, LocalAddr: local})
		service := h1.NewService(h1.Options{Handler: handler, Executor: workers})
		addr := setup.Serve(t, func(any) engine.Engine { return service.NewServer(local) }, loop.Options{}).Addr
		go func() {
			for _, want := range []any{"value", local, "here"} {
				if got := <-seen; got != want {
					t.Errorf("%v, want %v", got, want)
				}
			}
			cancel()
		}()
		newSite(t, setup.Name, addr, nil).get("/")
		if err := <-seen; err != context.Canceled {
			t.Error(err)
		}
	})
}

// Who keeps what belongs to a handler that has returned finds it closed.
func TestAfterTheHandler(t *testing.T) {
	type kept struct {
		w http.ResponseWriter
		r *http.Request
	}
	handlers := make(chan kept, 1)
	onOurs(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "hello")
		handlers <- kept{w, r}
	}, func(s *site) {
		for range 20 {
			r, _ := http.NewRequest(http.MethodPost, s.url, io.LimitReader(letters{}, 1000))
			_, content := s.do(r)
			k := <-handlers
			<-k.r.Context().Done()
			n, err := k.w.Write([]byte("late"))
			k.w.WriteHeader(500)
			m, unread := k.r.Body.Read(make([]byte, 10))
			_, _, hijack := http.NewResponseController(k.w).Hijack()
			flush := http.NewResponseController(k.w).Flush()
			if content != "hello" || n > 0 || err == nil || m > 0 || unread != http.ErrBodyReadAfterClose || hijack == nil || flush == nil {
				s.t.Errorf("%q; wrote %d, %v; read %d, %v; %v; %v", content, n, err, m, unread, hijack, flush)
			}
		}
	})
}
