package h1

import "github.com/specht-http/specht/message"

// timer is what the connection waits for, and since when. There is one at a
// time:
//
//	idle     for the first octet of a request
//	head     for the rest of a head
//	content  for content that there is room for
//	drain    for the peer to close its side
type timer struct {
	waits    waiting
	isTrim   bool  // idle memory is due to go
	since    int64 // monotonic ns
	began    int64 // the offset of the request that is waited for
	octets   int64 // of content since then
	deadline int64
}

type waiting uint8

const (
	waitingNone waiting = iota
	waitingIdle
	waitingHead
	waitingContent
	waitingDrain
)

// trimNs is how long an idle connection keeps the memory that its next request
// would use again.
const trimNs = second

// waits says what the connection waits for.
func (s *Server) waits() waiting {
	switch x := s.receiving; {
	case s.isDone():
		return waitingNone
	case s.isClosing:
		if s.isReadOver || s.out.size() > 0 {
			return waitingNone
		}
		return waitingDrain
	case s.isLast && x == nil:
		return waitingNone
	case x != nil:
		if x.room() <= 0 || x.expectation == expectationPending {
			return waitingNone
		}
		return waitingContent
	case s.isPartial && !s.isFull():
		return waitingHead
	case s.first == nil && s.out.size() == 0:
		return waitingIdle
	}
	return waitingNone
}

// rearm sets the deadline to what is waited for now.
func (s *Server) rearm() {
	t := &s.timer
	waits, began := s.waits(), int64(0)
	if waits != waitingNone && s.requests != nil {
		began = s.requests.next()
	}
	if waits == t.waits && began == t.began {
		return
	}
	now, _ := s.host.Now()
	*t = timer{waits: waits, since: now, began: began}
	t.isTrim = waits == waitingIdle && s.requests != nil
	s.setDeadline()
}

// setDeadline is the deadline for what is waited for; 0 if that limit is off.
func (s *Server) setDeadline() {
	t, o := &s.timer, &s.service.Options
	limit := int64(-1)
	switch t.waits {
	case waitingIdle:
		limit = o.IdleNs
		if s.awaitsLast && (limit < 0 || freshNs < limit) {
			limit = freshNs
		}
		if t.isTrim && (limit < 0 || trimNs < limit) {
			limit = trimNs
		}
	case waitingHead:
		limit = o.HeadNs
	case waitingContent:
		if limit = o.ContentGraceNs; o.ContentOctetsPerSecondMin < 0 {
			limit = -1
		}
	case waitingDrain:
		limit = o.DrainNs
	}
	t.deadline = 0
	if limit >= 0 {
		t.deadline = t.since + limit
	}
}

// Deadline implements engine.Engine.
func (s *Server) Deadline() int64 {
	if due := s.timer.deadline; s.callsDue == 0 || due != 0 && due < s.callsDue {
		return due
	}
	return s.callsDue
}

// Expire implements engine.Engine.
func (s *Server) Expire() {
	t := &s.timer
	now, _ := s.host.Now()
	if t.deadline == 0 || now < t.deadline {
		if s.callsDue != 0 && now >= s.callsDue {
			s.endTurn()
		}
		return
	}
	switch t.waits {
	case waitingIdle:
		s.expireIdle(now)
	case waitingHead:
		s.expireHead()
	case waitingContent:
		s.expireContent(now)
	case waitingDrain:
		s.isReadOver = true
	}
	s.endTurn()
}

// expireIdle gives memory back first, and closes the connection later.
func (s *Server) expireIdle(now int64) {
	t := &s.timer
	if limit := s.service.IdleNs; t.isTrim && (limit < 0 || now < t.since+limit) {
		s.trim()
		t.isTrim = false
		s.setDeadline()
		return
	}
	s.stopRequests()
	s.isReadOver = true
}

func (s *Server) expireHead() {
	f := faultLimit("request-message", "request head not received in time", s.requests.offset(), message.StatusRequestTimeout, "HeadNs", s.service.HeadNs)
	s.requests.Fail(f)
	s.isPartial = false
	s.refuseNew(f)
}

// expireContent measures the rate of one stretch, and begins the next.
func (s *Server) expireContent(now int64) {
	t, o := &s.timer, &s.service.Options
	elapsed := max(now-t.since, 1)
	if float64(t.octets)*float64(second) >= float64(o.ContentOctetsPerSecondMin)*float64(elapsed) {
		t.since, t.octets = now, 0
		s.setDeadline()
		return
	}
	f := faultLimit("request-message", "content too slow", s.requests.offset(), message.StatusRequestTimeout, "ContentOctetsPerSecondMin", o.ContentOctetsPerSecondMin)
	s.requests.Fail(f)
	x := s.receiving
	s.failContent(f)
	if x.response.Direction == ResponseDirectionContent && !x.isOwed() {
		x.fail(f)
	}
}
