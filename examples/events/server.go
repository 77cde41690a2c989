package main

import (
	"fmt"
	"net"
	"strings"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/message"
)

// server answers the requests of one connection with their content.
type server struct {
	conn net.Conn
	log  strings.Builder
	err  error
}

// serve answers until the connection has to close.
func (s *server) serve() error {
	defer s.conn.Close()
	limits := h1.DefaultRequestMessageLimits()
	c := h1.NewServerConn(&limits)
	var in, out, content []byte
	for c.Coupling() != h1.CouplingClose {
		n, event := c.Receive(in)
		s.see(c, in, event)
		var err error
		switch event {
		case h1.RequestMessageMore:
			if n == 0 {
				if in, err = readMore(s.conn, in); err != nil {
					c.ReceiveEnd(in)
					return nil // the peer has gone: if that cut a request short, c.Fault says so
				}
				continue
			}
		case h1.RequestMessageHead:
			content = content[:0]
			if c.Request().RequestBodyLength != h1.RequestBodyLengthNone {
				out, err = c.AppendInterim(out, message.StatusContinue, nil)
			}
		case h1.RequestMessageContent:
			content = append(content, c.Request().Content.Of(in)...)
		case h1.RequestMessageEnd:
			out, err = c.AppendWhole(out, &h1.ReplyHead{Status: message.StatusOK, Persistence: h1.PersistencePersist}, content)
		case h1.RequestMessageFailed:
			status := message.Status(c.Fault().Status)
			out, err = c.AppendWhole(out, &h1.ReplyHead{Status: status, Persistence: h1.PersistenceClose}, []byte(c.Fault().Error()))
		}
		if err != nil {
			return err // what we meant to send can't be sent
		}
		in = in[n:] // not before: spans index what Receive was given
		if _, err := s.conn.Write(out); err != nil {
			return err
		}
		out = out[:0]
		if c.Coupling() == h1.CouplingNext {
			c.Next()
		}
	}
	return nil
}

// see logs an event.
func (s *server) see(c *h1.ServerConn, in []byte, event h1.RequestMessageEvent) {
	switch event {
	case h1.RequestMessageMore:
		return
	case h1.RequestMessageHead:
		head := &c.Request().Head
		fmt.Fprintf(&s.log, "  %v: %s %s, at octet %d\n", event, head.Method.Of(in), head.Target.Of(in), c.Began())
	case h1.RequestMessageContent:
		fmt.Fprintf(&s.log, "  %v: %q\n", event, c.Request().Content.Of(in))
	default:
		fmt.Fprintf(&s.log, "  %v\n", event)
	}
}

// readMore reads once, behind b. An error comes alone.
func readMore(conn net.Conn, b []byte) ([]byte, error) {
	p := make([]byte, 4096)
	n, err := conn.Read(p)
	if n > 0 {
		err = nil // it comes again
	}
	return append(b, p[:n]...), err
}
