package loop

import (
	"errors"
	"net"
	"slices"

	"github.com/specht-http/specht/flow"
)

// acceptor is a listener of a Loop.
type acceptor struct {
	member
	listener  flow.PollListener
	newEngine NewEngine
	backoffNs int64
	loops     *Loops // that share what is accepted; nil for the Loop alone
	isLent    bool   // the listener stays its owner's
	isCrowded bool   // it waits for room
	gone      bool
	done      chan struct{} // closed when it has gone
}

const (
	// acceptsMax is how many connections are accepted before others have
	// their turns.
	acceptsMax = 64
	// lastAcceptsMax is how many connections are accepted from a listener that is
	// about to be closed: more can't have been waiting, but peers may go on coming
	// as fast as they are accepted.
	lastAcceptsMax = 1 << 16
	// After a failure to accept, such as for want of descriptors, an acceptor
	// waits, twice as long each time.
	acceptBackoffMinNs = 5e6
	acceptBackoffMaxNs = 1e9
)

// turn implements turner: it accepts until there is nothing to accept.
func (a *acceptor) turn(why cause) {
	if a.gone {
		return
	}
	if why&causeAdded != 0 {
		a.loop.admit(&a.member)
		if err := a.loop.watch(a.listener, a.token()); err != nil {
			a.loop.fail(err)
			return
		}
		if a.loop.state.Load() == loopDraining {
			a.loop.push(&a.member, causeShutdown)
		}
	}
	if a.isLent && a.loop.state.Load() != loopOpen {
		a.abandon()
		return
	}
	if why&causeShutdown != 0 {
		for n := 0; !a.isLent && n < lastAcceptsMax && a.loop.state.Load() < loopClosing && a.accept(); n++ {
		}
		a.abandon()
		return
	}
	if why == causeAdded {
		return // readiness is announced
	}
	for range acceptsMax {
		if !a.accept() {
			return
		}
	}
	a.loop.postpone(&a.member)
}

// accept accepts one connection, and is false if there is none now, or no room
// for it.
func (a *acceptor) accept() bool {
	if !a.loop.hasRoom(a) {
		return false
	}
	f, err := a.listener.TryAccept()
	switch {
	case err == nil:
		a.backoffNs = 0
		a.loop.counters.accepted.Add(1)
		c := &conn{flow: f, newEngine: a.newEngine}
		if a.loops == nil || !a.loops.deal(c) {
			a.loop.adopt(c)
		}
		return true
	case err == flow.ErrWouldBlock:
		return false
	case errors.Is(err, net.ErrClosed):
		a.abandon()
		return false
	}
	a.loop.counters.acceptErrors.Add(1)
	a.backoffNs = min(max(2*a.backoffNs, acceptBackoffMinNs), acceptBackoffMaxNs)
	now, _ := a.loop.now()
	a.loop.timers.arm(&a.member, now+a.backoffNs)
	return false
}

// expire implements turner: the time to try again has come.
func (a *acceptor) expire(int64) { a.turn(causeAgain) }

// abandon implements turner.
func (a *acceptor) abandon() {
	if a.gone {
		return
	}
	a.gone = true
	a.loop.unwatch(a.listener)
	a.loop.dismiss(&a.member)
	_ = a.listener.Close() // nobody is left to be told
	a.loop.strike(a)
	close(a.done)
}

// strike takes a off the list of acceptors.
func (l *Loop) strike(a *acceptor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acceptors = slices.DeleteFunc(l.acceptors, func(b *acceptor) bool { return a == b })
}

// Unlisten ends what Listen began, and nothing else: what has been connected is
// accepted, as far as there is room, and pl is closed when Unlisten returns; the
// connections go on. It does nothing for a listener that the Loop doesn't have,
// or not any more. Somebody has to drive the Loop meanwhile.
func (l *Loop) Unlisten(pl flow.PollListener) {
	l.mu.Lock()
	at := slices.IndexFunc(l.acceptors, func(a *acceptor) bool { return a.listener == pl })
	if at < 0 {
		l.mu.Unlock()
		return
	}
	a := l.acceptors[at]
	l.push(&a.member, causeShutdown)
	l.mu.Unlock()
	<-a.done
}

// hasRoom says whether there may be a connection more. If not, a has another
// turn when there is.
func (l *Loop) hasRoom(a *acceptor) bool {
	if a.loops != nil {
		return a.loops.hasRoom(a)
	}
	if !l.isFull() {
		return true
	}
	if !a.isCrowded {
		a.isCrowded = true
		l.crowded = append(l.crowded, a)
	}
	return false
}

// isFull says whether the Loop has all the connections that it may.
func (l *Loop) isFull() bool {
	most := l.options.ConnectionsMax
	return most >= 0 && l.open.Load() >= int64(most)
}

// makeRoom is that a connection has ended.
func (l *Loop) makeRoom() {
	l.open.Add(-1)
	if l.loops != nil {
		l.loops.makeRoom()
	}
	for _, a := range l.crowded {
		a.isCrowded = false
		l.push(&a.member, causeAgain)
	}
	clear(l.crowded)
	l.crowded = l.crowded[:0]
}
