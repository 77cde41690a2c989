package h1

import "github.com/specht-http/specht/engine"

// store is content that the application hasn't taken: one buffer
// of the host, and none while it is empty.
//
//	[ taken | untaken | room ]
//	0       start     len    cap
type store struct {
	b     []byte
	start int
}

// size is how many octets are kept.
func (s *store) size() int { return len(s.b) - s.start }

// octets are those that are kept, valid until the store changes.
func (s *store) octets() []byte { return s.b[s.start:] }

// add keeps a copy of p. most is how much there will ever be in the store.
func (s *store) add(h engine.Host, p []byte, most int) {
	if len(p) == 0 {
		return
	}
	n := s.size() + len(p)
	switch {
	case cap(s.b)-len(s.b) >= len(p):
	case cap(s.b) >= n:
		s.b = s.b[:copy(s.b, s.octets())]
		s.start = 0
	default:
		grown := append(h.Get(max(n, min(2*cap(s.b), most))), s.octets()...)
		s.clear(h)
		s.b = grown
	}
	s.b = append(s.b, p...)
}

// take drops n octets off the front.
func (s *store) take(h engine.Host, n int) {
	s.start += n
	if s.size() == 0 {
		s.clear(h)
	}
}

// clear drops everything.
func (s *store) clear(h engine.Host) {
	if s.b != nil {
		put(h, s.b)
	}
	s.b, s.start = nil, 0
}
