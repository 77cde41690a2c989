package mem

import (
	"errors"
	"net"
	"os"
	"sync"
	"time"

	"github.com/specht-http/specht/flow"
)

// errListenerClosed is what Accept, TryAccept and Dial answer after Close.
var errListenerClosed = errors.Join(errors.New("flow: the listener in memory is closed"), net.ErrClosed)

// Listener hands blocking ends to a server. Connections that wait to be
// accepted are not limited.
type Listener struct {
	options Options
	mu      sync.Mutex
	arrived sync.Cond
	waiting []*Flow
	closed  bool
	expiry  expiry
}

var (
	_ flow.Listener        = (*Listener)(nil)
	_ flow.AcceptDeadliner = (*Listener)(nil)
)

// Listen is a new Listener, whose connections behave as o says.
func Listen(o Options) *Listener {
	l := &Listener{options: o}
	l.arrived.L = &l.mu
	return l
}

// Dial opens a connection and returns the client's end.
func (l *Listener) Dial() (*Flow, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errListenerClosed
	}
	a, b := Pipe(l.options)
	l.waiting = append(l.waiting, b)
	l.arrived.Signal()
	return a, nil
}

// Accept implements flow.Listener.
func (l *Listener) Accept() (flow.Flow, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed && len(l.waiting) == 0 {
		if l.expiry.passed() {
			return nil, os.ErrDeadlineExceeded
		}
		l.arrived.Wait()
	}
	if l.closed {
		return nil, errListenerClosed
	}
	f := l.waiting[0]
	l.waiting = l.waiting[1:]
	return f, nil
}

// SetAcceptDeadline implements flow.AcceptDeadliner.
func (l *Listener) SetAcceptDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expiry.set(t, &l.arrived)
	return nil
}

// Close implements flow.Listener. Connections that wait are reset.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for _, f := range l.waiting {
		f.Reset()
	}
	l.waiting = nil
	l.arrived.Broadcast()
	return nil
}

// Addr is "mem".
func (l *Listener) Addr() string { return "mem" }

// PollListener hands polling ends to a server. Connections that wait to be
// accepted are not limited.
type PollListener struct {
	options Options
	mu      sync.Mutex
	waiting []*Poll
	closed  bool
	to      listeningEnd
}

var (
	_ flow.PollListener = (*PollListener)(nil)
	_ flow.Announcing   = (*PollListener)(nil)
)

// ListenPoll is a new PollListener, whose connections behave as o says.
func ListenPoll(o Options) *PollListener { return &PollListener{options: o} }

// Dial opens a connection and returns the client's end, which blocks.
func (l *PollListener) Dial() (*Flow, error) {
	a, b := MixedPipe(l.options)
	return a, l.offer(b)
}

// DialPoll opens a connection and returns the client's end, which doesn't
// block.
func (l *PollListener) DialPoll() (*Poll, error) {
	a, b := PollPipe(l.options)
	return a, l.offer(b)
}

// offer queues a server's end.
func (l *PollListener) offer(b *Poll) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errListenerClosed
	}
	l.waiting = append(l.waiting, b)
	l.to.tell(flow.Readable)
	return nil
}

// TryAccept implements flow.PollListener.
func (l *PollListener) TryAccept() (flow.Poll, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, errListenerClosed
	}
	if len(l.waiting) == 0 {
		return nil, flow.ErrWouldBlock
	}
	f := l.waiting[0]
	l.waiting = l.waiting[1:]
	return f, nil
}

// Announce implements flow.Announcing.
func (l *PollListener) Announce(to flow.Notifier, token uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = listeningEnd{to, token}
	if len(l.waiting) > 0 {
		l.to.tell(flow.Readable)
	}
}

// Close implements flow.PollListener. Connections that wait are reset.
func (l *PollListener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed, l.to = true, listeningEnd{}
	for _, f := range l.waiting {
		f.Reset()
	}
	l.waiting = nil
	return nil
}

// Addr is "mem".
func (l *PollListener) Addr() string { return "mem" }
