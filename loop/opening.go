package loop

import "github.com/specht-http/specht/flow"

// opening is a connection of a Loop whose flow isn't open yet: what it has
// besides until then.
type opening struct {
	flow          flow.Opener
	due           int64 // when it has taken too long; 0 for never
	before, after *conn // those that began to open before and after it
}

// openings are a Loop's connections that are opening, in the order in which
// they began. Its goroutine alone touches them.
type openings struct {
	oldest, newest *conn
	count          int
}

// insert takes c in.
func (o *openings) insert(c *conn) {
	c.opening.before = o.newest
	if o.newest != nil {
		o.newest.opening.after = c
	} else {
		o.oldest = c
	}
	o.newest = c
	o.count++
}

// remove takes c out.
func (o *openings) remove(c *conn) {
	before, after := c.opening.before, c.opening.after
	if before != nil {
		before.opening.after = after
	} else {
		o.oldest = after
	}
	if after != nil {
		after.opening.before = before
	} else {
		o.newest = before
	}
	o.count--
}

// beginOpening is that f, the connection's flow, has to be opened first.
func (c *conn) beginOpening(f flow.Opener) {
	l := c.loop
	c.opening = &opening{flow: f}
	l.openings.insert(c)
	if most := l.options.OpeningMax; most > 0 && l.openings.count > most {
		l.openings.oldest.failOpening(ErrOpenCrowded)
	}
	if l.options.OpenTimeout > 0 {
		now, _ := l.now()
		c.opening.due = now + int64(l.options.OpenTimeout)
		l.timers.arm(&c.member, c.opening.due)
	}
}

// open gets on with opening the flow. It is true once that is open, and the
// engine has been introduced.
func (c *conn) open() bool {
	err := c.opening.flow.Open()
	c.holdLayer()
	if err == flow.ErrWouldBlock {
		if err = c.flush(); err == nil {
			return false
		}
	}
	if err != nil {
		c.failOpening(err)
		return false
	}
	c.loop.openings.remove(c)
	c.opening = nil
	c.readable = true // octets may have come along
	c.full = false    // it may have been the handshake that had to wait, and not the flow below
	if c.loop.state.Load() == loopDraining {
		c.loop.push(&c.member, causeShutdown)
	}
	return c.attach()
}

// failOpening ends a connection whose flow can't be opened because of err.
func (c *conn) failOpening(err error) {
	c.loop.openings.remove(c)
	c.opening = nil
	c.loop.counters.openErrors.Add(1)
	c.loop.options.OnOpenError(c.flow, err)
	c.mu.Lock()
	if c.engine != nil {
		c.engine.Attach(c)
		c.kill(err)
	}
	c.end()
}

// expireOpening is expire for a connection whose flow isn't open.
func (c *conn) expireOpening(now int64) {
	if due := c.opening.due; due > now {
		c.loop.timers.arm(&c.member, due)
		return
	}
	c.failOpening(ErrOpenTimeout)
}
