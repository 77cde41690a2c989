package h2

import (
	"github.com/specht-http/specht/frames"
	"github.com/specht-http/specht/message"
)

// timers are what the connection waits for, each since when, in monotonic ns; 0
// for not at all.
//
//	settings  for the peer to acknowledge our settings
//	head      for the rest of the preface or of a field block
//	idle      for a stream, while there is none
//	resting   likewise, until it gives up what it doesn't need meanwhile
//	closing   for the peer to have read that the connection ends
//	drain     for the peer to close its side
//	stretch   for the next look at how much each stream has moved
type timers struct {
	settings, head, idle, resting, closing, drain, stretch int64

	deadline    int64
	isPartial   bool // a frame has begun, and isn't whole
	isAgreed    bool // our settings have been acknowledged
	isAnnounced bool // that the connection ends was said
}

// stir is that there is a stream, though it may be over within the turn.
func (t *timers) stir() { t.idle, t.resting = 0, 0 }

// rearm begins what is waited for from now on, and ends what isn't.
func (s *Server) rearm() {
	t := &s.timers
	now, _ := s.host.Now()
	isLive := !s.isDone() && !s.isClosing
	arm := func(at *int64, waits bool) {
		switch {
		case !waits:
			*at = 0
		case *at == 0:
			*at = now
		}
	}
	arm(&t.settings, isLive && !s.isAgreed)
	arm(&t.head, isLive && (s.conn.IsInBlock() || s.isPartial && s.open == 0))
	arm(&t.idle, isLive && s.conn.Open() == 0 && !s.isEnding) // also while we answer pings
	arm(&t.resting, t.idle != 0 && s.workspace != nil && s.out.Size() == 0)
	arm(&t.closing, isLive && s.isAnnounced && !s.isEnding)
	arm(&t.drain, s.isClosing && !s.isReadOver && s.out.Size() == 0)
	arm(&t.stretch, isLive && s.conn.Open() > 0)
	o := &s.service.Options
	t.deadline = 0
	due := func(since, limit int64) {
		if since != 0 && limit >= 0 && (t.deadline == 0 || since+limit < t.deadline) {
			t.deadline = since + limit
		}
	}
	due(t.settings, o.SettingsNs)
	due(t.head, o.HeadNs)
	due(t.idle, o.IdleNs)
	if s.workspace != nil {
		due(t.resting, s.idleNs)
	}
	due(t.closing, second)
	due(t.drain, o.DrainNs)
	due(t.stretch, lookNs(o.ContentGraceNs))
}

// Deadline implements engine.Engine.
func (s *Server) Deadline() int64 {
	if due := s.timers.deadline; s.callbacks.Due == 0 || due != 0 && due < s.callbacks.Due {
		return due
	}
	return s.callbacks.Due
}

// Expire implements engine.Engine.
func (s *Server) Expire() {
	s.wake()
	now, _ := s.host.Now()
	t, o := &s.timers, &s.service.Options
	past := func(since, limit int64) bool { return since != 0 && limit >= 0 && now >= since+limit }
	isResting := false
	switch {
	case past(t.settings, o.SettingsNs):
		s.expire(frames.CodeSettingsTimeout, "our settings weren't acknowledged in SettingsNs (RFC 9113, Section 6.5.3)")
	case past(t.head, o.HeadNs):
		s.expire(frames.CodeEnhanceYourCalm, "the preface or a field block wasn't whole in HeadNs")
	case past(t.idle, o.IdleNs), past(t.closing, second):
		s.stopRequests()
	case past(t.drain, o.DrainNs):
		s.isReadOver = true
	case past(t.resting, s.idleNs):
		t.resting, isResting = 0, true
	case past(t.stretch, lookNs(o.ContentGraceNs)):
		s.measure(now)
		t.stretch = now
	}
	s.flushPending()
	s.endTurn()
	if isResting {
		s.rest()
		s.rearm()
	}
}

// expire fails the connection.
func (s *Server) expire(code frames.ErrorCode, rule string) {
	e := s.conn.Fail(code, rule)
	s.tellError(e)
	s.failConnection(e)
}

// measure looks at each stream: what it has received, and whether it waits for
// credit.
func (s *Server) measure(now int64) {
	o := &s.service.Options
	elapsed := max(now-s.timers.stretch, 1)
	rate := o.ContentOctetsPerSecondMin
	s.conn.Streams(func(stream *Stream) {
		x, ok := stream.Owner.(*exchange)
		if !ok {
			s.stopUnwanted(stream)
			return
		}
		isSlow := rate >= 0 && o.ContentGraceNs >= 0 && x.waitsForContent() && float64(x.stretch)*float64(second) < float64(rate)*float64(elapsed)
		x.stretch = 0
		switch {
		case !x.isSending() || s.out.Size() > 0:
			x.patience.since = 0
		case x.patience.isOver(s.conn, stream, now, o.WindowNs, rate):
			x.fail(errNoCredit, frames.CodeCancel)
			return
		}
		if isSlow {
			s.refuse(x, faultContentTooSlow(x.arrived, rate))
		}
	})
}

// waitsForContent says whether content of the request is waited for, and has
// room to come. Once the response has begun nobody knows who waits for whom.
func (x *exchange) waitsForContent() bool {
	return x.said == HTTP2MessageHead && x.received == HTTP2MessageContent && x.expectation != expectationPending && x.server.conn.HasCredit(x.stream) && x.since <= x.server.timers.stretch
}

var errNoCredit error = &message.Fault{
	Machine: "http2-message", Name: "the peer gives too little credit for the response", Octet: -1,
	Source: "RFC 9113, Section 6.9", Limit: "WindowNs",
}
