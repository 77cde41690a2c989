package h2

// patience is how long a message has been waiting for its peer to give credit,
// and how much has been sent meanwhile: a peer that gives an octet now and then
// keeps a message, and whoever makes it, as well as one that gives none.
//
//	|── windowNs ──|── windowNs ──|
//	since          judged, and begun anew
type patience struct {
	since    int64 // monotonic ns; 0 while it doesn't wait
	own, all int64 // octets of content that had been sent then, of the stream and of all
}

// lookNs is how much time there is from one look at each stream to the next: that
// in which the rate of content is measured, and where none is, some all the same,
// for credit is waited for there, too.
func lookNs(contentGraceNs int64) int64 {
	if contentGraceNs < 0 {
		return 5 * second
	}
	return contentGraceNs
}

// isOver looks at a message that has something to send on s. It is true if that
// has waited for windowNs, in which less was sent than at a rate of octets a
// second: of the stream if that has no credit, and of all streams if the
// connection has none, for others may have had their turns. A negative windowNs
// waits for ever; with a negative rate any octet will do.
func (p *patience) isOver(c *Conn, s *Stream, now, windowNs, rate int64) bool {
	switch {
	case c.Room(s) > 0: // the flow is slow, or it isn't its turn
		p.since = 0
		return false
	case p.since == 0:
		*p = patience{now, s.sent, c.windows.sent}
		return false
	case windowNs < 0 || now-p.since < windowNs:
		return false
	}
	sent := s.sent - p.own
	if s.sendWindow > 0 {
		sent = c.windows.sent - p.all
	}
	isOver := sent == 0 || float64(sent)*float64(second) < float64(rate)*float64(now-p.since)
	*p = patience{now, s.sent, c.windows.sent}
	return isOver
}
