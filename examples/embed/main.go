// Command embed reads requests from its standard input and prints what they
// say. It shows how generated machines are used in a module that has no
// dependency: see package http1.
//
//	printf 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' | go run .
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"example.com/embed/http1"
)

func main() {
	if err := describe(os.Stdout, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// errCut is an input that ends before its last request does.
var errCut = errors.New("the input ends within a request")

// describe prints the requests of r, one after the other. It doesn't matter in
// which portions they arrive.
func describe(w io.Writer, r io.Reader) error {
	var m http1.RequestMessage
	limits := http1.DefaultRequestMessageLimits()
	var window []byte // read and not consumed: what the machines look at
	portion := make([]byte, 4<<10)
	for {
		n, event := m.Next(window, len(window), &limits)
		switch event {
		case http1.RequestMessageMore:
			if n > 0 {
				break // and at once again with the rest
			}
			k, err := r.Read(portion)
			window = append(window, portion[:k]...)
			switch {
			case err == io.EOF && k == 0 && len(window) == 0 && m.Offset() == 0:
				return nil
			case err == io.EOF && k == 0:
				return errCut
			case err != nil && err != io.EOF:
				return err
			}
		case http1.RequestMessageHead:
			printHead(w, &m, window)
		case http1.RequestMessageContent:
			fmt.Fprintf(w, "  content %q\n", m.Content.Of(window))
		case http1.RequestMessageTrailers:
			printFields(w, "trailer", m.Trailers.Fields, window)
		case http1.RequestMessageEnd:
			fmt.Fprintln(w, "  end")
			m.Reset()
		case http1.RequestMessageFailed:
			return m.Fault(&limits)
		}
		window = append(window[:0], window[n:]...) // the event's spans are of no use any more
	}
}

// printHead prints a head, and what has been decided about its request.
func printHead(w io.Writer, m *http1.RequestMessage, window []byte) {
	fmt.Fprintf(w, "%s %s %s\n", m.Head.Method.Of(window), m.Head.Target.Of(window), m.Version)
	printFields(w, "field", m.Head.Fields, window)
	fmt.Fprintf(w, "  body length: %s; connection: %s\n", m.RequestBodyLength, m.Persistence)
}

func printFields(w io.Writer, what string, lines []http1.FieldLine, window []byte) {
	for _, l := range lines {
		fmt.Fprintf(w, "  %s %s: %s (%s)\n", what, l.Name.Of(window), l.Value.Of(window), l.NameID)
	}
}
