//go:build openssl && cgo && linux

package main

import (
	"fmt"
	"os"
	"runtime/debug"
	"testing"

	"github.com/specht-http/specht/flow/mem"
)

// resident is how many octets of the process are in memory.
func resident(t *testing.T) int {
	t.Helper()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	var size, pages int
	if _, err := fmt.Sscan(string(text), &size, &pages); err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

// Sessions leave nothing in the memory of C, of which the collector knows
// nothing: one of both ends holds tens of thousands of octets.
func TestMemoryIsFreed(t *testing.T) {
	server, client := pair(t)
	rounds := func(n int) {
		for k := range n {
			a, b := mem.Pipe(mem.Options{})
			s, c := server.Flow(a), client.Flow(b)
			opened := make(chan error, 1)
			go func() { opened <- s.Open() }()
			if k%4 == 0 {
				b.Close() // a handshake that fails
			} else if err := c.Open(); err != nil {
				t.Fatal(err)
			}
			<-opened
			s.Close()
			c.Close()
		}
	}
	rounds(100)
	before := resident(t)
	const n = 1000
	rounds(n)
	if grown := resident(t) - before; grown > n*5000 {
		t.Errorf("%d connections have left %d octets", n, grown)
	} else {
		t.Logf("%d connections have left %d octets", n, grown)
	}
	allFree(t)
}
