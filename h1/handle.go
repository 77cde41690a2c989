package h1

import "github.com/specht-http/specht/message"

// handle is an exchange on any goroutine. Each method enters the engine as a
// turn of its own, under the host's lock, and waits where it must.
type handle exchange

var _ message.Exchange = (*handle)(nil)

// enter begins a turn. The exchange can't be used for another one meanwhile.
func (h *handle) enter() *exchange {
	x := (*exchange)(h)
	x.server.host.Lock()
	if invariants && x.isReturned {
		x.server.host.Unlock()
		panic("h1: bug: an exchange is used after its handler has returned: see Detach")
	}
	x.pins++
	return x
}

// leave ends it, and has the driver look at what has changed.
func (x *exchange) leave() {
	s := x.server
	x.pins--
	s.endTurn()
	s.host.Unlock()
	s.host.Wake()
}

// wait is leave, then enter when something has changed.
func (x *exchange) wait() {
	s := x.server
	s.endTurn()
	s.host.Wake()
	s.waiters++
	s.host.Wait()
	s.waiters--
}

// Read implements message.Exchange.
func (h *handle) Read(p []byte) (n int, err error) {
	x := h.enter()
	defer x.leave()
	for n, err = x.read(p); err == message.ErrWouldBlock; n, err = x.read(p) {
		x.wait()
	}
	return n, err
}

// OnContent implements message.Exchange.
func (h *handle) OnContent(f message.ContentFunc) error {
	x := h.enter()
	defer x.leave()
	return x.listen(f)
}

// Resume implements message.Exchange.
func (h *handle) Resume() {
	x := h.enter()
	defer x.leave()
	x.resume()
}

// Trailers implements message.Exchange.
func (h *handle) Trailers() message.Fields {
	x := h.enter()
	defer x.leave()
	return message.NewFields(x.trailer, x.trailerFields)
}

// Respond implements message.Exchange.
func (h *handle) Respond(status message.Status, fields []message.Field, content []byte) error {
	x := h.enter()
	defer x.leave()
	return x.respond(status, fields, content)
}

// Start implements message.Exchange.
func (h *handle) Start(status message.Status, fields []message.Field, contentLength int64) error {
	x := h.enter()
	defer x.leave()
	return x.start(status, fields, contentLength)
}

// Write implements message.Exchange. What is larger than the window is queued
// in parts.
func (h *handle) Write(p []byte) (n int, err error) {
	x := h.enter()
	defer x.leave()
	for first := true; first || n < len(p); first = false {
		part := p[n:min(len(p), n+x.server.service.WriteWindowOctets)]
		k, err := x.write(part)
		for err == message.ErrWouldBlock {
			x.wait()
			k, err = x.write(part)
		}
		n += k
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// WriteLent implements message.Exchange.
func (h *handle) WriteLent(p []byte, done func(error)) error {
	x := h.enter()
	defer x.leave()
	err := x.writeLent(p, done)
	for err == message.ErrWouldBlock {
		x.wait()
		err = x.writeLent(p, done)
	}
	if err != nil {
		done(err)
	}
	return err
}

// Flush implements message.Exchange.
func (h *handle) Flush() error {
	x := h.enter()
	defer x.leave()
	position := x.position()
	for !x.isTaken(position) {
		if x.isLost() {
			return x.lostErr()
		}
		x.wait()
	}
	return nil
}

// OnFlushed implements message.Exchange.
func (h *handle) OnFlushed(f func(message.Exchange, error)) {
	x := h.enter()
	defer x.leave()
	x.onFlushed(f)
}

// End implements message.Exchange.
func (h *handle) End() error {
	x := h.enter()
	defer x.leave()
	return x.finish()
}

// Reset implements message.Exchange.
func (h *handle) Reset() {
	x := h.enter()
	defer x.leave()
	x.reset()
}

// Err implements message.Exchange.
func (h *handle) Err() error {
	x := h.enter()
	defer x.leave()
	return x.err()
}

// Wait implements message.Exchange.
func (h *handle) Wait() error {
	x := h.enter()
	defer x.leave()
	err := x.awaited()
	for err == message.ErrWouldBlock {
		x.wait()
		err = x.awaited()
	}
	return err
}

// Detach implements message.Exchange.
func (h *handle) Detach() message.Exchange {
	x := h.enter()
	defer x.leave()
	x.isDetached = true
	return h
}

// awaited is message.Exchange.Wait in a turn.
func (x *exchange) awaited() error {
	if err := x.err(); err != nil {
		return err
	}
	if x.server.isEnded {
		return message.ErrHalfClosed
	}
	return message.ErrWouldBlock
}

// task is an exchange whose handler runs on a goroutine.
type task exchange

// Run implements engine.Task.
func (t *task) Run() {
	defer t.over()
	t.server.service.Handler.Serve((*handle)(t))
}

// over is deferred: the handler has returned, or panicked, or ended its
// goroutine.
func (t *task) over() {
	v := recover()
	x := (*exchange)(t)
	s := x.server
	s.host.Lock()
	x.isRunning = false
	if v != nil {
		x.panicked(v)
	}
	x.settleDebt()
	x.isReturned = invariants && !x.isDetached
	s.endTurn()
	x.release()
	s.host.Unlock()
	s.host.Wake()
}
