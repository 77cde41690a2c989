package specht_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	specht "github.com/specht-http/specht"
	"github.com/specht-http/specht/message"
)

// The zero value of a client is good. Its connections are shared by all that
// ask it for something, until it is closed.
func ExampleClient() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "You asked for %s.", r.URL)
	}))
	defer site.Close()

	var client specht.Client
	defer client.Close()
	for _, target := range []string{"/a", "/b"} {
		response, err := client.Get(context.Background(), site.URL+target)
		if err != nil {
			log.Fatal(err)
		}
		content, err := io.ReadAll(response)
		response.Close()
		fmt.Printf("%d %s %v\n", response.Status, content, err)
	}
	fmt.Println(client.Stats().Connections, "connection")
	// Output:
	// 200 You asked for /a. <nil>
	// 200 You asked for /b. <nil>
	// 1 connection
}

// Content of any length goes out as it is read, with a trailer section behind
// it, and that of the response comes as it is read.
func ExampleClient_Do() {
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(w, r.Body)
		fmt.Fprintf(w, " (%d octets, checksum %s)", n, r.Trailer.Get("X-Checksum"))
	}))
	defer site.Close()

	client := specht.Client{RedirectsMax: 10}
	defer client.Close()
	response, err := client.Do(context.Background(), &specht.Request{
		Method:  "PUT",
		URL:     site.URL + "/story",
		Fields:  []message.Field{{Name: "Content-Type", Value: "text/plain"}, {Name: "Trailer", Value: "X-Checksum"}},
		Content: io.MultiReader(strings.NewReader("Once upon "), strings.NewReader("a time")),
		Trailers: func() []message.Field {
			return []message.Field{{Name: "X-Checksum", Value: "42"}}
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	defer response.Close()
	content, err := io.ReadAll(response)
	fmt.Println(string(content), err)
	// Output:
	// Once upon a time (16 octets, checksum 42) <nil>
}
