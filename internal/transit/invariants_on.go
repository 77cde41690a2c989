//go:build invariants

package transit

// invariants says whether what is lent is overwritten once it has been given
// back, and whether inline handlers are watched.
const invariants = true
