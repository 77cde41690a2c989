package loop_test

import (
	"context"
	"runtime"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop"
)

// belated is an engine whose deadline has always passed already.
type belated struct {
	echoEngine
	expired int
}

func (e *belated) Deadline() int64 {
	if e.expired > 10_000 { // the test has failed, and shall end
		return 0
	}
	return 1
}

func (e *belated) Expire() { e.expired++ }

// An engine that is due again as soon as it has expired doesn't keep a Loop from
// its other connections, nor from ending.
func TestEngineThatIsAlwaysDue(t *testing.T) {
	const ms = 1_000_000
	clock := &fakeClock{mono: 100 * ms}
	l := newQueueLoop(t, loop.Options{Clock: clock})
	e := &belated{}
	_, server := mem.PollPipe(mem.Options{})
	if err := l.Add(server, e); err != nil {
		t.Fatal(err)
	}
	client, other := mem.PollPipe(mem.Options{})
	if err := l.Add(other, &echoEngine{}); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 10)
	for round := range 50 {
		client.TryWrite([][]byte{[]byte("hello\n")})
		for range 3 {
			l.Step()
		}
		if n, err := client.TryRead(b); n != 6 {
			t.Fatalf("another connection is answered %d octets, %v", n, err)
		}
		if e.expired > round+1 {
			t.Fatalf("in tick %d, the engine has expired %d times", round, e.expired)
		}
		clock.mono += ms
	}
	if e.expired < 49 {
		t.Errorf("the engine has expired %d times in 50 ticks", e.expired)
	}
}

// flood is a listener at which peers arrive as fast as they are accepted.
type flood struct {
	*mem.PollListener
	accepted int
	at       int // when that is how many were accepted, then is called
	then     func()
}

func (l *flood) TryAccept() (flow.Poll, error) {
	if l.accepted++; l.accepted > 1<<20 { // the test has failed, and shall end
		return nil, flow.ErrWouldBlock
	}
	if l.accepted == l.at {
		l.then()
	}
	_, f := mem.PollPipe(mem.Options{})
	return f, nil
}

// floodedLoop has accepted for a while from a flood.
func floodedLoop(t *testing.T, at int, then func()) (*loop.Loop, *flood) {
	l := newQueueLoop(t, loop.Options{ConnectionsMax: -1})
	pl := &flood{PollListener: mem.ListenPoll(mem.Options{}), at: at, then: then}
	if err := l.Listen(pl, func(any) engine.Engine { return nil }); err != nil {
		t.Fatal(err)
	}
	return l, pl
}

// Shutdown ends while peers go on coming: those that can have been waiting when it
// was called are accepted, and no more.
func TestShutdownEndsInAFlood(t *testing.T) {
	l, pl := floodedLoop(t, 0, nil)
	if err := l.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if pl.accepted > 1<<17 {
		t.Errorf("%d connections were accepted", pl.accepted)
	}
}

// When its context is done it ends at once.
func TestShutdownIsCutInAFlood(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var l *loop.Loop
	l, pl := floodedLoop(t, 100, func() {
		cancel()
		for !loop.IsClosing(l) {
			runtime.Gosched()
		}
	})
	if err := l.Shutdown(ctx); err != context.Canceled {
		t.Errorf("Shutdown returned %v", err)
	}
	if pl.accepted != 100 {
		t.Errorf("%d connections were accepted", pl.accepted)
	}
}

// waking is an engine that wakes its driver when it is told an error.
type waking struct {
	echoEngine
	told int
}

func (e *waking) ReportError(err error) {
	e.told++
	e.echoEngine.ReportError(err)
	e.host.Wake()
}

// Close tells every engine once, also those that have had no turn yet, and those
// that wake the Loop meanwhile.
func TestCloseTellsEachOnce(t *testing.T) {
	l := newQueueLoop(t, loop.Options{})
	engines := make([]waking, 2000)
	for i := range engines {
		if i == len(engines)/2 {
			for l.Step() > 0 {
			}
		}
		_, f := mem.PollPipe(mem.Options{})
		if err := l.Add(f, &engines[i]); err != nil {
			t.Fatal(err)
		}
	}
	l.Close()
	for i := range engines {
		if engines[i].told != 1 {
			t.Fatalf("engine %d was told %d times", i, engines[i].told)
		}
	}
	if s := l.Stats(); s.Connections != 0 || s.HeldOctets != 0 {
		t.Errorf("%+v", s)
	}
}
