package loop

import (
	"sync/atomic"
	"time"
)

// Clock is where a driver takes the time from: monotonic time in ns, never 0,
// and wall-clock time in seconds since 1970 UTC. It is called by any
// goroutine.
type Clock interface {
	Now() (mono, unix int64)
}

// systemClock is the time of package time. The two clocks of the system are looked at
// together once a second, and otherwise the monotonic one alone, which takes half as
// long. A wall clock that is set is noticed within that second.
type systemClock struct {
	base time.Time
	unix atomic.Int64
	next atomic.Int64 // when unix is another second, in ns
}

// newSystemClock is a clock that begins now.
func newSystemClock() *systemClock { return &systemClock{base: time.Now()} }

func (c *systemClock) Now() (mono, unix int64) {
	mono = int64(time.Since(c.base)) + 1
	if mono >= c.next.Load() {
		c.look(mono)
	}
	return mono, c.unix.Load()
}

// look looks at the wall clock.
func (c *systemClock) look(mono int64) {
	t := time.Now()
	c.unix.Store(t.Unix())
	c.next.Store(mono + int64(time.Second) - int64(t.Nanosecond()))
}
