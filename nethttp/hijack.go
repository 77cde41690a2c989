package nethttp

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/message"
)

// errBegun is a Hijack that comes too late.
var errBegun = errors.New("nethttp: Hijack after the response has begun: hijack before anything is written, or behind the head of 101 (Switching Protocols)")

// left is a connection that has left its engine.
type left struct {
	stream message.Stream
	rest   []byte // was read behind the request
}

// Hijack implements http.Hijacker. If the handler has called WriteHeader by
// 101, or by a success to CONNECT, that response is sent before; otherwise
// nothing is, and the connection is given as it is.
func (w *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	x := w.exchange.enter()
	if x == nil {
		return nil, nil, message.ErrOver
	}
	defer w.exchange.leave()
	var fields []message.Field
	switch {
	case w.isHijacked:
		return nil, nil, http.ErrHijacked
	case w.isBegun.Load(), w.written > 0:
		return nil, nil, errBegun
	case w.status != 0:
		fields = w.scratch.fields
	}
	taken, failed := make(chan left, 1), make(chan error, 1)
	err := w.sendable(&fields, func(fields []message.Field) error {
		return x.Upgrade(message.Status(w.status), fields, func(s message.Stream, rest []byte) { taken <- left{s, rest} })
	})
	if err != nil {
		return nil, nil, err
	}
	w.isHijacked = true
	x.OnOver(func(_ message.Exchange, err error) {
		if err != message.ErrOver {
			failed <- err
		}
	})
	select {
	case l := <-taken:
		c := w.conn(l.stream)
		return c, readWriter(c, l.rest), nil
	case err := <-failed:
		return nil, nil, err
	}
}

// readWriter is a bufio.ReadWriter for c that has rest in its buffer.
func readWriter(c net.Conn, rest []byte) *bufio.ReadWriter {
	r := bufio.NewReaderSize(io.MultiReader(bytes.NewReader(rest), c), max(len(rest), 4096))
	_, _ = r.Peek(len(rest)) // what is there can't fail
	return bufio.NewReadWriter(r, bufio.NewWriter(c))
}

// conn is a stream as a net.Conn.
func (w *response) conn(s message.Stream) net.Conn {
	if c, ok := s.(net.Conn); ok {
		return c
	}
	c := &conn{Stream: s, remote: address(w.exchange.request.RemoteAddr)}
	c.local, _ = w.exchange.bridge.base.Value(http.LocalAddrContextKey).(net.Addr)
	if c.local == nil {
		c.local = address("")
	}
	return c
}

// conn is a stream that lacks something of a net.Conn.
type conn struct {
	message.Stream
	local, remote net.Addr
}

// LocalAddr implements net.Conn.
func (c *conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *conn) RemoteAddr() net.Addr { return c.remote }

// CloseWrite finishes the writing direction, if the stream can.
func (c *conn) CloseWrite() error {
	if s, ok := c.Stream.(flow.CloseWriter); ok {
		return s.CloseWrite()
	}
	return errors.ErrUnsupported
}

// SetDeadline implements net.Conn, if the stream has deadlines.
func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn, as SetDeadline does.
func (c *conn) SetReadDeadline(t time.Time) error {
	if s, ok := c.Stream.(flow.Deadliner); ok {
		return s.SetReadDeadline(t)
	}
	return os.ErrNoDeadline
}

// SetWriteDeadline implements net.Conn, as SetDeadline does.
func (c *conn) SetWriteDeadline(t time.Time) error {
	if s, ok := c.Stream.(flow.Deadliner); ok {
		return s.SetWriteDeadline(t)
	}
	return os.ErrNoDeadline
}

// address is a net.Addr: that of TCP if it reads as one.
func address(text string) net.Addr {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return net.TCPAddrFromAddrPort(a)
	}
	return &net.UnixAddr{Name: text, Net: "unix"}
}
