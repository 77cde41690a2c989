package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// Begin begins a request. Any goroutine may call it, but no callback of this
// connection: see BeginInTurn. The exchange is detached: its methods wait, and
// someone must Close it.
//
// An error is of the head (*message.RequestError, *message.FieldError,
// *message.LengthError), or that of Err: then the request may be sent on
// another connection. The client must have a driver: see ClientOptions.OnReady.
func (c *Client) Begin(h *message.RequestHead) (message.ClientExchange, error) {
	was := c.enter()
	defer c.leave(&was)
	x, err := c.begin(h)
	if err != nil {
		return nil, err
	}
	x.isDetached = true
	return (*clientHandle)(x), nil
}

// Turn runs f in a turn of its own, so that it may call BeginInTurn. Any
// goroutine may call it, but no callback of this connection. f doesn't block.
func (c *Client) Turn(f func()) {
	was := c.enter()
	defer c.leave(&was)
	f()
}

func (c *Client) view() view {
	return view{c.NextRead(), c.isWriteOver, c.out.In, c.Deadline()}
}

// enter begins a turn of another goroutine, leave ends it, and has the driver
// look if something has changed.
func (c *Client) enter() view {
	c.host.Lock()
	return c.view()
}

func (c *Client) leave(was *view) {
	isChanged := true
	defer transit.Depart(c.host, &isChanged)
	c.leaveTurn()
	c.signal()
	isChanged = c.view() != *was
}

// wait is leave, then enter when something has happened. Others that wait are
// told only of what this call has done: two that told each other that they still
// wait would never rest.
func (c *Client) wait(was *view) {
	c.leaveTurn()
	if c.view() != *was {
		c.host.Wake()
		c.signal()
	}
	c.waiters++
	c.host.Wait()
	c.waiters--
	*was = c.view()
}

// clientHandle is an exchange on any goroutine. Each method enters the engine
// as a turn of its own, under the host's lock, and waits where it must.
type clientHandle clientExchange

var _ message.ClientExchange = (*clientHandle)(nil)

// enter begins a turn.
func (h *clientHandle) enter() (x *clientExchange, was view) {
	return (*clientExchange)(h), h.client.enter()
}

// About implements message.ClientExchange.
func (h *clientHandle) About() any { return h.about }

// Write implements message.ClientExchange. What is larger than the window is
// queued in parts.
func (h *clientHandle) Write(p []byte) (n int, err error) {
	x, was := h.enter()
	defer x.client.leave(&was)
	for first := true; first || n < len(p); first = false {
		part := p[n:min(len(p), n+x.client.options.WriteWindowOctets)]
		k, err := x.write(part)
		for err == message.ErrWouldBlock {
			x.client.wait(&was)
			k, err = x.write(part)
		}
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// WriteLent implements message.ClientExchange.
func (h *clientHandle) WriteLent(p []byte, done func(error)) error {
	x, was := h.enter()
	defer x.client.leave(&was)
	err := x.writeLent(p, done)
	for err == message.ErrWouldBlock {
		x.client.wait(&was)
		err = x.writeLent(p, done)
	}
	if err != nil {
		done(err)
	}
	return err
}

// Flush implements message.ClientExchange.
func (h *clientHandle) Flush() error {
	x, was := h.enter()
	defer x.client.leave(&was)
	position := x.position()
	for !x.IsTaken(position) {
		if x.IsLost() {
			return x.LostErr()
		}
		x.client.wait(&was)
	}
	return nil
}

// OnFlushed implements message.ClientExchange.
func (h *clientHandle) OnFlushed(f func(message.ClientExchange, error)) {
	x, was := h.enter()
	defer x.client.leave(&was)
	x.onFlushed(f)
}

// End implements message.ClientExchange.
func (h *clientHandle) End(trailers ...message.Field) error {
	x, was := h.enter()
	defer x.client.leave(&was)
	return x.finish(trailers)
}

// Await implements message.ClientExchange.
func (h *clientHandle) Await() error {
	x, was := h.enter()
	defer x.client.leave(&was)
	err := x.await()
	for err == message.ErrWouldBlock {
		x.client.wait(&was)
		err = x.await()
	}
	return err
}

// OnResponse implements message.ClientExchange.
func (h *clientHandle) OnResponse(f func(message.ClientExchange, error)) {
	x, was := h.enter()
	defer x.client.leave(&was)
	x.awaitBy(f)
}

// OnInterim implements message.ClientExchange.
func (h *clientHandle) OnInterim(f func(message.ClientExchange, message.Status, message.Fields)) {
	x, was := h.enter()
	defer x.client.leave(&was)
	x.onInterim = f
}

// Status implements message.ClientExchange.
func (h *clientHandle) Status() message.Status {
	x := h.lock()
	defer x.unlock()
	return x.status
}

// Reason implements message.ClientExchange.
func (h *clientHandle) Reason() []byte {
	x := h.lock()
	defer x.unlock()
	return x.reason.Of(x.head.octets)
}

// Version implements message.ClientExchange.
func (h *clientHandle) Version() message.Version {
	x := h.lock()
	defer x.unlock()
	return x.version.message()
}

// Fields implements message.ClientExchange.
func (h *clientHandle) Fields() message.Fields {
	x := h.lock()
	defer x.unlock()
	return x.head.fields()
}

// ContentLength implements message.ClientExchange.
func (h *clientHandle) ContentLength() int64 {
	x := h.lock()
	defer x.unlock()
	return x.contentLength
}

// Trailers implements message.ClientExchange.
func (h *clientHandle) Trailers() message.Fields {
	x := h.lock()
	defer x.unlock()
	return x.trailer.fields()
}

// Err implements message.ClientExchange.
func (h *clientHandle) Err() error {
	x := h.lock()
	defer x.unlock()
	return x.err()
}

// lock is for what changes nothing.
func (h *clientHandle) lock() *clientExchange {
	h.client.host.Lock()
	return (*clientExchange)(h)
}

func (x *clientExchange) unlock() { x.client.host.Unlock() }

// Read implements message.ClientExchange.
func (h *clientHandle) Read(p []byte) (n int, err error) {
	x, was := h.enter()
	defer x.client.leave(&was)
	for n, err = x.read(p); err == message.ErrWouldBlock; n, err = x.read(p) {
		x.client.wait(&was)
	}
	return n, err
}

// OnContent implements message.ClientExchange.
func (h *clientHandle) OnContent(f message.ResponseContentFunc) error {
	x, was := h.enter()
	defer x.client.leave(&was)
	return x.listen(f)
}

// Resume implements message.ClientExchange.
func (h *clientHandle) Resume() {
	x, was := h.enter()
	defer x.client.leave(&was)
	x.resume()
}

// Upgrade implements message.ClientExchange.
func (h *clientHandle) Upgrade(take func(message.Stream, []byte)) error {
	x, was := h.enter()
	defer x.client.leave(&was)
	return x.upgrade(take)
}

// Close implements message.ClientExchange.
func (h *clientHandle) Close() {
	x, was := h.enter()
	defer x.client.leave(&was)
	x.close()
}

// Reset implements message.ClientExchange.
func (h *clientHandle) Reset() {
	x, was := h.enter()
	defer x.client.leave(&was)
	x.reset()
}

// Wait implements message.ClientExchange.
func (h *clientHandle) Wait() error {
	x, was := h.enter()
	defer x.client.leave(&was)
	err := x.awaitEnd()
	for err == message.ErrWouldBlock {
		x.client.wait(&was)
		err = x.awaitEnd()
	}
	return err
}

// OnOver implements message.ClientExchange.
func (h *clientHandle) OnOver(f func(message.ClientExchange, error)) {
	x, was := h.enter()
	defer x.client.leave(&was)
	x.overBy(f)
}

// Detach implements message.ClientExchange.
func (h *clientHandle) Detach() message.ClientExchange { return h }
