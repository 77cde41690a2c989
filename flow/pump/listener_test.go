package pump_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/pump"
)

// A Listener accepts ahead, but not without end; what nobody has accepted when
// it is closed is reset.
func TestListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		below := mem.Listen(mem.Options{})
		l := pump.Listen(below, pump.Options{Backlog: 2})
		if l.Addr() != "mem" {
			t.Errorf("the address is %s", l.Addr())
		}
		e := &edges{}
		l.Announce(e, 1)
		e.want(t, 0, 0)
		if _, err := l.TryAccept(); err != flow.ErrWouldBlock {
			t.Errorf("TryAccept: %v", err)
		}
		var clients []*mem.Flow
		for range 5 {
			c, err := below.Dial()
			if err != nil {
				t.Fatal(err)
			}
			clients = append(clients, c)
		}
		e.want(t, 2, 0)
		f, err := l.TryAccept()
		if err != nil {
			t.Fatal(err)
		}
		e.want(t, 1, 0)
		io.WriteString(clients[0], "hello")
		f.TryRead(nil)
		synctest.Wait()
		wantRead(t, f, 10, "hello", nil)
		f.Close()
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		l.Close()
		for _, c := range clients[1:] {
			if b, err := io.ReadAll(c); err == nil {
				t.Errorf("read %q to the end", b)
			}
		}
		if _, err := l.TryAccept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("TryAccept after Close: %v", err)
		}
	})
}

// failing is a listener that fails, for a while or for good.
type failing struct {
	net.Listener
	errors chan error
}

func (f failing) Accept() (net.Conn, error) { return nil, <-f.errors }
func (f failing) Close() error              { close(f.errors); return nil }

// Each failure is told once, but that the listener is closed, and no other
// connection is tried before.
func TestListenerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		below := failing{errors: make(chan error, 3)}
		below.errors <- syscall.EMFILE
		below.errors <- syscall.ENFILE
		below.errors <- net.ErrClosed
		l := pump.ListenNet(below, pump.Options{})
		e := &edges{}
		l.Announce(e, 1)
		for _, failure := range []error{syscall.EMFILE, syscall.ENFILE} {
			e.want(t, 1, 0)
			if _, err := l.TryAccept(); err != failure {
				t.Errorf("TryAccept: %v, want %v", err, failure)
			}
		}
		e.want(t, 1, 0)
		for range 2 {
			if _, err := l.TryAccept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("TryAccept: %v", err)
			}
		}
		l.Close()
	})
}
