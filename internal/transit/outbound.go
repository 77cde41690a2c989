package transit

import "github.com/specht-http/specht/engine"

// Outbound is the queue of a connection, as it is lent to the driver.
type Outbound struct {
	Queue
	vector [][]byte
	// What of the segments is in the vector: all before lent, and of the last
	// of these its first lentOctets.
	lent, lentOctets int
	Offered          uint64 // where what has ever been lent ends; to be read only
}

// Offer is the vector of all that is queued. What has been lent already stays as
// it is, in front.
func (o *Outbound) Offer() [][]byte {
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
	o.Offered = o.In
	return o.vector
}

// Report takes what is lent back; the flow took n octets of it.
func (o *Outbound) Report(h engine.Host, n int, over func(*Segment)) {
	o.lent, o.lentOctets = 0, 0
	for i := 0; i < len(o.vector); i++ {
		o.vector[i] = nil
	}
	o.Take(h, n, over)
}

// Cut drops all that isn't lent, as if it had never been queued.
func (o *Outbound) Cut(h engine.Host, over func(*Segment)) {
	for i := o.lent; i < len(o.segments); i++ {
		o.In -= uint64(len(o.segments[i].b))
		o.free(h, &o.segments[i])
		over(&o.segments[i])
	}
	clear(o.segments[o.lent:])
	o.segments = o.segments[:o.lent]
	if o.lent > 0 {
		last := &o.segments[o.lent-1]
		o.In -= uint64(len(last.b) - o.lentOctets)
		last.b = last.b[:o.lentOctets]
	}
}

// Break drops all that isn't taken, lent or not: the flow is broken.
func (o *Outbound) Break(h engine.Host, over func(*Segment)) {
	o.Clear(h, over)
	o.lent, o.lentOctets = 0, 0
}

// Emptied is an empty queue with the memory of this one, which is empty: for
// another connection. Memory for more than most segments is let go.
func (o *Outbound) Emptied(most int) Outbound {
	return Outbound{Queue: o.Queue.Emptied(most), vector: Emptied(o.vector, most)}
}

// Trim lets the memory go that an empty queue doesn't need.
func (o *Outbound) Trim() {
	if o.IsEmpty() {
		o.segments, o.vector = nil, nil
	}
}

// StartAt makes the octets that are queued next those behind at, which have all
// been taken.
func (o *Outbound) StartAt(at uint64) { o.In, o.Taken, o.Offered = at, at, at }
