// Command gin serves an application of github.com/gin-gonic/gin on an engine of Specht:
// nethttp.Handler is all that is between them.
package main

import (
	"io"
	"log"
	"net/http"

	"github.com/gin-gonic/gin"

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
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.CustomRecoveryWithWriter(nil, func(c *gin.Context, _ any) { c.AbortWithStatus(http.StatusInternalServerError) }))
	r.GET("/words/:word", func(c *gin.Context) {
		word := c.Param("word")
		c.JSON(http.StatusOK, gin.H{"word": word, "letters": len(word)})
	})
	r.POST("/form", func(c *gin.Context) { c.String(http.StatusOK, "%s is %s", c.PostForm("name"), c.ClientIP()) })
	r.GET("/count", func(c *gin.Context) {
		n := 0
		c.Stream(func(w io.Writer) bool {
			n++
			c.SSEvent("count", n)
			return n < 3
		})
	})
	r.GET("/panic", func(*gin.Context) { panic("a mistake") })
	return r
}
