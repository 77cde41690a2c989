package h1

import "github.com/specht-http/specht/message"

// clientTimer is what a client's connection waits for, and since when: as
// timer is for a server's. There is one at a time:
//
//	idle      for a request
//	continue  for 100 (Continue)
//	head      for the head of a response
//	content   for content that there is room for
type clientTimer struct {
	waits    clientWaiting
	isTrim   bool  // idle memory is due to go
	since    int64 // monotonic ns
	serial   int64 // of the exchange that waits
	octets   int64 // of content since then
	deadline int64
}

type clientWaiting uint8

const (
	clientWaitingNone clientWaiting = iota
	clientWaitingIdle
	clientWaitingContinue
	clientWaitingHead
	clientWaitingContent
)

// waits says what the connection waits for.
func (c *Client) waits() clientWaiting {
	x := c.first
	switch {
	case c.isOver || x == nil && c.out.Size() > 0 || x != nil && x.isTunnel:
		return clientWaitingNone
	case x == nil:
		return clientWaitingIdle
	case x.direction == ResponseDirectionContent:
		if x.room() <= 0 {
			return clientWaitingNone
		}
		return clientWaitingContent
	case x.direction != ResponseDirectionIdle:
		return clientWaitingNone
	case c.isWriteOver:
		return clientWaitingHead
	case !x.isOpen || c.out.Taken < x.base || c.out.Size() > 0 && c.opened == x:
		return clientWaitingNone
	case x.isWaiting:
		return clientWaitingContinue
	case x.request.Direction == RequestDirectionDone:
		return clientWaitingHead
	}
	return clientWaitingNone
}

// trimNs is how long an idle connection keeps the memory that its next request
// would use again.
const trimNs = second

// rearm sets the deadline to what is waited for now.
func (c *Client) rearm() {
	t := &c.timer
	waits, serial := c.waits(), int64(0)
	if c.first != nil {
		serial = c.first.serial
	}
	if waits == t.waits && serial == t.serial {
		return
	}
	now, _ := c.host.Now()
	*t = clientTimer{waits: waits, since: now, serial: serial}
	t.isTrim = waits == clientWaitingIdle && c.responses != nil
	c.setDeadline()
}

// setDeadline is the deadline for what is waited for; 0 if that limit is off.
func (c *Client) setDeadline() {
	t, o := &c.timer, &c.options
	limit := int64(-1)
	switch t.waits {
	case clientWaitingIdle:
		limit = o.IdleNs
		if t.isTrim && (limit < 0 || trimNs < limit) {
			limit = trimNs
		}
	case clientWaitingContinue:
		limit = o.ContinueNs
	case clientWaitingHead:
		limit = o.HeadNs
	case clientWaitingContent:
		if limit = o.ContentGraceNs; o.ContentOctetsPerSecondMin < 0 {
			limit = -1
		}
	}
	t.deadline = 0
	if limit >= 0 {
		t.deadline = t.since + limit
	}
}

// Deadline implements engine.Engine.
func (c *Client) Deadline() int64 {
	if due := c.timer.deadline; c.callbacks.Due == 0 || due != 0 && due < c.callbacks.Due {
		return due
	}
	return c.callbacks.Due
}

// Expire implements engine.Engine.
func (c *Client) Expire() {
	t := &c.timer
	now, _ := c.host.Now()
	if t.deadline == 0 || now < t.deadline {
		if c.callbacks.Due != 0 && now >= c.callbacks.Due {
			c.endTurn()
		}
		return
	}
	switch t.waits {
	case clientWaitingIdle:
		c.expireIdle(now)
	case clientWaitingContinue:
		c.first.proceed()
	case clientWaitingHead:
		c.fail(faultLimit("response-message", "response head not received in time", 0, message.StatusGatewayTimeout, "HeadNs", c.options.HeadNs))
	case clientWaitingContent:
		c.expireContent(now)
	}
	c.endTurn()
}

// expireIdle gives memory back first, and closes the connection later.
func (c *Client) expireIdle(now int64) {
	t := &c.timer
	if limit := c.options.IdleNs; t.isTrim && (limit < 0 || now < t.since+limit) {
		c.trim()
		t.isTrim = false
		c.setDeadline()
		return
	}
	c.close(nil)
}

// expireContent measures the rate of one stretch, and begins the next.
func (c *Client) expireContent(now int64) {
	t, o := &c.timer, &c.options
	elapsed := max(now-t.since, 1)
	if float64(t.octets)*float64(second) >= float64(o.ContentOctetsPerSecondMin)*float64(elapsed) {
		t.since, t.octets = now, 0
		c.setDeadline()
		return
	}
	c.fail(faultLimit("response-message", "content too slow", c.responses.offset(), message.StatusGatewayTimeout, "ContentOctetsPerSecondMin", o.ContentOctetsPerSecondMin))
}
