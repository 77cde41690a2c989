package h1

import "github.com/specht-http/specht/message"

// workspace is what a connection of a server needs while it isn't at rest. One
// that has been idle for a while, or is over, gives its workspace to the host,
// for whichever connection wakes next: what is idle costs nothing of this, and
// what is active makes no garbage of it.
//
// Nothing of what a connection knew is left in a workspace that is given away
// but the capacity of its slices, and the date.
type workspace struct {
	out outbound
	callbacks
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
	w.out.in, w.out.taken, w.out.offered = s.sent, s.sent, s.sent
}

// position is how many octets have been queued, since the beginning.
func (s *Server) position() uint64 {
	if s.work == nil {
		return s.sent
	}
	return s.work.out.in
}

// taken is how many of them the flow has taken.
func (s *Server) taken() uint64 {
	if s.work == nil {
		return s.sent
	}
	return s.work.out.taken
}

// queued is how many octets the flow hasn't taken.
func (s *Server) queued() int {
	if s.work == nil {
		return 0
	}
	return s.work.out.size()
}

// callsDue is when there is a turn for the calls that the last one left; 0 for
// none.
func (s *Server) callsDue() int64 {
	if s.work == nil {
		return 0
	}
	return s.work.callsDue
}

// later makes c be called at the end of the turn. Its pin is taken already.
func (s *Server) later(c call) { s.wake().callbacks.later(c) }

// rest gives the workspace away, if nothing needs it any more: no exchange is
// under way, no octet is queued, no call is due and no request is begun.
func (s *Server) rest() {
	w := s.work
	if w == nil || s.first != nil || len(w.out.segments) > 0 || len(w.calls)+len(w.marks) > 0 || !s.requests.release(s.isDone()) {
		return
	}
	s.work, s.sent = nil, w.out.in
	w.reset()
	s.host.Keep(workspaceKey{}, w)
}

// reset makes it as new, but for its capacities and the date.
func (w *workspace) reset() {
	lines, trailers := w.message.Head.Fields, w.message.Trailers.Fields
	w.message = RequestMessage{}
	w.message.Head.Fields, w.message.Trailers.Fields = emptied(lines, keptMax), emptied(trailers, keptMax)
	checked, passed := w.checker.Fields, w.checker.passed
	w.checker = fieldChecker{passed: emptied(passed, passedOctetsMax)}
	w.checker.Fields = emptied(checked, keptMax)
	w.out = outbound{queue: queue{segments: emptied(w.out.segments, keptMax)}, vector: emptied(w.out.vector, keptMax)}
	w.callbacks = callbacks{calls: emptied(w.calls, keptMax), marks: emptied(w.marks, keptMax)}
	w.octets, w.count, w.headOctets, w.freeCount, w.idleNs = 0, 0, 0, 0, 0
	if x := w.free; x != nil {
		w.freeCount = 1
		x.server, x.next = nil, nil
		x.fields, x.trailerFields = emptied(x.fields, keptMax), emptied(x.trailerFields, keptMax)
		x.out.segments = emptied(x.out.segments, keptMax)
	}
	if invariants {
		w.poison()
	}
}

// emptied is a slice of the same memory in which nothing is left; nil if that is
// of more than most elements.
func emptied[T any](s []T, most int) []T {
	if cap(s) > most {
		return nil
	}
	clear(s[:cap(s)])
	return s[:0]
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
