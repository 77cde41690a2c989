package h2

import "github.com/specht-http/specht/internal/transit"

// workspace is what a connection of a server needs while it isn't at rest. One
// that has been without a stream for a while, or is over, gives its workspace to
// the host, for whichever connection wakes next: what is idle costs nothing of
// this, and what is active makes no garbage of it.
//
// Nothing of what a connection knew is left in a workspace that is given away
// but the capacity of its slices, and the date.
type workspace struct {
	turns     schedule
	heads     int       // octets of field sections of exchanges that aren't over
	pushes    int       // of these exchanges, those that were promised
	ended     *exchange // in this turn
	free      *exchange // that can be used again
	freeCount int
	idleNs    int64 // how long the connection is without a stream before it rests
	clock     clock
	queued    transit.Outbound  // memory of the server's out
	called    transit.Callbacks // likewise, of its callbacks
	ofConn    connWorkspace
	server    *Server
	settling  func() // settle of the server, made once
}

// workspaceKey is the key of a *workspace to the host.
type workspaceKey struct{}

// keptMax is how many elements a slice of a workspace has at most that is given
// away: so many don't happen often.
const keptMax = 64

// wake makes sure that the connection has a workspace.
func (s *Server) wake() {
	if s.workspace == nil {
		s.takeWorkspace()
	}
}

// takeWorkspace takes a workspace from the host, or makes one.
func (s *Server) takeWorkspace() {
	kept, idleNs := s.host.Take(workspaceKey{})
	w, _ := kept.(*workspace)
	if w == nil {
		w = new(workspace)
		w.settling = func() { w.server.settle() }
	}
	w.server, w.idleNs = s, idleNs
	position := s.out.In
	s.out, s.callbacks, s.schedule = w.queued, w.called, &w.turns
	s.out.StartAt(position)
	s.workspace = w
	if s.conn == nil {
		s.conn = newConn(&s.service.conn, true, &w.ofConn)
	} else {
		s.conn.wake(&w.ofConn)
	}
}

// rest gives the workspace away, if nothing needs it any more: there is no
// stream, no octet is queued, no call is due, and nobody waits in the engine.
func (s *Server) rest() {
	w := s.workspace
	if w == nil || s.open > 0 || s.ended != nil || s.waiters > 0 || !s.out.IsEmpty() || !s.callbacks.IsEmpty() || !s.conn.canRest(s.isDone()) {
		return
	}
	w.queued, w.called = s.out.Emptied(keptMax), s.callbacks.Emptied(keptMax)
	s.out.Trim()
	s.callbacks.Trim()
	s.conn.rest()
	s.workspace, s.schedule = nil, nil
	w.reset()
	s.host.Keep(workspaceKey{}, w)
}

// reset makes it as new, but for its capacities and the date.
func (w *workspace) reset() {
	if w.turns.held != 0 {
		panic("h2: bug: a connection without a stream holds content")
	}
	w.turns = schedule{}
	w.freeCount, w.idleNs, w.server = 0, 0, nil
	if x := w.free; x != nil {
		w.freeCount = 1
		*x = exchange{
			request: request{fields: transit.Emptied(x.fields, keptMax), trailerFields: transit.Emptied(x.trailerFields, keptMax)},
			sending: sending{queue: x.queue.Emptied(keptMax)},
		}
	}
}
