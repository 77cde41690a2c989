package loop

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
)

// Run drives e over f on the calling goroutine until both directions are
// finished, then closes f. It returns nil, or the error that the engine was
// told by ReportError: that of the flow, or that of ctx, which breaks the
// connection when it is done.
//
// The calling goroutine reads, and writes what there is between reads. A
// second one, of Options.Helpers, is there only while one direction blocks
// and the other has something to do. When Run returns they have left f and e,
// provided that closing f unblocks its Read and Write.
//
// A connection that leaves its engine (engine.Upgrade) is given to whom the
// engine names, on the calling goroutine, and ctx has nothing to do with it any
// more: Run returns, nil, when that does. If f has no deadlines, and Run is
// reading it, the connection leaves when the peer's next octets have arrived.
//
// If f has to be opened (flow.Opener), that comes first, within
// Options.OpenTimeout. If it can't be, the engine is told so.
//
// Of f, half-closes, vectored writes, late reads, resets and deadlines are used
// if it has them.
func Run(ctx context.Context, f flow.Flow, e engine.Engine, o Options) error {
	o = o.withDefaults()
	r := newRunner(f, e, &o, nil)
	stop := func() bool { return true }
	if ctx.Done() != nil {
		stop = context.AfterFunc(ctx, func() { r.abort(context.Cause(ctx)) })
	}
	err := r.open()
	if err == nil {
		err = r.drive()
	} else {
		r.refuse(err)
	}
	stop()
	r.follow()
	return err
}

// runner is one connection over a blocking flow, and its engine's Host.
//
// Any goroutine that attends to it does whatever there is to do; what takes
// time are roles, of which each belongs to one goroutine at a time: reading
// and writing. The goroutine of Run is the main one: it stays until the end,
// and reads if it can. A helper attends when a Wake finds that nobody does,
// and leaves when there is nothing for it to do.
type runner struct {
	host
	attendance
	flow    flow.Flow
	engine  engine.Engine
	guard   contained // what engine is in
	options *Options
	stats   *counters       // of the Group; may be nil
	late    flow.LateReader // the flow, or nil
	opening *openingFlow    // nil if the flow needn't be opened
	input   window          // belongs to the reading role
	room    int             // how much was lent to a read; the same
	lent    [][]byte        // belongs to the writing role

	// Under the lock:
	writes     stretch // of writes that leave something to write
	isReading  bool    // the reading role is taken
	isWriting  bool    // the writing role is taken
	unblocked  bool    // the reader has been told to stop
	finished   bool    // CloseWrite has been called
	broken     bool    // writing has failed
	dead       bool    // the engine has been told an error
	leaves     bool    // the connection leaves as soon as nobody reads
	aborts     bool    // the flow is to be reset
	closed     bool    // the flow has been closed, or is about to be, or has left
	isChoosing bool    // a goroutine is in choose
	mono, unix int64   // the time there; 0 if it is not known yet
	isQuiet    bool    // octets came, and nothing was written since
	isLast     bool    // it was accepted while the Group shut down, and hasn't been read
	readOctets int32
	err        error // what Run returns
	next       successor
	alarm      alarm
	stall      *time.Timer // made by the first write

	requests atomic.Uint32 // what other goroutines ask for
	cause    atomic.Pointer[error]

	groupPrev, groupNext *runner // in a Group; under the Group's lock
}

const (
	requestExpire = 1 << iota
	requestShutdown
	requestAbort

	// stallNs is how long a write may block before another goroutine reads.
	stallNs = 1_000_000

	readOctetsMin = 2 << 10

	// lastNs is how long a connection that was accepted while its Group shut
	// down may take to send something before it is told so.
	lastNs = 100_000_000
)

var (
	_ engine.Host = (*runner)(nil)
	_ engine.Task = (*runner)(nil)
)

// newRunner makes a runner whose options are complete.
func newRunner(f flow.Flow, e engine.Engine, o *Options, stats *counters) *runner {
	r := &runner{flow: f, options: o, stats: stats, readOctets: readOctetsMin}
	r.guard.owner = r
	r.engine = r.guard.contain(e)
	r.pool = o.Pool
	r.late, _ = f.(flow.LateReader)
	if o, ok := f.(flow.Opener); ok {
		r.opening = newOpeningFlow(o)
	}
	r.attendance.begin()
	return r
}

// drive is Run.
func (r *runner) drive() error {
	r.mu.Lock()
	r.engine.Attach(r)
	if r.isLast {
		timer := time.AfterFunc(lastNs, r.hurry)
		defer timer.Stop()
	}
	r.mu.Unlock()
	r.attend(true)
	r.input.drop(r.pool)
	r.alarm.stop()
	if r.stall != nil {
		r.stall.Stop()
	}
	return r.err
}

// hurry tells the engine Shutdown, if that wasn't done when it was read.
func (r *runner) hurry() {
	r.mu.Lock()
	isLast := r.isLast
	r.isLast = false
	r.mu.Unlock()
	if isLast {
		r.request(requestShutdown)
	}
}

// Now implements engine.Host. While choose runs, it is the time at which that
// first asked: looking at the clock takes as long as reading a short head. The
// lock is held.
func (r *runner) Now() (mono, unix int64) {
	if !r.isChoosing || invariants {
		return r.options.Clock.Now()
	}
	if r.mono == 0 {
		r.mono, r.unix = r.options.Clock.Now()
	}
	return r.mono, r.unix
}

// Take implements engine.Host. A timer costs a goroutine some work here, beside
// whose stack the memory isn't much: a second is soon.
func (r *runner) Take(key any) (v any, idleNs int64) { return r.pool.Take(key), 1e9 }

// Wake implements engine.Host.
func (r *runner) Wake() {
	if r.attendance.wake() && !r.options.Helpers.Execute(r) {
		go r.Run()
	}
}

// Run implements engine.Task: it is what a helper does.
func (r *runner) Run() { r.attend(false) }

// request asks for something from another goroutine.
func (r *runner) request(what uint32) {
	r.requests.Or(what)
	r.Wake()
}

// abort breaks the connection because of err.
func (r *runner) abort(err error) {
	r.cut(err)
	r.hasten()
	r.cause.CompareAndSwap(nil, &err)
	r.request(requestAbort)
}

// job is what one goroutine can do next.
type job uint8

const (
	jobNone job = iota
	jobRead
	jobYield
	jobWrite
	jobCloseWrite
	jobUnblock
	jobClose
)

// attend does what there is to do. The main goroutine returns when the
// connection has ended and nobody else attends, a helper when it has nothing
// to do.
func (r *runner) attend(isMain bool) {
	for {
		switch r.choose(isMain) {
		case jobRead:
			r.read()
		case jobYield:
			// Octets came and nothing is to be written: a handler may have got
			// them on another goroutine. If it is let go first and answers at
			// once, this one writes the answer, and no helper is needed.
			runtime.Gosched()
			r.attendance.look()
		case jobWrite:
			r.write()
		case jobCloseWrite:
			_ = r.flow.(flow.CloseWriter).CloseWrite() // if it fails, the flow is broken, and reading tells
		case jobUnblock:
			r.unblock()
		case jobClose:
			r.end()
			r.attendance.finish()
		case jobNone:
			if r.attendance.rest(isMain) {
				return
			}
		}
	}
}

// end closes the flow.
func (r *runner) end() {
	if f, ok := r.flow.(flow.Resetter); ok && r.aborts {
		f.Reset()
		return
	}
	if r.dead {
		r.hasten()
	}
	_ = r.flow.Close() // nobody is left to be told
}

// farewell is how long a flow that is broken may take to tell its peer so.
const farewell = 100 * time.Millisecond

// hasten makes a flow that was opened, as by TLS, wait no longer than that for a
// peer that doesn't read: who ends such a connection would wait with it.
func (r *runner) hasten() {
	if f, ok := r.flow.(flow.Deadliner); ok && r.opening != nil {
		_ = f.SetWriteDeadline(time.Now().Add(farewell)) // if it fails, there is nothing to wait for
	}
}

// choose has the turns that are due, and takes the next job.
func (r *runner) choose(isMain bool) job {
	r.mu.Lock()
	r.isChoosing = true
	defer func() {
		r.isChoosing, r.mono = false, 0
		r.mu.Unlock()
	}()
	if r.closed {
		return jobNone
	}
	r.answerRequests()
	reads, writes, vector := r.ask()
	if writes == engine.Abort && !r.dead {
		r.aborts = true
		r.kill(ErrAborted)
	}
	isLeaving := reads == engine.Upgrade && writes == engine.Upgrade
	switch {
	case isLeaving && !r.dead && !r.isReading:
		r.leave()
		return jobNone
	case r.dead, reads == engine.Close && writes == engine.Close:
		r.closed = true
		return jobClose
	case writes == engine.Write:
		r.isWriting, r.lent = true, vector
		r.limitWrite()
		return jobWrite
	case writes == engine.Close && !r.finished && !r.broken:
		r.finished = true
		if _, ok := r.flow.(flow.CloseWriter); ok {
			return jobCloseWrite
		}
	}
	r.rearm()
	switch {
	case (reads == engine.Close || isLeaving) && r.isReading && !r.unblocked:
		r.unblocked, r.leaves = true, isLeaving
		return jobUnblock
	case reads == engine.Read && !r.isReading:
		if !isMain && r.attendance.recall() {
			return jobNone
		}
		if r.isQuiet {
			r.isQuiet = false
			return jobYield
		}
		r.isReading = true
		return jobRead
	}
	return jobNone
}

// ask asks the engine what it can use, in the directions whose roles are
// free. The lock is held.
func (r *runner) ask() (reads, writes engine.Op, vector [][]byte) {
	if r.dead {
		return engine.Close, engine.Close, nil
	}
	if r.isReading {
		reads = r.engine.NextRead()
	} else {
		reads = r.input.deliver(r.engine, r.pool, r.options.WindowOctetsMax)
	}
	if r.input.stuck {
		r.kill(stuckError(r.options.WindowOctetsMax))
		return engine.Close, engine.Close, nil
	}
	writes, vector = r.engine.NextWrite()
	if r.isWriting && writes != engine.Abort {
		return reads, engine.Yield, nil
	}
	if writes == engine.Write && r.broken {
		r.kill(fmt.Errorf("loop: the engine writes to a flow that failed: %w", io.ErrClosedPipe))
	}
	return reads, writes, vector
}

// answerRequests has the turns that other goroutines asked for. The lock is
// held.
func (r *runner) answerRequests() {
	if r.dead || r.requests.Load() == 0 {
		return
	}
	requests := r.requests.Swap(0)
	if requests&requestExpire != 0 {
		r.alarm.armed = 0
		now, _ := r.Now()
		if r.isWriting && r.writes.isStalled(r.options, now) {
			r.kill(ErrWriteStalled)
			return
		}
		if due := r.engine.Deadline(); due != 0 && due <= now {
			if r.stats != nil {
				r.stats.expired.Add(1)
			}
			r.engine.Expire()
		}
	}
	if requests&requestShutdown != 0 {
		r.engine.Shutdown()
	}
	if requests&requestAbort != 0 {
		r.kill(*r.cause.Load())
	}
}

// kill tells the engine that the flow is broken. What the engine has lent to a
// write that is under way it gets back only with that: then the writer tells,
// which the flow's Reset or Close unblocks. The lock is held.
func (r *runner) kill(err error) {
	if r.err == nil {
		r.err = err
	}
	r.dead = true
	r.aborts = r.aborts || r.isWriting || tell(r.engine, r.err)
}

// limitWrite makes the alarm go off when the write that begins has taken too
// long. The lock is held.
func (r *runner) limitWrite() {
	if r.options.WriteStall > 0 {
		now, _ := r.Now()
		if r.writes.due == 0 {
			r.writes.note(r.options, now, 0)
		}
		r.rearm()
	}
}

// rearm makes the alarm go off at the engine's deadline and at that of the
// write that is under way, or before. The lock is held.
func (r *runner) rearm() {
	due := r.engine.Deadline()
	if r.isWriting && r.writes.due != 0 && (due == 0 || r.writes.due < due) {
		due = r.writes.due
	}
	if due == 0 || r.alarm.armed != 0 && r.alarm.armed <= due {
		return
	}
	now, _ := r.Now()
	r.alarm.set(due, time.Duration(max(due-now, 0)), r)
}

// read reads once, and offers what there is. The caller has the reading role,
// which ends here.
func (r *runner) read() {
	if !r.attendance.leave() {
		r.mu.Lock()
		r.isReading = false
		r.mu.Unlock()
		return
	}
	n, err := r.readOnce()
	r.attendance.enter()

	r.mu.Lock()
	defer r.mu.Unlock()
	r.isReading = false
	if n > 0 {
		if r.stats != nil {
			r.stats.reads.Add(1)
		}
		r.input.extend(n)
		r.input.fresh, r.isQuiet = true, true
		r.adapt(n, r.room)
		if r.isLast && !r.dead {
			r.isLast = false
			r.input.deliver(r.engine, r.pool, r.options.WindowOctetsMax)
			r.requests.Or(requestShutdown)
		}
	} else if r.input.len() == 0 {
		r.input.drop(r.pool)
	}
	switch {
	case err == nil, r.dead, r.isUnwanted():
	case err == io.EOF:
		r.input.ended = true
	default:
		r.input.deliver(r.engine, r.pool, r.options.WindowOctetsMax)
		r.kill(err)
	}
}

// isUnwanted says whether a reader was told to stop, or may be. The lock is
// held.
func (r *runner) isUnwanted() bool {
	op := r.engine.NextRead()
	return op == engine.Close || op == engine.Upgrade
}

// readOnce waits for octets, without a buffer if it can, and reads them behind
// the window.
func (r *runner) readOnce() (int, error) {
	if r.late != nil {
		return r.late.ReadLate((*lender)(r))
	}
	return r.flow.Read((*lender)(r).Lend())
}

// lender is a runner to the flow that it reads.
type lender runner

// Lend implements flow.Lender.
func (l *lender) Lend() []byte {
	b := l.input.room(l.pool, int(l.readOctets), l.options.WindowOctetsMax)
	l.room = len(b)
	return b
}

// Return implements flow.Lender.
func (l *lender) Return() {
	if l.input.len() == 0 {
		l.input.drop(l.pool)
	}
}

// adapt makes the next read larger if the last, of n octets, filled its room,
// and smaller if it was far from that.
func (r *runner) adapt(n, room int) {
	switch {
	case n == room:
		r.readOctets = min(r.readOctets*2, int32(r.options.ReadOctets))
	case n < room/8:
		r.readOctets = max(r.readOctets/2, readOctetsMin)
	}
}

// write writes once. The caller has the writing role, which ends here.
func (r *runner) write() {
	if !r.attendance.leave() {
		r.mu.Lock()
		r.isWriting = false
		if r.dead { // since choose: kill has left it to who writes
			r.engine.ReportError(r.err)
		}
		r.mu.Unlock()
		return
	}
	if r.stall == nil {
		r.stall = time.AfterFunc(stallNs, r.Wake)
	} else {
		r.stall.Reset(stallNs)
	}
	n, err := writeVector(r.flow, r.lent)
	r.stall.Stop()
	r.attendance.enter()

	r.mu.Lock()
	defer r.mu.Unlock()
	r.isWriting, r.lent, r.isQuiet = false, nil, false
	if r.dead {
		r.engine.ReportError(r.err)
		return
	}
	if r.stats != nil && n > 0 {
		r.stats.writes.Add(1)
	}
	if err != nil {
		r.broken = true
		if r.err == nil {
			r.err = err
		}
	}
	r.engine.ReportWrite(n, err)
	r.writes.octets += int64(n)
	if next, _ := r.engine.NextWrite(); next != engine.Write || n >= writeOctetsMax {
		r.writes.end()
	}
}

// unblock makes the reader return, whose octets nobody wants any more, where
// that can be done before the flow is closed.
func (r *runner) unblock() {
	if f, ok := r.flow.(flow.Deadliner); ok {
		if f.SetReadDeadline(time.Unix(1, 0)) == nil {
			return
		}
	}
	if r.leaves {
		return // the reader stays until octets come
	}
	if f, ok := r.flow.(flow.CloseReader); ok {
		_ = f.CloseRead() // the reader then stays until the flow is closed
	}
}
