package loop

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// newTimers are timers of n members, at the time now.
func newTimers(n int, now int64) (*timers, []*member) {
	t, of := &timers{}, &table{}
	members := make([]*member, n)
	for i := range members {
		members[i] = &member{}
		of.insert(members[i])
	}
	t.begin(of, now)
	return t, members
}

// spans are times until a member is due: of each level, past, and too far away.
var spans = []time.Duration{
	-time.Hour, 0, 1, time.Millisecond, 63 * time.Millisecond, 64 * time.Millisecond, time.Second, 4096 * time.Millisecond,
	time.Minute, 5 * time.Minute, 5 * time.Hour, 13 * 24 * time.Hour, ticksMax * time.Millisecond, 30 * 24 * time.Hour,
}

// due is when a member is due by a plain model, and the tick after which it must
// have fired.
type due struct{ at, tick int64 }

// wheel is timers beside that model.
type wheel struct {
	*rapid.T
	timers  *timers
	members []*member
	dues    map[*member]due
	now     int64
}

// arm arms a member.
func (w *wheel) arm(m *member, at int64) {
	tick := min(max((at+tickNs-1)/tickNs, w.timers.present), w.timers.present+ticksMax)
	w.timers.arm(m, at)
	if uint32(tick) == 0 { // which is none
		tick++
	}
	if was, ok := w.dues[m]; !ok || tick < was.tick {
		w.dues[m] = due{at, tick}
	}
}

// fire lets fire who is due, and says how many did.
func (w *wheel) fire() (fired int) {
	last := int64(0)
	for m := w.timers.pop(w.now); m != nil; m = w.timers.pop(w.now) {
		d, ok := w.dues[m]
		switch {
		case !ok:
			w.Fatal("a member fires that isn't armed")
		case w.now < d.tick*tickNs || w.now < d.at && d.at < (d.tick-1)*tickNs:
			w.Fatalf("at %d, a member fires that is due at %d", w.now, d.at)
		case d.tick < last:
			w.Fatal("a member fires behind one that is due later")
		}
		last = d.tick
		delete(w.dues, m)
		fired++
	}
	for _, d := range w.dues {
		if d.tick*tickNs <= w.now {
			w.Fatalf("at %d, a member has not fired that is due at %d", w.now, d.at)
		}
	}
	return fired
}

// wait waits for as long as next says, until somebody fires. A member moves once
// a level, and nothing else is a reason to be woken.
func (w *wheel) wait() {
	for range len(w.members) * levels {
		next := w.timers.next()
		if (next == 0) != (len(w.dues) == 0) {
			w.Fatalf("%d members are armed, and the next is due at %d", len(w.dues), next)
		}
		if next == 0 {
			return
		}
		for _, d := range w.dues {
			if next > max(d.tick*tickNs, 1) {
				w.Fatalf("the next is due at %d, but a member at %d", next, d.at)
			}
		}
		w.now = max(w.now, next)
		if w.fire() > 0 {
			return
		}
	}
	w.Fatal("woken over and over, and nobody fires")
}

// However members are armed, moved and disarmed: nobody fires before it is due
// or more than a tick after, and to wait until next is right.
func TestTimers(t *testing.T) {
	const again = tickNs << 32 // until the ticks of members begin anew
	rapid.Check(t, func(t *rapid.T) {
		w := wheel{T: t, dues: map[*member]due{}}
		w.now = rapid.SampledFrom([]int64{1, 1e15, again - 1e10, 3 << 60}).Draw(t, "begin") + rapid.Int64Range(0, 1e9).Draw(t, "offset")
		w.timers, w.members = newTimers(20, w.now)
		for range 100 {
			m := rapid.SampledFrom(w.members).Draw(t, "member")
			switch rapid.SampledFrom([]string{"arm", "arm", "disarm", "pass", "wait"}).Draw(t, "what") {
			case "arm":
				w.arm(m, max(w.now+int64(rapid.SampledFrom(spans).Draw(t, "span"))+rapid.Int64Range(0, 1e8).Draw(t, "more"), 1))
			case "disarm":
				w.timers.disarm(m)
				delete(w.dues, m)
			case "pass":
				w.now += rapid.OneOf(rapid.Int64Range(0, 1e7), rapid.Int64Range(0, 1e12), rapid.Int64Range(0, 1e15)).Draw(t, "time")
				w.fire()
			case "wait":
				w.wait()
			}
		}
	})
}

// What never comes is as far away as can be.
func TestTimersForEver(t *testing.T) {
	timers, members := newTimers(1, 1)
	timers.arm(members[0], math.MaxInt64)
	if m := timers.pop((ticksMax - 1) * tickNs); m != nil {
		t.Error("fired early")
	}
	if m := timers.pop(ticksMax * tickNs); m != members[0] {
		t.Error("didn't fire, to look at its deadline again")
	}
	if next := timers.next(); next != 0 {
		t.Errorf("there is something to do at %d", next)
	}
}

func TestTimersDoNotAllocate(t *testing.T) {
	timers, members := newTimers(100, 1)
	now := int64(1)
	if n := testing.AllocsPerRun(1000, func() {
		for i, m := range members {
			timers.arm(m, now+int64(i)*1e9)
		}
		timers.disarm(members[50])
		now += 20e9
		for timers.pop(now) != nil {
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// The timers of a server: many connections have one a minute ahead, which stays
// where it is at each turn; new ones get one, and others lose theirs.
func BenchmarkTimers(b *testing.B) {
	const minute = int64(time.Minute)
	for _, n := range []int{100, 10_000, 100_000} {
		begin := func() (*timers, []*member, *rand.Rand) {
			timers, members := newTimers(n, 1)
			random := rand.New(rand.NewPCG(1, 2))
			for _, m := range members {
				timers.arm(m, 1+random.Int64N(minute))
			}
			return timers, members, random
		}
		b.Run(fmt.Sprintf("turn/%d", n), func(b *testing.B) {
			timers, members, _ := begin()
			now := int64(0)
			for i := 0; b.Loop(); i++ {
				now += 1000
				timers.arm(members[i%n], now+2*minute)
			}
		})
		b.Run(fmt.Sprintf("come and go/%d", n), func(b *testing.B) {
			timers, members, random := begin()
			for b.Loop() {
				m := members[random.IntN(n)]
				timers.disarm(m)
				timers.arm(m, random.Int64N(minute))
			}
		})
		b.Run(fmt.Sprintf("fire/%d", n), func(b *testing.B) {
			timers, _, random := begin()
			now := int64(1)
			for b.Loop() {
				now = max(now, timers.next())
				m := timers.pop(now)
				for m == nil {
					now = timers.next()
					m = timers.pop(now)
				}
				timers.arm(m, now+minute-random.Int64N(minute/10))
			}
		})
	}
}
