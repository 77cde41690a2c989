package loop_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

// faulty is an engine that panics in one of its methods, once its peer has sent
// something.
type faulty struct {
	lineEngine
	in     string
	isOver bool // it has panicked, and must not be called again
	isHit  bool
	heard  atomic.Int32 // how often it was told of the panic
}

func (e *faulty) hit(method string) {
	if e.isOver {
		panic("it is asked again")
	}
	if method == e.in && e.isHit {
		e.isOver = true
		panic("bug in " + method)
	}
}

func (e *faulty) NextRead() engine.Op { e.hit("NextRead"); return e.lineEngine.NextRead() }
func (e *faulty) NextWrite() (engine.Op, [][]byte) {
	e.hit("NextWrite")
	if e.in == "Write nothing" && e.isHit {
		e.isOver = true
		return engine.Write, nil
	}
	return e.lineEngine.NextWrite()
}
func (e *faulty) Deadline() int64      { e.hit("Deadline"); return e.lineEngine.Deadline() }
func (e *faulty) ReadEOF(b []byte) int { e.hit("ReadEOF"); return e.lineEngine.ReadEOF(b) }
func (e *faulty) ReportWrite(n int, err error) {
	e.hit("ReportWrite")
	e.lineEngine.ReportWrite(n, err)
}
func (e *faulty) Closed() bool { e.hit("Closed"); return e.lineEngine.Closed() }
func (e *faulty) Shutdown()    { e.hit("Shutdown"); e.lineEngine.Shutdown() }

// ReportError is the only one that is called behind a panic, once.
func (e *faulty) ReportError(err error) {
	if e.isOver && err == loop.ErrPanicked {
		e.heard.Add(1)
		return
	}
	e.hit("ReportError")
	e.lineEngine.ReportError(err)
}

func (e *faulty) Read(b []byte) int {
	e.isHit = true
	e.hit("Read")
	if e.in == "Read too much" {
		e.isOver = true
		return len(b) + 1
	}
	return e.lineEngine.Read(b)
}

// A bug of one engine, which a peer has found, is the end of its own connection.
func TestPanicsAreContained(t *testing.T) {
	if loop.Invariants {
		t.Skip("with the tag invariants they end the process")
	}
	for _, method := range []string{"Read too much", "Write nothing", "Read", "NextRead", "NextWrite", "ReportWrite", "Deadline", "ReadEOF", "Shutdown"} {
		t.Run(method, func(t *testing.T) {
			each(t, func(t *testing.T, s looptest.Setup) {
				var mu sync.Mutex
				var told []string
				e := &faulty{in: method}
				e.attached = make(chan struct{})
				first := true
				server := s.Serve(t, func(any) engine.Engine {
					mu.Lock()
					defer mu.Unlock()
					if !first {
						return newLineEngine(nil)
					}
					first = false
					return e
				}, loop.Options{OnPanic: func(_, v any) {
					mu.Lock()
					defer mu.Unlock()
					told = append(told, fmt.Sprint(v))
				}})
				bad := server.Dial()
				send(t, bad, "hello\n")
				looptest.Eventually(t, "it has its engine", func() bool {
					mu.Lock()
					defer mu.Unlock()
					return !first
				})
				good := server.Dial()
				send(t, good, "one\n")
				want(t, good, "one\n")
				switch method {
				case "ReadEOF":
					_ = bad.CloseWrite() // which may find that it is cut already
				case "Shutdown":
					want(t, bad, "hello\n")
					go func() { _ = server.Shutdown(t.Context()) }()
				}
				_, _ = io.ReadAll(bad) // it ends, however
				if method != "Shutdown" {
					send(t, good, "two\n")
					want(t, good, "two\n")
				}
				looptest.Eventually(t, "it is told", func() bool { return e.heard.Load() > 0 })
				mu.Lock()
				defer mu.Unlock()
				if got := strings.Join(told, ", "); got != "bug in "+method && !strings.HasPrefix(got, "loop: bug: ") {
					t.Errorf("told %q", got)
				}
				if n := e.heard.Load(); n != 1 {
					t.Errorf("the engine was told %d times", n)
				}
			})
		})
	}
}
