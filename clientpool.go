package specht

import (
	"container/list"
	"context"
	"slices"
	"sync"
)

// pool is the connections of a Client, and who waits for them. It knows no
// protocol, opens nothing and calls no engine: callbacks of engines, which hold
// their lock, may wait for its own.
//
//	acquire ──> a connection that has room     take
//	   │    ──> leave to open one              opened, or failed
//	   └──────> waits ──> one of both          grant
//
//	release: the exchange is over      the next that waits has its place
//	gone:    the connection has ended  somebody may open another
//
// As long as somebody waits for an origin, no connection to it has room.
type pool struct {
	limits   poolLimits
	mayShare func(Address) bool // whether connections there may carry many exchanges, before it is known

	running sync.WaitGroup // connections, those that are being opened too

	mu          sync.Mutex
	isClosed    bool
	origins     map[Address]*origin // that have connections, or are waited for
	idle        list.List           // of *clientConn, the one that has been longest first
	connections int                 // as running
	waiting     int
	evicted     int // connections that have been cut and haven't ended
	serial      uint64
}

// poolLimits are what there may be at once.
type poolLimits struct{ perHost, shared, all, waiting, idle int }

// origin is where connections go. Its fields are under the pool's lock.
type origin struct {
	address     Address
	connections int
	leaving     int           // of these, those that get no further request
	opening     int           // of these, those that are being opened, or of which isn't known how much they carry
	isShared    bool          // one may carry many exchanges: as long as one is being opened, no other is
	free        []*clientConn // that have room, the one used last at the end
	waiting     list.List     // of *waiter
}

// waiter is a request that waits.
type waiter struct {
	serial  uint64     // of those that wait longer it is less
	granted chan grant // has room for one
	place   *list.Element
}

// grant is what a request gets: a connection, or, if conn is nil, leave to open
// one to the origin.
type grant struct {
	origin *origin
	conn   *clientConn
	isKept bool // the connection has carried an exchange before
	err    error
}

// acquire gets a connection to a, or leave to open one, waiting if it must.
// isAgain puts it before those that wait.
func (p *pool) acquire(ctx context.Context, a Address, isAgain bool) (grant, error) {
	p.mu.Lock()
	if p.isClosed {
		p.mu.Unlock()
		return grant{}, ErrClientClosed
	}
	o := p.origin(a)
	if k := len(o.free) - 1; k >= 0 {
		defer p.mu.Unlock()
		return p.take(o.free[k]), nil
	}
	if n := o.waiting.Len(); n >= p.limits.waiting && !isAgain {
		p.mu.Unlock()
		return grant{}, &LimitError{"WaitingPerHostMax", p.limits.waiting, "so many requests wait for connections to " + a.String() + " already"}
	}
	w := p.enqueue(o, isAgain)
	p.makeRoom()
	p.mu.Unlock()
	select {
	case g := <-w.granted:
		return g, g.err
	case <-ctx.Done():
		p.leave(o, w)
		return grant{}, context.Cause(ctx)
	}
}

// origin is that of a, which is made if it isn't there.
func (p *pool) origin(a Address) *origin {
	o := p.origins[a]
	if o == nil {
		o = &origin{address: a, isShared: p.mayShare(a)}
		if p.origins == nil {
			p.origins = map[Address]*origin{}
		}
		p.origins[a] = o
	}
	return o
}

// forget drops an origin that nobody needs.
func (p *pool) forget(o *origin) {
	if o.connections == 0 && o.waiting.Len() == 0 {
		delete(p.origins, o.address)
	}
}

// enqueue has one more wait for o.
func (p *pool) enqueue(o *origin, isAgain bool) *waiter {
	w := &waiter{granted: make(chan grant, 1)}
	if isAgain {
		w.place = o.waiting.PushFront(w) // with the serial of who has waited longest
	} else {
		p.serial++
		w.serial = p.serial
		w.place = o.waiting.PushBack(w)
	}
	p.waiting++
	return w
}

// grant gives g to who waits longest for its origin.
func (p *pool) grant(g grant) {
	w := g.origin.waiting.Remove(g.origin.waiting.Front()).(*waiter)
	w.place = nil
	p.waiting--
	w.granted <- g
}

// leave is that w waits no longer. What it has been granted meanwhile goes on
// to the next.
func (p *pool) leave(o *origin, w *waiter) {
	p.mu.Lock()
	if w.place != nil {
		o.waiting.Remove(w.place)
		p.waiting--
		p.forget(o)
		p.mu.Unlock()
		return
	}
	p.mu.Unlock()
	switch g := <-w.granted; {
	case g.err != nil:
	case g.conn != nil:
		p.release(g.conn)
	default:
		p.failed(o, true)
	}
}

// take begins an exchange on c, which has room.
func (p *pool) take(c *clientConn) grant {
	g := grant{origin: c.origin, conn: c, isKept: c.isUsed}
	c.isUsed = true
	c.active++
	p.busy(c)
	if c.active >= c.exchangesMax() {
		p.unfree(c)
	}
	return g
}

// makeRoom lets those who wait open connections, as many as there may be.
func (p *pool) makeRoom() {
	for p.waiting > 0 {
		o := p.longing()
		switch {
		case o == nil:
			return
		case p.connections < p.limits.all:
			o.connections++
			o.opening++
			p.connections++
			p.running.Add(1)
			p.grant(grant{origin: o})
		case p.idle.Len() > 0 && p.evicted < p.waiting: // its end comes here again
			p.cut(p.idle.Front().Value.(*clientConn))
			return
		default:
			return
		}
	}
}

// longing is the origin that may have one connection more and has been waited
// for longest.
func (p *pool) longing() (first *origin) {
	since := uint64(0)
	for _, o := range p.origins {
		if o.connections >= p.limits.perHost || o.waiting.Len() == 0 || o.isShared && (o.opening > 0 || o.connections-o.leaving >= p.limits.shared) {
			continue
		}
		if serial := o.waiting.Front().Value.(*waiter).serial; first == nil || serial < since {
			first, since = o, serial
		}
	}
	return first
}

// opened is that the connection that was granted is there, and has its first
// exchange.
func (p *pool) opened(c *clientConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.active, c.isUsed, c.isOpen, c.isOpening = 1, true, true, true
	c.origin.isShared = c.isShared()
	p.settle(c)
	p.offer(c)
	p.makeRoom()
}

// settle is that c is no longer being opened, if it is known how much it carries, or
// that it never will be.
func (p *pool) settle(c *clientConn) {
	if c.isOpening && (c.isSettled() || c.isRetired) {
		c.isOpening = false
		c.origin.opening--
	}
}

// failed is that it never will be. isGivenUp is that whoever opened it doesn't want
// it any more; otherwise those who wait needn't fail one after the other.
func (p *pool) failed(o *origin, isGivenUp bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o.opening--
	o.isShared = o.isShared && isGivenUp
	p.end(o)
}

// changed is that c may carry more exchanges at once than before, or fewer. It
// may be called by the callback of an engine.
func (p *pool) changed(c *clientConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !c.isOpen {
		return // opened looks
	}
	if c.isLeaving() {
		p.last(c)
	}
	p.settle(c)
	switch {
	case c.isRetired:
	case c.active >= c.exchangesMax():
		p.unfree(c)
	case c.active > 0:
		p.offer(c)
	}
	p.makeRoom()
}

// release is that an exchange on c is over, or hasn't begun.
func (p *pool) release(c *clientConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	c.active--
	p.offer(c)
	p.makeRoom()
}

// retire is that an exchange hasn't begun on c, and that none will any more.
func (p *pool) retire(c *clientConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last(c)
	c.active--
	p.settle(c)
	p.offer(c)
	p.makeRoom()
}

// last is that c gets no further exchange.
func (p *pool) last(c *clientConn) {
	if !c.isRetired {
		c.isRetired = true
		c.origin.leaving++
	}
	p.busy(c)
	p.unfree(c)
}

// offer gives the room that c has to those who wait, and keeps it if there is
// some left.
func (p *pool) offer(c *clientConn) {
	if c.isRetired || p.isClosed {
		if c.active == 0 {
			c.cancel(nil)
		}
		return
	}
	for c.active < c.exchangesMax() && c.origin.waiting.Len() > 0 {
		p.grant(p.take(c))
	}
	if c.active >= c.exchangesMax() {
		return
	}
	if !slices.Contains(c.origin.free, c) {
		c.origin.free = append(c.origin.free, c)
	}
	if c.active == 0 {
		c.idle = p.idle.PushBack(c)
		if p.idle.Len() > p.limits.idle {
			p.cut(p.idle.Front().Value.(*clientConn))
		}
	}
}

// busy is that c isn't idle.
func (p *pool) busy(c *clientConn) {
	if c.idle != nil {
		p.idle.Remove(c.idle)
		c.idle = nil
	}
}

// unfree is that c has no room.
func (p *pool) unfree(c *clientConn) {
	o := c.origin
	o.free = slices.DeleteFunc(o.free, func(other *clientConn) bool { return other == c })
}

// cut ends c, which is idle.
func (p *pool) cut(c *clientConn) {
	c.isEvicted = true
	p.evicted++
	p.last(c)
	c.cancel(nil)
}

// evict cuts the idle connections that are meant.
func (p *pool) evict(isMeant func(*clientConn) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for e := p.idle.Front(); e != nil; {
		c := e.Value.(*clientConn)
		e = e.Next()
		if isMeant(c) {
			p.cut(c)
		}
	}
}

// gone is that c has ended.
func (p *pool) gone(c *clientConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last(c)
	c.origin.leaving--
	if c.isEvicted {
		p.evicted--
	}
	p.settle(c)
	p.end(c.origin)
}

// end is that there is one connection less.
func (p *pool) end(o *origin) {
	o.connections--
	p.connections--
	p.running.Done()
	p.forget(o)
	p.makeRoom()
}

// close refuses those who wait, and waits until all connections have ended:
// somebody else ends them.
func (p *pool) close() {
	p.mu.Lock()
	p.isClosed = true
	for _, o := range p.origins {
		for o.waiting.Len() > 0 {
			p.grant(grant{origin: o, err: ErrClientClosed})
		}
	}
	p.mu.Unlock()
	p.running.Wait()
}

// stats says what there is.
func (p *pool) stats() ClientStats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ClientStats{p.connections, p.idle.Len(), p.waiting}
}
