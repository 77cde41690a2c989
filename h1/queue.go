package h1

import "github.com/specht-http/specht/engine"

// queue is octets on their way out, in order. It owns the buffers of what was
// copied, and borrows what was lent.
//
//	taken                in
//	|  untaken octets    |
//	[ segment ][ segment ][ segment | room ]
//
// Octets are appended behind the last segment or in its room, and taken off
// the front; nothing else moves. taken and in only grow, so a place in the
// output is a number.
type queue struct {
	segments  []segment
	in, taken uint64
}

// segment is some of a queue's octets.
type segment struct {
	b      []byte // not taken yet; of an own buffer, room follows
	buffer []byte // what goes back to the host; nil if b is lent
	done   func(error)
	x      party // whose octets are lent
}

// bufferOctets is how large a buffer is that isn't made for something larger.
const bufferOctets = 4 << 10

// tail is the last buffer, with room for n octets or more behind its length:
// append to it, and give the result to commit.
func (q *queue) tail(h engine.Host, n int) []byte {
	if k := len(q.segments) - 1; k >= 0 {
		if last := &q.segments[k]; last.buffer != nil && cap(last.b)-len(last.b) >= n {
			return last.b
		}
	}
	buffer := h.Get(max(n, bufferOctets))
	q.segments = append(q.segments, segment{b: buffer[:0], buffer: buffer})
	return buffer[:0]
}

// commit takes what was appended to tail into the queue. If that is nothing,
// a buffer that tail got goes back.
func (q *queue) commit(h engine.Host, b []byte) {
	k := len(q.segments) - 1
	last := &q.segments[k]
	if cap(b) != cap(last.b) {
		panic("h1: bug: a buffer of the output has been outgrown")
	}
	q.in += uint64(len(b) - len(last.b))
	if last.b = b; len(b) == 0 {
		q.free(h, last)
		*last = segment{}
		q.segments = q.segments[:k]
	}
}

// lend queues p itself. done isn't called by the queue: see take.
func (q *queue) lend(x party, p []byte, done func(error)) {
	q.segments = append(q.segments, segment{b: p, done: done, x: x})
	q.in += uint64(len(p))
}

// take takes n octets off the front, and gives each segment that is used up to
// over.
func (q *queue) take(h engine.Host, n int, over func(*segment)) {
	q.taken += uint64(n)
	i := 0
	for ; i < len(q.segments) && n >= len(q.segments[i].b); i++ {
		n -= len(q.segments[i].b)
		q.free(h, &q.segments[i])
		over(&q.segments[i])
	}
	q.drop(i)
	if n > 0 {
		if len(q.segments) == 0 {
			panic("h1: bug: the driver reports more octets than it was lent")
		}
		q.segments[0].b = q.segments[0].b[n:]
	}
}

// clear drops all that isn't taken, as if it had never been queued.
func (q *queue) clear(h engine.Host, over func(*segment)) {
	for i := range q.segments {
		q.free(h, &q.segments[i])
		over(&q.segments[i])
	}
	q.drop(len(q.segments))
	q.in = q.taken
}

// free gives a segment's buffer back.
func (q *queue) free(h engine.Host, s *segment) {
	if s.buffer != nil {
		put(h, s.buffer)
		s.buffer = nil
	}
}

// drop removes the first i segments. Mostly there is one: clear takes longer
// for so few.
func (q *queue) drop(i int) {
	k := 0
	if i < len(q.segments) {
		k = copy(q.segments, q.segments[i:])
	}
	for i = k; i < len(q.segments); i++ {
		q.segments[i] = segment{}
	}
	q.segments = q.segments[:k]
}

// moveTo appends all segments to those of another queue.
func (q *queue) moveTo(to *queue) {
	if len(q.segments) == 0 {
		return
	}
	to.segments = append(to.segments, q.segments...)
	to.in += q.in - q.taken
	q.drop(len(q.segments))
	q.taken = q.in
}

// size is how many octets aren't taken.
func (q *queue) size() int { return int(q.in - q.taken) }

// outbound is the queue of a connection, as it is lent to the driver.
type outbound struct {
	queue
	vector [][]byte
	// What of the segments is in the vector: all before lent, and of the last
	// of these its first lentOctets.
	lent, lentOctets int
	offered          uint64 // where what has ever been lent ends
}

// lend is the vector of all that is queued. What has been lent already stays as
// it is, in front.
func (o *outbound) lend() [][]byte {
	if o.lent == 0 {
		o.vector = o.vector[:0]
	} else if grown := o.segments[o.lent-1].b[o.lentOctets:]; len(grown) > 0 {
		o.vector = append(o.vector, grown)
	}
	for i := o.lent; i < len(o.segments); i++ {
		if len(o.segments[i].b) > 0 {
			o.vector = append(o.vector, o.segments[i].b)
		}
	}
	if o.lent = len(o.segments); o.lent > 0 {
		o.lentOctets = len(o.segments[o.lent-1].b)
	}
	o.offered = o.in
	return o.vector
}

// report takes what is lent back; the flow took n octets of it.
func (o *outbound) report(h engine.Host, n int, over func(*segment)) {
	o.lent, o.lentOctets = 0, 0
	for i := 0; i < len(o.vector); i++ {
		o.vector[i] = nil
	}
	o.take(h, n, over)
}

// cut drops all that isn't lent, as if it had never been queued.
func (o *outbound) cut(h engine.Host, over func(*segment)) {
	for i := o.lent; i < len(o.segments); i++ {
		o.in -= uint64(len(o.segments[i].b))
		o.free(h, &o.segments[i])
		over(&o.segments[i])
	}
	clear(o.segments[o.lent:])
	o.segments = o.segments[:o.lent]
	if o.lent > 0 {
		last := &o.segments[o.lent-1]
		o.in -= uint64(len(last.b) - o.lentOctets)
		last.b = last.b[:o.lentOctets]
	}
}

// put gives a buffer back to the host. In builds tagged invariants it is
// overwritten before, so that a slice of it that somebody kept shows.
func put(h engine.Host, b []byte) {
	if invariants {
		b = b[:cap(b)]
		for i := range b {
			b[i] = 0xDB
		}
	}
	h.Put(b[:0])
}
