package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// exchange is one request and its response on a connection.
//
// A connection has them in a list, in the order of their requests. The first
// one is open: its octets go to the output of the connection. The others keep
// theirs until it is their turn, so handlers may finish in any order.
//
// What is in flight holds an exchange in memory: the list, a handler that runs,
// whoever detached it, and notifications. Afterwards it is used again, unless
// it was detached: a handle may outlive everything, so it is left to the
// garbage collector, together with what its slices point into.
type exchange struct {
	request
	server *Server
	next   *exchange // in the list, or in the free one

	direction   RequestDirection
	response    Response
	persistence Persistence
	expectation expectation
	out         transit.Queue // until the exchange is open
	base        uint64        // where in the output of the connection it begins, if it is open
	length      uint64        // how many octets it put there, once it has ended

	transit.Incoming
	successor func(message.Stream, []byte) // who has the connection next: see upgrade.go
	fault     *message.Fault               // what was wrong with the content
	began     int64                        // the offset of the request on the connection
	since     int64                        // when its head was there, monotonic ns; if there is an OnEnd
	arrived   int64                        // octets of content whose length wasn't declared
	pins      int32                        // notifications that are due, calls that wait
	watches   int32                        // of the pins, those that wait for the end only

	isOpen        bool
	isEnded       bool // it isn't in the list any more
	isHeld        bool // the handler is to have it when it is the first
	offersUpgrade bool // the request asks for another protocol
	mayLeave      bool // what follows may not be HTTP any more
	isRunning     bool // a handler runs on a goroutine
	isServing     bool // a handler runs in the turn
	isDetached    bool
	isReturned    bool  // in builds tagged invariants: its handle isn't to be used
	isDropped     bool  // it was given up before it was open: nothing goes out
	cause         error // why the response can't be sent, or why the engine sent one
}

// begin makes an exchange, the last of the list.
func (s *Server) begin() *exchange {
	w := s.work
	x := w.free
	if x == nil {
		x = &exchange{server: s}
	} else {
		w.free = x.next
		w.freeCount--
	}
	x.next = nil
	x.about = s.about
	x.began = s.requests.Began
	if s.service.OnEnd != nil {
		x.since, _ = s.host.Now()
	}
	if s.last == nil {
		s.first = x
	} else {
		s.last.next = x
	}
	s.last = x
	w.count++
	s.openFirst()
	x.response.reset(message.MethodOther, VersionHTTP11, &w.checker)
	return x
}

// openFirst makes the first exchange the one whose octets go out.
func (s *Server) openFirst() {
	if x := s.first; !x.isOpen {
		out := &s.work.out.Queue
		x.isOpen, x.base = true, out.In
		x.out.MoveTo(out)
	}
}

// pop takes the first exchange off the list. It has ended.
func (s *Server) pop() {
	x := s.first
	s.first = x.next
	if s.first == nil {
		s.last = nil
	}
	s.work.count--
	s.work.headOctets -= len(x.head)
	x.next = nil
	x.end()
}

// end is that the connection has nothing to do with the exchange any more.
func (x *exchange) end() {
	s := x.server
	x.length = x.position()
	x.isEnded = true
	if x.successor != nil {
		x.fail(message.ErrReset)
	}
	if s.receiving == x {
		s.receiving = nil
	}
	x.tellEnd()
	x.discard()
	x.release()
}

// release makes the exchange usable again, if nothing holds it.
func (x *exchange) release() {
	if !x.isEnded || x.pins > 0 || x.isRunning || x.isServing || x.isDetached {
		return
	}
	s := x.server
	x.drop(s.host)
	if !x.out.IsEmpty() || x.Store.Size() > 0 {
		panic("h1: bug: an exchange ends with octets")
	}
	w := s.work
	if x.isReturned || w == nil || w.freeCount >= s.service.PipelinedMax {
		return
	}
	w.freeCount++
	fields, trailerFields, out := x.fields[:0], x.trailerFields[:0], x.out.Anew()
	*x = exchange{}
	x.server, x.next = s, w.free
	x.fields, x.trailerFields, x.out = fields, trailerFields, out
	w.free = x
}

// queue is where the octets of the response go.
func (x *exchange) queue() *transit.Queue {
	if x.isOpen {
		return &x.server.work.out.Queue
	}
	return &x.out
}

// position is how many octets of the response have been queued.
func (x *exchange) position() uint64 {
	switch {
	case x.isEnded:
		return x.length
	case x.isOpen:
		return x.server.position() - x.base
	}
	return x.out.In
}

// IsTaken implements transit.Party.
func (x *exchange) IsTaken(position uint64) bool {
	return !x.isDropped && (position == 0 || x.isOpen && x.server.taken() >= x.base+position)
}

// queued is how many octets of the response the flow hasn't taken.
func (x *exchange) queued() int {
	if x.isOpen {
		return x.server.queued()
	}
	return x.out.Size()
}

// isUntilClose says whether the end of the connection would be taken for that of
// the response, which has begun and isn't complete.
func (x *exchange) isUntilClose() bool {
	return x.response.framing == framingUntilClose && x.response.Direction != ResponseDirectionDone && !x.isDropped
}

// fail gives the exchange up, because of err: the response can't be sent.
func (x *exchange) fail(err error) {
	if x.successor != nil { // what the response promised never comes
		x.successor = nil
		x.response.Direction, x.cause = ResponseDirectionFailed, err
	}
	if x.response.Direction != ResponseDirectionDone {
		x.response.Abort()
		x.cause = err
	}
	if !x.isOpen {
		x.response.Direction = ResponseDirectionFailed // though it was complete: the next one would be taken for it
		x.isDropped, x.cause = true, err
		x.out.Clear(x.server.host, x.server.wake().Lost)
	}
}

// err is message.Exchange.Err.
func (x *exchange) err() error {
	switch x.response.Direction {
	case ResponseDirectionDone:
		switch {
		case x.cause != nil:
			return x.cause
		case x.successor != nil:
			return nil
		}
		return message.ErrOver
	case ResponseDirectionFailed:
		return x.cause
	}
	return nil
}

// isOwed says whether somebody is left who can end the response.
func (x *exchange) isOwed() bool {
	return x.isHeld || x.isDetached || x.isRunning || x.isServing || x.OnContent != nil || x.pins > x.watches
}

// settleDebt is called when a handler or callback has returned. A response that
// nobody is left to end is ended here: by 500, or by cutting it.
func (x *exchange) settleDebt() {
	if x.isOwed() {
		return
	}
	switch x.response.Direction {
	case ResponseDirectionIdle:
		if x.fault != nil {
			x.server.answer(x, x.fault, message.Status(x.fault.Status))
			return
		}
		x.server.answer(x, ErrUnanswered, message.StatusInternalServerError)
	case ResponseDirectionContent:
		if x.response.framing == framingNone || x.response.isBare { // nothing is missing
			_ = x.finish()
			return
		}
		x.fail(ErrUnanswered)
	}
}
