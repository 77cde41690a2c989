package transit

import "github.com/specht-http/specht/engine"

// Depart ends the turn of another goroutine than the driver's, and has the driver
// look if something has changed. It is deferred: an engine that panics in such a
// turn, which is a bug of it, leaves the lock all the same, for a loop with other
// connections waits for it.
func Depart(h engine.Host, isChanged *bool) {
	h.Unlock()
	if *isChanged {
		h.Wake()
	}
}
