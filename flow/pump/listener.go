package pump

import (
	"errors"
	"net"
	"sync"

	"github.com/specht-http/specht/flow"
)

// Listener is a listener whose operations don't block, over one whose do. Its
// goroutine has gone once Close of that one has made Accept return.
type Listener struct {
	listener flow.Listener
	options  Options

	mu       sync.Mutex
	room     sync.Cond // signalled when the goroutine may go on
	to       flow.Notifier
	token    uint64
	waiting  []flow.Flow
	err      error // of the last Accept, which nobody has been told yet
	isOver   bool  // err is for ever
	isClosed bool
	isBegun  bool
}

var (
	_ flow.PollListener = (*Listener)(nil)
	_ flow.Announcing   = (*Listener)(nil)
)

// Listen makes a Listener over l, which belongs to it from now on. Each
// connection is a Poll, as New makes.
func Listen(l flow.Listener, o Options) *Listener {
	p := &Listener{listener: l, options: o.withDefaults()}
	p.room.L = &p.mu
	return p
}

// ListenNet is Listen for a listener of package net, of any kind.
func ListenNet(l net.Listener, o Options) *Listener { return Listen(netListener{l}, o) }

// netListener is a net.Listener as a flow.Listener.
type netListener struct{ net.Listener }

func (l netListener) Accept() (flow.Flow, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err // not a nil net.Conn in a flow.Flow
	}
	return c, nil
}

func (l netListener) Addr() string { return l.Listener.Addr().String() }

// Announce implements flow.Announcing. Before, nothing is accepted.
func (l *Listener) Announce(to flow.Notifier, token uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to, l.token = to, token
	if to == nil || l.isClosed {
		return
	}
	l.begin()
	if len(l.waiting) > 0 || l.err != nil {
		l.tell()
	}
}

// begin makes sure that somebody accepts. The lock is held.
func (l *Listener) begin() {
	if !l.isBegun {
		l.isBegun = true
		go l.accept()
	}
}

// tell announces that TryAccept is worth trying. The lock is held.
func (l *Listener) tell() {
	if l.to != nil {
		l.to.Ready(l.token, flow.Readable)
	}
}

// accept is the goroutine.
func (l *Listener) accept() {
	for {
		f, err := l.listener.Accept()
		if !l.give(f, err) {
			return
		}
	}
}

// give makes f or err what TryAccept answers, and waits until more may be
// accepted. It is false when nothing more is to be.
func (l *Listener) give(f flow.Flow, err error) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isClosed {
		if err == nil {
			reset(f)
		}
		return false
	}
	if l.err = err; err == nil {
		l.waiting = append(l.waiting, f)
	}
	l.isOver = errors.Is(err, net.ErrClosed)
	l.tell()
	for !l.isClosed && (l.err != nil || len(l.waiting) >= l.options.Backlog) {
		l.room.Wait()
	}
	return !l.isClosed
}

// TryAccept implements flow.PollListener.
func (l *Listener) TryAccept() (flow.Poll, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isClosed {
		return nil, net.ErrClosed
	}
	l.begin()
	if len(l.waiting) > 0 {
		f := l.waiting[0]
		l.waiting[0] = nil
		l.waiting = l.waiting[1:]
		l.room.Signal()
		return New(f, l.options), nil
	}
	if err := l.err; err != nil {
		if !l.isOver {
			l.err = nil
			l.room.Signal()
		}
		return nil, err
	}
	return nil, flow.ErrWouldBlock
}

// Close implements flow.PollListener.
func (l *Listener) Close() error {
	l.mu.Lock()
	if l.isClosed {
		l.mu.Unlock()
		return nil
	}
	l.isClosed, l.to = true, nil
	for _, f := range l.waiting {
		reset(f)
	}
	l.waiting = nil
	l.room.Signal()
	l.mu.Unlock()
	return l.listener.Close()
}

// Addr implements flow.PollListener.
func (l *Listener) Addr() string { return l.listener.Addr() }
