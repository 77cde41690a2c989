package loop

import "github.com/specht-http/specht/flow"

// bottom is the Poll below all layers of f.
func bottom(f flow.Poll) flow.Poll {
	for {
		l, ok := f.(flow.Layer)
		if !ok {
			return f
		}
		f = l.Below()
	}
}

// isFullLayer says whether the flow is a layer that has octets of its own to
// get on with.
func (c *conn) isFullLayer() bool {
	l, ok := c.flow.(flow.Layer)
	return ok && l.IsFull()
}

// flush writes what the flow, if it is a layer, has of its own, and is told
// again when it couldn't write all of it. The lock isn't held.
func (c *conn) flush() error {
	if c.full || !c.isFullLayer() {
		return nil
	}
	_, err := c.flow.TryWrite(nil)
	c.holdLayer()
	if c.full = err == flow.ErrWouldBlock; c.full {
		err = nil
	}
	if err == nil && c.full != c.watched {
		err = c.watchWrites()
	}
	return err
}
