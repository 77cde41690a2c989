package secure_test

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/loop/looptest"
)

// plain is a session that encrypts nothing. Its handshake is an octet from the
// client, and its end that of the net.Conn.
type plain struct {
	net.Conn
	isClient bool
	freed    *atomic.Int64
}

func (s plain) Handshake() error {
	if s.isClient {
		_, err := s.Conn.Write([]byte{0})
		return err
	}
	_, err := io.ReadFull(s.Conn, make([]byte, 1))
	return err
}

func (plain) CloseWrite() error       { return nil }
func (plain) Security() flow.Security { return flow.Security{} }
func (s plain) Free()                 { s.freed.Add(1) }

// A session is told to let its resources go, once, however its flow ends.
func TestFree(t *testing.T) {
	var freed atomic.Int64
	endpoint := func(isClient bool) *secure.Endpoint {
		return secure.New(secure.Options{IsClient: isClient, NewSession: func(c net.Conn) secure.Session {
			return plain{c, isClient, &freed}
		}})
	}
	server, client := endpoint(false), endpoint(true)
	blocking := func(t *testing.T, isOpen bool) *secure.Flow {
		a, b := mem.Pipe(mem.Options{})
		f := server.Flow(a)
		if isOpen {
			_, _ = b.Write([]byte{0})
			if err := f.Open(); err != nil {
				t.Fatal(err)
			}
		}
		return f
	}
	polling := func(t *testing.T) *secure.Poll {
		a, _ := mem.PollPipe(mem.Options{})
		p := client.Poll(a)
		looptest.Eventually(t, "the handshake has ended", func() bool { return !errors.Is(p.Open(), flow.ErrWouldBlock) })
		return p
	}
	for name, end := range map[string]func(t *testing.T){
		"a Flow that was open": func(t *testing.T) { f := blocking(t, true); f.Close(); f.Close() },
		"a Flow that wasn't":   func(t *testing.T) { f := blocking(t, false); f.Close(); f.Reset() },
		"a Flow that is reset": func(t *testing.T) { f := blocking(t, true); f.Reset(); f.Close() },
		"a Poll":               func(t *testing.T) { p := polling(t); p.Close(); p.Close() },
		"a Poll that is reset": func(t *testing.T) { p := polling(t); p.Reset(); p.Close() },
		"a Poll that became a Flow": func(t *testing.T) {
			p := polling(t)
			f, err := p.Block()
			if err != nil {
				t.Fatal(err)
			}
			p.Close()
			if n := freed.Load(); n != 0 {
				t.Errorf("freed %d times while the Flow goes on", n)
			}
			f.Close()
		},
		"a Poll that is closed in its handshake": func(t *testing.T) {
			a, b := mem.MixedPipe(mem.Options{})
			p := endpointWaiting(&freed).Poll(b)
			_, _ = a.Write([]byte{0})
			if err := p.Open(); err != flow.ErrWouldBlock {
				t.Fatal(err)
			}
			p.Close()
		},
		"a Poll whose handshake has failed": func(t *testing.T) {
			a, b := mem.MixedPipe(mem.Options{})
			p := endpointWaiting(&freed).Poll(b)
			a.Close()
			looptest.Eventually(t, "the handshake has ended", func() bool { return !errors.Is(p.Open(), flow.ErrWouldBlock) })
			p.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			freed.Store(0)
			end(t)
			looptest.Eventually(t, "the session is free", func() bool { return freed.Load() > 0 })
			if n := freed.Load(); n != 1 {
				t.Errorf("freed %d times", n)
			}
		})
	}
}

// waiting is a session whose handshake waits for two octets.
type waiting struct{ plain }

func (s waiting) Handshake() error {
	_, err := io.ReadFull(s.Conn, make([]byte, 2))
	return err
}

func endpointWaiting(freed *atomic.Int64) *secure.Endpoint {
	return secure.New(secure.Options{NewSession: func(c net.Conn) secure.Session { return waiting{plain{c, false, freed}} }})
}
