package loop

import "time"

// Clock is where a driver takes the time from: monotonic time in ns, never 0,
// and wall-clock time in seconds since 1970 UTC. It is called by any
// goroutine.
type Clock interface {
	Now() (mono, unix int64)
}

// systemClock is the time of package time.
type systemClock struct{ base time.Time }

// newSystemClock is a clock that begins now.
func newSystemClock() *systemClock { return &systemClock{time.Now()} }

func (c *systemClock) Now() (mono, unix int64) {
	t := time.Now()
	return int64(t.Sub(c.base)) + 1, t.Unix()
}
