package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// output writes lines on a goroutine of its own, in order. Who has a line never
// waits: a terminal that stands still, or a pipe that nobody reads, stops no
// loop. What it can't take meanwhile is kept up to a limit; beyond that lines are
// dropped, and how many is said where they would have been.
type output struct {
	w       io.Writer
	flush   time.Duration // how long close waits
	written chan struct{} // closed when everything is, after close

	mu       sync.Mutex
	ready    sync.Cond
	waiting  []byte // lines
	dropped  int    // behind them
	isClosed bool
}

const (
	// outputOctetsMax is how much waits to be written at most.
	outputOctetsMax = 1 << 20
	// outputFlush is how long the end of the program waits for the output.
	outputFlush = time.Second
)

func newOutput(w io.Writer) *output {
	o := &output{w: w, flush: outputFlush, written: make(chan struct{})}
	o.ready.L = &o.mu
	go o.write()
	return o
}

// line adds a line, which format appends to what it is given, without the LF at
// its end. It is called with a lock, so it returns soon.
func (o *output) line(format func([]byte) []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.waiting) >= outputOctetsMax || o.dropped > 0 || o.isClosed {
		o.dropped++
		return
	}
	o.waiting = append(format(o.waiting), '\n')
	o.ready.Signal()
}

// write writes what waits, until there is no more.
func (o *output) write() {
	defer close(o.written)
	var spare []byte
	for {
		o.mu.Lock()
		for len(o.waiting) == 0 && !o.isClosed {
			o.ready.Wait()
		}
		if len(o.waiting) == 0 {
			o.mu.Unlock()
			return
		}
		lines, dropped := o.waiting, o.dropped
		o.waiting, o.dropped = spare[:0], 0
		o.mu.Unlock()
		if dropped > 0 {
			lines = fmt.Appendf(lines, "specht: %s dropped here: the output is too slow\n", plural(dropped, "line"))
		}
		_, _ = o.w.Write(lines) // nobody else is left to be told
		spare = lines
	}
}

// close takes no more lines, and waits until those that there are have been
// written; not for ever.
func (o *output) close() {
	o.mu.Lock()
	o.isClosed = true
	o.ready.Signal()
	o.mu.Unlock()
	select {
	case <-o.written:
	case <-time.After(o.flush):
	}
}
