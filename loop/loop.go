package loop

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
)

// Loop drives the engines of many connections on one goroutine: the one that
// calls Run or Serve (or Step, where the caller decides when something
// happens). Every other method may be called by any goroutine, but not by an
// engine inside a turn.
type Loop struct {
	options   Options
	loops     *Loops // that it is one of; or nil
	poller    Poller
	queue     queue
	timers    timers
	openings  openings
	larder    larder
	crowded   []*acceptor  // that wait for room; its goroutine's own
	postponed []*member    // whose budget is spent; the same
	open      atomic.Int64 // connections, with those that are queued to begin
	counters  counters
	err       error // why the Loop can't go on; its goroutine's own

	in       []byte // what every connection reads into
	gatherer gatherer
	events   [eventsPerWait]Event

	cachedMono, cachedUnix atomic.Int64 // the time of this batch of events; 0 while waiting

	mu        sync.Mutex
	state     atomic.Uint32 // a loopState; changed under mu
	acceptors []*acceptor
	isDriven  bool          // a goroutine is in Run
	done      chan struct{} // closed when the Loop has ended
	turns     int           // that were had; its goroutine's own
	shared    int           // waits that are left until nobody has called Wake lately; the same
	yielded   int64         // when it last let others run, in this batch; 0 if it doesn't; the same
}

// eventsPerWait is how many events are taken from the Poller at once.
const eventsPerWait = 256

// loopState is how far the end of a Loop is.
type loopState = uint32

const (
	loopOpen     loopState = iota
	loopShutting           // listeners are to be closed, engines to be told
	loopDraining           // that has been done, connections are finishing
	loopClosing            // what is left is to be abandoned
	loopEnded
)

// New makes a Loop. Where the system has no Poller and the options name none,
// the error matches errors.ErrUnsupported.
func New(o Options) (*Loop, error) {
	o = o.withDefaults()
	if o.Poller == nil {
		p, err := NewPoller()
		if err != nil {
			return nil, err
		}
		o.Poller = p
	}
	l := &Loop{options: o, poller: o.Poller, in: make([]byte, o.ReadOctets), done: make(chan struct{})}
	l.larder.member = member{loop: l, owner: &l.larder}
	l.larder.octetsMax = o.HeldOctetsMax
	now, _ := o.Clock.Now()
	l.timers.begin(&l.queue.table, now)
	return l, nil
}

// Add drives e over f from now on. With an error, f is still the caller's;
// what goes wrong later, e is told, also that f can't be opened.
func (l *Loop) Add(f flow.Poll, e engine.Engine) error {
	c := &conn{flow: f}
	c.engine = c.guard.contain(e)
	if !l.take(c) {
		return ErrClosed
	}
	return nil
}

// take is adopt for any goroutine. It is false when it is too late.
func (l *Loop) take(c *conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.Load() != loopOpen {
		return false
	}
	l.adopt(c)
	return true
}

// adopt makes a connection the Loop's, and queues it.
func (l *Loop) adopt(c *conn) {
	c.member = member{loop: l, owner: c}
	c.guard.owner = c
	c.pool = l.options.Pool
	l.open.Add(1)
	l.push(&c.member, causeAdded)
}

// Listen accepts connections from pl from now on, and drives a new engine
// over each. The Loop closes pl when it ends or shuts down, unless it is Lent.
// With an error, pl is still the caller's.
func (l *Loop) Listen(pl flow.PollListener, newEngine NewEngine) error {
	return l.listen(pl, newEngine, nil)
}

// listen is Listen, for loops if that isn't nil.
func (l *Loop) listen(pl flow.PollListener, newEngine NewEngine, loops *Loops) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state.Load() != loopOpen {
		return ErrClosed
	}
	a := &acceptor{listener: pl, newEngine: newEngine, loops: loops, isLent: isLent(pl), done: make(chan struct{})}
	a.member = member{loop: l, owner: a}
	l.acceptors = append(l.acceptors, a)
	l.push(&a.member, causeAdded)
	return nil
}

// Serve is Listen and then Run.
func (l *Loop) Serve(pl flow.PollListener, newEngine NewEngine) error {
	if err := l.Listen(pl, newEngine); err != nil {
		return err
	}
	return l.Run()
}

// Run drives the connections on the calling goroutine until the Loop has been
// shut down or closed; then it returns nil. An error is about the Loop, never
// about one connection.
func (l *Loop) Run() error {
	if !l.claim() {
		if l.state.Load() != loopOpen { // who ends it drives it, if nobody else does
			<-l.done
			return ErrClosed
		}
		return errRunning
	}
	for !l.pass(true) {
	}
	return l.err
}

var errRunning = errors.New("loop: Run is called while the loop runs already: use Add and Listen to give it more")

// Step does what there is to do now, without waiting, and returns how many
// turns that were. Calling it until it returns 0 is a deterministic Run, for
// a caller that decides when time passes and peers act. It must not be called
// while Run runs.
func (l *Loop) Step() (turns int) {
	if !l.claim() {
		return 0
	}
	defer l.release()
	before := l.turns
	l.pass(false)
	return l.turns - before
}

// claim makes the calling goroutine the Loop's, unless there is one.
func (l *Loop) claim() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isDriven || l.state.Load() == loopEnded {
		return false
	}
	l.isDriven = true
	return true
}

// release gives that up.
func (l *Loop) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.isDriven = false
}
