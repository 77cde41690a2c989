package loop

import (
	"testing"

	"github.com/specht-http/specht/engine"
)

// scribbler overwrites one octet of what it reads.
type scribbler struct {
	engine.Engine
	at, consumed int
}

func (s scribbler) Read(b []byte) int {
	b[s.at] = 'x'
	return s.consumed
}

// An engine may overwrite what it consumes, and nothing else.
func TestChangedWindowIsFound(t *testing.T) {
	for _, test := range []struct {
		at, consumed int
		isFound      bool
	}{{0, 1, false}, {1, 2, false}, {1, 1, true}, {2, 0, true}} {
		isFound := false
		func() {
			defer func() { isFound = recover() != nil }()
			if n := readMoved(scribbler{at: test.at, consumed: test.consumed}, []byte("abc")); n != test.consumed {
				t.Errorf("%+v: consumed %d", test, n)
			}
		}()
		if isFound != test.isFound {
			t.Errorf("%+v: found: %v", test, isFound)
		}
	}
}
