//go:build !race && !invariants

package nethttp_test

import (
	"io"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop/looptest"
)

// TestAllocations holds what a request costs: for the first, one piece of memory
// for all of it, one for its octets, and an empty map for its fields. What is
// more with the second are the maps, and what the handler sets.
func TestAllocations(t *testing.T) {
	onTCP(t, func(t *testing.T, setup looptest.Setup) {
		for i, want := range []float64{3, 10} {
			c := conversations[i]
			exchange := conversation(t, serve(t, setup, c.handler, io.Discard, h1.Options{}), c.request)
			if got := testing.AllocsPerRun(200, exchange); got > want {
				t.Errorf("%s: %v allocations, want %v", c.name, got, want)
			}
		}
	})
}
