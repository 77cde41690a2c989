package loop

import (
	"io"

	"github.com/specht-http/specht/flow"
)

// writeOctetsMax is how much one write takes, in all its slices together: a
// blocking write says only at its end that it got on, and what a slow peer
// hasn't taken by Options.WriteStall is stalled.
const writeOctetsMax = 64 << 10

// writeVector writes the front of v, and returns how many octets f took.
func writeVector(f flow.Flow, v [][]byte) (int, error) {
	checkLent(v)
	n, err := 0, error(nil)
	vw, isVectored := f.(flow.VectorWriter)
	if b := v[0]; len(b) > 0 && len(v) == 1 && !isVectored || len(b) > writeOctetsMax {
		b = b[:min(len(b), writeOctetsMax)]
		n, err = f.Write(b)
		return checkWritten(n, len(b), err)
	}
	g := getGatherer()
	defer putGatherer(g)
	slices := g.gather(v)
	defer g.forget(slices)
	slices = truncate(slices, writeOctetsMax)
	if isVectored {
		n, err = vw.WriteVector(slices)
		return checkWritten(n, 1, err)
	}
	for _, b := range slices {
		k, err := f.Write(b)
		n += k
		if _, err = checkWritten(k, len(b), err); err != nil {
			return n, err
		}
	}
	return n, nil
}

// truncate is the front of v, of octetsMax octets at most. It changes v.
func truncate(v [][]byte, octetsMax int) [][]byte {
	for i, b := range v {
		if len(b) >= octetsMax {
			v[i] = b[:octetsMax]
			return v[:i+1]
		}
		octetsMax -= len(b)
	}
	return v
}

// checkWritten is for flows that take fewer octets than they must and don't
// say why.
func checkWritten(n, atLeast int, err error) (int, error) {
	if err == nil && n < atLeast {
		err = io.ErrShortWrite
	}
	return n, err
}
