package secure

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"

	"github.com/specht-http/specht/flow"
)

// Poll is an encrypted flow over one that doesn't block. Any goroutine may call
// its methods.
type Poll struct {
	mu        sync.Mutex
	below     flow.Poll
	session   Session    // nil until the handshake begins
	handshake *handshake // nil once the flow is open
	to        flow.Notifier
	token     uint64

	in    backlog // that the session hasn't read
	out   backlog // that the flow below hasn't taken
	batch batch
	end   error // why there is nothing to read below; nil until it has ended
	isCut bool  // the session has been told so
	err   error // what reading ends in, once it has

	wanted     int   // how many octets this TryRead is asked for
	patience   int8  // how many more records are encrypted one at a time
	isDrained  bool  // the flow below was, in this TryRead
	isSpent    bool  // it has been read, in this TryRead
	isClosing  bool  // CloseWrite has been called
	isFinished bool  // so has that of the flow below
	isClosed   bool  // Close has
	blocking   *Flow // what the Poll is, once it has left its loop
}

var (
	_ flow.Layer      = (*Poll)(nil)
	_ flow.Opener     = (*Poll)(nil)
	_ flow.Negotiated = (*Poll)(nil)
	_ flow.Secured    = (*Poll)(nil)
	_ flow.Addressed  = (*Poll)(nil)
	_ flow.Resetter   = (*Poll)(nil)
	_ flow.Blockable  = (*Poll)(nil)
)

// errPollClosed is what operations on a closed Poll answer.
var errPollClosed = errors.New("secure: use of a closed flow")

// ready is what must hold for octets to move. The lock is held.
func (p *Poll) ready() error {
	if p.isClosed {
		return errPollClosed
	}
	return p.open()
}

// TryRead implements flow.Poll.
func (p *Poll) TryRead(b []byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.ready(); err != nil {
		return 0, err
	}
	n, err = p.read(b)
	p.in.rest()
	return n, err
}

// read is TryRead for an open flow. The flow below is read once at most, and
// gives no more than what is asked for and a record.
func (p *Poll) read(b []byte) (n int, err error) {
	p.isDrained, p.isSpent = false, false
	p.wanted = len(b)
	for n < len(b) && p.err == nil {
		k, err := p.session.Read(b[n:])
		n += k
		switch {
		case err == nil:
		case errors.Is(err, flow.ErrWouldBlock):
			_ = p.push() // what reading made the session write; if it fails, so does writing
			if n == 0 {
				return 0, flow.ErrWouldBlock
			}
			return n, nil
		case err == io.EOF && p.isCut:
			p.err = io.ErrUnexpectedEOF
		default:
			p.err = err
		}
	}
	if p.err == nil || len(b) == 0 {
		return n, nil
	}
	_ = p.push() // an alert, perhaps
	if n > 0 {
		p.announce(flow.Readable | flow.Ended) // the flow below has no more to say
		return n, nil
	}
	return 0, p.err
}

// announce tells the Poll's loop.
func (p *Poll) announce(r flow.Readiness) {
	if p.to != nil {
		p.to.Ready(p.token, r)
	}
}

// Announce implements flow.Announcing.
func (p *Poll) Announce(to flow.Notifier, token uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.to, p.token = to, token
}

// Below implements flow.Layer.
func (p *Poll) Below() flow.Poll { return p.below }

// IsFull implements flow.Layer.
func (p *Poll) IsFull() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.out.isEmpty() {
		return true
	}
	below, ok := p.below.(flow.Layer)
	return ok && below.IsFull()
}

// Held implements flow.Layer.
func (p *Poll) Held() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.in.held() + p.out.held()
	if below, ok := p.below.(flow.Layer); ok {
		n += below.Held()
	}
	return n
}

// ALPN implements flow.Negotiated.
func (p *Poll) ALPN() string { return p.Security().ALPN }

// Security implements flow.Secured.
func (p *Poll) Security() flow.Security {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handshake != nil {
		return flow.Security{}
	}
	return p.session.Security()
}

// Session is the session, or nil while the flow isn't open. Only what doesn't
// move octets may be called.
func (p *Poll) Session() Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.handshake != nil {
		return nil
	}
	return p.session
}

// Peer implements flow.Addressed.
func (p *Poll) Peer() netip.AddrPort { return peerOf(p.below) }

// peerOf is the address of the peer of a flow.
func peerOf(f any) netip.AddrPort {
	if a, ok := f.(flow.Addressed); ok {
		return a.Peer()
	}
	return netip.AddrPort{}
}

// CloseWrite implements flow.Poll. The flow below is half-closed when it has
// taken what waits for it.
func (p *Poll) CloseWrite() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed || p.isClosing {
		return nil
	}
	p.isClosing = true
	if p.handshake != nil {
		return p.below.CloseWrite()
	}
	if err := p.session.CloseWrite(); err != nil {
		return fmt.Errorf("secure: ending a flow: %w", err)
	}
	if err := p.push(); err != nil && err != flow.ErrWouldBlock {
		return err
	}
	return nil
}

// Close implements flow.Poll. The peer is told if that is possible at once.
func (p *Poll) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return nil
	}
	if p.handshake == nil && !p.isClosing && p.session.CloseWrite() == nil {
		_ = p.push() // if it fails, the peer isn't there
	}
	if h := p.handshake; h != nil && h.isDone && h.err != nil {
		_ = p.push() // why it has failed
	}
	p.finish()
	return p.below.Close()
}

// finish lets everything go but the flow below, once. The lock is held.
func (p *Poll) finish() {
	p.isClosed = true
	p.to = nil
	if h := p.handshake; h != nil && h.hasBegun && !h.isDone {
		p.abandon()
		p.in.drop() // its goroutine finds that it has been abandoned before it looks at them
		p.out.drop()
		return
	}
	p.drop()
}

// drop lets the buffers and the session go, which nothing uses any more.
func (p *Poll) drop() {
	p.in.drop()
	p.out.drop()
	if s, ok := p.session.(Freer); ok {
		s.Free()
	}
}

// Reset implements flow.Resetter.
func (p *Poll) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return
	}
	p.finish()
	if f, ok := p.below.(flow.Resetter); ok {
		f.Reset()
		return
	}
	_ = p.below.Close() // nobody is left to be told
}

// Block implements flow.Blockable, with a *Flow. It doesn't block itself: what
// waits for the flow below is written ahead of what the Flow writes first.
func (p *Poll) Block() (flow.Flow, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.ready(); err != nil {
		return nil, err
	}
	b, ok := p.below.(flow.Blockable)
	if !ok {
		return nil, fmt.Errorf("secure: a %T can't be made blocking: it is no flow.Blockable: %w", p.below, errors.ErrUnsupported)
	}
	f, err := b.Block()
	if err != nil {
		return nil, err
	}
	p.blocking, p.isClosed, p.to = newOpenFlow(f, p.session), true, nil
	if p.end == io.EOF {
		p.end = nil // the blocking flow says so again
	}
	return p.blocking, nil
}
