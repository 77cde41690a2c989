package transit

import "github.com/specht-http/specht/engine"

// Store is content that the application hasn't taken: one buffer
// of the host, and none while it is empty.
//
//	[ taken | untaken | room ]
//	0       start     len    cap
type Store struct {
	b     []byte
	start int
}

// Size is how many octets are kept.
func (s *Store) Size() int { return len(s.b) - s.start }

// Octets are those that are kept, valid until the store changes.
func (s *Store) Octets() []byte { return s.b[s.start:] }

// Add keeps a copy of p. most is how much there will ever be in the store.
func (s *Store) Add(h engine.Host, p []byte, most int) {
	if len(p) == 0 {
		return
	}
	n := s.Size() + len(p)
	switch {
	case cap(s.b)-len(s.b) >= len(p):
	case cap(s.b) >= n:
		s.b = s.b[:copy(s.b, s.Octets())]
		s.start = 0
	default:
		grown := append(h.Get(max(n, min(2*cap(s.b), most))), s.Octets()...)
		s.Clear(h)
		s.b = grown
	}
	s.b = append(s.b, p...)
}

// Take drops n octets off the front.
func (s *Store) Take(h engine.Host, n int) {
	s.start += n
	if s.Size() == 0 {
		s.Clear(h)
	}
}

// Clear drops everything.
func (s *Store) Clear(h engine.Host) {
	if s.b != nil {
		Put(h, s.b)
	}
	s.b, s.start = nil, 0
}
