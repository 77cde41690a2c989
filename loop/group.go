package loop

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
)

// Group drives the engines of many connections over blocking flows, each as
// Run does, on a goroutine of its own. Any goroutine may call its methods,
// but no engine inside a turn.
type Group struct {
	options  Options
	counters counters

	mu        sync.Mutex
	state     loopState
	listeners []flow.Listener
	first     *runner // of those that run
	openings  groupOpenings
	serving   int           // goroutines in Serve
	closing   chan struct{} // closed when the Group no longer accepts
	idle      sync.Cond     // signalled when a connection or a Serve has ended
}

// NewGroup makes a Group without connections.
func NewGroup(o Options) *Group {
	g := &Group{options: o.withDefaults(), closing: make(chan struct{})}
	g.idle.L = &g.mu
	return g
}

// Add drives e over f from now on, on a new goroutine. With an error, f is
// still the caller's.
func (g *Group) Add(f flow.Flow, e engine.Engine) error {
	r := newRunner(f, e, &g.options, &g.counters)
	if !g.enroll(r, false) {
		return ErrClosed
	}
	go g.drive(r, nil)
	return nil
}

// drive opens the flow of r, makes its engine if that isn't made yet, and drives
// it to its end.
func (g *Group) drive(r *runner, newEngine NewEngine) {
	func() {
		defer g.dismiss(r)
		if !g.open(r) {
			return
		}
		if newEngine != nil {
			r.engine = r.guard.contain(newEngine(r.flow))
		}
		if r.engine == nil {
			_ = r.flow.Close() // nobody wants it
			return
		}
		_ = r.drive() // the engine has been told
	}()
	r.follow()
}

// Serve accepts connections from fl and drives a new engine over each, until
// the Group is shut down or closed; then it returns nil. It closes fl, unless
// the Group was closed before.
func (g *Group) Serve(fl flow.Listener, newEngine NewEngine) error {
	g.mu.Lock()
	if g.state != loopOpen {
		g.mu.Unlock()
		return ErrClosed
	}
	g.listeners = append(g.listeners, fl)
	g.serving++
	g.mu.Unlock()
	defer g.leave(fl)

	var backoff time.Duration
	for g.awaitRoom() {
		f, err := fl.Accept()
		switch {
		case err == nil:
			backoff = 0
			g.counters.accepted.Add(1)
			g.awaitRoom()
			g.accept(f, newEngine)
			continue
		case g.isClosing():
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("loop: the listener was closed under the group: %w", err)
		}
		g.counters.acceptErrors.Add(1)
		backoff = min(max(2*backoff, acceptBackoffMinNs), acceptBackoffMaxNs)
		select {
		case <-g.closing:
			return nil
		case <-time.After(backoff):
		}
	}
	return nil
}

// awaitRoom waits until there may be a connection more. It is false when there
// won't be, because the Group ends.
func (g *Group) awaitRoom() bool {
	most := int64(g.options.ConnectionsMax)
	g.mu.Lock()
	defer g.mu.Unlock()
	isFull := func() bool { return most >= 0 && g.counters.connections.Load() >= most }
	for g.state == loopOpen && isFull() {
		g.idle.Wait()
	}
	return g.state == loopOpen || g.state == loopShutting && !isFull()
}

// accept drives a new engine over f.
func (g *Group) accept(f flow.Flow, newEngine NewEngine) {
	r := newRunner(f, nil, &g.options, &g.counters)
	if !g.enroll(r, true) {
		_ = f.Close() // the Group was closed meanwhile
		return
	}
	go g.drive(r, newEngine)
}

// enroll takes r in, unless it is too late. One that was accepted while the
// Group shuts down is told so when it has been read.
func (g *Group) enroll(r *runner, wasAccepted bool) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state == loopClosing || g.state != loopOpen && !wasAccepted {
		return false
	}
	r.isLast = g.state != loopOpen
	r.groupNext = g.first
	if g.first != nil {
		g.first.groupPrev = r
	}
	g.first = r
	g.counters.connections.Add(1)
	return true
}

// dismiss takes r out.
func (g *Group) dismiss(r *runner) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.groupNext != nil {
		r.groupNext.groupPrev = r.groupPrev
	}
	if r.groupPrev != nil {
		r.groupPrev.groupNext = r.groupNext
	} else {
		g.first = r.groupNext
	}
	g.counters.connections.Add(-1)
	g.idle.Broadcast()
}

// leave is the end of a Serve.
func (g *Group) leave(fl flow.Listener) {
	_ = fl.Close() // it is closed already, or of no use
	g.mu.Lock()
	defer g.mu.Unlock()
	g.serving--
	for i, l := range g.listeners {
		if l == fl {
			g.listeners = append(g.listeners[:i], g.listeners[i+1:]...)
			break
		}
	}
	g.idle.Broadcast()
}

// isClosing says whether the Group no longer accepts.
func (g *Group) isClosing() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state != loopOpen
}

// Shutdown ends the Group gracefully: what has been connected is accepted, of
// listeners that can be emptied (flow.AcceptDeadliner) and as far as there is
// room, the listeners are closed, and every engine is told Shutdown. It waits until the connections are gone and every
// Serve has returned. When ctx is done before, what is left is closed as by
// Close, and the error is that of ctx.
func (g *Group) Shutdown(ctx context.Context) error {
	cut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		close(cut)
		g.advance(loopClosing)
	})
	g.advance(loopShutting)
	g.wait()
	if stop() {
		return nil
	}
	<-cut
	return context.Cause(ctx)
}

// Close ends the Group at once: listeners and flows are closed, and engines
// are told ErrClosed. It returns when every connection and Serve has ended.
// It is idempotent.
func (g *Group) Close() error {
	g.advance(loopClosing)
	g.wait()
	return nil
}

// Stats is the counters.
func (g *Group) Stats() Stats { return g.counters.stats() }

// advance brings the Group's end nearer; it never goes back.
func (g *Group) advance(to loopState) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.state >= to {
		return
	}
	if g.state == loopOpen {
		close(g.closing)
	}
	g.state = to
	g.idle.Broadcast()
	for _, l := range g.listeners {
		if d, ok := l.(flow.AcceptDeadliner); ok && to == loopShutting && d.SetAcceptDeadline(time.Unix(1, 0)) == nil {
			continue // Serve empties it, and closes it then
		}
		_ = l.Close() // nobody is left to be told
	}
	for r := g.first; r != nil; r = r.groupNext {
		if to == loopClosing {
			r.abort(ErrClosed)
		} else {
			r.request(requestShutdown)
		}
	}
}

// wait waits until nothing runs any more.
func (g *Group) wait() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.first != nil || g.serving > 0 {
		g.idle.Wait()
	}
}
