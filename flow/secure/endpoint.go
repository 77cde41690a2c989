package secure

import (
	"errors"
	"net"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/specht-http/specht/flow"
)

// Options are what an Endpoint is made of.
type Options struct {
	// IsClient is whether the sessions speak first.
	IsClient bool
	// NewSession makes the session of a Flow, over c, which blocks.
	NewSession func(c net.Conn) Session
	// NewPollSession makes the session of a Poll; nil for NewSession. Its
	// callbacks may use Endpoint.Wait.
	NewPollSession func(c net.Conn) Session
	// Slots is how many handshakes of Polls compute at a time; 0 for half of
	// the processors, but one at least.
	Slots int
	// AbandonedMax is how many handshakes may go on whose flows have been
	// closed, since a callback hasn't returned though it has been interrupted.
	// At that number no other handshake begins: opening a flow is
	// ErrAbandoned. 0 for 4,096, negative for no limit.
	AbandonedMax int
}

const abandonedMaxDefault = 4096

// ErrAbandoned is why a flow isn't opened while too many handshakes don't end.
var ErrAbandoned = errors.New("secure: too many handshakes, whose flows are closed, are in callbacks that don't return (AbandonedMax): let callbacks heed their context")

// Endpoint makes encrypted flows of one role. Any goroutine may use it.
type Endpoint struct {
	options Options
	slots   chan struct{}

	abandoned atomic.Int64 // handshakes that go on though their flows are closed
}

// New makes an Endpoint.
func New(o Options) *Endpoint {
	if o.NewSession == nil {
		panic("secure: bug: Options without NewSession")
	}
	if o.NewPollSession == nil {
		o.NewPollSession = o.NewSession
	}
	if o.AbandonedMax == 0 {
		o.AbandonedMax = abandonedMaxDefault
	}
	if o.Slots <= 0 {
		o.Slots = max(runtime.GOMAXPROCS(0)/2, 1)
	}
	return &Endpoint{options: o, slots: make(chan struct{}, o.Slots)}
}

// acquire takes a slot, and waits for it.
func (e *Endpoint) acquire() { e.slots <- struct{}{} }

// release gives it back.
func (e *Endpoint) release() { <-e.slots }

// mayBegin is nil if another handshake may begin.
func (e *Endpoint) mayBegin() error {
	if most := e.options.AbandonedMax; most >= 0 && e.abandoned.Load() >= int64(most) {
		return ErrAbandoned
	}
	return nil
}

// Abandoned is how many handshakes go on though their flows have been closed:
// each waits in a callback, or is about to end.
func (e *Endpoint) Abandoned() int { return int(e.abandoned.Load()) }

// interrupt ends a handshake of s that waits in a callback.
func interrupt(s Session) {
	if i, ok := s.(Interrupter); ok {
		i.Interrupt()
	}
}

// Wait calls f, which may take long, while the handshake of a Poll leaves its
// slot to others. Only callbacks of such a handshake may call it.
func (e *Endpoint) Wait(f func()) {
	e.release()
	defer e.acquire()
	f()
}

// Flow is an encrypted flow over f, which it owns from now on. It isn't open
// yet.
func (e *Endpoint) Flow(f flow.Flow) *Flow {
	s := &Flow{below: f, endpoint: e}
	s.session = e.options.NewSession((*flowConn)(s))
	return s
}

// Poll is an encrypted flow over f, which it owns from now on. It isn't open
// yet.
func (e *Endpoint) Poll(f flow.Poll) *Poll {
	p := &Poll{below: f}
	p.handshake = &handshake{endpoint: e, more: make(chan struct{}, 1)}
	return p
}

// Listen is a listener of encrypted flows over those of l.
func (e *Endpoint) Listen(l flow.Listener) flow.Listener { return &listener{l, e} }

type listener struct {
	flow.Listener
	endpoint *Endpoint
}

// Accept implements flow.Listener.
func (l *listener) Accept() (flow.Flow, error) {
	f, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.endpoint.Flow(f), nil
}

// SetAcceptDeadline implements flow.AcceptDeadliner, if the listener below does.
func (l *listener) SetAcceptDeadline(t time.Time) error {
	if below, ok := l.Listener.(flow.AcceptDeadliner); ok {
		return below.SetAcceptDeadline(t)
	}
	return errors.ErrUnsupported
}

// ListenPoll is a listener of encrypted flows over those of l.
func (e *Endpoint) ListenPoll(l flow.PollListener) flow.PollListener { return &pollListener{l, e} }

type pollListener struct {
	flow.PollListener
	endpoint *Endpoint
}

var _ flow.ListenerLayer = (*pollListener)(nil)

// TryAccept implements flow.PollListener.
func (l *pollListener) TryAccept() (flow.Poll, error) {
	f, err := l.PollListener.TryAccept()
	if err != nil {
		return nil, err
	}
	return l.endpoint.Poll(f), nil
}

// Below implements flow.ListenerLayer.
func (l *pollListener) Below() flow.PollListener { return l.PollListener }
