//go:build unix

package late_test

import (
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/specht-http/specht/flow/internal/late"
)

// lender counts what is lent, and says when a buffer came back unused.
type lender struct {
	b        []byte
	lent     int
	returned chan struct{}
}

func (l *lender) Lend() []byte { l.lent++; return l.b }
func (l *lender) Return() {
	l.lent--
	select {
	case l.returned <- struct{}{}:
	default:
	}
}

// pair is both ends of a connection.
func pair(t *testing.T) (a, b *net.TCPConn) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); s.Close() })
	return c.(*net.TCPConn), s.(*net.TCPConn)
}

func TestReaderHoldsNothingWhileItWaits(t *testing.T) {
	a, b := pair(t)
	l := &lender{b: make([]byte, 4), returned: make(chan struct{}, 1)}
	go func() {
		<-l.returned
		if _, err := a.Write([]byte("hello")); err != nil {
			t.Error(err)
		}
	}()
	var r late.Reader
	n, err := r.Read(b, l)
	if got := string(l.b[:n]); err != nil || n == 0 || got != "hello"[:n] || l.lent != 1 {
		t.Fatalf("%q, %v, %d lent", got, err, l.lent)
	}
	l.lent = 0
	got := string(l.b[:n])
	for len(got) < len("hello") {
		n, err = r.Read(b, l)
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		got += string(l.b[:n])
	}
	if got != "hello" {
		t.Errorf("%q", got)
	}
}

func TestReaderEnds(t *testing.T) {
	a, b := pair(t)
	l := &lender{b: make([]byte, 4)}
	var r late.Reader
	if err := b.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if n, err := r.Read(b, l); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("after the deadline: %d, %v", n, err)
	}
	if err := b.SetReadDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	a.CloseWrite()
	for range 2 {
		if n, err := r.Read(b, l); n != 0 || err != io.EOF {
			t.Errorf("after the end: %d, %v", n, err)
		}
	}
	b.Close()
	if n, err := r.Read(b, l); n != 0 || !errors.Is(err, net.ErrClosed) {
		t.Errorf("after Close: %d, %v", n, err)
	}
	if l.lent != 0 {
		t.Errorf("%d buffers are out", l.lent)
	}
}

func TestReaderDoesNotAllocate(t *testing.T) {
	a, b := pair(t)
	l := &lender{b: make([]byte, 64)}
	var r late.Reader
	hello := []byte("hello")
	if n := testing.AllocsPerRun(100, func() {
		_, _ = a.Write(hello)
		if _, err := r.Read(b, l); err != nil {
			t.Error(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
