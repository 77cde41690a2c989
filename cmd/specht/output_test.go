package main

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"
)

// numbered is the line with a number.
func numbered(o *output, i int) {
	o.line(func(b []byte) []byte { return fmt.Appendf(b, "line %d", i) })
}

// Nobody who has a line waits for an output that stands still: what it can't
// take is dropped, and said where it would have been.
func TestOutputNeverWaits(t *testing.T) {
	r, w := io.Pipe() // which takes nothing until somebody reads
	o := newOutput(w)
	const lines = 1_000_000
	for i := range lines {
		numbered(o, i)
	}
	go func() {
		o.flush = time.Hour
		o.close()
		w.Close()
	}()
	next, dropped := 0, 0
	for s := bufio.NewScanner(r); s.Scan(); {
		var n int
		if _, err := fmt.Sscanf(s.Text(), "specht: %d lines dropped here", &n); err == nil {
			dropped += n
			next += n
			continue
		}
		if want := fmt.Sprintf("line %d", next); s.Text() != want {
			t.Fatalf("got %q, want %q", s.Text(), want)
		}
		next++
	}
	if next != lines || dropped < lines/2 {
		t.Errorf("%d lines, %d of them dropped", next, dropped)
	}
}

// The end of the program doesn't wait for it for ever either.
func TestOutputEnds(t *testing.T) {
	r, w := io.Pipe()
	o := newOutput(w)
	o.flush = 1
	numbered(o, 1)
	o.close()
	numbered(o, 2) // too late
	r.Close()
	<-o.written
}

// Lines are written in order, and soon.
func TestOutputWrites(t *testing.T) {
	r, w := io.Pipe()
	o := newOutput(w)
	in := bufio.NewReader(r)
	for i := range 100 {
		numbered(o, i)
		if line, err := in.ReadString('\n'); err != nil || strings.TrimSpace(line) != fmt.Sprintf("line %d", i) {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	o.close()
}

// A log costs no allocation once its buffers are there, but for what a line is
// made of.
func TestOutputAllocations(t *testing.T) {
	o := newOutput(io.Discard)
	line := func(b []byte) []byte { return append(b, "a line"...) }
	for range 1000 {
		o.line(line)
	}
	if n := testing.AllocsPerRun(1000, func() { o.line(line) }); n > 0.5 {
		t.Errorf("%v allocations", n)
	}
	o.close()
}
