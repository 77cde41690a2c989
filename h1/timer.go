package h1

import "github.com/specht-http/specht/message"

// timer is what the connection waits for, and since when. There is one at a
// time:
//
//	idle     for the first octet of a request
//	head     for the rest of a head
//	content  for content that there is room for
//	drain    for the peer to close its side
//
// Which of these it is, stands beside the other small fields of Server.
type timer struct {
	since    int64 // monotonic ns
	began    int64 // the offset of the request that is waited for
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

// waits says what the connection waits for.
func (s *Server) waits() waiting {
	switch x := s.receiving; {
	case s.isDone():
		return waitingNone
	case s.isClosing:
		if s.isReadOver || s.queued() > 0 {
			return waitingNone
		}
		return waitingDrain
	case s.isLast && x == nil:
		return waitingNone
	case x != nil:
		if x.room() <= 0 || x.isToBeAsked() {
			return waitingNone
		}
		return waitingContent
	case s.isPartial && !s.isFull():
		return waitingHead
	case s.first == nil && s.queued() == 0:
		return waitingIdle
	}
	return waitingNone
}

// rearm sets the deadline to what is waited for now.
func (s *Server) rearm() {
	t := &s.timer
	waits, began := s.waits(), int64(0)
	if waits != waitingNone {
		began = s.requests.next()
	}
	if waits == s.waitsFor && began == t.began {
		return
	}
	now, _ := s.host.Now()
	*t = timer{since: now, began: began}
	s.waitsFor = waits
	if s.work != nil {
		s.work.octets = 0
	}
	s.isTrim = waits == waitingIdle && s.work != nil
	s.setDeadline()
}

// setDeadline is the deadline for what is waited for; 0 if that limit is off.
func (s *Server) setDeadline() {
	t, o := &s.timer, &s.service.Options
	limit := int64(-1)
	switch s.waitsFor {
	case waitingIdle:
		limit = o.IdleNs
		if s.awaitsLast && (limit < 0 || freshNs < limit) {
			limit = freshNs
		}
		if s.isTrim && (limit < 0 || s.work.idleNs < limit) {
			limit = s.work.idleNs
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
	due, calls := s.timer.deadline, s.callsDue()
	if calls == 0 || due != 0 && due < calls {
		return due
	}
	return calls
}

// Expire implements engine.Engine.
func (s *Server) Expire() {
	t := &s.timer
	now, _ := s.host.Now()
	if t.deadline == 0 || now < t.deadline {
		if calls := s.callsDue(); calls != 0 && now >= calls {
			s.endTurn()
		}
		return
	}
	switch s.waitsFor {
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
	if limit := s.service.IdleNs; s.isTrim && (limit < 0 || now < t.since+limit) {
		s.rest()
		s.isTrim = false
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
	if float64(s.work.octets)*float64(second) >= float64(o.ContentOctetsPerSecondMin)*float64(elapsed) {
		t.since, s.work.octets = now, 0
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
