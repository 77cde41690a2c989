package bench

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// script is a connection whose peer sends the same request again and again,
// each time the one before has been answered, and then closes its side.
type script struct {
	request  []byte
	rest     []byte // of the request under way
	left     int    // requests to come
	answered int    // writes; each is one response
	first    []byte // the first response
	once     sync.Once
	done     chan struct{}
}

func newScript(request []byte, n int) *script {
	return &script{request: request, left: n, done: make(chan struct{})}
}

// Read gives octets of one request at most.
func (s *script) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		if s.left == 0 {
			return 0, io.EOF
		}
		s.left--
		s.rest = s.request
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

func (s *script) Write(b []byte) (int, error) {
	if s.answered++; s.answered == 1 {
		s.first = bytes.Clone(b)
	}
	return len(b), nil
}

func (s *script) Close() error {
	s.once.Do(func() { close(s.done) })
	return nil
}

// check says whether n requests were answered as they should be.
func (s *script) check(n int) error {
	switch {
	case s.answered != n:
		return errors.New("not every request was answered")
	case !bytes.HasPrefix(s.first, []byte("HTTP/1.1 200 OK\r\n")), !bytes.HasSuffix(s.first, []byte("\r\n\r\n"+body)):
		return errors.New("not the answer: " + string(s.first))
	}
	for _, name := range []string{"Date: ", "Content-Type: text/plain", "Content-Length: 13\r\n"} {
		if !bytes.Contains(s.first, []byte("\r\n"+name)) {
			return errors.New("no " + name + " in " + string(s.first))
		}
	}
	return nil
}

// conn is a script as net/http and fasthttp want it.
type conn struct{ *script }

func (conn) LocalAddr() net.Addr              { return address }
func (conn) RemoteAddr() net.Addr             { return address }
func (conn) SetDeadline(time.Time) error      { return nil }
func (conn) SetReadDeadline(time.Time) error  { return nil }
func (conn) SetWriteDeadline(time.Time) error { return nil }

var address = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1}

// listener accepts one connection.
type listener struct {
	conn net.Conn
	done chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	if c := l.conn; c != nil {
		l.conn = nil
		return c, nil
	}
	<-l.done
	return nil, net.ErrClosed
}
func (l *listener) Close() error   { return nil }
func (l *listener) Addr() net.Addr { return address }
