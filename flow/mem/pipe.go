// Package mem is flows in memory: a connection is two bounded buffers, one
// for each direction.
//
// An end of a connection is a [Flow], whose operations block, or a [Poll],
// whose operations don't; [Pipe], [PollPipe] and [MixedPipe] make the
// combinations, and a [Listener] or [PollListener] hands ends to a server.
// [Options] make a connection awkward on purpose: small buffers, a few octets
// for each operation, would-block before every octet. There are no
// goroutines, and with polling ends nothing happens that the caller didn't
// do, so a run can be repeated exactly.
package mem

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/specht-http/specht/flow"
)

// Options say how a connection behaves. The zero value is a plain one.
type Options struct {
	// BufferOctets is how many octets each direction holds; 0 for 65,536.
	BufferOctets int
	// ReadMax and WriteMax are how many octets one operation moves at most; 0
	// for no limit but the buffer's.
	ReadMax, WriteMax int
	// Hesitate makes a Poll answer would-block before every octet that it
	// reads or writes, so each TryRead and TryWrite moves one octet or none.
	Hesitate bool
}

const bufferOctetsDefault = 64 << 10

// errReset is what an end reads and writes when the other has gone; it
// matches syscall.EPIPE.
var errReset error = resetError{}

type resetError struct{}

func (resetError) Error() string   { return "flow: the peer of the flow in memory has closed" }
func (resetError) Is(t error) bool { return t == syscall.EPIPE }

// errClosed is what an end answers after its own Close.
var errClosed = errors.Join(errors.New("flow: use of a closed flow in memory"), os.ErrClosed)

// pipe is one direction: a ring of octets from a writer to a reader. Its
// octets are ring[(start+i)%len(ring)] for i in [0, used).
type pipe struct {
	mu    sync.Mutex
	ring  []byte
	start int
	used  int

	octetsMax int
	readMax   int
	writeMax  int
	hesitate  bool
	dithered  struct{ read, write bool } // would-block was answered, so the next is due

	written     bool // the writer has finished
	readerGone  bool
	broken      bool // reader reads an error instead of EOF
	drained     bool // the reader waits for an edge
	full        bool // the writer waits for an edge
	reader      listeningEnd
	writer      listeningEnd
	readWait    sync.Cond
	writeWait   sync.Cond
	readExpiry  expiry
	writeExpiry expiry
}

// listeningEnd is whom to tell that an end can try again.
type listeningEnd struct {
	to    flow.Notifier
	token uint64
}

// tell announces r, if anyone listens.
func (e listeningEnd) tell(r flow.Readiness) {
	if e.to != nil {
		e.to.Ready(e.token, r)
	}
}

func newPipe(o Options) *pipe {
	p := &pipe{octetsMax: o.BufferOctets, readMax: o.ReadMax, writeMax: o.WriteMax, hesitate: o.Hesitate}
	if p.octetsMax <= 0 {
		p.octetsMax = bufferOctetsDefault
	}
	p.readWait.L, p.writeWait.L = &p.mu, &p.mu
	return p
}

// take moves octets from the ring to b, as many as an operation may; the lock
// is held.
func (p *pipe) take(b []byte) int {
	n := min(len(b), p.used)
	if p.readMax > 0 {
		n = min(n, p.readMax)
	}
	if n == 0 {
		return 0
	}
	k := copy(b[:n], p.ring[p.start:])
	copy(b[k:n], p.ring)
	p.used -= n
	p.start = (p.start + n) % len(p.ring)
	if p.used == 0 {
		p.start = 0
	}
	return n
}

// put moves octets from b to the ring, as many as fit and at most max; the
// lock is held.
func (p *pipe) put(b []byte, max int) int {
	n := min(len(b), max, p.octetsMax-p.used)
	if n == 0 {
		return 0
	}
	p.grow(p.used + n)
	at := (p.start + p.used) % len(p.ring)
	k := copy(p.ring[at:], b[:n])
	copy(p.ring, b[k:n])
	p.used += n
	return n
}

// grow makes the ring hold n octets.
func (p *pipe) grow(n int) {
	if n <= len(p.ring) {
		return
	}
	size := max(len(p.ring), 512)
	for size < n {
		size *= 2
	}
	ring := make([]byte, min(size, p.octetsMax))
	k := copy(ring[:p.used], p.ring[p.start:])
	copy(ring[k:p.used], p.ring)
	p.ring, p.start = ring, 0
}

// putVector puts the slices of v, as many octets as one operation may; the
// lock is held.
func (p *pipe) putVector(v [][]byte, operationMax int) (n int) {
	for _, b := range v {
		k := p.put(b, operationMax-n)
		n += k
		if k < len(b) {
			break
		}
	}
	return n
}

// operationMax is how many octets one write may move.
func (p *pipe) operationMax() int {
	if p.writeMax > 0 {
		return p.writeMax
	}
	return p.octetsMax
}

// readEnd is what a reader that finds no octets reads: nil for nothing yet.
func (p *pipe) readEnd() error {
	switch {
	case p.readerGone:
		return errClosed
	case p.used > 0:
		return nil
	case p.broken:
		return errReset
	case p.written:
		return io.EOF
	}
	return nil
}

// writeEnd is why nothing can be written any more, or nil.
func (p *pipe) writeEnd() error {
	switch {
	case p.written:
		return errClosed
	case p.readerGone:
		return errReset
	}
	return nil
}

// changed tells the reader that there is something to read, or an end of it.
func (p *pipe) changed() {
	p.readWait.Broadcast()
	if p.drained {
		p.drained = false
		p.reader.tell(flow.Readable)
	}
}

// loosened tells the writer that there is room, or nobody to read.
func (p *pipe) loosened() {
	p.writeWait.Broadcast()
	if p.full {
		p.full = false
		p.writer.tell(flow.Writable)
	}
}

// finish ends the direction from the writer's side.
func (p *pipe) finish() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written = true
	p.changed()
	p.writeWait.Broadcast()
}

// leave ends the direction from the reader's side: what is in it is dropped.
func (p *pipe) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.readerGone = true
	p.ring, p.start, p.used = nil, 0, 0
	p.loosened()
	p.readWait.Broadcast()
}

// sever ends the direction as a reset does: octets under way are lost.
func (p *pipe) sever() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.written, p.broken = true, true
	p.ring, p.start, p.used = nil, 0, 0
	p.changed()
	p.writeWait.Broadcast()
}

// expiry is a deadline of a blocked operation.
type expiry struct {
	at    time.Time
	timer *time.Timer
}

// set moves the deadline and wakes who waits on cond, whose lock is held.
func (e *expiry) set(t time.Time, cond *sync.Cond) {
	if e.timer != nil {
		e.timer.Stop()
		e.timer = nil
	}
	e.at = t
	if t.IsZero() {
		return
	}
	if d := time.Until(t); d > 0 {
		e.timer = time.AfterFunc(d, func() {
			cond.L.Lock()
			defer cond.L.Unlock()
			cond.Broadcast()
		})
	}
	cond.Broadcast()
}

// passed says whether the deadline has passed.
func (e *expiry) passed() bool {
	return !e.at.IsZero() && !time.Now().Before(e.at)
}
