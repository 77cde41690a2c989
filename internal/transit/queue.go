package transit

import "github.com/specht-http/specht/engine"

// Queue is octets on their way out, in order. It owns the buffers of what was
// copied, and borrows what was lent.
//
//	Taken                In
//	|  untaken octets    |
//	[ segment ][ segment ][ segment | room ]
//
// Octets are appended behind the last segment or in its room, and taken off
// the front; nothing else moves. In and Taken only grow, so a place in the
// output is a number. The zero value is empty.
type Queue struct {
	segments  []Segment
	In, Taken uint64 // octets that were queued, and those that were taken; to be read only
}

// Segment is some of a queue's octets.
type Segment struct {
	b      []byte // not taken yet; of an own buffer, room follows
	buffer []byte // what goes back to the host; nil if b is lent
	done   func(error)
	x      Party // whose octets are lent
}

// bufferOctets is how large a buffer is that isn't made for something larger.
const bufferOctets = 4 << 10

// Tail is the last buffer, with room for n octets or more behind its length:
// append to it, and give the result to Commit.
func (q *Queue) Tail(h engine.Host, n int) []byte {
	if k := len(q.segments) - 1; k >= 0 {
		if last := &q.segments[k]; last.buffer != nil && cap(last.b)-len(last.b) >= n {
			return last.b
		}
	}
	buffer := h.Get(max(n, bufferOctets))
	q.segments = append(q.segments, Segment{b: buffer[:0], buffer: buffer})
	return buffer[:0]
}

// Commit takes what was appended to Tail into the queue. If that is nothing,
// a buffer that Tail got goes back.
func (q *Queue) Commit(h engine.Host, b []byte) {
	k := len(q.segments) - 1
	last := &q.segments[k]
	if cap(b) != cap(last.b) {
		panic("transit: bug: a buffer of the output has been outgrown")
	}
	q.In += uint64(len(b) - len(last.b))
	if last.b = b; len(b) == 0 {
		q.free(h, last)
		*last = Segment{}
		q.segments = q.segments[:k]
	}
}

// Lend queues p itself, of x. done isn't called by the queue, but is in the
// segment when that is over: see Take. It may be nil.
func (q *Queue) Lend(x Party, p []byte, done func(error)) {
	q.segments = append(q.segments, Segment{b: p, done: done, x: x})
	q.In += uint64(len(p))
}

// Take takes n octets off the front, and gives each segment that is used up to
// over.
func (q *Queue) Take(h engine.Host, n int, over func(*Segment)) {
	q.Taken += uint64(n)
	i := 0
	for ; i < len(q.segments) && n >= len(q.segments[i].b); i++ {
		n -= len(q.segments[i].b)
		q.free(h, &q.segments[i])
		over(&q.segments[i])
	}
	q.drop(i)
	if n > 0 {
		if len(q.segments) == 0 {
			panic("transit: bug: the driver reports more octets than it was lent")
		}
		q.segments[0].b = q.segments[0].b[n:]
	}
}

// Clear drops all that isn't taken, as if it had never been queued.
func (q *Queue) Clear(h engine.Host, over func(*Segment)) {
	for i := range q.segments {
		q.free(h, &q.segments[i])
		over(&q.segments[i])
	}
	q.drop(len(q.segments))
	q.In = q.Taken
}

// free gives a segment's buffer back.
func (q *Queue) free(h engine.Host, s *Segment) {
	if s.buffer != nil {
		Put(h, s.buffer)
		s.buffer = nil
	}
}

// drop removes the first i segments. Mostly there is one: clear takes longer
// for so few.
func (q *Queue) drop(i int) {
	k := 0
	if i < len(q.segments) {
		k = copy(q.segments, q.segments[i:])
	}
	for i = k; i < len(q.segments); i++ {
		q.segments[i] = Segment{}
	}
	q.segments = q.segments[:k]
}

// MoveTo appends all segments to those of another queue.
func (q *Queue) MoveTo(to *Queue) {
	if len(q.segments) == 0 {
		return
	}
	to.segments = append(to.segments, q.segments...)
	to.In += q.In - q.Taken
	q.drop(len(q.segments))
	q.Taken = q.In
}

// Front is the first octets that aren't taken, valid until the queue changes;
// there is at least one.
func (q *Queue) Front() []byte {
	for i := range q.segments {
		if len(q.segments[i].b) > 0 {
			return q.segments[i].b
		}
	}
	panic("transit: bug: the front of an empty queue")
}

// Size is how many octets aren't taken.
func (q *Queue) Size() int { return int(q.In - q.Taken) }

// IsEmpty says whether nothing is queued, and no buffer is held.
func (q *Queue) IsEmpty() bool { return len(q.segments) == 0 }

// Anew is an empty queue with the memory of this one, which is empty.
func (q *Queue) Anew() Queue { return Queue{segments: q.segments[:0]} }

// Emptied is an empty queue with the memory of this one, which is empty: for
// another use. Memory for more than most segments is let go.
func (q *Queue) Emptied(most int) Queue { return Queue{segments: Emptied(q.segments, most)} }

// Emptied is a slice of the same memory in which nothing is left; nil if that is
// of more than most elements.
func Emptied[T any](s []T, most int) []T {
	if cap(s) > most {
		return nil
	}
	clear(s[:cap(s)])
	return s[:0]
}

// Put gives a buffer back to the host. In builds tagged invariants it is
// overwritten before, so that a slice of it that somebody kept shows.
func Put(h engine.Host, b []byte) {
	if invariants {
		b = b[:cap(b)]
		for i := range b {
			b[i] = 0xDB
		}
	}
	h.Put(b[:0])
}
