package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// client sends requests over one connection.
type client struct {
	conn net.Conn
	http *h1.ClientConn
	in   []byte // received, and not consumed
	log  strings.Builder
}

func newClient(conn net.Conn) *client {
	limits := h1.DefaultResponseMessageLimits()
	return &client{conn: conn, http: h1.NewClientConn(&limits)}
}

// ask sends a request, with content if its head says so, and takes the response.
func (c *client) ask(h *message.RequestHead, content string) error {
	out, err := c.http.AppendHead(nil, h)
	if err != nil {
		return err
	}
	if _, err := c.conn.Write(out); err != nil {
		return err
	}
	for c.http.Coupling() == h1.CouplingKeep {
		n, event := c.http.Receive(c.in)
		c.see(event)
		switch event {
		case h1.ResponseMessageMore:
			if n == 0 {
				if c.in, err = readMore(c.conn, c.in); err != nil {
					if event = c.http.ReceiveEnd(c.in); event == h1.ResponseMessageEnd {
						err = nil // the end of the connection is that of the response
					}
					c.see(event)
				}
			}
		case h1.ResponseMessageHead:
			if c.http.IsInterim() { // this server says 100 (Continue) whenever there is content
				err = c.send(content)
			}
		}
		if event == h1.ResponseMessageFailed {
			return c.http.Fault()
		}
		if err != nil {
			return err
		}
		c.in = c.in[n:] // not before: spans index what Receive was given
	}
	if c.http.Coupling() == h1.CouplingNext {
		c.http.Next()
	}
	return nil
}

// send sends content, and ends the request.
func (c *client) send(content string) error {
	out, err := c.http.AppendContent(nil, []byte(content))
	if err == nil {
		out, err = c.http.AppendContent(out, []byte("comes back"))
	}
	if err == nil {
		out, err = c.http.AppendEnd(out)
	}
	if err == nil {
		_, err = c.conn.Write(out)
	}
	return err
}

// see logs an event.
func (c *client) see(event h1.ResponseMessageEvent) {
	m := c.http.Response()
	switch event {
	case h1.ResponseMessageMore:
		return
	case h1.ResponseMessageHead:
		fmt.Fprintf(&c.log, "  %v: %v, interim: %v\n", event, message.Status(m.Head.Status), c.http.IsInterim())
	case h1.ResponseMessageContent:
		fmt.Fprintf(&c.log, "  %v: %q\n", event, m.Content.Of(c.in))
	default:
		fmt.Fprintf(&c.log, "  %v\n", event)
	}
}
