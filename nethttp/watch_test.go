package nethttp

import (
	"context"
	"testing"
)

// intrudedBase is a base context that does something while it is asked for
// AfterFunc, and counts what wasn't stopped.
type intrudedBase struct {
	context.Context
	done    chan struct{} // of its own, or the context package asks somebody else
	intrude func()
	left    int
}

func (b *intrudedBase) Done() <-chan struct{} { return b.done }

func (b *intrudedBase) AfterFunc(func()) (stop func() bool) {
	b.left++
	b.intrude()
	return func() bool {
		b.left--
		return true
	}
}

// A context that is over while somebody first asks it for Done leaves nothing
// with the base one.
func TestWatchAtTheEnd(t *testing.T) {
	c := &requestContext{gate: new(gate)}
	base := &intrudedBase{Context: context.Background(), done: make(chan struct{}), intrude: func() { c.cancel(context.Canceled) }}
	c.Context = base
	<-c.Done()
	if base.left != 0 {
		t.Errorf("%d functions are left with the base context", base.left)
	}
}
