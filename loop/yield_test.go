package loop

import (
	"io"
	"testing"
	"time"

	"github.com/specht-http/specht/engine"
)

// later is an engine whose answers come from other goroutines.
type later struct {
	engine.Engine
	answer [][]byte
}

func (e *later) Attach(engine.Host) {}
func (e *later) NextRead() engine.Op {
	return engine.Read
}
func (e *later) Read(b []byte) int { return len(b) }
func (e *later) NextWrite() (engine.Op, [][]byte) {
	if e.answer == nil {
		return engine.Yield, nil
	}
	return engine.Write, e.answer
}
func (e *later) ReportWrite(int, error) { e.answer = nil }
func (e *later) Deadline() int64        { return 0 }

// zeros is a flow that always has octets, and takes all.
type zeros struct{}

func (zeros) Read(b []byte) (int, error)  { return 1, nil }
func (zeros) Write(b []byte) (int, error) { return len(b), nil }
func (zeros) Close() error                { return io.ErrClosedPipe }

// Before a goroutine blocks in the next read, it lets whoever answers the last
// one go first, once; then it writes the answer itself.
func TestRunLetsHandlersGoFirst(t *testing.T) {
	e := new(later)
	o := Options{}.withDefaults()
	r := newRunner(zeros{}, e, &o, nil)
	r.stall = time.AfterFunc(time.Hour, func() {}) // no helper comes, however slow this is
	next := func(why string, want job) {
		t.Helper()
		if got := r.choose(true); got != want {
			t.Fatalf("%s: job %d, want %d", why, got, want)
		}
		switch want {
		case jobRead:
			r.read()
		case jobWrite:
			r.write()
		}
	}
	next("at first", jobRead)
	next("octets without an answer", jobYield)
	e.answer = [][]byte{[]byte("answer")}
	r.attendance.wake()
	r.attendance.look()
	next("the answer", jobWrite)
	next("all is answered", jobRead)
	next("octets without an answer", jobYield)
	next("still without one", jobRead)
}

// timely is an engine that asks for the time in every turn, twice.
type timely struct {
	later
	host engine.Host
	seen []int64
}

func (e *timely) Attach(h engine.Host) { e.host = h }
func (e *timely) Read(b []byte) int {
	for range 2 {
		now, _ := e.host.Now()
		e.seen = append(e.seen, now)
	}
	return len(b)
}

// ticking is a clock that goes on whenever it is looked at.
type ticking struct{ now int64 }

func (c *ticking) Now() (mono, unix int64) { c.now++; return c.now, 0 }

// The clock is looked at once for all turns that are had at once, and again
// afterwards.
func TestRunLooksAtTheClockOnce(t *testing.T) {
	if invariants {
		t.Skip("with the tag invariants it always is")
	}
	e := new(timely)
	o := Options{Clock: new(ticking)}.withDefaults()
	r := newRunner(zeros{}, e, &o, nil)
	e.Attach(r)
	for range 2 {
		r.input.room(r.pool, 1, 1<<10)
		r.input.extend(1)
		r.input.fresh = true
		r.choose(true)
		r.isReading = false
	}
	if a, b := e.seen[0], e.seen[2]; e.seen[1] != a || e.seen[3] != b || b <= a {
		t.Errorf("times %v", e.seen)
	}
	if now, _ := r.Now(); now <= e.seen[3] {
		t.Errorf("%d outside of a turn, after %v", now, e.seen)
	}
}
