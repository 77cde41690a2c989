package loop

import "github.com/specht-http/specht/flow"

// What Pollers make of the system's words, and the other way round, without a
// word of the system's, so that it is tested on every one.

// filter is what kqueue says of one direction of a descriptor, which is all that
// it says at once.
type filter struct {
	isWrite   bool // of writing, else of reading
	isEnded   bool // EV_EOF
	hasFailed bool // and there is an error
}

// readiness is what that means. The direction of writing ends when we have
// finished it as well as when the peer has gone, so this says nothing of what
// can be read, unless the flow is broken.
func (f filter) readiness() flow.Readiness {
	switch {
	case f.isEnded && f.hasFailed:
		return flow.Readable | flow.Writable | flow.Ended
	case f.isWrite:
		return flow.Writable
	case f.isEnded:
		return flow.Readable | flow.Ended
	}
	return flow.Readable
}

// tokens are those of descriptors, by descriptor. Tokens in kqueue itself would
// be pointers, and they aren't.
type tokens []uint64

// set keeps the token of a descriptor.
func (t *tokens) set(descriptor int, token uint64) {
	for len(*t) <= descriptor {
		*t = append(*t, 0)
	}
	(*t)[descriptor] = token
}

// waitNsMax is what systems take as the time to wait. A Poller that returns
// with nothing is asked again.
const waitNsMax = 24 * 3600 * 1e9

// milliseconds is ns rounded up, or -1 for ever.
func milliseconds(ns int64) int {
	if ns < 0 {
		return -1
	}
	return int((min(ns, waitNsMax) + 999_999) / 1_000_000)
}
