package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
)

// Two pipes make a flow, as the standard input and output do.
func TestServeOverPipes(t *testing.T) {
	requests, ask := io.Pipe()
	answers, answer := io.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- serve(standard{requests, answer}) }()
	r := bufio.NewReader(answers)
	for _, name := range []string{"you", "them"} {
		go func() { _, _ = io.WriteString(ask, "GET /"+name+" HTTP/1.1\r\nHost: a\r\n\r\n") }() // what fails is seen in the answer
		check(t, r, name)
	}
	ask.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// So does what net.Pipe gives, which isn't a socket either.
func TestServeOverNetPipe(t *testing.T) {
	ours, theirs := net.Pipe()
	ended := make(chan error, 1)
	go func() { ended <- serve(theirs) }()
	if _, err := io.WriteString(ours, "GET /you HTTP/1.1\r\nHost: a\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	check(t, bufio.NewReader(ours), "you")
	ours.Close()
	<-ended
}

func check(t *testing.T, r *bufio.Reader, name string) {
	t.Helper()
	response, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(response.Body)
	if response.StatusCode != http.StatusOK || string(content) != "Hello, "+name+"!\n" || err != nil {
		t.Errorf("%s %q, %v", response.Status, content, err)
	}
}
