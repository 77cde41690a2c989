package h1

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// testHost is a driver for tests: a clock that stands still, a pool that
// overwrites, a lock, and a flow that takes what it is told to.
type testHost struct {
	mu    sync.Mutex
	cond  *sync.Cond
	mono  int64
	unix  int64
	woken chan struct{} // holds one wake-up, however many there were

	pool  [][]byte
	got   int // buffers that are out
	waits int // how often somebody has begun to wait
	reuse bool
}

func newTestHost() *testHost {
	h := &testHost{mono: 1, unix: 784111777, woken: make(chan struct{}, 1)} // Sun, 06 Nov 1994 08:49:37 GMT
	h.cond = sync.NewCond(&h.mu)
	return h
}

func (h *testHost) Now() (mono, unix int64) { return h.mono, h.unix }
func (h *testHost) Wake() {
	select {
	case h.woken <- struct{}{}:
	default:
	}
}
func (h *testHost) Lock()   { h.mu.Lock() }
func (h *testHost) Unlock() { h.mu.Unlock() }

// Wait tells until, too, that somebody waits.
func (h *testHost) Wait()   { h.waits++; h.Wake(); h.cond.Wait() }
func (h *testHost) Signal() { h.cond.Broadcast() }

func (h *testHost) Get(n int) []byte {
	h.got++
	for k := len(h.pool) - 1; k >= 0; k-- {
		if b := h.pool[k]; cap(b) >= n {
			h.pool = append(h.pool[:k], h.pool[k+1:]...)
			return b
		}
	}
	return make([]byte, 0, max(n, 512))
}

func (h *testHost) Put(b []byte) {
	h.got--
	b = b[:cap(b)]
	if h.reuse {
		h.pool = append(h.pool, b[:0])
		return
	}
	for i := range b {
		b[i] = 0xDB
	}
}

// kept is what the engines of all tests give to Keep, so that each of them works
// with what another has used.
var kept struct {
	sync.Mutex
	of map[any][]any
}

func (h *testHost) Keep(key, v any) {
	kept.Lock()
	defer kept.Unlock()
	if kept.of == nil {
		kept.of = make(map[any][]any)
	}
	if of := kept.of[key]; len(of) < 100 {
		kept.of[key] = append(of, v)
	}
}

func (h *testHost) Take(key any) (v any, idleNs int64) {
	kept.Lock()
	defer kept.Unlock()
	of := kept.of[key]
	k := len(of) - 1
	if k < 0 {
		return nil, second
	}
	v, kept.of[key] = of[k], of[:k]
	return v, second
}

// testConn drives a Server, or another engine, over a host: what is fed arrives, what the engine
// writes is taken at once, unless the flow is stuck.
type testConn struct {
	t     *testing.T
	h     *testHost
	s     *Server
	e     engine.Engine
	in    []byte // offered and not consumed
	fed   bool   // in has octets that weren't offered
	eof   bool   // to be told
	out   []byte // written
	most  int    // octets that one write takes; 0 for all, -1 for none
	ended bool   // NextWrite was Close

	aborted bool // NextWrite was Abort
}

var errAborted = errors.New("aborted")

func newTestConn(t *testing.T, o Options) *testConn {
	h := newTestHost()
	c := &testConn{t: t, h: h, s: NewService(o).NewServer("peer")}
	c.e = c.s
	c.e.Attach(h)
	return c
}

// feed makes octets arrive, and pumps.
func (c *testConn) feed(octets string) *testConn {
	c.h.Lock()
	defer c.h.Unlock()
	c.in = append(c.in, octets...)
	c.fed = c.fed || len(octets) > 0
	c.pump()
	return c
}

// end makes the peer close its side.
func (c *testConn) end() *testConn {
	c.h.Lock()
	defer c.h.Unlock()
	c.eof = true
	c.pump()
	return c
}

// look pumps.
func (c *testConn) look() *testConn { return c.feed("") }

// pump does what drivers do, with the lock.
func (c *testConn) pump() {
	for moved := true; moved; {
		moved = false
		if c.e.NextRead() == engine.Read {
			switch {
			case c.fed && len(c.in) > 0:
				b := []byte(string(c.in)) // moved at every call
				n := c.e.Read(b)
				for i := range b {
					b[i] = 0xDB
				}
				c.in = c.in[n:]
				c.fed = len(c.in) > 0 && c.e.NextRead() == engine.Yield
				moved = n > 0
			case c.eof:
				c.eof = false
				c.e.ReadEOF([]byte(string(c.in)))
				c.in = nil
				moved = true
				if op := c.e.NextRead(); op != engine.Close && (c.s == nil || !c.s.isLeaving()) {
					c.t.Errorf("NextRead after ReadEOF is %v", op)
				}
			}
		}
		for c.most >= 0 {
			op, v := c.e.NextWrite()
			if op == engine.Close {
				c.ended = true
			}
			if op == engine.Abort {
				c.aborted = true
				c.e.ReportError(errAborted)
				break
			}
			if op != engine.Write {
				break
			}
			n := 0
			for _, b := range v {
				c.out = append(c.out, b...)
				n += len(b)
			}
			if n == 0 {
				c.t.Fatal("NextWrite is Write, without octets")
			}
			if c.most > 0 && n > c.most {
				c.out = c.out[:len(c.out)-(n-c.most)]
				n = c.most
			}
			c.e.ReportWrite(n, nil)
			moved = true
		}
		if c.s != nil && c.s.callsDue() != 0 && c.s.callsDue() <= c.h.mono { // that a handle left
			c.s.Expire()
			moved = true
		}
	}
}

// after lets time pass, in ns, and expires.
func (c *testConn) after(ns int64) *testConn {
	c.h.Lock()
	defer c.h.Unlock()
	c.h.mono += ns
	for d := c.e.Deadline(); d != 0 && d <= c.h.mono; d = c.e.Deadline() {
		before := d
		c.e.Expire()
		c.pump()
		if c.e.Deadline() == before {
			c.t.Fatalf("the deadline %d has passed and stays", before)
		}
	}
	return c
}

// until pumps until the condition holds, which is asked under the lock. It
// waits for wakes.
func (c *testConn) until(condition func() bool) *testConn {
	c.h.Lock()
	defer c.h.Unlock()
	for c.pump(); !condition(); c.pump() {
		c.h.Unlock()
		<-c.h.woken
		c.h.Lock()
	}
	return c
}

// want compares what was written since the last want. Date is left out, and
// lines are shown with their ends.
func (c *testConn) want(why, octets string) *testConn {
	c.t.Helper()
	c.h.Lock()
	defer c.h.Unlock()
	got := strings.ReplaceAll(string(c.out), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", "")
	c.out = c.out[:0]
	if got != octets {
		c.t.Errorf("%s:\n got %q\nwant %q", why, got, octets)
	}
	return c
}

// wantStatuses compares the statuses of what was written since the last want.
func (c *testConn) wantStatuses(why string, statuses ...int) *testConn {
	c.t.Helper()
	c.h.Lock()
	defer c.h.Unlock()
	var got []int
	for _, response := range strings.Split(string(c.out), "HTTP/1.1 ")[1:] {
		var status int
		if n, _ := fmt.Sscan(response, &status); n == 1 {
			got = append(got, status)
		}
	}
	c.out = c.out[:0]
	if fmt.Sprint(got) != fmt.Sprint(statuses) {
		c.t.Errorf("%s: got statuses %v, want %v", why, got, statuses)
	}
	return c
}

// wantOps compares NextRead, and whether the writing direction is finished.
func (c *testConn) wantOps(why string, read engine.Op, isWriteOver bool) *testConn {
	c.t.Helper()
	c.h.Lock()
	defer c.h.Unlock()
	write, _ := c.e.NextWrite()
	if got := c.e.NextRead(); got != read || (write == engine.Close) != isWriteOver {
		c.t.Errorf("%s: NextRead is %v, want %v; NextWrite is %v, want Close: %v", why, got, read, write, isWriteOver)
	}
	return c
}

// wantClosed is that both directions are finished, and every buffer is back.
func (c *testConn) wantClosed(why string) *testConn {
	c.t.Helper()
	c.wantOps(why, engine.Close, true)
	if !c.e.Closed() {
		c.t.Errorf("%s: Closed is false", why)
	}
	return c.wantNoBuffers(why)
}

// wantNoBuffers is that every buffer is back.
func (c *testConn) wantNoBuffers(why string) *testConn {
	c.t.Helper()
	c.h.Lock()
	defer c.h.Unlock()
	if c.h.got != 0 {
		c.t.Errorf("%s: %d buffers are out", why, c.h.got)
	}
	return c
}

// inline are options with an inline handler.
func inline(f func(message.Exchange)) Options {
	return Options{Handler: message.Inline(message.HandlerFunc(f))}
}

// hello answers 200 with hello.
func hello(x message.Exchange) { _ = x.Respond(message.StatusOK, nil, []byte("hello")) }

// goroutines runs tasks on goroutines of their own.
type goroutines struct {
	wg   sync.WaitGroup
	full bool
}

func (g *goroutines) Execute(t engine.Task) bool {
	if g.full {
		return false
	}
	g.wg.Add(1)
	go func() { defer g.wg.Done(); t.Run() }()
	return true
}
