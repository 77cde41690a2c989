package loop

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
)

// Loops are several Loops, each with a goroutine of its own, that are used as
// one: its methods are those of a Loop. A connection stays with the Loop that
// it is given to.
//
// Connections come to them in two ways. Listen has one listener, from which one
// Loop accepts, and deals what it accepts out to all. ListenEach has a listener
// for each Loop, all at one address, as tcp.ListenPollShared makes: the system
// deals, and no connection changes its processor on the way. Either way the
// function that makes engines is called by several goroutines at once.
//
// A cap of the Options is each Loop's own.
type Loops struct {
	each []*Loop
	turn atomic.Uint32 // who is next, among equals

	mu      sync.Mutex
	crowded []*acceptor // that wait for room; each is in it once
	awaited atomic.Bool // there are some
}

// NewLoops makes n Loops that share a Pool and a Clock; 0 for one for each
// processor that Go uses. A Poller is one Loop's, so the options must name none,
// unless n is 1: Together takes Loops that have theirs.
func NewLoops(n int, o Options) (*Loops, error) {
	if n <= 0 {
		n = runtime.GOMAXPROCS(0)
	}
	if n > 1 && o.Poller != nil {
		return nil, fmt.Errorf("loop: %d Loops can't wait with one Poller: leave Options.Poller out, or make the Loops one by one and give them to Together", n)
	}
	o = o.withDefaults()
	each := make([]*Loop, n)
	for i := range each {
		l, err := New(o)
		if err != nil {
			_ = Together(each[:i]...).Close() // they have nothing yet
			return nil, err
		}
		each[i] = l
	}
	return Together(each...), nil
}

// Together makes Loops of those that are given, which nobody has used yet, and
// which belong to no other Loops.
func Together(each ...*Loop) *Loops {
	l := &Loops{each: each}
	for _, one := range each {
		one.loops = l
	}
	return l
}

// Len is how many Loops there are.
func (l *Loops) Len() int { return len(l.each) }

// Add drives e over f from now on, by the Loop that has the fewest connections.
// With an error, f is still the caller's; what goes wrong later, e is told.
func (l *Loops) Add(f flow.Poll, e engine.Engine) error { return l.fewest().Add(f, e) }

// Listen accepts connections from pl from now on, and drives a new engine over
// each, by the Loop that has the fewest connections. The Loops close pl when
// they end or shut down, unless it is Lent. With an error, pl is still the
// caller's.
func (l *Loops) Listen(pl flow.PollListener, newEngine NewEngine) error {
	return l.next().listen(pl, newEngine, l)
}

// ListenEach is Listen with a listener for each Loop, from which that one alone
// accepts, for itself. With ErrClosed some may be closed already: close them all.
func (l *Loops) ListenEach(pls []flow.PollListener, newEngine NewEngine) error {
	if len(pls) != len(l.each) {
		return fmt.Errorf("loop: %d listeners for %d Loops: give each one", len(pls), len(l.each))
	}
	for i, pl := range pls {
		if err := l.each[i].Listen(pl, newEngine); err != nil {
			return err
		}
	}
	return nil
}

// Unlisten ends what Listen or ListenEach began with pls, and nothing else, as
// Loop.Unlisten does.
func (l *Loops) Unlisten(pls ...flow.PollListener) {
	for _, pl := range pls {
		for _, one := range l.each {
			one.Unlisten(pl)
		}
	}
}

// Serve is Listen and then Run.
func (l *Loops) Serve(pl flow.PollListener, newEngine NewEngine) error {
	if err := l.Listen(pl, newEngine); err != nil {
		return err
	}
	return l.Run()
}

// Run drives the connections, each Loop's on a goroutine of its own, until the
// Loops have been shut down or closed; then it returns nil. When one fails, the
// others are closed, and the error is its own.
func (l *Loops) Run() error {
	failures := make(chan error, len(l.each))
	for _, one := range l.each {
		go func() { failures <- one.Run() }()
	}
	var first error
	tooLate := 0
	for range l.each {
		err := <-failures
		switch {
		case err == ErrClosed:
			tooLate++
		case err != nil && first == nil:
			if first = err; err != errRunning {
				l.close()
			}
		}
	}
	if tooLate == len(l.each) {
		return ErrClosed
	}
	return first
}

// Step is Loop.Step for each of them, in order.
func (l *Loops) Step() (turns int) {
	for _, one := range l.each {
		turns += one.Step()
	}
	return turns
}

// Shutdown ends the Loops gracefully, as Loop.Shutdown does.
func (l *Loops) Shutdown(ctx context.Context) error {
	failures := make(chan error, len(l.each))
	for _, one := range l.each {
		go func() { failures <- one.Shutdown(ctx) }()
	}
	var err error
	for range l.each {
		err = errors.Join(err, <-failures)
	}
	if err != nil {
		return context.Cause(ctx)
	}
	return nil
}

// Close ends the Loops at once, as Loop.Close does.
func (l *Loops) Close() error {
	l.close()
	for _, one := range l.each {
		one.finish()
	}
	return nil
}

// close is Close without waiting.
func (l *Loops) close() {
	for _, one := range l.each {
		one.advance(loopClosing)
	}
}

// Stats is the counters of all, together.
func (l *Loops) Stats() (s Stats) {
	for _, one := range l.each {
		s.Add(one.Stats())
	}
	return s
}

// next is each of the Loops in turn.
func (l *Loops) next() *Loop {
	return l.each[int(l.turn.Add(1)-1)%len(l.each)]
}

// fewest is the Loop that has the fewest connections, and each in turn of those
// that have equally many.
func (l *Loops) fewest() *Loop {
	first := int(l.turn.Add(1) - 1)
	best := l.each[first%len(l.each)]
	for i := range l.each {
		if one := l.each[(first+i)%len(l.each)]; one.open.Load() < best.open.Load() {
			best = one
		}
	}
	return best
}

// deal gives c to the Loop that has the fewest connections. It is false if that
// one is about to end.
func (l *Loops) deal(c *conn) bool { return l.fewest().take(c) }

// hasRoom says whether one of the Loops may have a connection more. If not, a
// has another turn when one may.
func (l *Loops) hasRoom(a *acceptor) bool {
	if !l.areFull() {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !a.isCrowded {
		a.isCrowded = true
		l.crowded = append(l.crowded, a)
	}
	l.awaited.Store(true) // from here on, whoever makes room sees that a waits
	return !l.areFull()
}

// areFull says whether each of the Loops has all the connections that it may.
func (l *Loops) areFull() bool {
	for _, one := range l.each {
		if !one.isFull() {
			return false
		}
	}
	return true
}

// makeRoom is that a connection of one of the Loops has ended.
func (l *Loops) makeRoom() {
	if !l.awaited.Load() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.crowded {
		a.isCrowded = false
		a.loop.push(&a.member, causeAgain)
	}
	clear(l.crowded)
	l.crowded = l.crowded[:0]
	l.awaited.Store(false)
}
