package loop

// Invariants is whether the tag invariants is set.
const Invariants = invariants
