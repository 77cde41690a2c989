package tls_test

import (
	cryptotls "crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// telling is an engine that tells what it is told.
type telling struct {
	told
	errors chan<- error
}

func (e *telling) ReportError(err error) {
	e.told.ReportError(err)
	e.errors <- err
}

// A part of a record with the end of the connection behind it is the end of the
// connection, though nothing of it can be read.
func TestPartOfARecordAndTheEnd(t *testing.T) {
	for name, tail := range map[string]string{"nothing": "", "a part of a header": "\x17\x03", "a part of a record": "\x17\x03\x03\x00\x40abc"} {
		t.Run(name, func(t *testing.T) {
			server, client := pair()
			l, err := loop.New(loop.Options{})
			if err != nil {
				t.Skip(err)
			}
			defer l.Close()
			pl, err := tcp.ListenPoll("127.0.0.1:0")
			if err != nil {
				t.Skip(err)
			}
			told1 := make(chan error, 2)
			_ = l.Listen(tls.NewServer(server, tls.Options{}).ListenPoll(pl), func(any) engine.Engine {
				return &telling{told{text: []byte("text\n")}, told1}
			})
			below, err := net.Dial("tcp", pl.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer below.Close()
			asked := make(chan error, 1)
			go func() {
				c := cryptotls.Client(below, client)
				_, _ = io.WriteString(c, "x\n")
				_, err := io.ReadFull(c, make([]byte, len("text\n")))
				asked <- err
			}()
			step := func(what string, c chan error) (err error) {
				looptest.Eventually(t, what, func() bool {
					l.Step()
					select {
					case err = <-c:
						return true
					default:
						return false
					}
				})
				return err
			}
			if err := step("the connection is open", asked); err != nil {
				t.Fatal(err)
			}
			for l.Step() > 0 {
			}
			_, _ = io.WriteString(below, tail)
			_ = below.(*net.TCPConn).CloseWrite() // both are there when the loop looks
			if err := step("the engine is told the end", told1); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("the engine was told %v", err)
			}
		})
	}
}

// clear is a session that encrypts nothing.
type clear struct {
	net.Conn
	shake func(net.Conn) error
}

func (s clear) Handshake() error      { return s.shake(s.Conn) }
func (clear) CloseWrite() error       { return nil }
func (clear) Security() flow.Security { return flow.Security{} }

// late is a Poll of which something happens just before it is asked whether it
// is full.
type late struct {
	*secure.Poll
	hook func()
}

func (l *late) IsFull() bool {
	l.hook()
	return l.Poll.IsFull()
}

// A handshake that writes between two looks of the loop, at whether the flow is
// open and whether it is full, leaves no connection that is taken for full.
func TestHandshakeWritesBetweenTwoLooks(t *testing.T) {
	write, written := make(chan struct{}), make(chan struct{})
	e := secure.New(secure.Options{NewSession: func(c net.Conn) secure.Session {
		return clear{c, func(c net.Conn) error {
			b := make([]byte, 1)
			_, _ = c.Read(b)
			<-write
			_, _ = c.Write([]byte("H"))
			close(written)
			_, err := c.Read(b)
			return err
		}}
	}})
	peer, below := mem.MixedPipe(mem.Options{})
	var isDone atomic.Bool
	f := &late{e.Poll(below), func() {
		if !isDone.Swap(true) {
			close(write)
			<-written
		}
	}}
	l, err := loop.New(loop.Options{Poller: loop.NewQueue()})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(peer, "h")
	if err := l.Add(f, &told{text: []byte("text\n")}); err != nil {
		t.Fatal(err)
	}
	go l.Run()
	defer l.Close()
	answered := make(chan string, 1)
	go func() {
		b := make([]byte, len("Htext\n"))
		n, _ := io.ReadFull(peer, b[:1])
		_, _ = io.WriteString(peer, "hx\n")
		k, _ := io.ReadFull(peer, b[n:])
		answered <- string(b[:n+k])
	}()
	var got string
	looptest.Eventually(t, "the connection answers", func() bool {
		select {
		case got = <-answered:
			return true
		default:
			return false
		}
	})
	if got != "Htext\n" {
		t.Errorf("the peer reads %q", got)
	}
}

// plain is a flow that has a half-close, and no deadlines.
type plain struct {
	io.ReadWriteCloser
	flow.CloseWriter
}

// A half-close over a flow without deadlines leaves the other half, for however
// long.
func TestHalfCloseWithoutDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, client := pair()
		a, b := mem.Pipe(mem.Options{})
		s, c := tls.Server(a, server), tls.Client(plain{b, b}, client)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			got, _ := io.ReadAll(s)
			time.Sleep(time.Minute)
			_, _ = s.Write(append([]byte("answer to "), got...))
			s.Close()
		}()
		_, _ = io.WriteString(c, "question")
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(c)
		if string(got) != "answer to question" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
		c.Close()
		<-ended
	})
}
