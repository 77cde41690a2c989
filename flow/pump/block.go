package pump

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/specht-http/specht/flow"
)

// blocked is the flow of a Poll that has become a blocking one: what the Poll
// has read comes first, what it was to write goes first, and then the flow
// itself is read and written.
type blocked struct{ p *Poll }

var (
	_ flow.Flow        = (*blocked)(nil)
	_ flow.CloseReader = (*blocked)(nil)
	_ flow.CloseWriter = (*blocked)(nil)
	_ flow.Deadliner   = (*blocked)(nil)
	_ flow.Addressed   = (*blocked)(nil)
	_ flow.Resetter    = (*blocked)(nil)
)

// Block implements flow.Blockable. What the flow below can't do, half-closing or
// deadlines, the new one answers with an error that matches
// errors.ErrUnsupported.
func (p *Poll) Block() (flow.Flow, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return nil, errClosed
	}
	p.to = nil
	p.in.isBlocked = true
	if p.in.state == intakeNotYet {
		p.in.state = intakeOver
	}
	return &blocked{p}, nil
}

// Read implements flow.Flow.
func (f *blocked) Read(b []byte) (int, error) {
	p := f.p
	p.mu.Lock()
	for len(p.in.ready) == 0 && p.in.err == nil && p.in.state == intakeRuns && !p.isClosed {
		p.changed.Wait()
	}
	n, err, isOver := p.take(b), p.in.err, p.in.err != nil
	if p.isClosed {
		err, isOver = errClosed, true
	}
	p.mu.Unlock()
	switch {
	case n > 0 || len(b) == 0:
		return n, nil
	case isOver:
		return 0, err
	}
	return p.flow.Read(b)
}

// Write implements flow.Flow.
func (f *blocked) Write(b []byte) (int, error) {
	if err := f.drain(); err != nil {
		return 0, err
	}
	return f.p.flow.Write(b)
}

// drain waits until what the Poll has taken is written.
func (f *blocked) drain() error {
	p := f.p
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.out.isRunning && !p.isClosed {
		p.changed.Wait()
	}
	if p.isClosed {
		return errClosed
	}
	return p.out.err
}

// CloseRead implements flow.CloseReader.
func (f *blocked) CloseRead() error {
	if c, ok := f.p.flow.(flow.CloseReader); ok {
		return c.CloseRead()
	}
	return f.lacks("half-closed")
}

// CloseWrite implements flow.CloseWriter.
func (f *blocked) CloseWrite() error {
	c, ok := f.p.flow.(flow.CloseWriter)
	if !ok {
		return f.lacks("half-closed")
	}
	if err := f.drain(); err != nil {
		return err
	}
	return c.CloseWrite()
}

// SetReadDeadline implements flow.Deadliner.
func (f *blocked) SetReadDeadline(t time.Time) error {
	if d, ok := f.p.flow.(flow.Deadliner); ok {
		return d.SetReadDeadline(t)
	}
	return f.lacks("given a deadline")
}

// SetWriteDeadline implements flow.Deadliner.
func (f *blocked) SetWriteDeadline(t time.Time) error {
	if d, ok := f.p.flow.(flow.Deadliner); ok {
		return d.SetWriteDeadline(t)
	}
	return f.lacks("given a deadline")
}

// lacks is that the flow below can't be what is asked for.
func (f *blocked) lacks(what string) error {
	return fmt.Errorf("flow: a %T can't be %s: %w", f.p.flow, what, errors.ErrUnsupported)
}

// Peer implements flow.Addressed.
func (f *blocked) Peer() netip.AddrPort { return f.p.Peer() }

// Reset implements flow.Resetter.
func (f *blocked) Reset() { f.p.Reset() }

// Close implements flow.Flow, as that of a Poll does.
func (f *blocked) Close() error { return f.p.Close() }
