// Command chi serves a router of github.com/go-chi/chi on an engine of Specht:
// nethttp.Handler is all that is between them.
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/nethttp"
)

func main() {
	server, url, err := start("127.0.0.1:8080")
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("try curl %s/words/specht", url)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := server.Serve(ctx); err != nil {
		log.Fatal(err)
	}
}

// start serves at an address from now on, and says by which URL.
func start(address string) (server *specht.Server, url string, err error) {
	server, err = specht.NewServer(specht.ServerOptions{Handler: nethttp.Handler(router(), nethttp.Options{})})
	if err != nil {
		return nil, "", err
	}
	endpoint, err := server.Start(specht.Service{Address: address})
	if err != nil {
		server.Close()
		return nil, "", err
	}
	return server, endpoint.URL(), nil
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
