package loop

import (
	"context"
	"sync"
	"time"

	"github.com/specht-http/specht/engine"
)

// Workers is an elastic pool of goroutines for work that may block, such as
// handlers. A task never waits behind another: it gets an idle goroutine or a
// new one, or none at the cap. Goroutines that have been idle for some
// seconds end. Giving a task to an idle goroutine doesn't allocate.
type Workers struct {
	max    int
	linger time.Duration

	mu     sync.Mutex
	idle   []*worker // the longest idle first
	count  int
	closed bool
	reaper *time.Timer
	gone   chan struct{} // closed when closed and count is 0
}

var _ engine.Executor = (*Workers)(nil)

// WorkersOptions are what Workers can be told. The zero value is good.
type WorkersOptions struct {
	// Max is how many goroutines there are at most; 0 for 10,000.
	Max int
	// Linger is how long one stays idle before it ends; 0 for 5 s.
	Linger time.Duration
}

// worker is one goroutine.
type worker struct {
	tasks     chan engine.Task // nil to end
	idleSince time.Time
}

const (
	workersMaxDefault    = 10_000
	workersLingerDefault = 5 * time.Second
)

// NewWorkers makes a pool without goroutines.
func NewWorkers(o WorkersOptions) *Workers {
	if o.Max <= 0 {
		o.Max = workersMaxDefault
	}
	if o.Linger <= 0 {
		o.Linger = workersLingerDefault
	}
	return &Workers{max: o.Max, linger: o.Linger, gone: make(chan struct{})}
}

// Execute implements engine.Executor. It is false also after Close.
func (w *Workers) Execute(t engine.Task) bool {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return false
	}
	if k := len(w.idle) - 1; k >= 0 {
		one := w.idle[k]
		w.idle[k] = nil
		w.idle = w.idle[:k]
		w.mu.Unlock()
		one.tasks <- t // has room: an idle worker has none
		return true
	}
	if w.count == w.max {
		w.mu.Unlock()
		return false
	}
	w.count++
	w.mu.Unlock()
	one := &worker{tasks: make(chan engine.Task, 1)}
	one.tasks <- t
	go w.work(one)
	return true
}

// work runs tasks until there is no use for the goroutine any more. A task
// that panics takes the program down; one that calls runtime.Goexit takes the
// goroutine.
func (w *Workers) work(one *worker) {
	defer w.end()
	for t := range one.tasks {
		if t == nil {
			return
		}
		t.Run()
		if !w.rest(one) {
			return
		}
	}
}

// rest makes a worker idle, and is false when it shall end.
func (w *Workers) rest(one *worker) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return false
	}
	one.idleSince = time.Now()
	w.idle = append(w.idle, one)
	if len(w.idle) == 1 {
		w.scheduleReap(w.linger)
	}
	return true
}

// end counts a goroutine off.
func (w *Workers) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.count--
	if w.closed && w.count == 0 {
		close(w.gone)
	}
}

// scheduleReap looks again at the idle ones after d; the lock is held.
func (w *Workers) scheduleReap(d time.Duration) {
	if w.reaper == nil {
		w.reaper = time.AfterFunc(d, w.reap)
		return
	}
	w.reaper.Reset(d)
}

// reap ends those that have been idle for long enough.
func (w *Workers) reap() {
	w.mu.Lock()
	defer w.mu.Unlock()
	before := time.Now().Add(-w.linger)
	n := 0
	for n < len(w.idle) && !w.idle[n].idleSince.After(before) {
		w.idle[n].tasks <- nil
		n++
	}
	k := copy(w.idle, w.idle[n:])
	clear(w.idle[k:])
	w.idle = w.idle[:k]
	if k > 0 && !w.closed {
		w.scheduleReap(w.linger - time.Since(w.idle[0].idleSince))
	}
}

// Count is how many goroutines there are, and how many of them are idle.
func (w *Workers) Count() (all, idle int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count, len(w.idle)
}

// Close takes no more tasks, and waits for the running ones until ctx is
// done. It may be called again to wait longer.
func (w *Workers) Close(ctx context.Context) error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		for _, one := range w.idle {
			one.tasks <- nil
		}
		w.idle = nil
		if w.reaper != nil {
			w.reaper.Stop()
		}
		if w.count == 0 {
			close(w.gone)
		}
	}
	w.mu.Unlock()
	select {
	case <-w.gone:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// helpers are the goroutines that every driver of the program may use to
// write. A connection uses at most two, so there is no cap to reach.
var helpers = sync.OnceValue(func() *Workers { return NewWorkers(WorkersOptions{Max: 1 << 30}) })

// sharedHelpers is an executor over helpers.
func sharedHelpers() engine.Executor { return helpers() }
