package loop

// Invariants is whether the tag invariants is set.
const Invariants = invariants

// IsClosing is whether what l has left is to be abandoned.
func IsClosing(l *Loop) bool { return l.state.Load() >= loopClosing }
