package loop

import (
	"container/list"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
)

// conn is a connection of a Loop, and its engine's Host. It is touched by the
// Loop's goroutine alone, but for what host and member say.
type conn struct {
	member
	host
	flow   flow.Poll
	engine engine.Engine // nil until the flow is open, unless it came with it
	guard  contained     // what engine is in
	input  window
	stall  stretch // of a flow that is full

	held    atomic.Int64  // octets of buffers; see larder
	layered int64         // those of held that the flow has, if it is a layer
	waiting *list.Element // in the larder; or nil

	newEngine NewEngine // until it has been called; nil if there is an engine
	opening   *opening  // nil once the flow is open

	isLayer  bool // the flow is a flow.Layer
	readable bool // the flow isn't drained
	hangup   bool // what remains to be read ends, so it is never drained
	full     bool // the flow takes nothing until it says so
	watched  bool // the Poller reports Writable
	broken   bool // writing has failed
	finished bool // CloseWrite has been called
	dead     bool // the engine has been told an error
	aborts   bool // the flow is to be reset
	gone     bool // the connection has been closed, or has left
}

var _ engine.Host = (*conn)(nil)

// Now implements engine.Host.
func (c *conn) Now() (mono, unix int64) { return c.loop.now() }

// Wake implements engine.Host.
func (c *conn) Wake() { c.loop.push(&c.member, causeWoken) }

// takenNs is for how long a connection of a Loop keeps what it took while it is
// idle: a timer more costs next to nothing there.
const takenNs = 20e6

// Take implements engine.Host.
func (c *conn) Take(key any) (v any, idleNs int64) { return c.pool.Take(key), takenNs }

// turn does what there is to do, until nothing is possible or the budget is
// spent: it reads while the flow has octets and the engine can use them, and
// writes what the engine has after each read.
func (c *conn) turn(why cause) {
	if c.gone {
		return
	}
	if why&causeAdded != 0 && !c.begin() {
		return
	}
	c.note(why)
	if c.opening != nil && !c.open() {
		return
	}
	c.mu.Lock()
	if why&causeShutdown != 0 {
		c.shutdown()
	}
	c.work()
}

// shutdown tells the engine Shutdown, behind what has arrived before. It is
// called with the lock, and gives it up for reading.
func (c *conn) shutdown() {
	octetsMax := c.loop.options.WindowOctetsMax
	if c.readable && c.input.deliver(c.engine, c, octetsMax) == engine.Read && !c.input.stuck {
		c.read(c.allowance())
	}
	if !c.dead {
		c.engine.Shutdown()
	}
}

// note takes in what a cause says about the flow.
func (c *conn) note(why cause) {
	if why&(causeReadable|causeEnded) != 0 {
		c.readable = true
	}
	if why&causeEnded != 0 {
		c.hangup = true
	}
	if why&causeWritable != 0 {
		c.full = false
	}
	if why&causeWoken != 0 {
		c.loop.counters.wakes.Add(1)
		c.loop.shared = sharedWaits
	}
}

// begin introduces the flow to the Loop, and the engine if the flow is open; it
// is false when that failed.
func (c *conn) begin() bool {
	l := c.loop
	l.admit(&c.member)
	l.counters.connections.Add(1)
	_, c.isLayer = c.flow.(flow.Layer)
	if f, ok := c.flow.(flow.Opener); ok {
		c.beginOpening(f)
	} else if !c.attach() {
		return false
	} else if l.state.Load() == loopDraining {
		l.push(&c.member, causeShutdown) // behind its first read, if it has octets already
	}
	if err := l.watch(c.flow, c.token()); err != nil {
		c.fail(err)
		return false
	}
	return true
}

// attach introduces the engine. It is false when there is none.
func (c *conn) attach() bool {
	if c.newEngine != nil {
		c.engine, c.newEngine = c.guard.contain(c.newEngine(c.flow)), nil
	}
	c.mu.Lock()
	if c.engine == nil { // nobody wants it
		c.end()
		return false
	}
	c.engine.Attach(c)
	c.mu.Unlock()
	return true
}

// work is the rest of turn. It begins with the lock and ends without.
func (c *conn) work() {
	e, l := c.engine, c.loop
	for budget := l.options.TurnsMax; ; {
		reads := engine.Close
		if !c.dead {
			reads = c.input.deliver(e, c, l.options.WindowOctetsMax)
		}
		if c.input.stuck && !c.dead {
			c.kill(stuckError(l.options.WindowOctetsMax))
		}
		if c.dead {
			c.end()
			return
		}
		if c.isLayer {
			c.mu.Unlock()
			err := c.flush()
			c.mu.Lock()
			if err != nil {
				c.kill(err)
				continue
			}
		}
		writes, vector := e.NextWrite()
		if c.full && writes == engine.Write {
			writes = engine.Yield
		}
		canRead, most := reads == engine.Read && c.readable, 0
		if canRead {
			if most = c.allowance(); most > 0 {
				l.larder.remove(c)
			} else {
				l.larder.await(c)
				canRead = false
			}
		}
		if budget <= 0 && (canRead || writes == engine.Write) {
			c.rest()
			l.postpone(&c.member)
			return
		}
		switch {
		case writes == engine.Write && c.broken:
			c.kill(fmt.Errorf("loop: the engine writes to a flow that failed: %w", io.ErrClosedPipe))
		case writes == engine.Write:
			budget -= share(c.write(vector))
		case writes == engine.Abort:
			c.aborts = true
			c.kill(ErrAborted)
		case writes == engine.Upgrade && reads == engine.Upgrade:
			c.leave()
			return
		case writes == engine.Close && reads == engine.Close && c.lingers():
			c.rest()
			return
		case writes == engine.Close && reads == engine.Close:
			c.end()
			return
		case canRead:
			budget -= share(c.read(most))
		default:
			if writes == engine.Close {
				c.closeWrite()
			}
			c.rest()
			return
		}
	}
}

// shareOctets is how many octets a read or a write moves for one part of a turn's
// budget: what the engine makes of octets takes longer than the call.
const shareOctets = 4 << 10

// share is what a read or a write of n octets takes of a turn's budget.
func share(n int) int { return max((n+shareOctets-1)/shareOctets, 1) }

// rest re-arms the deadline and leaves the lock.
func (c *conn) rest() {
	c.loop.timers.arm(&c.member, c.engine.Deadline())
	c.loop.timers.arm(&c.member, c.stall.due)
	c.mu.Unlock()
}

// read reads once, most octets at most, and offers what there is. It returns how
// many it has read. It is called with the lock, and gives it up for reading.
func (c *conn) read(most int) (n int) {
	if most == 0 {
		return 0
	}
	l := c.loop
	c.mu.Unlock()
	held := c.input.len()
	isShared := held <= len(l.in)/4
	var into []byte
	if isShared {
		copy(l.in, c.input.octets())
		into = l.in[held:min(len(l.in), l.options.WindowOctetsMax)]
	} else {
		into = c.input.room(c, min(len(l.in)/4, most), l.options.WindowOctetsMax)
	}
	into = into[:min(len(into), most)]
	n, err := c.flow.TryRead(into)
	c.holdLayer()
	if n < len(into) && !c.hangup {
		c.readable = false
	}
	c.mu.Lock()
	switch {
	case n > 0 && isShared:
		l.counters.reads.Add(1)
		c.offerShared(l.in[:held+n])
	case n > 0:
		l.counters.reads.Add(1)
		c.input.extend(n)
		c.input.fresh = true
	case err == flow.ErrWouldBlock:
		l.counters.readsEmpty.Add(1)
		c.readable = c.hangup && c.isLayer // a part of a record, perhaps, and the end behind it
	case err == io.EOF:
		c.readable, c.hangup = false, false
		c.input.ended = true
	case err != nil:
		c.kill(err)
	}
	return n
}

// offerShared offers b, which is in the Loop's own buffer, and keeps what the
// engine doesn't consume.
func (c *conn) offerShared(b []byte) {
	if c.engine.NextRead() == engine.Read {
		b = b[c.input.offer(c.engine, b, c.loop.options.WindowOctetsMax):]
	} else {
		c.input.fresh = true
	}
	c.input.keep(c, b)
}

// write writes once, and returns how many octets the flow took. It is called with
// the lock, and gives it up for writing.
func (c *conn) write(vector [][]byte) int {
	l := c.loop
	c.mu.Unlock()
	checkLent(vector)
	gathered := l.gatherer.gather(vector)
	n, err := c.flow.TryWrite(gathered)
	l.gatherer.forget(gathered)
	c.holdLayer()
	c.full = err == flow.ErrWouldBlock
	if c.full {
		l.counters.writesFull.Add(1)
		err = nil
	}
	if c.full {
		now, _ := l.now()
		c.stall.note(&l.options, now, n)
	} else {
		c.stall.end()
	}
	var unwatched error
	if c.full != c.watched {
		unwatched = c.watchWrites()
	}
	c.mu.Lock()
	if n > 0 {
		l.counters.writes.Add(1)
	}
	if n > 0 || err != nil {
		c.broken = err != nil
		c.engine.ReportWrite(n, err)
	}
	if unwatched != nil {
		c.kill(unwatched)
	}
	return n
}

// watchWrites makes the Poller report Writable while the flow is full. Flows
// that announce themselves do so anyway.
func (c *conn) watchWrites() error {
	f := bottom(c.flow)
	if _, ok := f.(flow.Announcing); ok {
		return nil
	}
	c.watched = c.full
	return c.loop.poller.WatchWrites(f.(flow.Described).Descriptor(), c.token(), c.full)
}

// closeWrite finishes the writing direction, once. It is called with the
// lock, and gives it up meanwhile.
func (c *conn) closeWrite() {
	if c.finished || c.broken {
		return
	}
	c.finished = true
	c.mu.Unlock()
	_ = c.flow.CloseWrite() // if it fails, the flow is broken, and reading tells
	_ = c.flush()           // the same
	c.mu.Lock()
}

// lingers says whether the flow, which is a layer, has yet to write the end of
// its own. The lock is held, and given up meanwhile.
func (c *conn) lingers() bool {
	if !c.isLayer || c.broken {
		return false
	}
	c.closeWrite()
	if c.full {
		now, _ := c.loop.now()
		c.stall.note(&c.loop.options, now, 0)
	}
	return c.full
}

// expire implements turner.
func (c *conn) expire(now int64) {
	if c.gone {
		return
	}
	if c.opening != nil {
		c.expireOpening(now)
		return
	}
	c.mu.Lock()
	if c.stall.isStalled(&c.loop.options, now) {
		c.kill(ErrWriteStalled)
		c.end()
		return
	}
	if due := c.engine.Deadline(); due != 0 && due <= now {
		c.loop.counters.expired.Add(1)
		c.engine.Expire()
	}
	c.work()
}

// kill tells the engine that the flow is broken. The lock is held.
func (c *conn) kill(err error) {
	c.dead = true
	c.aborts = tell(c.engine, err) || c.aborts
}

// fail breaks the connection.
func (c *conn) fail(err error) {
	if c.opening != nil {
		c.failOpening(err)
		return
	}
	c.mu.Lock()
	c.kill(err)
	c.end()
}

// abandon implements turner.
func (c *conn) abandon() {
	if !c.gone {
		c.fail(ErrClosed)
	}
}

// forget is that the Loop has nothing to do with the connection any more.
func (c *conn) forget() {
	c.loop.makeRoom()
	c.input.drop(c)
	c.settle()
	c.loop.dismiss(&c.member)
	c.loop.counters.connections.Add(-1)
}

// end closes the connection. It begins with the lock and ends without.
func (c *conn) end() {
	c.gone = true
	c.mu.Unlock()
	c.forget()
	if f, ok := c.flow.(flow.Resetter); ok && c.aborts {
		f.Reset()
		return
	}
	_ = c.flow.Close() // nobody is left to be told
}
