package loop

import (
	"encoding/binary"
	"testing"
)

// What wakes an eventfd is the smallest number, whatever the octet order: a
// large one would soon fill it.
func TestWakeAddsOne(t *testing.T) {
	if n := binary.NativeEndian.Uint64(one[:]); n != 1 {
		t.Errorf("each Wake adds %d", n)
	}
}
