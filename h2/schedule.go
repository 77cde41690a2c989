package h2

import "github.com/specht-http/specht/frames"

// schedule is which exchanges have content that windows let them send, by
// urgency (RFC 9218, Section 4.1). One frame of the first is sent, then it is the
// last of its urgency, unless its peer has said that it is of no use in parts:
// then it stays the first. Every sixteenth frame is of the least urgent, so that
// nobody starves. Who finds the window of the connection used up waits in a queue
// of its own, in the order of turns, until that opens.
type schedule struct {
	queues [blockedQueue + 1]readyQueue
	frames uint32
}

// blockedQueue is where those wait that the window of the connection holds up.
const blockedQueue = 8

// readyQueue is exchanges in the order in which it is their turn.
type readyQueue struct{ first, last *exchange }

// frameOctets is how much content a frame has at most, so that others have their
// turn soon, and outputOctets how much is framed ahead of the flow.
const (
	frameOctets  = 16 << 10
	outputOctets = 64 << 10
)

// push makes x the last of its urgency, or the first.
func (k *schedule) push(x *exchange, isFirst bool) {
	if x.isReady {
		return
	}
	k.enter(x, x.stream.Priority.Urgency&7, isFirst)
}

// enter makes x the last of a queue, or the first.
func (k *schedule) enter(x *exchange, queue uint8, isFirst bool) {
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
func (k *schedule) pop() *exchange {
	k.frames++
	if k.frames%16 == 0 {
		for i := blockedQueue - 1; i >= 0; i-- {
			if x := k.queues[i].pop(); x != nil {
				return x
			}
		}
		return nil
	}
	for i := range blockedQueue {
		if x := k.queues[i].pop(); x != nil {
			return x
		}
	}
	return nil
}

func (q *readyQueue) pop() *exchange {
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
func (k *schedule) remove(x *exchange) {
	if !x.isReady {
		return
	}
	q := &k.queues[x.readyIn]
	var before *exchange
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

// ready is that x may have something to send.
func (s *Server) ready(x *exchange) {
	if x.isSending() && !x.isReady {
		s.push(x, false)
	}
}

// fillOutput frames what is queued, as long as there is not much ahead of the
// flow.
func (s *Server) fillOutput() {
	if s.isGone || s.isClosing {
		return
	}
	for s.out.Size() < outputOctets {
		x := s.pop()
		if x == nil {
			return
		}
		switch {
		case s.sendFrame(x):
			if x.isSending() {
				s.push(x, x.stream.IsPrioritized && !x.stream.Priority.IsIncremental)
			}
		case x.queue.Size() > 0 && s.isEnded: // credit can't come any more
			x.fail(errNoCredit, frames.CodeCancel)
		case x.queue.Size() > 0 && s.conn.IsBlocked():
			s.enter(x, blockedQueue, false)
		}
	}
}

// endCredit is that the peer has closed its side, and gives no more credit: who
// waits for some is looked at once more.
func (s *Server) endCredit() {
	s.conn.Streams(func(stream *Stream) {
		if x, ok := stream.Owner.(*exchange); ok {
			s.remove(x)
			s.ready(x)
		}
	})
}

// sendFrame frames the next content of x, or its end. It is false if x waits for
// a window: it is ready again when that opens, its own or the connection's.
func (s *Server) sendFrame(x *exchange) bool {
	n := min(x.queue.Size(), frameOctets, s.conn.Room(x.stream))
	isLast := x.isEnding && n == x.queue.Size()
	if n == 0 && (x.queue.Size() > 0 || !isLast) {
		return false
	}
	if n > 0 || len(x.trailers) == 0 {
		b := s.conn.AppendData(s.out.Tail(s.host, n+frameRoom), x.stream, n, isLast && len(x.trailers) == 0)
		for left := n; left > 0; {
			front := x.queue.Front()
			k := min(left, len(front))
			b = append(b, front[:k]...)
			x.queue.Take(s.host, k, s.framed)
			left -= k
		}
		s.out.Commit(s.host, b)
		s.held -= n
	}
	if isLast && len(x.trailers) > 0 {
		s.sendTrailers(x)
	}
	x.framedAt = s.out.In
	if isLast {
		x.isEnding = false
		s.sentAll(x)
	}
	return true
}

// frameRoom is what a frame takes besides its payload.
const frameRoom = 9

// onWindow is that more content can be sent on one stream.
func (s *Server) onWindow(stream *Stream) {
	if x, ok := stream.Owner.(*exchange); ok {
		s.ready(x)
	}
}

// onConnectionWindow is that more content can be sent on all streams together.
func (s *Server) onConnectionWindow() {
	for x := s.queues[blockedQueue].pop(); x != nil; x = s.queues[blockedQueue].pop() {
		s.push(x, false)
	}
}

// onWindows is that the windows of all streams have changed.
func (s *Server) onWindows() {
	s.conn.Streams(s.onWindow)
}
