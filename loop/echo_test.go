package loop_test

import (
	"github.com/specht-http/specht/engine"
)

// echoEngine answers what it reads, at once and without allocating: it shows
// what the drivers themselves cost.
type echoEngine struct {
	host   engine.Host
	out    []byte
	vector [1][]byte
	isLent bool // vector, which isn't touched then
	over   bool

	attached chan struct{} // closed by Attach, if there is one
}

func (e *echoEngine) Attach(h engine.Host) {
	e.host = h
	if e.attached != nil {
		close(e.attached)
	}
}

func (e *echoEngine) NextRead() engine.Op {
	switch {
	case e.over:
		return engine.Close
	case len(e.out) > 0:
		return engine.Yield
	}
	return engine.Read
}

func (e *echoEngine) Read(b []byte) int {
	e.out = append(e.host.Get(len(b)), b...)
	return len(b)
}

func (e *echoEngine) ReadEOF([]byte) int {
	e.over = true
	return 0
}

func (e *echoEngine) NextWrite() (engine.Op, [][]byte) {
	switch {
	case len(e.out) > 0:
		return engine.Write, e.lend(e.out)
	case e.over:
		return engine.Close, nil
	}
	return engine.Yield, nil
}

// lend is b as a vector, which stays as it is if it is asked for again.
func (e *echoEngine) lend(b []byte) [][]byte {
	if !e.isLent {
		e.isLent, e.vector[0] = true, b
	}
	return e.vector[:]
}

func (e *echoEngine) ReportWrite(n int, err error) {
	e.isLent = false
	if err != nil || n == len(e.out) {
		e.host.Put(e.out[:0])
		e.out = nil
		return
	}
	e.out = append(e.out[:0], e.out[n:]...)
}

func (e *echoEngine) Deadline() int64 {
	mono, _ := e.host.Now()
	return mono + 60e9
}

func (e *echoEngine) Expire() {}

func (e *echoEngine) ReportError(error) { e.over, e.out = true, nil }

func (e *echoEngine) Closed() bool { return e.over && len(e.out) == 0 }

func (e *echoEngine) Shutdown() { e.over = true }

// pushEngine also writes a line each time that another goroutine tells it to.
type pushEngine struct {
	echoEngine
	line    []byte
	pending int // lines
	written int // octets of the first
}

// push queues the line and wakes the driver.
func (e *pushEngine) push() {
	e.host.Lock()
	e.pending++
	e.host.Unlock()
	e.host.Wake()
}

func (e *pushEngine) NextWrite() (engine.Op, [][]byte) {
	if e.pending == 0 {
		return e.echoEngine.NextWrite()
	}
	return engine.Write, e.lend(e.line[e.written:])
}

func (e *pushEngine) ReportWrite(n int, err error) {
	if e.pending == 0 {
		e.echoEngine.ReportWrite(n, err)
		return
	}
	e.isLent = false
	if e.written += n; e.written == len(e.line) {
		e.written = 0
		e.pending--
	}
}

// handlerEngine answers from another goroutine, as engines do whose handlers
// may block.
type handlerEngine struct {
	echoEngine
	executor engine.Executor
	heard    []byte
}

func (e *handlerEngine) NextRead() engine.Op {
	if len(e.heard) > 0 {
		return engine.Yield
	}
	return e.echoEngine.NextRead()
}

func (e *handlerEngine) Read(b []byte) int {
	e.heard = append(e.heard[:0], b...)
	if !e.executor.Execute(e) {
		panic("no goroutine for a handler")
	}
	return len(b)
}

// Run implements engine.Task.
func (e *handlerEngine) Run() {
	e.host.Lock()
	e.out = append(e.host.Get(len(e.heard)), e.heard...)
	e.heard = e.heard[:0]
	e.host.Unlock()
	e.host.Wake()
}
