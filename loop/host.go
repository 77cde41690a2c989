package loop

import "sync"

// host is what the two drivers' hosts have in common: the connection's lock,
// and the pool.
type host struct {
	mu   sync.Mutex
	cond *sync.Cond // made by the first Wait
	pool *Pool
}

// Get implements engine.Host.
func (h *host) Get(n int) []byte { return h.pool.Get(n) }

// Put implements engine.Host.
func (h *host) Put(b []byte) { h.pool.Put(b) }

// Keep implements engine.Host.
func (h *host) Keep(key, v any) { h.pool.Keep(key, v) }

// Lock implements engine.Host.
func (h *host) Lock() { h.mu.Lock() }

// Unlock implements engine.Host.
func (h *host) Unlock() { h.mu.Unlock() }

// Wait implements engine.Host.
func (h *host) Wait() {
	if h.cond == nil {
		h.cond = sync.NewCond(&h.mu)
	}
	h.cond.Wait()
}

// Signal implements engine.Host.
func (h *host) Signal() {
	if h.cond != nil {
		h.cond.Broadcast()
	}
}
