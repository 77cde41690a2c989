package pump

import "github.com/specht-http/specht/flow"

// outlet is the writing direction.
type outlet struct {
	isRunning  bool   // there is a goroutine that writes
	waiting    []byte // has been taken
	lent       []byte // the same, before; the goroutine writes it
	spare      []byte // the array of what was lent
	err        error  // why writing has failed
	isFull     bool   // an edge is due
	isToFinish bool   // CloseWrite has been called
	isFinished bool
}

// writeOctetsMax is how much is written at once, so that it shows soon that
// there is room.
const writeOctetsMax = 16 << 10

// hasMore says whether there is something to write, or to finish.
func (out *outlet) hasMore() bool {
	return out.err == nil && (len(out.lent) > 0 || len(out.waiting) > 0 || out.isToFinish && !out.isFinished)
}

// TryWrite implements flow.Poll.
func (p *Poll) TryWrite(v [][]byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := &p.out
	switch {
	case p.isClosed || out.isToFinish:
		return 0, errClosed
	case out.err != nil:
		return 0, out.err
	}
	for _, b := range v {
		room := p.options.BufferOctets - len(out.waiting) - len(out.lent)
		k := min(len(b), room)
		out.waiting = append(out.waiting, b[:k]...)
		n += k
		if k < len(b) {
			out.isFull = true
			err = flow.ErrWouldBlock
			break
		}
	}
	p.beginOut()
	return n, err
}

// CloseWrite implements flow.Poll. A flow that can't half-close is left as it
// is.
func (p *Poll) CloseWrite() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return errClosed
	}
	p.out.isToFinish = true
	p.beginOut()
	return nil
}

// beginOut makes sure that somebody writes, or closes the flow, if there is
// anything to write or the end has come. The lock is held.
func (p *Poll) beginOut() {
	if !p.out.isRunning && (p.out.hasMore() || p.isClosed) {
		p.out.isRunning = true
		go p.write()
	}
}

// pumpOut is the goroutine that writes.
func (p *Poll) pumpOut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.out.hasMore() {
		p.writeOut()
	}
	p.out.isRunning = false
	p.changed.Broadcast()
	if !p.isClosed {
		return
	}
	if p.linger != nil {
		p.linger.Stop()
	}
	p.mu.Unlock()
	p.cut()
	p.mu.Lock()
}

// writeOut writes once, or finishes. It is called with the lock, and gives it up
// meanwhile.
func (p *Poll) writeOut() {
	out := &p.out
	if len(out.lent) == 0 {
		if len(out.waiting) == 0 {
			p.finishOut()
			return
		}
		out.lent, out.waiting = out.waiting, out.spare[:0]
		out.spare = out.lent
	}
	b := out.lent[:min(len(out.lent), writeOctetsMax)]
	p.mu.Unlock()
	n, err := p.flow.Write(b)
	p.mu.Lock()
	out.lent = out.lent[n:]
	if err != nil {
		out.err, out.lent, out.waiting = err, nil, nil
	}
	if out.isFull {
		out.isFull = false
		p.tell(flow.Writable)
	}
}

// finishOut half-closes the flow, if it can be. It is called with the lock, and
// gives it up meanwhile.
func (p *Poll) finishOut() {
	var err error
	if f, ok := p.flow.(flow.CloseWriter); ok {
		p.mu.Unlock()
		err = f.CloseWrite()
		p.mu.Lock()
	}
	p.out.isFinished = true
	if err != nil {
		p.out.err = err
	}
}
