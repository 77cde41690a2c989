package mem

import (
	"net/netip"

	"github.com/specht-http/specht/flow"
)

// Poll is an end of a connection in memory, whose operations don't block. It
// announces its own readiness, inside the operation of the other end that
// brought it about.
type Poll struct {
	in, out *pipe
}

var (
	_ flow.Poll       = (*Poll)(nil)
	_ flow.Announcing = (*Poll)(nil)
	_ flow.Addressed  = (*Poll)(nil)
	_ flow.Resetter   = (*Poll)(nil)
	_ flow.Blockable  = (*Poll)(nil)
)

// PollPipe is the two ends of a new connection, neither of them blocking.
func PollPipe(o Options) (a, b *Poll) {
	x, y := newPipe(o), newPipe(o)
	return newPoll(x, y), newPoll(y, x)
}

// newPoll is the end that reads from in and writes to out. The first edge is
// due in both directions: who polls hasn't tried yet.
func newPoll(in, out *pipe) *Poll {
	in.drained, out.full = true, false
	return &Poll{in: in, out: out}
}

// TryRead implements flow.Poll.
func (f *Poll) TryRead(b []byte) (int, error) {
	p := f.in
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drained = false
	if err := p.readEnd(); err != nil {
		return 0, err
	}
	if len(b) == 0 {
		return 0, nil
	}
	if p.hesitate && p.used > 0 {
		if p.dithered.read = !p.dithered.read; p.dithered.read {
			p.reader.tell(flow.Readable)
			return 0, flow.ErrWouldBlock
		}
		b = b[:1]
	}
	n := p.take(b)
	if n > 0 {
		p.loosened()
	}
	p.rearm(n, len(b))
	if n == 0 {
		return 0, flow.ErrWouldBlock
	}
	return n, nil
}

// rearm makes the next edge of the reader due, which got n octets of the max
// that it asked for: at once if there is more that this operation didn't
// move, later if there is none.
func (p *pipe) rearm(n, max int) {
	if n == max && !p.hesitate {
		return
	}
	if p.used > 0 || p.written {
		p.reader.tell(flow.Readable)
		return
	}
	p.drained = true
}

// TryWrite implements flow.Poll.
func (f *Poll) TryWrite(v [][]byte) (int, error) {
	p := f.out
	p.mu.Lock()
	defer p.mu.Unlock()
	p.full = false
	if err := p.writeEnd(); err != nil {
		return 0, err
	}
	total := 0
	for _, b := range v {
		total += len(b)
	}
	if total == 0 {
		return 0, nil
	}
	limit := p.operationMax()
	if p.hesitate {
		if p.dithered.write = !p.dithered.write; p.dithered.write {
			p.writer.tell(flow.Writable)
			return 0, flow.ErrWouldBlock
		}
		limit = 1
	}
	n := p.putVector(v, limit)
	if n > 0 {
		p.changed()
	}
	if n == total {
		return n, nil
	}
	if p.used < p.octetsMax { // not full: the operation's own limit stopped it
		p.writer.tell(flow.Writable)
	} else {
		p.full = true
	}
	return n, flow.ErrWouldBlock
}

// Announce implements flow.Announcing.
func (f *Poll) Announce(to flow.Notifier, token uint64) {
	f.in.announce(&f.in.reader, to, token, flow.Readable)
	f.out.announce(&f.out.writer, to, token, flow.Writable)
}

// announce sets whom end tells, and tells what is ready already.
func (p *pipe) announce(end *listeningEnd, to flow.Notifier, token uint64, r flow.Readiness) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*end = listeningEnd{to, token}
	if r == flow.Readable && (p.used > 0 || p.written) {
		p.drained = false
		end.tell(r)
	}
}

// CloseWrite implements flow.Poll.
func (f *Poll) CloseWrite() error {
	f.out.finish()
	return nil
}

// Close implements flow.Poll. Nothing is announced to this end any more.
func (f *Poll) Close() error {
	f.Announce(nil, 0)
	f.in.leave()
	f.out.finish()
	return nil
}

// Block implements flow.Blockable, with a *Flow.
func (f *Poll) Block() (flow.Flow, error) {
	f.Announce(nil, 0)
	return &Flow{in: f.in, out: f.out}, nil
}

// Reset closes the flow as a broken connection does: octets under way are
// lost, and the peer reads an error instead of io.EOF.
func (f *Poll) Reset() {
	f.Announce(nil, 0)
	f.in.leave()
	f.out.sever()
}

// Peer is the zero AddrPort: flows in memory have no addresses.
func (f *Poll) Peer() netip.AddrPort { return netip.AddrPort{} }
