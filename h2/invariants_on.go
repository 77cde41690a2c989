//go:build invariants

package h2

// invariants says whether what is lent is overwritten once it has been given
// back, and whether inline handlers are watched.
const invariants = true
