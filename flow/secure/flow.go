package secure

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/specht-http/specht/flow"
)

// Flow is an encrypted flow over one that blocks. It opens itself when it is
// first read or written. It has half-closes, deadlines and resets as far as the
// flow below has them.
//
// After a deadline of writing has passed nothing more can be written.
type Flow struct {
	below    flow.Flow
	session  Session
	endpoint *Endpoint // nil if the session came open

	opening sync.Mutex
	isOpen  bool  // under opening
	err     error // why it never will be; the same
	isReady atomic.Bool
	isCut   atomic.Bool // the session has read the end of the flow below
	isFreed atomic.Bool
	phase   atomic.Uint32

	writeUntil atomic.Int64 // the deadline of writing, if it was yet to come, in ns since 1970
	isHalf     atomic.Bool  // CloseWrite has been called, and Close hasn't

	// Of the goroutine that reads:
	first   [1]byte // what a late read waits for
	isHasty bool    // the session must not wait for octets
	late    error   // what reading ends in, once it has
}

var (
	_ flow.Flow         = (*Flow)(nil)
	_ flow.Opener       = (*Flow)(nil)
	_ flow.CloseReader  = (*Flow)(nil)
	_ flow.CloseWriter  = (*Flow)(nil)
	_ flow.VectorWriter = (*Flow)(nil)
	_ flow.LateReader   = (*Flow)(nil)
	_ flow.Deadliner    = (*Flow)(nil)
	_ flow.Negotiated   = (*Flow)(nil)
	_ flow.Secured      = (*Flow)(nil)
	_ flow.Addressed    = (*Flow)(nil)
	_ flow.Resetter     = (*Flow)(nil)
	_ net.Conn          = (*Flow)(nil)
)

// What a Flow's phase is made of.
const (
	isShaking = 1 << iota // the handshake is under way
	isOver                // the Flow has been closed or reset
)

// Open implements flow.Opener. Close and Reset interrupt it, and return at once
// even if a callback of the handshake doesn't: then Open does when that has.
func (f *Flow) Open() error {
	if f.isReady.Load() {
		return nil
	}
	f.opening.Lock()
	defer f.opening.Unlock()
	if f.isOpen || f.err != nil {
		return f.err
	}
	if below, ok := f.below.(flow.Opener); ok {
		f.err = below.Open()
	}
	if f.err == nil {
		f.err = f.shake()
	}
	f.isOpen = f.err == nil
	f.isReady.Store(f.isOpen)
	return f.err
}

// shake has the handshake, and contains the panics of its callbacks.
func (f *Flow) shake() (err error) {
	if err := f.endpoint.mayBegin(); err != nil {
		return err
	}
	if f.phase.Or(isShaking)&isOver != 0 {
		return errAbandoned
	}
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("secure: a panic in a handshake: %v", v)
		}
		if f.phase.And(^uint32(isShaking))&isOver != 0 {
			f.endpoint.abandoned.Add(-1)
			err = errAbandoned
		}
	}()
	return f.session.Handshake()
}

// interrupt ends a handshake that is under way, and lets none begin.
func (f *Flow) interrupt() {
	if f.phase.Or(isOver) == isShaking {
		f.endpoint.abandoned.Add(1)
		interrupt(f.session)
	}
}

// Read implements flow.Flow.
func (f *Flow) Read(b []byte) (int, error) {
	if err := f.Open(); err != nil {
		return 0, err
	}
	if len(b) == 0 {
		return 0, nil
	}
	if err := f.late; err != nil {
		return 0, f.ended(err)
	}
	n, err := f.session.Read(b)
	return n, f.ended(err)
}

// ended is what an error of reading means.
func (f *Flow) ended(err error) error {
	if err == io.EOF && f.isCut.Load() {
		return io.ErrUnexpectedEOF
	}
	return err
}

// ReadLate implements flow.LateReader: it waits for an octet, and takes a buffer
// for what has come with that.
func (f *Flow) ReadLate(l flow.Lender) (int, error) {
	if n, err := f.Read(f.first[:]); n == 0 {
		return 0, err
	}
	b := l.Lend()
	b[0] = f.first[0]
	if len(b) == 1 {
		return 1, nil
	}
	f.isHasty = true
	n, err := f.session.Read(b[1:])
	f.isHasty = false
	if err != nil && !errors.Is(err, flow.ErrWouldBlock) {
		f.late = err // behind what there is
	}
	return 1 + n, nil
}

// Write implements flow.Flow.
func (f *Flow) Write(b []byte) (int, error) {
	if err := f.Open(); err != nil {
		return 0, err
	}
	return f.session.Write(b)
}

// WriteVector implements flow.VectorWriter: it encrypts small slices together.
func (f *Flow) WriteVector(v [][]byte) (int, error) {
	if err := f.Open(); err != nil {
		return 0, err
	}
	c := vector{v: v}
	b := c.next()
	if len(b) >= recordOctets || len(c.v) <= 1 {
		return f.session.Write(b)
	}
	scratch := getBuffer(recordOctets)
	defer putBuffer(scratch)
	return f.session.Write(c.gather(scratch.octets[:recordOctets]))
}

// CloseWrite implements flow.CloseWriter.
func (f *Flow) CloseWrite() error {
	if err := f.Open(); err != nil {
		return err
	}
	f.isHalf.Store(true)
	if err := f.session.CloseWrite(); err != nil {
		return fmt.Errorf("secure: ending a flow: %w", err)
	}
	if below, ok := f.below.(flow.CloseWriter); ok {
		return below.CloseWrite()
	}
	return nil
}

// CloseRead implements flow.CloseReader.
func (f *Flow) CloseRead() error {
	below, ok := f.below.(flow.CloseReader)
	if !ok {
		return errors.ErrUnsupported
	}
	return below.CloseRead()
}

// Close implements flow.Flow. The peer is told, if it reads: that takes as long as
// the library waits for it, some seconds, or until a deadline of writing that is
// yet to come.
func (f *Flow) Close() error {
	defer f.free()
	f.interrupt()
	f.isHalf.Store(false)
	return f.session.Close()
}

// free lets the session go, once.
func (f *Flow) free() {
	if s, ok := f.session.(Freer); ok && !f.isFreed.Swap(true) {
		s.Free()
	}
}

// Reset implements flow.Resetter.
func (f *Flow) Reset() {
	defer f.free()
	f.interrupt()
	if below, ok := f.below.(flow.Resetter); ok {
		below.Reset()
		return
	}
	_ = f.below.Close() // nobody is left to be told
}

// SetReadDeadline implements flow.Deadliner.
func (f *Flow) SetReadDeadline(t time.Time) error { return setReadDeadline(f.below, t) }

// SetWriteDeadline implements flow.Deadliner.
func (f *Flow) SetWriteDeadline(t time.Time) error {
	f.writeUntil.Store(0)
	if t.After(time.Now()) { // a Flow over this one sets others, behind its last words
		f.writeUntil.Store(t.UnixNano())
	}
	return setWriteDeadline(f.below, t)
}

// SetDeadline is both.
func (f *Flow) SetDeadline(t time.Time) error {
	return errors.Join(f.SetReadDeadline(t), f.SetWriteDeadline(t))
}

// ALPN implements flow.Negotiated.
func (f *Flow) ALPN() string { return f.Security().ALPN }

// Security implements flow.Secured.
func (f *Flow) Security() flow.Security {
	if !f.isReady.Load() {
		return flow.Security{}
	}
	return f.session.Security()
}

// Session is the session, or nil while the flow isn't open. Only what doesn't
// move octets may be called.
func (f *Flow) Session() Session {
	if !f.isReady.Load() {
		return nil
	}
	return f.session
}

// Peer implements flow.Addressed.
func (f *Flow) Peer() netip.AddrPort { return peerOf(f.below) }

// LocalAddr implements net.Conn, so that a Flow can be used as one.
func (f *Flow) LocalAddr() net.Addr {
	if below, ok := f.below.(interface{ LocalAddr() net.Addr }); ok {
		return below.LocalAddr()
	}
	return address{}
}

// RemoteAddr implements net.Conn.
func (f *Flow) RemoteAddr() net.Addr { return address{f.Peer()} }

// flowConn is a Flow as its session sees what is below.
type flowConn Flow

var _ net.Conn = (*flowConn)(nil)

func (c *flowConn) Write(b []byte) (int, error)       { return c.below.Write(b) }
func (c *flowConn) Close() error                      { return c.below.Close() }
func (c *flowConn) LocalAddr() net.Addr               { return (*Flow)(c).LocalAddr() }
func (c *flowConn) RemoteAddr() net.Addr              { return (*Flow)(c).RemoteAddr() }
func (c *flowConn) SetDeadline(t time.Time) error     { return (*Flow)(c).SetDeadline(t) }
func (c *flowConn) SetReadDeadline(t time.Time) error { return (*Flow)(c).SetReadDeadline(t) }

func (c *flowConn) Read(b []byte) (int, error) {
	if c.isHasty {
		return 0, ErrWouldBlock
	}
	n, err := c.below.Read(b)
	if err == io.EOF {
		c.isCut.Store(true)
	}
	return n, err
}

// SetWriteDeadline is called by libraries before they tell the peer the end, and
// makes the Flow's own deadline no later. A flow without deadlines is closed
// instead when the time has come.
func (c *flowConn) SetWriteDeadline(t time.Time) error {
	if until := c.writeUntil.Load(); until != 0 && t.UnixNano() > until {
		t = time.Unix(0, until)
	}
	if err := setWriteDeadline(c.below, t); err != nil && !t.IsZero() && !c.isHalf.Load() {
		time.AfterFunc(time.Until(t), func() { _ = c.below.Close() }) // it is being closed
	}
	return nil
}

// newOpenFlow is a Flow whose session has been opened.
func newOpenFlow(below flow.Flow, s Session) *Flow {
	f := &Flow{below: below, session: s, isOpen: true}
	f.isReady.Store(true)
	return f
}
