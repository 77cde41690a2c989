package h2

// schedule is which exchanges have content that windows let them send, by
// urgency (RFC 9218, Section 4.1). One frame of the first is sent, then it is the
// last of its urgency, unless its peer has said that it is of no use in parts:
// then it stays the first. Every sixteenth frame is of a less urgent one, of each
// urgency in turn, so that none starves. Who finds the window of the connection
// used up waits in a queue of its own, in the order of turns, until that opens.
type schedule struct {
	queues [blockedQueue + 1]readyQueue
	frames uint32
	spare  uint8 // the least urgency whose turn the next sixteenth frame may be; 0 after each has had one
	held   int   // octets of content that wait in exchanges
}

// blockedQueue is where those wait that the window of the connection holds up.
const blockedQueue = 8

// readyQueue is exchanges in the order in which it is their turn.
type readyQueue struct{ first, last *sending }

// enter makes x the last of a queue, or the first.
func (k *schedule) enter(x *sending, queue uint8, isFirst bool) {
	x.isReady, x.readyIn = true, queue
	q := &k.queues[queue]
	switch {
	case q.first == nil:
		x.nextReady = nil
		q.first, q.last = x, x
	case isFirst:
		x.nextReady, q.first = q.first, x
	default:
		x.nextReady = nil
		q.last.nextReady, q.last = x, x
	}
}

// pop takes off whose turn it is; nil if nobody is ready.
func (k *schedule) pop() *sending {
	k.frames++
	if k.frames%16 == 0 {
		if x := k.popSpare(); x != nil {
			return x
		}
	}
	for i := range blockedQueue {
		if x := k.queues[i].pop(); x != nil {
			return x
		}
	}
	return nil
}

// popSpare takes off whose turn it is of the less urgent: the least urgent first,
// then up to 1, then from there again. Urgency 0 needs no turns.
func (k *schedule) popSpare() *sending {
	for range 2 {
		for k.spare > 0 {
			k.spare--
			if x := k.queues[k.spare+1].pop(); x != nil {
				return x
			}
		}
		k.spare = blockedQueue - 1
	}
	return nil
}

func (q *readyQueue) pop() *sending {
	x := q.first
	if x == nil {
		return nil
	}
	if q.first = x.nextReady; q.first == nil {
		q.last = nil
	}
	x.nextReady, x.isReady = nil, false
	return x
}

// remove takes x off, wherever it is.
func (k *schedule) remove(x *sending) {
	if !x.isReady {
		return
	}
	q := &k.queues[x.readyIn]
	var before *sending
	for at := q.first; at != x; at = at.nextReady {
		before = at
	}
	if before == nil {
		q.first = x.nextReady
	} else {
		before.nextReady = x.nextReady
	}
	if q.last == x {
		q.last = before
	}
	x.nextReady, x.isReady = nil, false
}
