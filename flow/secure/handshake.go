package secure

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/specht-http/specht/flow"
)

// handshake is what a Poll has besides until it is open. All but endpoint and
// more is under the Poll's lock.
type handshake struct {
	endpoint *Endpoint
	more     chan struct{} // tells its goroutine that something has changed; has room for one

	hasBegun    bool // there is a goroutine, or was
	isFed       bool // it has more than it is given at once
	isCrammed   bool // it waits for room to write
	isAbandoned bool // it is to end
	isDone      bool // it has ended
	err         error
}

// errAbandoned is what a handshake reads whose flow has been closed.
var errAbandoned = fmt.Errorf("secure: the flow has been closed: %w", net.ErrClosed)

// Open implements flow.Opener.
func (p *Poll) Open() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.open()
}

// open is Open. The lock is held.
func (p *Poll) open() error {
	h := p.handshake
	if h == nil {
		return nil
	}
	if below, ok := p.below.(flow.Opener); ok {
		if err := below.Open(); err != nil {
			return err
		}
	}
	if !h.isDone {
		p.feed()
	}
	if err := p.push(); err != nil && err != flow.ErrWouldBlock {
		return err
	}
	if h.isCrammed && len(p.out.octets()) < bufferOctets {
		h.isCrammed = false
		h.tell()
	}
	switch {
	case !h.isDone:
		return flow.ErrWouldBlock
	case h.err != nil:
		return h.err
	}
	p.handshake = nil
	return nil
}

// feed reads what there is for the handshake, and begins it with that.
func (p *Poll) feed() {
	h := p.handshake
	isNew := !h.hasBegun && h.endpoint.options.IsClient
	for h.isFed = false; p.end == nil; {
		waiting := len(p.in.octets())
		if h.isFed = waiting >= cipherOctets; h.isFed {
			break
		}
		room := p.in.room(cipherOctets - waiting)
		n, err := p.below.TryRead(room)
		p.in.extend(n)
		if err == flow.ErrWouldBlock {
			break
		}
		isNew = true
		if err != nil {
			p.end = err
		}
	}
	p.in.rest()
	if !isNew {
		return
	}
	if !h.hasBegun {
		h.hasBegun = true
		if h.err = h.endpoint.mayBegin(); h.err != nil {
			h.isDone = true
			return
		}
		p.session = h.endpoint.options.NewPollSession((*pollConn)(p))
		go p.shake(h)
		return
	}
	h.tell()
}

// tell makes the goroutine look again.
func (h *handshake) tell() {
	select {
	case h.more <- struct{}{}:
	default:
	}
}

// abandon ends the handshake, if one is under way. Nobody waits for that: one
// that stays in a callback is counted until it returns. The lock is held.
func (p *Poll) abandon() {
	if h := p.handshake; h != nil {
		h.isAbandoned = true
		h.endpoint.abandoned.Add(1)
		h.tell()
		interrupt(p.session)
	}
}

// shake is the goroutine of a handshake.
func (p *Poll) shake(h *handshake) {
	err := errors.New("secure: a callback of the handshake has ended its goroutine")
	h.endpoint.acquire()
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("secure: a panic in a handshake: %v", v)
		}
		h.endpoint.release()
		p.mu.Lock()
		defer p.mu.Unlock()
		h.isDone, h.err = true, err
		if h.isAbandoned {
			h.endpoint.abandoned.Add(-1)
			p.drop()
			return
		}
		p.announce(flow.Readable)
	}()
	err = p.session.Handshake()
}

// readHandshake is what a handshake reads: it waits for octets.
func (p *Poll) readHandshake(h *handshake, b []byte) (int, error) {
	p.mu.Lock()
	for {
		var err error
		switch {
		case h.isAbandoned:
			err = errAbandoned
		case !p.in.isEmpty():
			n := p.in.take(b)
			p.mu.Unlock()
			return n, nil
		case p.end != nil:
			err = p.end
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
		}
		if err != nil {
			p.mu.Unlock()
			return 0, err
		}
		if h.isFed || !p.out.isEmpty() {
			p.announce(flow.Readable)
		}
		p.mu.Unlock()
		h.endpoint.release()
		<-h.more
		h.endpoint.acquire()
		p.mu.Lock()
	}
}

// writeHandshake is where a handshake writes. What has no room in the buffer
// waits for the loop.
func (p *Poll) writeHandshake(h *handshake, b []byte) (n int, err error) {
	p.mu.Lock()
	for {
		if h.isAbandoned {
			p.mu.Unlock()
			return n, errAbandoned
		}
		k := p.out.put(b)
		n, b = n+k, b[k:]
		if len(b) == 0 {
			p.mu.Unlock()
			return n, nil
		}
		h.isCrammed = true
		p.announce(flow.Readable)
		p.mu.Unlock()
		h.endpoint.release()
		<-h.more
		h.endpoint.acquire()
		p.mu.Lock()
	}
}
