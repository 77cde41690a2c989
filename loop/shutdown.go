package loop

import "context"

// Shutdown ends the Loop gracefully: what has been connected is accepted, the
// listeners are closed, and every engine is told Shutdown. It waits until the
// connections are gone and Run has returned. When ctx is done before, what is
// left is closed as by Close, and the error is that of ctx.
func (l *Loop) Shutdown(ctx context.Context) error {
	l.advance(loopShutting)
	cut := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		close(cut)
		l.advance(loopClosing)
	})
	l.finish()
	if stop() {
		return nil
	}
	<-cut
	return context.Cause(ctx)
}

// Close ends the Loop at once: listeners and flows are closed, and engines
// are told ErrClosed. It returns when Run has. It is idempotent.
func (l *Loop) Close() error {
	l.advance(loopClosing)
	l.finish()
	return nil
}

// Stats is the counters.
func (l *Loop) Stats() Stats {
	s := l.counters.stats()
	s.HeldOctets = l.larder.octets.Load()
	return s
}

// advance brings the Loop's end nearer; it never goes back.
func (l *Loop) advance(to loopState) {
	l.mu.Lock()
	if l.state.Load() < to {
		l.state.Store(to)
	}
	l.mu.Unlock()
	l.queue.mu.Lock()
	mustWake := l.queue.isAsleep
	l.queue.isAsleep = false
	l.queue.mu.Unlock()
	if mustWake {
		l.poller.Wake()
	}
}

// finish waits until the Loop has ended, and ends it itself if no goroutine
// drives it.
func (l *Loop) finish() {
	if l.claim() {
		for !l.pass(true) {
		}
	}
	<-l.done
}

// fail ends the Loop because of err. Its goroutine calls it.
func (l *Loop) fail(err error) {
	if l.err == nil {
		l.err = err
	}
	l.advance(loopClosing)
}

// proceed does what the Loop's state asks for, and says whether the Loop has
// ended. Its goroutine calls it.
func (l *Loop) proceed() (ended bool) {
	switch l.state.Load() {
	case loopShutting:
		l.advance(loopDraining)
		for _, m := range l.queue.table.slots {
			if m != nil {
				l.push(m, causeShutdown)
			}
		}
		fallthrough // there may be none, and then nobody would wake the Loop
	case loopDraining:
		if l.queue.size() == 0 && l.queue.table.isEmpty() {
			l.end()
			return true
		}
	case loopClosing:
		l.abandon()
		l.end()
		return true
	}
	return false
}

// abandon lets every member go, also those that are queued to begin, each looked
// at once: engines that are told may wake all of them.
func (l *Loop) abandon() {
	for _, m := range l.queue.table.slots {
		if m != nil {
			m.owner.abandon()
		}
	}
	for m, why := l.queue.pop(); m != nil; m, why = l.queue.pop() {
		if why&causeAdded != 0 {
			m.owner.turn(causeAdded)
			m.owner.abandon()
		}
	}
}

// end is the end.
func (l *Loop) end() {
	_ = l.poller.Close() // nobody is left to be told
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Store(loopEnded)
	l.isDriven = false
	l.cachedMono.Store(0)
	close(l.done)
}
