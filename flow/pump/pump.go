// Package pump makes a flow.Poll of any flow whose operations block, such as a
// net.Conn, so that a poll loop can drive it on every platform.
//
// A [Poll] has a goroutine that reads into a bounded buffer, and while there is
// something to write, one that writes from another. Both have gone some time
// after Close: what has been taken is written before, within
// [Options.Linger], and then Close of the flow below ends its Read. A
// [Listener] has one that accepts.
//
// It costs what a goroutine for each connection costs, and copies. Where there
// are polling flows, as in flow/tcp, those are better.
//
// A peer can make a Poll hold [Options.BufferOctets] in each direction.
package pump

import (
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/specht-http/specht/flow"
)

// Options are what a Poll can be told. The zero value is good.
type Options struct {
	// BufferOctets is how much each direction holds at most; 0 for 65,536.
	BufferOctets int
	// Linger is how long what has been taken is still written after Close; 0 for
	// 5 s, negative for not at all.
	Linger time.Duration
	// Backlog is how many connections a Listener accepts ahead; 0 for 16.
	Backlog int
}

const (
	bufferOctetsDefault = 64 << 10
	lingerDefault       = 5 * time.Second
	backlogDefault      = 16
)

// withDefaults is o with its zero fields filled in.
func (o Options) withDefaults() Options {
	if o.BufferOctets <= 0 {
		o.BufferOctets = bufferOctetsDefault
	}
	if o.Linger == 0 {
		o.Linger = lingerDefault
	}
	if o.Backlog <= 0 {
		o.Backlog = backlogDefault
	}
	return o
}

// Poll is a flow whose operations don't block, over one whose do.
type Poll struct {
	flow    flow.Flow
	options Options

	mu      sync.Mutex
	changed sync.Cond // signalled when a goroutine of the Poll, or of blocked, may go on
	to      flow.Notifier
	token   uint64

	in    intake
	out   outlet
	write func() // pumpOut, made once

	isClosed bool // Close or Reset has been called
	isReset  bool // Reset has
	linger   *time.Timer
	shut     sync.Once // closes the flow
}

var (
	_ flow.Poll       = (*Poll)(nil)
	_ flow.Announcing = (*Poll)(nil)
	_ flow.Addressed  = (*Poll)(nil)
	_ flow.Resetter   = (*Poll)(nil)
	_ flow.Blockable  = (*Poll)(nil)
)

// New makes a Poll over f, which belongs to it from now on. It is a
// flow.Opener, flow.Negotiated and flow.Secured if f is.
func New(f flow.Flow, o Options) flow.Poll {
	p := &Poll{flow: f, options: o.withDefaults()}
	p.changed.L = &p.mu
	p.in.isDrained = true
	p.write = p.pumpOut
	return p.dressed()
}

// Announce implements flow.Announcing. Before, nothing is read ahead.
func (p *Poll) Announce(to flow.Notifier, token uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return
	}
	p.to, p.token = to, token
	if to == nil {
		return
	}
	p.beginIn()
	if p.in.isReadable() {
		p.tell(flow.Readable)
	}
}

// tell announces r, if anybody listens. The lock is held.
func (p *Poll) tell(r flow.Readiness) {
	if p.to != nil {
		p.to.Ready(p.token, r)
	}
}

// Close implements flow.Poll. It doesn't wait: what has been taken is written,
// and the flow below closed, afterwards.
func (p *Poll) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return nil
	}
	p.end()
	if p.out.hasMore() {
		if p.options.Linger < 0 {
			go p.cut()
			return nil
		}
		p.linger = time.AfterFunc(p.options.Linger, p.cut)
	}
	p.beginOut()
	return nil
}

// Reset implements flow.Resetter: what has been taken and not been written is
// lost.
func (p *Poll) Reset() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return
	}
	p.end()
	p.isReset = true
	p.out.waiting = nil
	go p.cut()
}

// end is the beginning of the end. The lock is held.
func (p *Poll) end() {
	p.isClosed = true
	p.to = nil
	p.in.ready = nil
	p.changed.Broadcast()
}

// cut closes the flow, or resets it, which ends what blocks. The lock isn't held.
func (p *Poll) cut() {
	p.mu.Lock()
	isReset := p.isReset
	p.mu.Unlock()
	p.shut.Do(func() {
		if isReset {
			reset(p.flow)
			return
		}
		_ = p.flow.Close() // nobody is left to be told
	})
}

// reset resets f, if it can be, and closes it otherwise.
func reset(f flow.Flow) {
	switch f := f.(type) {
	case flow.Resetter:
		f.Reset()
		return
	case interface{ SetLinger(seconds int) error }: // a net.TCPConn
		_ = f.SetLinger(0) // if it fails, the connection is broken already
	}
	_ = f.Close() // nobody is left to be told
}

// Peer implements flow.Addressed, if the flow does, or is a net.Conn.
func (p *Poll) Peer() netip.AddrPort {
	switch f := p.flow.(type) {
	case flow.Addressed:
		return f.Peer()
	case interface{ RemoteAddr() net.Addr }:
		if a, ok := f.RemoteAddr().(interface{ AddrPort() netip.AddrPort }); ok {
			peer := a.AddrPort()
			return netip.AddrPortFrom(peer.Addr().Unmap(), peer.Port())
		}
	}
	return netip.AddrPort{}
}
