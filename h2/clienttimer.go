package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// clientTimes are what a client's connection waits for, each since when, in
// monotonic ns; 0 for not at all.
//
//	settings  for the peer to acknowledge ours
//	block     for the rest of a field block
//	places    for the peer to let a stream, while requests wait and it lets none
//	idle      for a request, while there is none
//	stretch   for the next look at how much each stream has moved
//	trim      for memory of an idle connection to go
//
// Exchanges wait in two lists, in the order of their deadlines, which is that in
// which they began to wait.
type clientTimes struct {
	settings, block, places, idle, stretch, trim int64
	heads                                        clientWaitList // for the head of a response
	continues                                    clientWaitList // for 100 (Continue)

	deadline int64
}

// clientWaitList is exchanges that wait for the same thing.
type clientWaitList struct{ first, last *clientExchange }

// clientWait is the place of an exchange in such a list.
type clientWait struct {
	list         *clientWaitList
	before, next *clientExchange
	since        int64 // monotonic ns
}

// add makes x the last.
func (l *clientWaitList) add(x *clientExchange, now int64) {
	x.wait = clientWait{list: l, before: l.last, since: now}
	if l.last == nil {
		l.first = x
	} else {
		l.last.wait.next = x
	}
	l.last = x
}

// forget is that x waits for nothing.
func (*clientTimes) forget(x *clientExchange) {
	w := &x.wait
	if w.list == nil {
		return
	}
	if w.before == nil {
		w.list.first = w.next
	} else {
		w.before.wait.next = w.next
	}
	if w.next == nil {
		w.list.last = w.before
	} else {
		w.next.wait.before = w.before
	}
	*w = clientWait{}
}

// await has x wait, from now on, for what it has to wait for.
func (t *clientTimes) await(x *clientExchange) {
	t.forget(x)
	if x.isEnded || x.stream == nil || x.status != 0 && !x.isClosed {
		return
	}
	now, _ := x.client.host.Now()
	switch {
	case x.status != 0: // the rest of its content is thrown away
		t.heads.add(x, now)
	case x.isWaiting:
		t.continues.add(x, now)
	case x.said == HTTP2MessageDone && !x.isSending() || x.method == message.MethodConnect:
		t.heads.add(x, now)
	}
}

// trimNs is how long an idle connection keeps the memory that its next request
// would use again.
const trimNs = second

// rearm begins what is waited for from now on, and ends what isn't.
func (c *Client) rearm() {
	t, o := &c.times, &c.options
	now, _ := c.host.Now()
	isIdle := c.first == nil && !c.isOver
	arm(&t.settings, now, !c.isOver && !c.isWriteOver && !c.conn.IsAgreed())
	arm(&t.block, now, !c.isOver && c.conn.IsInBlock())
	arm(&t.places, now, !c.isOver && c.waiting != nil && c.conn.Own() == 0)
	arm(&t.stretch, now, !isIdle && !c.isOver)
	if isIdle && t.idle == 0 {
		t.trim = now
	}
	arm(&t.idle, now, isIdle)
	if !isIdle {
		t.trim = 0
	}
	t.deadline = 0
	t.due(t.settings, o.SettingsNs)
	t.due(t.block, o.BlockNs)
	t.due(t.places, o.HeadNs)
	t.due(t.idle, o.IdleNs)
	t.due(t.trim, trimNs)
	if o.ContentOctetsPerSecondMin >= 0 || o.WindowNs >= 0 {
		t.due(t.stretch, lookNs(o.ContentGraceNs))
	}
	if x := t.heads.first; x != nil {
		t.due(x.wait.since, o.HeadNs)
	}
	if x := t.continues.first; x != nil {
		t.due(x.wait.since, o.ContinueNs)
	}
	if p := c.pings.first(); p != nil {
		t.due(p.since, o.PingNs)
	}
}

// arm is that something is waited for since now, if it wasn't before.
func arm(at *int64, now int64, waits bool) {
	switch {
	case !waits:
		*at = 0
	case *at == 0:
		*at = now
	}
}

// due moves the deadline to where a limit is over, if that is earlier.
func (t *clientTimes) due(since, limit int64) {
	if since != 0 && limit >= 0 && (t.deadline == 0 || since+limit < t.deadline) {
		t.deadline = since + limit
	}
}

// Deadline implements engine.Engine.
func (c *Client) Deadline() int64 {
	if due := c.times.deadline; c.callbacks.Due == 0 || due != 0 && due < c.callbacks.Due {
		return due
	}
	return c.callbacks.Due
}

// Expire implements engine.Engine.
func (c *Client) Expire() {
	now, _ := c.host.Now()
	t, o := &c.times, &c.options
	past := func(since, limit int64) bool { return since != 0 && limit >= 0 && now >= since+limit }
	switch {
	case past(t.settings, o.SettingsNs):
		c.expire(frames.CodeSettingsTimeout, "our settings weren't acknowledged in SettingsNs (RFC 9113, Section 6.5.3)")
	case past(t.block, o.BlockNs):
		c.expire(frames.CodeEnhanceYourCalm, "a field block wasn't whole in BlockNs")
	case c.pings.first() != nil && past(c.pings.first().since, o.PingNs):
		c.expire(frames.CodeInternalError, "a ping wasn't answered in PingNs (RFC 9113, Section 6.7)")
	case past(t.places, o.HeadNs):
		c.close(faultResponse("the peer lets no stream", 0, message.StatusGatewayTimeout, "HeadNs", o.HeadNs))
	case past(t.idle, o.IdleNs):
		c.close(nil)
	}
	for x := t.continues.first; x != nil && past(x.wait.since, o.ContinueNs); x = t.continues.first {
		x.proceed()
	}
	for x := t.heads.first; x != nil && past(x.wait.since, o.HeadNs); x = t.heads.first {
		x.fail(faultResponse("response head not received in time", 0, message.StatusGatewayTimeout, "HeadNs", o.HeadNs), frames.CodeCancel)
	}
	if past(t.trim, trimNs) {
		c.trim()
		t.trim = 0
	}
	if past(t.stretch, lookNs(o.ContentGraceNs)) {
		c.measure(now)
		t.stretch = now
	}
	c.endTurn()
}

// expire fails the connection.
func (c *Client) expire(code frames.ErrorCode, rule string) {
	if c.isOver {
		return
	}
	e := c.conn.Fail(code, rule)
	c.tellError(e)
	c.close(e)
}

// measure looks at each stream: what it has received, and whether it waits for
// credit.
func (c *Client) measure(now int64) {
	o := &c.options
	elapsed := max(now-c.times.stretch, 1)
	for x := c.first; x != nil && x != c.waiting; {
		next := x.next
		isSlow := o.ContentOctetsPerSecondMin >= 0 && o.ContentGraceNs >= 0 && x.received == HTTP2MessageContent && !x.isTunnel && x.since <= c.times.stretch &&
			c.conn.HasCredit(x.stream) && float64(x.stretch)*float64(second) < float64(o.ContentOctetsPerSecondMin)*float64(elapsed)
		x.stretch = 0
		switch {
		case isSlow:
			x.fail(faultResponse("content too slow", x.arrived, message.StatusGatewayTimeout, "ContentOctetsPerSecondMin", o.ContentOctetsPerSecondMin), frames.CodeCancel)
		case !x.isSending() || x.isWaiting || c.out.Size() > 0:
			x.patience.since = 0
		case x.patience.isOver(c.conn, x.stream, now, o.WindowNs, o.ContentOctetsPerSecondMin):
			x.fail(faultResponse("the peer gives too little credit for the request", x.written, message.StatusGatewayTimeout, "WindowNs", o.WindowNs), frames.CodeCancel)
		}
		x = next
	}
}
