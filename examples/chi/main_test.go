package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// serve starts the server, and is the base URL.
func serve(t *testing.T) string {
	t.Helper()
	server, url, err := start("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return url
}

func TestRoutes(t *testing.T) {
	url := serve(t)
	for path, want := range map[string]struct {
		status  int
		content string
	}{
		"/words/specht": {200, `{"letters":6,"word":"specht"}` + "\n"},
		"/long":         {200, strings.Repeat("a long text\n", 10_000)}, // compressed on its way
		"/panic":        {500, ""},
		"/none":         {404, "404 page not found\n"},
	} {
		response, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != want.status || string(content) != want.content || err != nil {
			t.Errorf("%s: %d %.100q, %v", path, response.StatusCode, content, err)
		}
		if path == "/long" && !response.Uncompressed {
			t.Error("/long wasn't compressed")
		}
	}
}
