// Command gin serves an application of github.com/gin-gonic/gin on an engine of Specht:
// nethttp.Handler is all that is between them.
package main

import (
	"context"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"

	"github.com/gin-gonic/gin"

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
