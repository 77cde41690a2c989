package main

import (
	"io"
	"net/http"
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
		"/words/specht": {200, `{"letters":6,"word":"specht"}`},
		"/count":        {200, "event:count\ndata:1\n\nevent:count\ndata:2\n\nevent:count\ndata:3\n\n"},
		"/panic":        {500, ""},
		"/none":         {404, "404 page not found"},
	} {
		response, err := http.Get(url + path)
		check(t, path, response, err, want.status, want.content)
	}
	response, err := http.PostForm(url+"/form", map[string][]string{"name": {"you"}})
	check(t, "/form", response, err, 200, "you is 127.0.0.1")
}

func check(t *testing.T, path string, response *http.Response, err error, status int, want string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(response.Body)
	response.Body.Close()
	if response.StatusCode != status || string(content) != want || err != nil {
		t.Errorf("%s: %d %.100q, %v", path, response.StatusCode, content, err)
	}
}
