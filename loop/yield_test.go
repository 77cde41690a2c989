package loop

import (
	"io"
	"testing"

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
