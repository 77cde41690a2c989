package h1

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// workspace is what a connection of a server needs while it isn't at rest. One
// that has been idle for a while, or is over, gives its workspace to the host,
// for whichever connection wakes next: what is idle costs nothing of this, and
// what is active makes no garbage of it.
//
// Nothing of what a connection knew is left in a workspace that is given away
// but the capacity of its slices, and the date.
type workspace struct {
	out transit.Outbound
	transit.Callbacks
	count      int       // of the exchanges under way
	headOctets int       // of their heads
	octets     int64     // of content, since the timer began
	free       *exchange // that can be used again
	freeCount  int
	idleNs     int64 // how long the connection is idle before it rests
	clock      Date
	checker    fieldChecker // of all responses
	message    RequestMessage
}

// workspaceKey is the key of a *workspace to the host.
type workspaceKey struct{}

// keptMax is how many elements a slice of a workspace has at most that is given
// away: so many don't happen often.
const keptMax = 64

// wake makes sure that the connection has a workspace.
func (s *Server) wake() *workspace {
	if s.work == nil {
		s.takeWorkspace()
	}
	return s.work
}

// takeWorkspace takes a workspace from the host, or makes one.
func (s *Server) takeWorkspace() {
	kept, idleNs := s.host.Take(workspaceKey{})
	w, _ := kept.(*workspace)
	if w == nil {
		w = new(workspace)
	} else if invariants {
		w.checkPoison()
	}
	w.idleNs = idleNs
	w.message.Lenient = s.requests.Lenient
	if w.free != nil {
		w.free.server = s
	}
	s.work = w
	s.requests.Message = &w.message
	w.out.StartAt(s.sent)
}

// position is how many octets have been queued, since the beginning.
func (s *Server) position() uint64 {
	if s.work == nil {
		return s.sent
	}
	return s.work.out.In
}

// taken is how many of them the flow has taken.
func (s *Server) taken() uint64 {
	if s.work == nil {
		return s.sent
	}
	return s.work.out.Taken
}

// queued is how many octets the flow hasn't taken.
func (s *Server) queued() int {
	if s.work == nil {
		return 0
	}
	return s.work.out.Size()
}

// callsDue is when there is a turn for the calls that the last one left; 0 for
// none.
func (s *Server) callsDue() int64 {
	if s.work == nil {
		return 0
	}
	return s.work.Due
}

// later makes c be called at the end of the turn. Its pin is taken already.
func (s *Server) later(c transit.Call) { s.wake().Callbacks.Later(c) }

// rest gives the workspace away, if nothing needs it any more: no exchange is
// under way, no octet is queued, no call is due and no request is begun.
func (s *Server) rest() {
	w := s.work
	if w == nil || s.first != nil || !w.out.IsEmpty() || !w.Callbacks.IsEmpty() || !s.requests.release(s.isDone()) {
		return
	}
	s.work, s.sent = nil, w.out.In
	w.reset()
	s.host.Keep(workspaceKey{}, w)
}

// reset makes it as new, but for its capacities and the date.
func (w *workspace) reset() {
	lines, trailers := w.message.Head.Fields, w.message.Trailers.Fields
	w.message = RequestMessage{}
	w.message.Head.Fields, w.message.Trailers.Fields = transit.Emptied(lines, keptMax), transit.Emptied(trailers, keptMax)
	checked, passed := w.checker.Fields, w.checker.passed
	w.checker = fieldChecker{passed: transit.Emptied(passed, passedOctetsMax)}
	w.checker.Fields = transit.Emptied(checked, keptMax)
	w.out = w.out.Emptied(keptMax)
	w.Callbacks = w.Callbacks.Emptied(keptMax)
	w.octets, w.count, w.headOctets, w.freeCount, w.idleNs = 0, 0, 0, 0, 0
	if x := w.free; x != nil {
		w.freeCount = 1
		x.server, x.next = nil, nil
		x.fields, x.trailerFields = transit.Emptied(x.fields, keptMax), transit.Emptied(x.trailerFields, keptMax)
		x.out = x.out.Emptied(keptMax)
	}
	if invariants {
		w.poison()
	}
}

// poison overwrites what may be looked at after it was given away.
func (w *workspace) poison() {
	for _, lines := range w.lines() {
		for i := range lines {
			lines[i] = poisonedLine
		}
	}
}

// checkPoison panics if some of that has been written to.
func (w *workspace) checkPoison() {
	for _, lines := range w.lines() {
		for i := range lines {
			if lines[i] != poisonedLine {
				panic("h1: bug: the workspace of a connection was written to while it was at rest")
			}
		}
	}
}

// lines are the field lines of all slices.
func (w *workspace) lines() [][]message.FieldLine {
	all := [][]message.FieldLine{w.message.Head.Fields, w.message.Trailers.Fields, w.checker.Fields}
	if w.free != nil {
		all = append(all, w.free.fields, w.free.trailerFields)
	}
	for i := range all {
		all[i] = all[i][:cap(all[i])]
	}
	return all
}

// poisonedLine is a field line that is nowhere.
var poisonedLine = message.FieldLine{
	Name:  message.Span{Start: 0xDBDBDBDB, End: 0xDBDBDBDB},
	Value: message.Span{Start: 0xDBDBDBDB, End: 0xDBDBDBDB},
}
