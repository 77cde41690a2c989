package pump

import (
	"errors"
	"os"

	"github.com/specht-http/specht/flow"
)

// intake is the reading direction. While its goroutine reads into one buffer,
// what it has read before is taken from another.
type intake struct {
	state     intakeState
	isOpen    bool
	ready     []byte // has been read, and not been taken
	err       error  // what comes behind that
	isDrained bool   // an edge is due
	isBlocked bool   // a blocked flow reads by itself as soon as it can
}

// intakeState is whether there is a goroutine that reads.
type intakeState uint8

const (
	intakeNotYet intakeState = iota
	intakeRuns
	intakeOver
)

// readOctetsMin is with how much reading begins. It grows while reads fill it.
const readOctetsMin = 2 << 10

// errClosed is what operations on a closed Poll answer.
var errClosed = errors.Join(errors.New("flow: use of a closed flow"), os.ErrClosed)

// isReadable says whether there is something to read, or the end.
func (in *intake) isReadable() bool { return len(in.ready) > 0 || in.err != nil }

// TryRead implements flow.Poll.
func (p *Poll) TryRead(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	in := &p.in
	if p.isClosed {
		return 0, errClosed
	}
	p.beginIn()
	n := p.take(b)
	if n < len(b) {
		in.isDrained = true
		if n > 0 && in.err != nil {
			p.edge()
		}
	}
	switch {
	case n > 0 || len(b) == 0:
		return n, nil
	case in.err != nil:
		return 0, in.err
	}
	return 0, flow.ErrWouldBlock
}

// take takes what is ready. The lock is held.
func (p *Poll) take(b []byte) int {
	n := copy(b, p.in.ready)
	p.in.ready = p.in.ready[n:]
	if n > 0 && len(p.in.ready) == 0 {
		p.changed.Broadcast()
	}
	return n
}

// edge announces that there is something to read, if that is due. The lock is
// held.
func (p *Poll) edge() {
	if p.in.isDrained {
		p.in.isDrained = false
		p.tell(flow.Readable)
	}
}

// beginIn makes sure that somebody reads. The lock is held.
func (p *Poll) beginIn() {
	if p.in.state == intakeNotYet {
		p.in.state = intakeRuns
		go p.pumpIn()
	}
}

// pumpIn is the goroutine that reads.
func (p *Poll) pumpIn() {
	if !p.open() {
		return
	}
	var buffers [2][]byte
	most := max(p.options.BufferOctets/2, 1) // of each
	size := min(readOctetsMin, most)
	for turn := 0; ; turn ^= 1 {
		if c := cap(buffers[turn]); c < size || c > 4*size {
			buffers[turn] = make([]byte, size)
		}
		b := buffers[turn][:size]
		n, err := p.flow.Read(b)
		if !p.give(b[:n], err) {
			return
		}
		switch {
		case n == size:
			size = min(2*size, most)
		case n < size/8:
			size = min(max(size/2, readOctetsMin), size)
		}
	}
}

// open opens the flow, if it has to be opened, and says whether that is well.
func (p *Poll) open() bool {
	f, mustOpen := p.flow.(flow.Opener)
	var err error
	if mustOpen {
		err = f.Open()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.in.isOpen, p.in.err = err == nil, err
	if mustOpen {
		p.tell(flow.Readable)
	}
	if err != nil {
		p.in.state = intakeOver
	}
	return err == nil
}

// give makes b and err what comes next, once everything before has been taken.
// It is false when nothing more is to be read.
func (p *Poll) give(b []byte, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	in := &p.in
	for len(in.ready) > 0 && !p.isClosed {
		p.changed.Wait()
	}
	if p.isClosed {
		in.state = intakeOver
		return false
	}
	in.ready = b
	if in.isBlocked || err != nil {
		in.state = intakeOver
	}
	if !in.isBlocked || !errors.Is(err, os.ErrDeadlineExceeded) {
		in.err = err
	}
	if in.isReadable() {
		p.edge()
	}
	p.changed.Broadcast()
	return in.state == intakeRuns
}
