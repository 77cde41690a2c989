// Command chi serves a router of github.com/go-chi/chi on an engine of Specht:
// nethttp.Handler is all that is between them.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/nethttp"
)

func main() {
	listener, err := tcp.Listen("127.0.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("try curl http://%s/words/specht", listener.Addr())
	log.Fatal(serve(listener))
}

// serve serves until the listener fails or is closed.
func serve(listener flow.Listener) error {
	service := h1.NewService(h1.Options{
		Handler:  nethttp.Handler(router(), nethttp.Options{}),
		Executor: loop.NewWorkers(loop.WorkersOptions{}),
	})
	return loop.NewGroup(loop.Options{}).Serve(listener, func(f any) engine.Engine {
		return service.NewServer(loop.PeerOf(f).String())
	})
}

func router() http.Handler {
	r := chi.NewRouter()
	r.Use(middleware.RequestID, middleware.Recoverer, middleware.Compress(5), middleware.Timeout(time.Minute))
	r.Get("/words/{word}", func(w http.ResponseWriter, r *http.Request) {
		word := chi.URLParam(r, "word")
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"word": word, "letters": len(word)}) // the client may have gone
	})
	r.Get("/long", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte(strings.Repeat("a long text\n", 10_000)))
	})
	r.Get("/panic", func(http.ResponseWriter, *http.Request) { panic("a mistake") })
	return r
}
