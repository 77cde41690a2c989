// Command events holds a conversation of a client and a server by the event
// interface alone: octets go in, events come out, and what is to be sent is
// appended to a buffer. There is no loop, no handler and no engine: reading and
// writing the connection is a few lines of one's own, here over net.Conn.
//
//	go run ./examples/events
package main

import (
	"fmt"
	"log"
	"net"

	"github.com/specht-http/specht/message"
)

func main() {
	events, err := converse()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(events)
}

// converse has two requests answered over one connection, and returns what each
// side saw.
func converse() (string, error) {
	near, far := net.Pipe()
	served := make(chan server, 1)
	go func() {
		s := server{conn: far}
		s.err = s.serve()
		served <- s
	}()
	c := newClient(near)
	requests := []message.RequestHead{
		{Target: "/hello", Authority: "example.org"},
		{Method: "POST", Target: "/echo", Authority: "example.org", ContentLength: -1, Fields: []message.Field{{Name: "Connection", Value: "close"}}},
	}
	for i := range requests {
		if err := c.ask(&requests[i], "all that is sent "); err != nil {
			return "", err
		}
	}
	near.Close()
	s := <-served
	return "The client:\n" + c.log.String() + "The server:\n" + s.log.String(), s.err
}
