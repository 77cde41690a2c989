package h1

import (
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// handle is an exchange on any goroutine. Each method enters the engine as a
// turn of its own, under the host's lock, and waits where it must.
type handle exchange

var _ message.Exchange = (*handle)(nil)

// view is what a driver sees of an engine. While it doesn't change, there is
// nothing to wake the driver for.
type view struct {
	read      engine.Op
	isClosing bool
	in        uint64 // queued octets, since the beginning
	deadline  int64
}

func (s *Server) view() view {
	return view{s.NextRead(), s.isClosing, s.position(), s.Deadline()}
}

// enter begins a turn. The exchange can't be used for another one meanwhile.
func (h *handle) enter() (x *exchange, was view) {
	x = (*exchange)(h)
	x.server.host.Lock()
	if invariants && x.isReturned {
		x.server.host.Unlock()
		panic("h1: bug: an exchange is used after its handler has returned: see Detach")
	}
	x.pins++
	return x, x.server.view()
}

// leave ends it, and has the driver look if something has changed.
func (x *exchange) leave(was *view) {
	s := x.server
	isChanged := true
	defer transit.Depart(s.host, &isChanged)
	x.pins--
	s.leaveTurn()
	s.signal()
	x.release()
	isChanged = s.view() != *was
}

// wait is leave, then enter when something has happened. Others that wait are
// told only of what this call has done: two that told each other that they still
// wait would never rest.
func (x *exchange) wait(was *view) {
	s := x.server
	s.leaveTurn()
	if s.view() != *was {
		s.host.Wake()
		s.signal()
	}
	s.waiters++
	s.host.Wait()
	s.waiters--
	*was = s.view()
}

// Read implements message.Exchange.
func (h *handle) Read(p []byte) (n int, err error) {
	x, was := h.enter()
	defer x.leave(&was)
	for n, err = x.read(p); err == message.ErrWouldBlock; n, err = x.read(p) {
		x.wait(&was)
	}
	return n, err
}

// OnContent implements message.Exchange.
func (h *handle) OnContent(f message.ContentFunc) error {
	x, was := h.enter()
	defer x.leave(&was)
	err := x.listen(f)
	if err == nil {
		x.pins++
		x.server.later(transit.Call{X: x, What: transit.CallStored})
	}
	return err
}

// Resume implements message.Exchange.
func (h *handle) Resume() {
	x, was := h.enter()
	defer x.leave(&was)
	x.resume()
}

// Trailers implements message.Exchange.
func (h *handle) Trailers() message.Fields {
	x, was := h.enter()
	defer x.leave(&was)
	return message.NewFields(x.trailer, x.trailerFields)
}

// Interim implements message.Exchange.
func (h *handle) Interim(status message.Status, fields []message.Field) error {
	x, was := h.enter()
	defer x.leave(&was)
	err := x.interim(status, fields)
	for err == message.ErrWouldBlock {
		x.wait(&was)
		err = x.interim(status, fields)
	}
	return err
}

// Push implements message.Exchange.
func (h *handle) Push(*message.RequestHead) error { return errNoPush }

// Respond implements message.Exchange.
func (h *handle) Respond(status message.Status, fields []message.Field, content []byte) error {
	x, was := h.enter()
	defer x.leave(&was)
	return x.respond(status, fields, content)
}

// Start implements message.Exchange.
func (h *handle) Start(status message.Status, fields []message.Field, contentLength int64) error {
	x, was := h.enter()
	defer x.leave(&was)
	return x.start(status, fields, contentLength)
}

// Write implements message.Exchange. What is larger than the window is queued
// in parts.
func (h *handle) Write(p []byte) (n int, err error) {
	x, was := h.enter()
	defer x.leave(&was)
	for first := true; first || n < len(p); first = false {
		part := p[n:min(len(p), n+x.server.service.WriteWindowOctets)]
		k, err := x.write(part)
		for err == message.ErrWouldBlock {
			x.wait(&was)
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
	x, was := h.enter()
	defer x.leave(&was)
	err := x.writeLent(p, done)
	for err == message.ErrWouldBlock {
		x.wait(&was)
		err = x.writeLent(p, done)
	}
	if err != nil {
		done(err)
	}
	return err
}

// Flush implements message.Exchange.
func (h *handle) Flush() error {
	x, was := h.enter()
	defer x.leave(&was)
	position := x.position()
	for !x.IsTaken(position) {
		if x.IsLost() {
			return x.LostErr()
		}
		x.wait(&was)
	}
	return nil
}

// OnFlushed implements message.Exchange.
func (h *handle) OnFlushed(f func(message.Exchange, error)) {
	x, was := h.enter()
	defer x.leave(&was)
	x.onFlushed(f)
}

// End implements message.Exchange.
func (h *handle) End(trailers ...message.Field) error {
	x, was := h.enter()
	defer x.leave(&was)
	return x.finish(trailers...)
}

// Upgrade implements message.Exchange.
func (h *handle) Upgrade(status message.Status, fields []message.Field, take func(message.Stream, []byte)) error {
	x, was := h.enter()
	defer x.leave(&was)
	return x.upgrade(status, fields, take)
}

// Reset implements message.Exchange.
func (h *handle) Reset() {
	x, was := h.enter()
	defer x.leave(&was)
	x.reset()
}

// Err implements message.Exchange.
func (h *handle) Err() error {
	x, was := h.enter()
	defer x.leave(&was)
	return x.err()
}

// Wait implements message.Exchange.
func (h *handle) Wait() error {
	x, was := h.enter()
	defer x.leave(&was)
	err := x.awaited()
	for err == message.ErrWouldBlock {
		x.wait(&was)
		err = x.awaited()
	}
	return err
}

// OnOver implements message.Exchange.
func (h *handle) OnOver(f func(message.Exchange, error)) {
	x, was := h.enter()
	defer x.leave(&was)
	x.onOver(f)
}

// Detach implements message.Exchange.
func (h *handle) Detach() message.Exchange {
	x, was := h.enter()
	defer x.leave(&was)
	x.isDetached = true
	return h
}

// awaited is message.Exchange.Wait in a turn.
func (x *exchange) awaited() error {
	if err := x.err(); err != nil {
		return err
	}
	if x.server.isEnded && x.successor == nil {
		return message.ErrHalfClosed
	}
	return message.ErrWouldBlock
}

// OverErr implements transit.Party.
func (x *exchange) OverErr() error {
	if err := x.awaited(); err != message.ErrWouldBlock {
		return err
	}
	return nil
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
	was := s.view()
	x.isRunning = false
	if v != nil {
		x.panicked(v)
	}
	x.settleDebt()
	x.isReturned = invariants && !x.isDetached
	x.pins++
	x.leave(&was)
}
