package loop

import (
	"bytes"
	"fmt"

	"github.com/specht-http/specht/engine"
)

// window is the input of one connection that its engine hasn't consumed. An
// empty window holds no buffer.
//
//	held:  [ consumed | unconsumed | room ]
//	       0          start        len    cap
//
// Only the goroutine that has the connection's reading role touches it.
type window struct {
	held  []byte // from the pool, or nil
	start int32

	fresh bool // the engine may be able to use the octets as they are
	ended bool // the flow has ended behind the octets, and the engine isn't told
	stuck bool // the engine consumed nothing of a window that can't grow
	left  leftover
}

// leftover is a copy of what the engine left, to compare with what it is
// offered next. It stays empty without the tag invariants.
type leftover struct{ octets *[]byte }

// octets are the unconsumed ones.
func (w *window) octets() []byte { return w.held[w.start:] }

// len is how many octets are unconsumed.
func (w *window) len() int { return len(w.held) - int(w.start) }

// keep makes the window hold a copy of b, which is not its own.
func (w *window) keep(p buffers, b []byte) {
	if len(b) == 0 {
		w.drop(p)
		return
	}
	if cap(w.held) < len(b) {
		w.drop(p)
		w.held = p.Get(len(b))
	}
	w.held, w.start = append(w.held[:0], b...), 0
}

// room is space for octetsMin octets or more right behind the unconsumed
// ones, so that the window doesn't exceed octetsMax. It may move them.
func (w *window) room(p buffers, octetsMin, octetsMax int) []byte {
	n := w.len()
	octetsMin = min(octetsMin, octetsMax-n)
	if cap(w.held)-len(w.held) < octetsMin {
		if cap(w.held)-n >= max(octetsMin, n) {
			copy(w.held[:n], w.octets())
			w.held, w.start = w.held[:n], 0
		} else {
			grown := append(p.Get(min(max(2*n, n+octetsMin), octetsMax)), w.octets()...)
			w.drop(p)
			w.held = grown
		}
	}
	room := w.held[len(w.held):cap(w.held)]
	return room[:min(len(room), octetsMax-n)]
}

// extend takes the first n octets of room into the window.
func (w *window) extend(n int) { w.held = w.held[:len(w.held)+n] }

// consume takes n octets off the front.
func (w *window) consume(p buffers, n int) {
	w.start += int32(n)
	if w.len() == 0 {
		w.drop(p)
	}
}

// drop lets everything go.
func (w *window) drop(p buffers) {
	if w.held != nil {
		p.Put(w.held)
	}
	w.held, w.start = nil, 0
}

// offer lends b, which is all that is unconsumed, to the engine, and returns
// how many octets it consumed. The caller has the lock, and NextRead is Read.
func (w *window) offer(e engine.Engine, b []byte, octetsMax int) int {
	var n int
	if invariants {
		w.compare(b)
		n = readMoved(e, b)
	} else {
		n = e.Read(b)
	}
	if n < 0 || n > len(b) {
		panic(fmt.Sprintf("loop: bug: the engine consumed %d octets of %d", n, len(b)))
	}
	if invariants {
		w.remember(b[n:])
	}
	next := e.NextRead()
	w.fresh = n < len(b) && next == engine.Yield
	w.stuck = n == 0 && len(b) >= octetsMax && next == engine.Read
	return n
}

// stuckError is what a connection ends with whose window is stuck.
func stuckError(octetsMax int) error {
	return fmt.Errorf("loop: the engine consumed nothing of a window of %d octets, which is the most (WindowOctetsMax): this is a bug of the engine, whose own limits must be smaller", octetsMax)
}

// deliver gives the engine what the window holds and what it can use, and
// then the end. It returns NextRead. The caller has the lock.
func (w *window) deliver(e engine.Engine, p buffers, octetsMax int) engine.Op {
	for {
		op := e.NextRead()
		switch {
		case op == engine.Close:
			w.drop(p)
			w.fresh, w.ended = false, false
			return op
		case op != engine.Read:
			return op
		case w.fresh && w.len() > 0:
			w.consume(p, w.offer(e, w.octets(), octetsMax))
		case w.ended:
			w.ended = false
			w.end(e)
			w.drop(p)
		default:
			return op
		}
	}
}

// end tells the engine that the flow has ended.
func (w *window) end(e engine.Engine) {
	if !invariants {
		e.ReadEOF(w.octets())
		return
	}
	w.compare(w.octets())
	readEOFMoved(e, w.octets())
}

// compare finds what the driver lost or changed of what the engine left.
func (w *window) compare(b []byte) {
	if w.left.octets != nil && !bytes.HasPrefix(b, *w.left.octets) {
		panic("loop: bug: what is offered doesn't begin with what the engine left")
	}
}

// remember keeps a copy of what the engine left.
func (w *window) remember(b []byte) {
	left := bytes.Clone(b)
	w.left.octets = &left
}
