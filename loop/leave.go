package loop

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
)

// How a connection leaves its driver: engine.Upgrade.
//
// Run calls what the engine names on its own goroutine, and a Group on that of
// the connection, which doesn't count any more. A Loop takes the flow out of
// its Poller, makes a blocking one of it, and starts a goroutine: flows that
// are flow.Blockable can leave a Loop, and those of this module are.

// successor is who takes a connection that has left.
type successor struct {
	take func(s engine.Stream, rest []byte)
	rest []byte
}

// leaving asks e, which is an Upgrader whose NextRead and NextWrite are
// Upgrade, and keeps a copy of what w has. The caller has the lock.
func (w *window) leaving(e engine.Engine) successor {
	u, ok := e.(engine.Upgrader)
	if !ok {
		panic(fmt.Sprintf("loop: bug: NextRead of a %T is Upgrade, but it is no engine.Upgrader", e))
	}
	return successor{u.Upgraded(), bytes.Clone(w.octets())}
}

// leave makes the connection somebody else's. It begins with the lock, which
// blocking the flow doesn't take long with, and ends without.
func (c *conn) leave() {
	b, ok := c.flow.(flow.Blockable)
	if !ok {
		c.kill(fmt.Errorf("loop: a %T can't leave the loop: it is no flow.Blockable: %w", c.flow, errors.ErrUnsupported))
		c.end()
		return
	}
	c.loop.unwatch(c.flow)
	f, err := b.Block()
	if err != nil {
		c.kill(err)
		c.end()
		return
	}
	next := c.input.leaving(c.engine)
	c.gone = true
	c.mu.Unlock()
	c.forget()
	go next.take(f, next.rest)
}

// leave makes the connection of a runner somebody else's, when nobody reads or
// writes any more. The lock is held.
func (r *runner) leave() {
	r.closed = true
	r.next = r.input.leaving(r.engine)
	r.attendance.finish()
}

// follow is the rest of Run for a connection that has left.
func (r *runner) follow() {
	if r.next.take == nil {
		return
	}
	if f, ok := r.flow.(flow.Deadliner); ok && r.unblocked {
		_ = f.SetReadDeadline(time.Time{}) // if it fails, so does the next Read
	}
	r.next.take(r.flow, r.next.rest)
}
