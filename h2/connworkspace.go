package h2

import "github.com/specht-http/specht/internal/transit"

// connWorkspace is what a Conn needs while it has streams, or reads: see
// workspace. What stays without it is what both sides remember: the tables of
// HPACK, settings, windows, credit, and which streams were closed how.
type connWorkspace struct {
	section FieldSection
	lastBlock
	gathered []byte // of a field block that comes in pieces
	encoding encoding
	encoded  []byte // the field block that is put together
	kept     []byte // see Conn.keep
	pending  []byte // what the protocol itself has to send
	space    streamSpace
}

// wake gives a connection its workspace, which is empty.
func (c *Conn) wake(w *connWorkspace) {
	c.connWorkspace = w
	w.section.init(c.options.sectionLimits())
	c.decoder.sink = &w.section
	c.encoder.encoding = &w.encoding
	c.streamSpace, w.space = w.space, streamSpace{}
}

// rest takes its workspace away from a connection that canRest, whose last
// event is over. It is emptied.
func (c *Conn) rest() {
	w := c.connWorkspace
	if c.Open() == 0 {
		w.space = c.streamSpace
	}
	w.reset()
	c.Stream, c.Promised, c.Section, c.Content, c.Fault = nil, nil, nil, nil, nil
	c.fieldBlock.stream, c.promised, c.frameStream = nil, nil, nil
	c.connWorkspace, c.decoder.sink, c.encoder.encoding, c.streamSpace = nil, nil, nil, streamSpace{}
}

// canRest says whether nothing keeps the connection from it. isDone is that it is
// over.
func (c *Conn) canRest(isDone bool) bool {
	return isDone || c.Open() == 0 && !c.IsPartial() && len(c.pending) == 0
}

// reset makes it as new, but for its capacities.
func (w *connWorkspace) reset() {
	w.section = FieldSection{Arena: transit.Emptied(w.section.Arena, arenaOctetsKept), Lines: transit.Emptied(w.section.Lines, keptMax)}
	w.lastBlock = lastBlock{}
	w.gathered = transit.Emptied(w.gathered, arenaOctetsKept)
	w.encoding = w.encoding.emptied(keptMax)
	w.encoded = transit.Emptied(w.encoded, arenaOctetsKept)
	w.kept = transit.Emptied(w.kept, keptOctetsMax)
	w.pending = transit.Emptied(w.pending, arenaOctetsKept)
	if len(w.space.buckets) > keptMax {
		w.space.buckets = nil
	}
	if s := w.space.free; s != nil {
		*s = Stream{}
		w.space.freeCount = 1
	}
}
