package h2

// Invariants says whether the build has the tag.
const Invariants = invariants
