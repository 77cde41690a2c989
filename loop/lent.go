package loop

import "github.com/specht-http/specht/flow"

// Lent is pl as a listener that stays its owner's: a Loop that is given it
// accepts from it, but never closes it. When the Loop shuts down, or Unlisten is
// called with what Lent has returned, what waits to be accepted is left to
// whoever accepts next. Until then nobody else may.
func Lent(pl flow.PollListener) flow.PollListener { return &lent{pl} }

// lent is a listener that Close leaves open.
type lent struct{ flow.PollListener }

var _ flow.ListenerLayer = (*lent)(nil)

// Below implements flow.ListenerLayer.
func (l *lent) Below() flow.PollListener { return l.PollListener }

// Close leaves the listener open.
func (l *lent) Close() error { return nil }

// isLent says whether pl, or what it is over, is Lent.
func isLent(pl flow.PollListener) bool {
	for {
		if _, ok := pl.(*lent); ok {
			return true
		}
		l, ok := pl.(flow.ListenerLayer)
		if !ok {
			return false
		}
		pl = l.Below()
	}
}
