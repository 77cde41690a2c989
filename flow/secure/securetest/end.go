package securetest

import (
	"errors"
	"io"
	"sync"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
)

// end is an encrypted flow, of either kind, whose operations block.
type end interface {
	io.ReadWriteCloser
	flow.Opener
	flow.CloseWriter
	flow.Secured
	// WriteVector writes all of v, by operations of several slices.
	WriteVector(v [][]byte) (n int, err error)
}

// form is the kinds of the flows at both ends.
type form struct {
	name                     string
	serverPolls, clientPolls bool
}

var forms = []form{
	{"both block", false, false},
	{"server polls", true, false},
	{"client polls", false, true},
	{"both poll", true, true},
}

// each runs test with connections of all forms, over flows as o says.
func (p Pair) each(t *testing.T, o mem.Options, test func(t *testing.T, c *connection)) {
	for _, f := range forms {
		t.Run(f.name, func(t *testing.T) {
			c := p.connect(f, o)
			defer c.close()
			test(t, c)
		})
	}
}

// connection is both ends of one, and what is below.
type connection struct {
	server, client           end
	belowServer, belowClient io.Closer
}

func (c *connection) close() {
	c.server.Close()
	c.client.Close()
}

// open opens both ends.
func (c *connection) open(t *testing.T) {
	t.Helper()
	opened := make(chan error, 1)
	go func() { opened <- c.server.Open() }()
	if err := c.client.Open(); err != nil {
		t.Fatalf("the client's handshake: %v", err)
	}
	if err := <-opened; err != nil {
		t.Fatalf("the server's handshake: %v", err)
	}
}

// connect makes a connection.
func (p Pair) connect(f form, o mem.Options) *connection {
	switch {
	case f.serverPolls && f.clientPolls:
		a, b := mem.PollPipe(o)
		return &connection{newPolling(p.Server.Poll(a)), newPolling(p.Client.Poll(b)), a, b}
	case f.serverPolls:
		b, a := mem.MixedPipe(o)
		return &connection{newPolling(p.Server.Poll(a)), whole{p.Client.Flow(b)}, a, b}
	case f.clientPolls:
		a, b := mem.MixedPipe(o)
		return &connection{whole{p.Server.Flow(a)}, newPolling(p.Client.Poll(b)), a, b}
	}
	if o.BufferOctets > 0 {
		// Servers send tickets before they read the client's Finished, and
		// libraries that block wait for each other if neither fits.
		o.BufferOctets = max(o.BufferOctets, 1000)
	}
	a, b := mem.Pipe(o)
	return &connection{whole{p.Server.Flow(a)}, whole{p.Client.Flow(b)}, a, b}
}

// whole is a Flow whose WriteVector writes everything.
type whole struct{ *secure.Flow }

func (w whole) WriteVector(v [][]byte) (n int, err error) {
	for v = append([][]byte(nil), v...); err == nil && len(v) > 0; {
		var k int
		k, err = w.Flow.WriteVector(v)
		n += k
		v = rest(v, k)
	}
	return n, err
}

// rest is v without its first n octets.
func rest(v [][]byte, n int) [][]byte {
	for len(v) > 0 && n >= len(v[0]) {
		n -= len(v[0])
		v = v[1:]
	}
	if len(v) > 0 {
		v[0] = v[0][n:]
	}
	return v
}

// polling is a Poll that waits as a loop would: by its readiness, and that of
// the flow below.
type polling struct {
	*secure.Poll
	mu      sync.Mutex
	changed sync.Cond
	edges   int
}

func newPolling(p *secure.Poll) *polling {
	w := &polling{Poll: p}
	w.changed.L = &w.mu
	p.Announce(w, 0)
	p.Below().(flow.Announcing).Announce(w, 0)
	return w
}

// Ready implements flow.Notifier.
func (w *polling) Ready(uint64, flow.Readiness) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.edges++
	w.changed.Broadcast()
}

// until tries f until it wouldn't block.
func (w *polling) until(f func() error) error {
	for {
		w.mu.Lock()
		seen := w.edges
		w.mu.Unlock()
		err := f()
		if !errors.Is(err, flow.ErrWouldBlock) {
			return err
		}
		if w.IsFull() {
			_, _ = w.TryWrite(nil) // an error comes again
		}
		w.mu.Lock()
		for w.edges == seen {
			w.changed.Wait()
		}
		w.mu.Unlock()
	}
}

// Open implements flow.Opener.
func (w *polling) Open() error { return w.until(w.Poll.Open) }

// Read implements io.Reader.
func (w *polling) Read(b []byte) (n int, err error) {
	err = w.until(func() (err error) {
		n, err = w.TryRead(b)
		return err
	})
	return n, err
}

// Write implements io.Writer.
func (w *polling) Write(b []byte) (int, error) { return w.WriteVector([][]byte{b}) }

// WriteVector implements end.
func (w *polling) WriteVector(v [][]byte) (n int, err error) {
	v = append([][]byte(nil), v...)
	err = w.until(func() error {
		k, err := w.TryWrite(v)
		n += k
		v = rest(v, k)
		return err
	})
	return n, err
}

// CloseWrite implements flow.CloseWriter, and waits until the end has left.
func (w *polling) CloseWrite() error {
	if err := w.Poll.CloseWrite(); err != nil {
		return err
	}
	return w.until(func() error {
		if !w.IsFull() {
			return nil
		}
		_, err := w.TryWrite(nil)
		return err
	})
}
