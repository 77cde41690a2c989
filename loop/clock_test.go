package loop

import (
	"testing"
	"time"
)

// The wall clock is the system's, also when it hasn't been looked at for a while, and
// monotonic time is never 0 and doesn't go back.
func TestSystemClock(t *testing.T) {
	c := newSystemClock()
	last := int64(0)
	for range 100 {
		before := time.Now().Unix()
		mono, unix := c.Now()
		if after := time.Now().Unix(); unix < before-1 || unix > after {
			t.Fatalf("%d, and it is between %d and %d", unix, before, after)
		}
		if mono <= 0 || mono < last {
			t.Fatalf("%d ns behind %d", mono, last)
		}
		last = mono
	}
	if next := c.next.Load(); next <= 0 || next > last+1e9 {
		t.Errorf("it looks again at %d, and it is %d", next, last)
	}
	c.unix.Store(1)
	c.next.Store(last) // a second later
	if _, unix := c.Now(); unix < time.Now().Unix()-1 {
		t.Errorf("%d, which is the second before", unix)
	}
}

func BenchmarkSystemClock(b *testing.B) {
	c := newSystemClock()
	for b.Loop() {
		c.Now()
	}
}
