package loop

import (
	"fmt"
	"runtime"

	"github.com/specht-http/specht/flow"
)

// pass waits for something to do, if it may, does what there is, and says
// whether the Loop has ended. It is one batch: everything that it does
// happens, by Host.Now, at one time.
func (l *Loop) pass(mayWait bool) (ended bool) {
	n, err := l.wait(mayWait)
	l.tick()
	if err != nil {
		l.fail(err)
	}
	for _, e := range l.events[:n] {
		if m := l.queue.table.find(e.Token); m != nil && l.turn(m, cause(e.Ready)) {
			l.turnQueued()
		}
	}
	l.turnQueued()
	l.expire()
	l.resume()
	return l.proceed()
}

const (
	// turnsPerYield is after how many turns of a batch other goroutines have their
	// time, as long as some have to do with the Loop: each has a system call or
	// two, so a handler starts, and its answer is written, while a batch of
	// hundreds goes on.
	turnsPerYield = 4
	// yieldNsMax is how long these turns and that time may take together. Past it
	// some goroutine computes, and the rest of the batch is had at a stretch.
	yieldNsMax = 1e6
)

// turn gives m a turn. It is true if other goroutines have had their time behind
// it, and may have queued something.
func (l *Loop) turn(m *member, why cause) (yielded bool) {
	l.turns++
	m.owner.turn(why)
	if l.yielded == 0 || l.turns%turnsPerYield != 0 {
		return false
	}
	runtime.Gosched()
	before := l.yielded
	if l.yielded, _ = l.options.Clock.Now(); l.yielded-before > yieldNsMax {
		l.yielded = 0
	}
	return true
}

// turnQueued gives their turns to those that are queued by now.
func (l *Loop) turnQueued() {
	for range l.queue.size() {
		l.turn(l.queue.pop())
	}
}

// postpone gives m another turn in the next batch.
func (l *Loop) postpone(m *member) { l.postponed = append(l.postponed, m) }

// resume queues those that were postponed.
func (l *Loop) resume() {
	for i, m := range l.postponed {
		l.push(m, causeAgain)
		l.postponed[i] = nil
	}
	l.postponed = l.postponed[:0]
}

// wait asks the Poller for events. Before it waits in the system, goroutines
// that can run have their time, and the Poller is asked without waiting: a
// goroutine in a blocking system call keeps others from its processor for a
// while.
func (l *Loop) wait(mayWait bool) (int, error) {
	if !mayWait || l.queue.size() > 0 {
		return l.poller.Wait(l.events[:], 0, false)
	}
	state := l.state.Load()
	runtime.Gosched()
	n, err := l.poller.Wait(l.events[:], 0, false)
	if n > 0 || err != nil || !l.queue.sleep() {
		return n, err
	}
	defer l.queue.rise()
	if l.state.Load() != state || state == loopShutting || state == loopClosing {
		return 0, nil
	}
	l.cachedMono.Store(0)
	l.shared = max(l.shared-1, 0)
	return l.poller.Wait(l.events[:], l.timeout(), l.shared > 0)
}

// sharedWaits is for how many waits a Loop is taken to be shared with other
// goroutines after one of them has called Wake.
const sharedWaits = 1000

// timeout is how long to wait, in ns; -1 for ever.
func (l *Loop) timeout() int64 {
	due := l.timers.next()
	if due == 0 {
		return -1
	}
	now, _ := l.options.Clock.Now()
	return max(due-now, 0)
}

// tick reads the clock for the batch that begins.
func (l *Loop) tick() {
	mono, unix := l.options.Clock.Now()
	l.cachedUnix.Store(unix)
	l.cachedMono.Store(mono)
	l.yielded = 0
	if l.shared > 0 {
		l.yielded = mono
	}
}

// now is the time of the batch, or the time while there is none.
func (l *Loop) now() (mono, unix int64) {
	if mono = l.cachedMono.Load(); mono != 0 {
		return mono, l.cachedUnix.Load()
	}
	return l.options.Clock.Now()
}

// expire gives their turns to those that are due. Who is due again at once has
// its turn in the next tick: others are there, too.
func (l *Loop) expire() {
	now, _ := l.now()
	l.timers.earliest = now/tickNs + 1
	for m := l.timers.pop(now); m != nil; m = l.timers.pop(now) {
		l.turns++
		m.owner.expire(now)
	}
	l.timers.earliest = 0
}

// push queues m. Any goroutine may call it.
func (l *Loop) push(m *member, why cause) {
	if l.queue.push(m, why) {
		l.poller.Wake()
	}
}

// notifier is the Loop as flows see it that announce their readiness.
type notifier Loop

var _ flow.Notifier = (*notifier)(nil)

// Ready implements flow.Notifier.
func (n *notifier) Ready(token uint64, r flow.Readiness) {
	l := (*Loop)(n)
	l.queue.mu.Lock()
	m := l.queue.table.find(token)
	mustWake := m != nil && l.queue.pushLocked(m, cause(r))
	l.queue.mu.Unlock()
	if mustWake {
		l.poller.Wake()
	}
}

// watch makes the readiness of f, a Poll or PollListener, arrive with token,
// and that of what it is over.
func (l *Loop) watch(f any, token uint64) error {
	switch f := f.(type) {
	case flow.Layer:
		f.Announce((*notifier)(l), token)
		return l.watch(f.Below(), token)
	case flow.ListenerLayer:
		return l.watch(f.Below(), token)
	case flow.Announcing:
		f.Announce((*notifier)(l), token)
		return nil
	case flow.Described:
		return l.poller.Add(f.Descriptor(), token)
	}
	return fmt.Errorf("loop: a %T can't be polled: it is neither flow.Announcing nor flow.Described", f)
}

// unwatch ends that.
func (l *Loop) unwatch(f any) {
	switch f := f.(type) {
	case flow.Layer:
		f.Announce(nil, 0)
		l.unwatch(f.Below())
	case flow.ListenerLayer:
		l.unwatch(f.Below())
	case flow.Announcing:
		f.Announce(nil, 0)
	case flow.Described:
		_ = l.poller.Remove(f.Descriptor()) // if it wasn't watched, all the better
	}
}

// admit gives m a place in the table.
func (l *Loop) admit(m *member) {
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	l.queue.table.insert(m)
}

// dismiss takes m's place away.
func (l *Loop) dismiss(m *member) {
	l.timers.disarm(m)
	l.queue.mu.Lock()
	defer l.queue.mu.Unlock()
	l.queue.table.remove(m)
}
