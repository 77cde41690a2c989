package nethttp

import (
	"sync"

	"github.com/specht-http/specht/message"
)

// gate is the way to the engine's exchange, which is used for other requests
// once the handler has returned. Goroutines that outlive their handler find it
// closed.
type gate struct {
	mu sync.RWMutex
	x  message.Exchange // nil when it is closed
}

// enter gives the exchange, until leave. It is nil, and nothing is to be left,
// when the gate is closed. It isn't entered twice by one goroutine.
func (g *gate) enter() message.Exchange {
	g.mu.RLock()
	x := g.x
	if x == nil {
		g.mu.RUnlock()
	}
	return x
}

func (g *gate) leave() { g.mu.RUnlock() }

// close waits until nobody is inside, and lets the exchange go.
func (g *gate) close() {
	g.mu.Lock()
	g.x = nil
	g.mu.Unlock()
}
