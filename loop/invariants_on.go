//go:build invariants

package loop

// invariants says whether what is lent is overwritten once it has been given
// back, so that its use after that is found.
const invariants = true
