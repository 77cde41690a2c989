package backlog_test

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"github.com/specht-http/specht/flow/internal/backlog"
)

// A deadline in the past ends an Accept that waits; what waits is accepted all
// the same, and a deadline that is taken back is none.
func TestAcceptDeadline(t *testing.T) {
	of, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := backlog.New(of.(*net.TCPListener))
	defer l.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	past := time.Unix(1, 0)
	if err := l.SetAcceptDeadline(past); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Accept: %v", err)
	}
	for range 3 {
		c, err := net.Dial("tcp", l.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	for i := range 5 {
		c, err := l.Accept()
		if i >= 3 {
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("Accept when nobody waits: %v", err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := c.(*net.TCPConn); !ok {
			t.Errorf("a %T was accepted", c)
		}
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Error(err)
		}
		c.Close()
	}
	if err := l.SetAcceptDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	go func() {
		_, err := l.Accept()
		ended <- err
	}()
	c, err := net.Dial("tcp", l.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := <-ended; err != nil {
		t.Errorf("Accept after the deadline was taken back: %v", err)
	}
	l.Close()
	l.SetAcceptDeadline(past)
	if _, err := l.Accept(); err == nil {
		t.Error("accepted after Close")
	}
}
