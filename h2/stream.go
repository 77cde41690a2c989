package h2

import "github.com/specht-http/specht/frames"

// Stream is one stream of a connection. It is its Conn's: fields are read, not
// set.
type Stream struct {
	ID    uint32
	State StreamState
	// Received and Sent are how far the messages in both directions are.
	Received, Sent HTTP2Message
	// Owner is whatever the caller keeps for the stream.
	Owner any
	// Priority is what the peer asks for; IsPrioritized that it does.
	Priority      Priority
	IsPrioritized bool

	declared  int64 // content-length that was received; -1 for none
	arrived   int64 // octets of content
	isOurs    bool  // we have begun it
	isEmpty   bool  // the message that is received has no content, whatever it declares: to HEAD, 204 or 304
	isConnect bool  // we have sent CONNECT on it
	isCounted bool  // it has a place among the concurrent streams

	sendWindow    int64 // octets that can be sent
	sent          int64 // octets of content that were
	receiveWindow int64 // octets that the peer may send
	owed          int64 // octets that were consumed, and not told the peer

	next *Stream // in its bucket, or in the free list
}

// IsClosed says whether the stream is over on both sides.
func (s *Stream) IsClosed() bool { return s.State >= StreamStateClosedByEnd }

// streams are those of a connection that aren't closed, by id, and a memory of
// those that are.
//
//	buckets  [ s1 → s129 ][ s3 ] …          by id, as long as StreamsMax asks for
//	closed   [{1 to 7, closed by end}, …]   the last closedMax
type streams struct {
	streamSpace
	count     int    // of all
	peers     int    // of those that the peer began and that have a place
	own       int    // of those that we began
	lastPeers uint32 // the highest id that the peer has used
	lastOurs  uint32
	closed    []closedStreams
	closedAt  int // where the last one was written
}

// streamSpace is memory of streams. While there are none, a connection has no
// need of it.
type streamSpace struct {
	buckets   []*Stream
	free      *Stream // that can be used again
	freeCount int
}

// closedMax is how many notes of closed streams are kept. What comes for older
// ones is answered as for forgotten ones.
const closedMax = 32

// closedStreams is how streams were closed: all of one side from one to another.
type closedStreams struct {
	from, to uint32
	state    StreamState
}

// find is the stream of that id, nil if there is none or it is closed.
func (k *streams) find(id uint32) *Stream {
	if len(k.buckets) == 0 {
		return nil
	}
	s := k.buckets[int(id>>1)&(len(k.buckets)-1)]
	for s != nil && s.ID != id {
		s = s.next
	}
	return s
}

// add makes a stream.
func (k *streams) add(id uint32, isOurs bool) *Stream {
	if k.count >= len(k.buckets) {
		k.grow()
	}
	s := k.free
	if s == nil {
		s = new(Stream)
	} else {
		k.free = s.next
		k.freeCount--
	}
	*s = Stream{ID: id, isOurs: isOurs, declared: -1, Priority: DefaultPriority}
	k.insert(s)
	k.count++
	return s
}

func (k *streams) insert(s *Stream) {
	at := &k.buckets[int(s.ID>>1)&(len(k.buckets)-1)]
	s.next = *at
	*at = s
}

// grow doubles the buckets.
func (k *streams) grow() {
	was := k.buckets
	k.buckets = make([]*Stream, max(8, 2*len(was)))
	for _, s := range was {
		for s != nil {
			next := s.next
			k.insert(s)
			s = next
		}
	}
}

// remove takes a closed stream off, and remembers how it was closed.
func (k *streams) remove(s *Stream) {
	at := &k.buckets[int(s.ID>>1)&(len(k.buckets)-1)]
	for *at != s {
		at = &(*at).next
	}
	*at = s.next
	s.next = nil
	k.count--
	k.remember(s.ID, s.ID, s.State)
}

// remember notes how streams were closed. What was noted before of the same ones
// doesn't count any more.
func (k *streams) remember(from, to uint32, state StreamState) {
	switch {
	case len(k.closed) > 0 && k.closed[k.closedAt].to+2 == from && k.closed[k.closedAt].state == state:
		k.closed[k.closedAt].to = to
	case len(k.closed) < closedMax:
		k.closedAt = len(k.closed)
		k.closed = append(k.closed, closedStreams{from, to, state})
	default:
		k.closedAt = (k.closedAt + 1) % closedMax
		k.closed[k.closedAt] = closedStreams{from, to, state}
	}
}

// skip is that the peer uses a stream: those below that it hasn't used are closed
// (RFC 9113, Section 5.1.1).
func (c *Conn) skip(id uint32) {
	from := c.lastPeers + 2
	if c.lastPeers == 0 {
		from = 2 - id%2
	}
	if c.lastPeers = id; from < id {
		c.remember(from, id-2, StreamStateIdle.On(StreamStateOnSkipped).Next)
	}
}

// stateOf is the state of a stream that isn't in the buckets.
func (c *Conn) stateOf(id uint32) StreamState {
	if id > c.lastOf(id) {
		return StreamStateIdle
	}
	for n := range c.closed { // the last one first
		x := &c.closed[(c.closedAt-n+len(c.closed))%len(c.closed)]
		if x.from <= id && id <= x.to && (id-x.from)%2 == 0 {
			return x.state
		}
	}
	return StreamStateForgotten
}

// lastOf is the highest id that was used of those of whoever has this one.
func (c *Conn) lastOf(id uint32) uint32 {
	if c.isOurs(id) {
		return c.lastOurs
	}
	return c.lastPeers
}

// isOurs says whether a stream with this id is begun by this side (RFC 9113,
// Section 5.1.1).
func (c *Conn) isOurs(id uint32) bool { return (id%2 == 0) == c.isServer }

// Streams calls f with each stream that isn't closed. f may reset it, and others.
func (c *Conn) Streams(f func(*Stream)) {
	var few [16]*Stream
	all := few[:0]
	if c.count > len(few) {
		all = make([]*Stream, 0, c.count)
	}
	for _, s := range c.buckets {
		for ; s != nil; s = s.next {
			all = append(all, s)
		}
	}
	for _, s := range all {
		if !s.IsClosed() {
			f(s)
		}
	}
}

// Open is how many streams aren't closed.
func (c *Conn) Open() int { return c.streams.count }

// enter gives a stream its windows and its place.
func (c *Conn) enter(s *Stream) {
	s.sendWindow = int64(c.peer.InitialWindowSize)
	s.receiveWindow = int64(c.inEffect.InitialWindowSize)
}

// place takes a place among the concurrent streams, or gives it back, as the
// state says (RFC 9113, Section 5.1.2).
func (c *Conn) place(s *Stream) {
	counts := s.State >= StreamStateOpen && s.State < StreamStateClosedByEnd
	if counts == s.isCounted {
		return
	}
	s.isCounted = counts
	n := 1
	if !counts {
		n = -1
	}
	if s.isOurs {
		c.own += n
	} else {
		c.peers += n
	}
}

// move is what an event does to a stream, by the table.
func (c *Conn) move(s *Stream, e StreamStateEvent) StreamStateAnswer {
	a := s.State.On(e)
	if a.Scope == frames.ScopeNone && !a.Ignore {
		s.State = a.Next
		c.place(s)
		if s.IsClosed() {
			c.close(s)
		}
	}
	return a
}

// close takes a stream off that is over.
func (c *Conn) close(s *Stream) {
	if s.owed > 0 { // of the stream; the connection has its own count
		s.owed = 0
	}
	c.streams.remove(s)
}

// Release gives the memory of a stream back that is closed, and that the caller
// doesn't use any more.
func (c *Conn) Release(s *Stream) {
	if !s.IsClosed() {
		panic("h2: bug: Release of a stream that is " + s.State.String())
	}
	if c.freeCount >= 16 {
		return
	}
	s.Owner = nil
	s.next = c.free
	c.free = s
	c.freeCount++
}

// Abandon closes a stream without a word, for the connection is closing.
func (c *Conn) Abandon(s *Stream) {
	if !s.IsClosed() {
		s.State = StreamStateClosedBySentReset
		c.place(s)
		c.close(s)
	}
}
