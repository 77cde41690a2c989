package mem

import (
	"net/netip"
	"os"
	"time"

	"github.com/specht-http/specht/flow"
)

// Flow is an end of a connection in memory, whose operations block. It has
// both half-closes, vectored writes and deadlines.
type Flow struct {
	in, out *pipe
}

var (
	_ flow.Flow         = (*Flow)(nil)
	_ flow.CloseReader  = (*Flow)(nil)
	_ flow.CloseWriter  = (*Flow)(nil)
	_ flow.VectorWriter = (*Flow)(nil)
	_ flow.Deadliner    = (*Flow)(nil)
	_ flow.Addressed    = (*Flow)(nil)
	_ flow.Resetter     = (*Flow)(nil)
)

// Pipe is the two ends of a new connection, both blocking.
func Pipe(o Options) (a, b *Flow) {
	x, y := newPipe(o), newPipe(o)
	return &Flow{in: x, out: y}, &Flow{in: y, out: x}
}

// MixedPipe is the two ends of a new connection: a blocks and b doesn't.
func MixedPipe(o Options) (a *Flow, b *Poll) {
	x, y := newPipe(o), newPipe(o)
	return &Flow{in: x, out: y}, newPoll(y, x)
}

// Read waits for octets and returns those that there are, at most
// Options.ReadMax.
func (f *Flow) Read(b []byte) (int, error) {
	p := f.in
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(b) == 0 {
		return 0, nil
	}
	for {
		if p.readExpiry.passed() {
			return 0, os.ErrDeadlineExceeded
		}
		if err := p.readEnd(); err != nil {
			return 0, err
		}
		if n := p.take(b); n > 0 {
			p.loosened()
			return n, nil
		}
		p.readWait.Wait()
	}
}

// Write waits until all of b is taken.
func (f *Flow) Write(b []byte) (n int, err error) {
	p := f.out
	p.mu.Lock()
	defer p.mu.Unlock()
	for n < len(b) && err == nil {
		var k int
		k, err = p.write(b[n:], nil)
		n += k
	}
	return n, err
}

// WriteVector waits until at least one octet is taken, and takes those for
// which there is room, at most Options.WriteMax.
func (f *Flow) WriteVector(v [][]byte) (int, error) {
	p := f.out
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(v) > 0 && len(v[0]) == 0 {
		v = v[1:]
	}
	if len(v) == 0 {
		return 0, nil
	}
	return p.write(v[0], v[1:])
}

// write waits until at least one octet of first is taken, then takes what has
// room of it and of rest; the lock is held.
func (p *pipe) write(first []byte, rest [][]byte) (int, error) {
	for {
		if err := p.writeEnd(); err != nil {
			return 0, err
		}
		if p.writeExpiry.passed() {
			return 0, os.ErrDeadlineExceeded
		}
		limit := p.operationMax()
		n := p.put(first, limit)
		if n == len(first) {
			n += p.putVector(rest, limit-n)
		}
		if n > 0 {
			p.changed()
			return n, nil
		}
		p.writeWait.Wait()
	}
}

// CloseRead finishes reading: a blocked Read returns, and what the peer
// writes fails.
func (f *Flow) CloseRead() error {
	f.in.leave()
	return nil
}

// CloseWrite finishes writing: the peer reads what is under way, then io.EOF.
func (f *Flow) CloseWrite() error {
	f.out.finish()
	return nil
}

// Close finishes both directions and unblocks both.
func (f *Flow) Close() error {
	f.in.leave()
	f.out.finish()
	return nil
}

// Reset closes the flow as a broken connection does: octets under way are
// lost, and the peer reads an error instead of io.EOF.
func (f *Flow) Reset() {
	f.in.leave()
	f.out.sever()
}

// SetReadDeadline implements flow.Deadliner.
func (f *Flow) SetReadDeadline(t time.Time) error {
	f.in.mu.Lock()
	defer f.in.mu.Unlock()
	f.in.readExpiry.set(t, &f.in.readWait)
	return nil
}

// SetWriteDeadline implements flow.Deadliner.
func (f *Flow) SetWriteDeadline(t time.Time) error {
	f.out.mu.Lock()
	defer f.out.mu.Unlock()
	f.out.writeExpiry.set(t, &f.out.writeWait)
	return nil
}

// Peer is the zero AddrPort: flows in memory have no addresses.
func (f *Flow) Peer() netip.AddrPort { return netip.AddrPort{} }
