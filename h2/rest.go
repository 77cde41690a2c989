package h2

// restNs is for how long a connection has no stream before it gives up what it
// doesn't need without one, in ns.
const restNs = second

// rest gives up the memory of a connection that is idle: exchanges and streams
// that could be used again, and what field sections are put together in. What
// stays is what both sides remember: the tables of HPACK, settings, credit.
func (s *Server) rest() {
	if s.count > 0 || s.ended != nil || s.conn.Open() > 0 || s.out.Size() > 0 || !s.IsEmpty() {
		return
	}
	s.free, s.freeCount = nil, 0
	s.out.Trim()
	s.Callbacks.Trim()
	s.conn.rest()
}

// rest gives up the memory of a connection without streams, whose last event is
// over.
func (c *Conn) rest() {
	c.buckets, c.streams.free, c.freeCount = nil, nil, 0
	c.Stream, c.Promised, c.Section, c.Content = nil, nil, nil, nil
	c.fieldBlock.stream, c.promised, c.frameStream = nil, nil, nil
	c.section = FieldSection{limits: c.section.limits}
	c.lastBlock.isUsable = false
	c.encoded, c.kept = nil, nil
	c.encoder.checked, c.encoder.scratch = nil, nil
	if len(c.pending) == 0 {
		c.pending = nil
	}
}
