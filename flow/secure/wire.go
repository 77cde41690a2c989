package secure

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/specht-http/specht/flow"
)

// pollConn is a Poll as its session sees what is below.
type pollConn Poll

var _ net.Conn = (*pollConn)(nil)

// Read implements net.Conn. In a handshake it waits; then it doesn't, and is
// called inside TryRead; and it waits again once the Poll has left its loop.
func (c *pollConn) Read(b []byte) (int, error) {
	p := (*Poll)(c)
	if h := p.handshake; h != nil {
		return p.readHandshake(h, b)
	}
	switch {
	case !p.in.isEmpty():
		return p.in.take(b), nil
	case p.end != nil:
		p.isCut = true
		return 0, p.end
	case p.blocking != nil:
		return (*flowConn)(p.blocking).Read(b)
	case p.isDrained:
		return 0, ErrWouldBlock
	case p.isSpent:
		p.announce(flow.Readable) // records that carry little must not hold others up
		return 0, ErrWouldBlock
	}
	p.isSpent = true
	room := p.in.room(p.wanted + cipherOctets)
	n, err := p.below.TryRead(room)
	p.in.extend(n)
	p.isDrained = n < len(room)
	switch {
	case n > 0:
		return p.in.take(b), nil
	case err == flow.ErrWouldBlock:
		return 0, ErrWouldBlock
	}
	p.end, p.isCut = err, true
	return 0, err
}

// errBacklog is what a session gets that wants to write more than it may
// without being asked.
var errBacklog = errors.New("secure: the peer makes the session write, and reads nothing of it")

// Write implements net.Conn. It takes everything: see Poll.push.
func (c *pollConn) Write(b []byte) (int, error) {
	p := (*Poll)(c)
	if h := p.handshake; h != nil {
		return p.writeHandshake(h, b)
	}
	if p.blocking != nil {
		if !p.out.isEmpty() {
			_, err := p.blocking.below.Write(p.out.octets())
			p.out.drop()
			if err != nil {
				return 0, err
			}
		}
		return p.blocking.below.Write(b)
	}
	n := p.out.put(b)
	if n < len(b) {
		return n, errBacklog
	}
	return n, nil
}

// Close implements net.Conn. The flow below belongs to the Poll until that has
// left its loop.
func (c *pollConn) Close() error {
	if c.blocking == nil {
		return nil
	}
	return c.blocking.below.Close()
}

func (c *pollConn) LocalAddr() net.Addr  { return address{} }
func (c *pollConn) RemoteAddr() net.Addr { return address{peerOf(c.below)} }

func (c *pollConn) SetReadDeadline(t time.Time) error {
	if c.blocking == nil {
		return nil // nothing blocks
	}
	return setReadDeadline(c.blocking.below, t)
}

func (c *pollConn) SetWriteDeadline(t time.Time) error {
	if c.blocking == nil {
		return nil
	}
	return (*flowConn)(c.blocking).SetWriteDeadline(t)
}

func (c *pollConn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// address is the address of a flow to a session.
type address struct{ netip.AddrPort }

func (address) Network() string { return "flow" }

func (a address) String() string {
	if !a.IsValid() {
		return "flow"
	}
	return a.AddrPort.String()
}

// setReadDeadline sets a deadline of a flow, if it has any.
func setReadDeadline(f flow.Flow, t time.Time) error {
	d, ok := f.(flow.Deadliner)
	if !ok {
		return errors.ErrUnsupported
	}
	return d.SetReadDeadline(t)
}

// setWriteDeadline is the same for writing.
func setWriteDeadline(f flow.Flow, t time.Time) error {
	d, ok := f.(flow.Deadliner)
	if !ok {
		return errors.ErrUnsupported
	}
	return d.SetWriteDeadline(t)
}

var _ io.Reader = (*pollConn)(nil)
