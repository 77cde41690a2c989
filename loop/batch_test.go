package loop_test

import (
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/loop"
)

// batchPoller reports all descriptors at once, when it is told to.
type batchPoller struct {
	loop.Poller
	tokens []uint64 // by descriptor
	isDue  bool
}

func (p *batchPoller) Add(descriptor int, token uint64) error {
	p.tokens[descriptor] = token
	return nil
}

func (p *batchPoller) Remove(int) error { return nil }

func (p *batchPoller) Wait(events []loop.Event, timeoutNs int64, isShared bool) (n int, err error) {
	if !p.isDue {
		return p.Poller.Wait(events, timeoutNs, isShared)
	}
	p.isDue = false
	for _, token := range p.tokens {
		events[n] = loop.Event{Token: token, Ready: flow.Readable}
		n++
	}
	return n, nil
}

// numbered is a flow in memory with a descriptor, so that it is polled.
type numbered struct {
	flow.Poll
	descriptor int
}

func (f *numbered) Descriptor() int { return f.descriptor }

// writeCounter counts the writes of all, and remembers when its own engine's came.
type writeCounter struct {
	engine.Engine
	writes *int
	at     int
}

func (e *writeCounter) ReportWrite(n int, err error) {
	*e.writes++
	e.at = *e.writes
	e.Engine.ReportWrite(n, err)
}

// A handler on a goroutine gets its time, and its answer is written, while a
// batch of many events goes on.
func TestHandlersAnswerWithinABatch(t *testing.T) {
	if at := answeredAt(t, 0, nil); at > 128 {
		t.Errorf("the answer was written behind %d others, of 255", at-1)
	}
}

// One that finds its processor taken by a goroutine that computes doesn't make a
// Loop give it up every few turns.
func TestBatchDoesNotWaitForGoroutinesThatCompute(t *testing.T) {
	if at := answeredAt(t, 100, &slowClock{}); at != 256 {
		t.Errorf("the answer was written behind %d others, of 255", at-1)
	}
}

// slowClock goes on by 2 ms whenever it is looked at.
type slowClock struct{ now atomic.Int64 }

func (c *slowClock) Now() (mono, unix int64) { return c.now.Add(2e6), 0 }

// answeredAt is how many of 256 connections, which all are ready at once, have
// their answers when that has which a handler on a goroutine answers: the one that
// is this many behind the first.
func answeredAt(t *testing.T, place int, clock loop.Clock) int {
	t.Helper()
	const connections = 256
	p := &batchPoller{Poller: loop.NewQueue(), tokens: make([]uint64, connections)}
	l, err := loop.New(loop.Options{Poller: p, Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	writes := 0
	handled := &writeCounter{Engine: &handlerEngine{executor: newWorkers(t)}, writes: &writes}
	clients := make([]flow.Poll, connections)
	for i := range clients {
		client, server := mem.PollPipe(mem.Options{})
		e := engine.Engine(handled)
		if i != place {
			e = &writeCounter{Engine: &echoEngine{}, writes: &writes}
		}
		if err := l.Add(&numbered{server, i}, e); err != nil {
			t.Fatal(err)
		}
		clients[i] = client
	}
	batch := func() (at int) {
		for _, client := range clients {
			write(t, client, "x")
		}
		writes, handled.at = 0, 0
		p.isDue = true
		for writes < connections {
			l.Step()
		}
		return handled.at
	}
	l.Step()
	batch() // from then on the Loop knows that there are goroutines
	return batch()
}

// A connection whose budget is spent has its next turn in the next batch, not
// again in this one.
func TestSpentBudgetIsOneTurnABatch(t *testing.T) {
	const connections = 64
	p := &batchPoller{Poller: loop.NewQueue(), tokens: make([]uint64, connections)}
	l, err := loop.New(loop.Options{Poller: p, TurnsMax: 2, ReadOctets: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	busy := 0
	for i := range connections {
		client, server := mem.PollPipe(mem.Options{})
		e := engine.Engine(&echoEngine{})
		if i == 0 {
			write(t, client, "0123456789")
			e = &writeCounter{Engine: e, writes: &busy}
		}
		if i == 1 {
			e = &handlerEngine{executor: newWorkers(t)} // the Loop is shared with
			write(t, client, "x")
		}
		if err := l.Add(&numbered{server, i}, e); err != nil {
			t.Fatal(err)
		}
	}
	l.Step()
	for want := 1; want <= 10; want++ {
		p.isDue = true
		l.Step()
		p.tokens[0] = p.tokens[1] // it is announced once
		if busy > want {
			t.Fatalf("%d turns of the busy connection in %d batches", busy, want)
		}
	}
}
