package loop

import (
	"errors"
	"fmt"
	"log"
	"runtime/debug"

	"github.com/specht-http/specht/engine"
)

// contained is an engine whose panics end its own connection, and no other. What a
// handler panics with an engine contains itself, so that this is a bug of the engine;
// but a peer may have found it, and the process has other connections. An engine that
// has panicked is told so, for those who wait for it, and isn't asked anything any
// more: what it holds is left to the collector.
type contained struct {
	engine engine.Engine // nil once it has panicked
	owner  interface {
		// panicked is told what it panicked with, in the turn in which it did.
		panicked(v any)
	}
}

var (
	_ engine.Engine   = (*contained)(nil)
	_ engine.Upgrader = (*contained)(nil)
)

// contain is e, contained by c, which the connection has for it. With the tag
// invariants it is e itself, so that tests see what it panics with.
func (c *contained) contain(e engine.Engine) engine.Engine {
	if e == nil || invariants {
		return e
	}
	c.engine = e
	return c
}

// ErrPanicked is what an engine is told by ReportError that has panicked: who waits
// for it hears of that.
var ErrPanicked = errors.New("loop: the engine has panicked, which is a bug of it")

// recover is deferred around each call.
func (c *contained) recover() {
	if v := recover(); v != nil {
		e := c.engine
		c.engine = nil
		c.owner.panicked(v)
		defer func() { _ = recover() }() // it has been told what is wrong
		e.ReportError(ErrPanicked)
	}
}

// panicked is that the engine did. Another turn finds that nothing can be asked any
// more.
func (c *conn) panicked(v any) {
	c.loop.options.tellPanic(c.flow, v)
	c.Wake()
}

func (r *runner) panicked(v any) {
	r.options.tellPanic(r.flow, v)
	r.Wake()
}

// tellPanic calls OnPanic. That it panics itself is told to nobody.
func (o *Options) tellPanic(f, v any) {
	defer func() { _ = recover() }()
	if o.OnPanic != nil {
		o.OnPanic(f, v)
		return
	}
	log.Printf("loop: an engine panicked, which is a bug of it; its connection%s is cut: %v\n%s", peerText(f), v, debug.Stack())
}

func peerText(f any) string {
	if p := PeerOf(f); p.IsValid() {
		return fmt.Sprintf(" with %v", p)
	}
	return ""
}

// Attach implements engine.Engine.
func (c *contained) Attach(h engine.Host) {
	defer c.recover()
	c.engine.Attach(h)
}

// NextRead implements engine.Engine.
func (c *contained) NextRead() (op engine.Op) {
	if c.engine == nil {
		return engine.Close
	}
	op = engine.Close
	defer c.recover()
	return c.engine.NextRead()
}

// Read implements engine.Engine.
func (c *contained) Read(b []byte) (n int) {
	if c.engine == nil {
		return len(b)
	}
	defer c.recover()
	consumed := c.engine.Read(b)
	if consumed < 0 || consumed > len(b) {
		panic(fmt.Sprintf("loop: bug: the engine consumed %d octets of %d", consumed, len(b)))
	}
	return consumed
}

// ReadEOF implements engine.Engine.
func (c *contained) ReadEOF(b []byte) (n int) {
	if c.engine == nil {
		return len(b)
	}
	defer c.recover()
	return c.engine.ReadEOF(b)
}

// NextWrite implements engine.Engine.
func (c *contained) NextWrite() (op engine.Op, vector [][]byte) {
	if c.engine == nil {
		return engine.Abort, nil
	}
	op = engine.Abort
	defer c.recover()
	next, lent := c.engine.NextWrite()
	if next == engine.Write {
		checkLent(lent)
	}
	return next, lent
}

// ReportWrite implements engine.Engine.
func (c *contained) ReportWrite(n int, err error) {
	if c.engine != nil {
		defer c.recover()
		c.engine.ReportWrite(n, err)
	}
}

// Deadline implements engine.Engine.
func (c *contained) Deadline() int64 {
	if c.engine == nil {
		return 0
	}
	defer c.recover()
	return c.engine.Deadline()
}

// Expire implements engine.Engine.
func (c *contained) Expire() {
	if c.engine != nil {
		defer c.recover()
		c.engine.Expire()
	}
}

// ReportError implements engine.Engine.
func (c *contained) ReportError(err error) {
	if c.engine != nil {
		defer c.recover()
		c.engine.ReportError(err)
	}
}

// Closed implements engine.Engine.
func (c *contained) Closed() (isClosed bool) {
	if c.engine == nil {
		return true
	}
	isClosed = true
	defer c.recover()
	return c.engine.Closed()
}

// Shutdown implements engine.Engine.
func (c *contained) Shutdown() {
	if c.engine != nil {
		defer c.recover()
		c.engine.Shutdown()
	}
}

// Upgraded implements engine.Upgrader. A connection whose engine panics there is
// closed.
func (c *contained) Upgraded() (take func(s engine.Stream, rest []byte)) {
	take = func(s engine.Stream, _ []byte) { _ = s.Close() } // nobody is left to be told
	if c.engine == nil {
		return take
	}
	defer c.recover()
	u, ok := c.engine.(engine.Upgrader)
	if !ok {
		panic(fmt.Sprintf("loop: bug: NextRead of a %T is Upgrade, but it is no engine.Upgrader", c.engine))
	}
	return u.Upgraded()
}
