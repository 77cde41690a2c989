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

// Wake may come while the Poller is closed, and afterwards.
func TestWakeWhileClosing(t *testing.T) {
	p, err := NewEpoll()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 1000 {
			p.Wake()
		}
	}()
	for range 2 {
		if err := p.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	<-done
}
