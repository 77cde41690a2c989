package loop

import (
	"math"
	"testing"

	"github.com/specht-http/specht/flow"
)

func TestFilterReadiness(t *testing.T) {
	for _, c := range []struct {
		name string
		says filter
		want flow.Readiness
	}{
		{"octets or connections have come", filter{}, flow.Readable},
		{"the peer has finished", filter{isEnded: true}, flow.Readable | flow.Ended},
		{"there is room", filter{isWrite: true}, flow.Writable},
		{"we have finished, or the peer reads no more", filter{isWrite: true, isEnded: true}, flow.Writable},
		{"a reset, by the reading side", filter{isEnded: true, hasFailed: true}, flow.Readable | flow.Writable | flow.Ended},
		{"a refused connection, by the writing side", filter{isWrite: true, isEnded: true, hasFailed: true}, flow.Readable | flow.Writable | flow.Ended},
	} {
		if got := c.says.readiness(); got != c.want {
			t.Errorf("%s: %b, want %b", c.name, got, c.want)
		}
	}
}

func TestTokens(t *testing.T) {
	var tokens tokens
	tokens.set(7, 1<<40)
	tokens.set(3, 2)
	tokens.set(7, 3)
	if len(tokens) != 8 || tokens[7] != 3 || tokens[3] != 2 {
		t.Errorf("the tokens are %d", tokens)
	}
}

func TestMilliseconds(t *testing.T) {
	for _, c := range []struct {
		ns   int64
		want int
	}{{-1, -1}, {0, 0}, {1, 1}, {1e6, 1}, {1e6 + 1, 2}, {math.MaxInt64, 24 * 3600 * 1000}} {
		if got := milliseconds(c.ns); got != c.want {
			t.Errorf("%d ns are %d ms, want %d", c.ns, got, c.want)
		}
	}
}
