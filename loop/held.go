package loop

import (
	"container/list"
	"math"
	"sync/atomic"

	"github.com/specht-http/specht/flow"
)

// What the connections of a Loop hold: buffers of the Pool, for input that their
// engines haven't consumed, whatever the engines themselves have for content that
// nobody has taken, heads and responses, and what layers have encrypted or haven't
// decrypted yet. Past Options.HeldOctetsMax no
// connection is read that holds something already, but for a little. It waits
// in the larder until there is room.

// heldOctetsMin is what a connection may hold in any case: a usual request is
// read, and can be answered, while others hold all there is.
const heldOctetsMin = 4 << 10

// buffers is where a connection's buffers come from, and go.
type buffers interface {
	Get(n int) []byte
	Put(b []byte)
}

// Get implements engine.Host.
func (c *conn) Get(n int) []byte {
	b := c.pool.Get(n)
	c.hold(int64(cap(b)))
	return b
}

// Put implements engine.Host.
func (c *conn) Put(b []byte) {
	c.hold(-int64(cap(b)))
	c.pool.Put(b)
}

// settled is what a connection holds that the Loop has nothing to do with any
// more: what it gives back later doesn't count.
const settled = math.MinInt64

// hold counts n octets more. Any goroutine may call it.
func (c *conn) hold(n int64) {
	for {
		was := c.held.Load()
		if was == settled {
			return
		}
		if c.held.CompareAndSwap(was, was+n) {
			c.loop.larder.add(n)
			return
		}
	}
}

// holdLayer counts what the flow has by now, if it is a layer. The Loop's
// goroutine calls it when that may have changed.
func (c *conn) holdLayer() {
	if l, ok := c.flow.(flow.Layer); ok {
		now := int64(l.Held())
		c.hold(now - c.layered)
		c.layered = now
	}
}

// settle counts off what the connection still holds.
func (c *conn) settle() {
	c.loop.larder.remove(c)
	c.loop.larder.add(-c.held.Swap(settled))
}

// allowance is how many octets may be read for the connection. What is in a layer
// has come already, so that is no reason not to read it.
func (c *conn) allowance() int {
	r := &c.loop.larder
	if r.octetsMax < 0 {
		return math.MaxInt
	}
	return int(max(r.octetsMax-r.octets.Load(), heldOctetsMin-(c.held.Load()-c.layered), 0))
}

// larder is what a Loop's connections hold, and who waits to hold more. It is a
// member, so that whoever makes room can give it a turn.
type larder struct {
	member
	octetsMax int64 // negative for no limit
	octets    atomic.Int64
	waiting   list.List   // of *conn, the longest first; the Loop's goroutine alone
	isAwaited atomic.Bool // there are some
}

// add counts n octets more. If that makes room for who waits, they have their
// turns. Any goroutine may call it.
func (r *larder) add(n int64) {
	now := r.octets.Add(n)
	if n < 0 && now < r.octetsMax && now-n >= r.octetsMax && r.isAwaited.Load() {
		r.loop.push(&r.member, causeAgain)
	}
}

// await makes c wait until there is room.
func (r *larder) await(c *conn) {
	if c.waiting != nil {
		return
	}
	r.loop.counters.heldBack.Add(1)
	c.waiting = r.waiting.PushBack(c)
	r.isAwaited.Store(true)
	if r.octets.Load() < r.octetsMax { // since it was asked
		r.loop.push(&r.member, causeAgain)
	}
}

// remove makes c wait no longer.
func (r *larder) remove(c *conn) {
	if c.waiting == nil {
		return
	}
	r.waiting.Remove(c.waiting)
	c.waiting = nil
	r.isAwaited.Store(r.waiting.Len() > 0)
}

// turn implements turner: it lets as many go on as there is room for, and asks
// again once they have had their turns, for they may not have used it.
func (r *larder) turn(cause) {
	room := r.octetsMax - r.octets.Load()
	isAny := room > 0
	for ; room > 0 && r.waiting.Len() > 0; room -= int64(r.loop.options.ReadOctets) {
		c := r.waiting.Front().Value.(*conn)
		r.remove(c)
		r.loop.push(&c.member, causeAgain)
	}
	if isAny && r.waiting.Len() > 0 {
		r.loop.push(&r.member, causeAgain)
	}
}

// expire implements turner: it is never due.
func (r *larder) expire(int64) {}

// abandon implements turner.
func (r *larder) abandon() {}
