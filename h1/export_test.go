package h1

// Invariants says whether the build has the tag.
const Invariants = invariants
