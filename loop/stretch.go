package loop

// stretch is a time in which a flow that doesn't take everything is watched: at
// its end it must have taken enough.
type stretch struct {
	due    int64 // when it ends; 0 if there is none
	octets int64 // that the flow has taken since it began
}

// note is that the flow has taken n octets and not everything, at the time now.
// The first time begins a stretch.
func (s *stretch) note(o *Options, now int64, n int) {
	switch {
	case o.WriteStall <= 0:
	case s.due == 0:
		s.due = now + int64(o.WriteStall)
	default:
		s.octets += int64(n)
	}
}

// end ends it: the flow has taken everything.
func (s *stretch) end() { *s = stretch{} }

// isStalled judges a stretch whose time may be over, and begins the next if it
// was good.
func (s *stretch) isStalled(o *Options, now int64) bool {
	if s.due == 0 || s.due > now {
		return false
	}
	if s.octets == 0 || float64(s.octets) < float64(o.WriteOctetsPerSecondMin)*o.WriteStall.Seconds() {
		return true
	}
	*s = stretch{due: now + int64(o.WriteStall)}
	return false
}
