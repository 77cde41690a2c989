package main

import (
	"io"
	"sync"
	"time"

	"github.com/specht-http/specht/message"
)

// content is that of a request on its way to the server. The client reads it on
// a goroutine of its own, perhaps for longer than the exchange lasts.
type content struct {
	x        message.Exchange
	proceeds <-chan struct{} // closed when the server has said 100 (Continue)
	gone     chan struct{}   // closed when nobody wants the content

	mu      sync.Mutex
	isBegun bool
	isOver  bool // x isn't to be used
}

// Read implements io.Reader. A client that waits for 100 (Continue) is asked for
// the content when the server has said so, or doesn't seem to know of it.
func (c *content) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isOver {
		return 0, message.ErrOver
	}
	if _, isExpecting := c.x.Fields().Get("Expect"); isExpecting && !c.isBegun {
		select {
		case <-c.proceeds:
		case <-time.After(time.Second):
		case <-c.gone:
			return 0, message.ErrUnwanted
		}
	}
	c.isBegun = true
	n, err := c.x.Read(p)
	if err == message.ErrEnd {
		err = io.EOF
	}
	return n, err
}

// Close implements io.Closer.
func (c *content) Close() error {
	close(c.gone)
	return nil
}

// trailers are the trailer section behind it.
func (c *content) trailers() []message.Field {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isOver {
		return nil
	}
	return trailers(c.x.Fields(), c.x.Trailers(), c.x.ContentLength())
}

// end is that the exchange is over. It waits for who reads still.
func (c *content) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.isOver = true
}

// interims are interim responses on their way back. They come in turns of one
// connection, which don't wait, and leave on a goroutine.
type interims struct {
	queue    chan func(message.Exchange)
	proceeds chan struct{} // closed when one was 100 (Continue)
	relayed  chan struct{} // closed when all have left
	once     sync.Once
}

func newInterims() *interims {
	return &interims{make(chan func(message.Exchange), 16), make(chan struct{}), make(chan struct{}), sync.Once{}} // as many as a client takes
}

// put takes one.
func (i *interims) put(status message.Status, fields message.Fields) {
	i.queue <- func(x message.Exchange) {
		_ = x.Interim(status, forwarded(fields)) // HTTP/1.0 knows none
		if status == message.StatusContinue {
			i.once.Do(func() { close(i.proceeds) })
		}
	}
}

// relay hands them on, until end.
func (i *interims) relay(x message.Exchange) {
	defer close(i.relayed)
	for send := range i.queue {
		send(x)
	}
}

// end waits until all have been handed on.
func (i *interims) end() {
	close(i.queue)
	<-i.relayed
}
