package loop_test

import (
	"context"
	"sync"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop"
)

// closingPoll is a flow that says how often it has been closed.
type closingPoll struct {
	*mem.Poll
	closed int // by the Loop's goroutine, or by who has the flow
}

func (f *closingPoll) Close() error { f.closed++; return f.Poll.Close() }
func (f *closingPoll) Reset()       { f.closed++; f.Poll.Reset() }

// Whatever is given to Loops while they end is either refused, or its engine is
// told and its flow closed, once; listeners that come and go meanwhile end, too.
func TestEndCrossesAdds(t *testing.T) {
	rounds := 300
	if testing.Short() {
		rounds = 30
	}
	for round := range rounds {
		loops := make([]*loop.Loop, 2)
		for i := range loops {
			loops[i] = newQueueLoop(t, loop.Options{})
		}
		l := loop.Together(loops...)
		ended := make(chan error, 1)
		if round%3 > 0 {
			go func() { ended <- l.Run() }()
		}
		var all sync.WaitGroup
		adds := make([]added, 60)
		for part := range 3 {
			all.Go(func() {
				for i := range 20 {
					adds[20*part+i].add(l)
				}
			})
		}
		all.Go(func() {
			pl := mem.ListenPoll(mem.Options{})
			if l.Listen(pl, func(any) engine.Engine { return &waking{} }) != nil {
				return
			}
			_, _ = pl.DialPoll() // refused if it is too late
			if round%3 > 0 {
				l.Unlisten(pl)
				if _, err := pl.TryAccept(); err == flow.ErrWouldBlock {
					t.Error("the listener is open after Unlisten")
				}
			}
		})
		all.Go(func() {
			if round%2 == 0 {
				_ = l.Close()
				return
			}
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			_ = l.Shutdown(ctx)
		})
		all.Wait()
		if round%3 > 0 {
			if err := <-ended; err != nil && err != loop.ErrClosed {
				t.Fatal(err)
			}
		}
		for i := range adds {
			adds[i].check(t)
		}
		if s := l.Stats(); s.Connections != 0 || s.HeldOctets != 0 {
			t.Fatalf("%+v", s)
		}
	}
}

// added is a connection that was added, or wasn't.
type added struct {
	flow closingPoll
	e    waking
	err  error
}

func (a *added) add(l *loop.Loops) {
	_, a.flow.Poll = mem.PollPipe(mem.Options{})
	a.err = l.Add(&a.flow, &a.e)
}

// check looks at it when the Loops have ended.
func (a *added) check(t *testing.T) {
	t.Helper()
	owed := 1 // to an engine that didn't end by itself, and to each flow
	if a.err != nil {
		owed = 0
	}
	if a.e.told > owed || a.flow.closed != owed {
		t.Errorf("Add returned %v, and the engine was told %d times, the flow closed %d times", a.err, a.e.told, a.flow.closed)
	}
}
