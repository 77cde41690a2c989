package loop

import "sync"

const (
	// outOctets is how many octets of small slices are copied together.
	outOctets = 16 << 10
	// smallOctetsMax is how long a slice is at most to be copied.
	smallOctetsMax = 4 << 10
	// slicesMax is how many slices one write takes.
	slicesMax = 32
)

// gatherer makes one short vector of a long one: neighbours that are small
// are copied together, large slices stay where they are.
type gatherer struct {
	out    [outOctets]byte
	slices [slicesMax][]byte
}

// gather returns a vector of the octets at the front of v, which it doesn't
// change: all of them, unless they don't fit. It is valid until the next call.
func (g *gatherer) gather(v [][]byte) [][]byte {
	if len(v) == 1 {
		g.slices[0] = v[0]
		return g.slices[:1]
	}
	used, run, k := 0, -1, 0 // run is where in out the last slice begins, if it is there
	for _, b := range v {
		if len(b) == 0 {
			continue
		}
		isSmall := len(b) <= smallOctetsMax && used+len(b) <= len(g.out)
		if k == len(g.slices) && (!isSmall || run < 0) {
			break
		}
		if !isSmall {
			g.slices[k], run = b, -1
			k++
			continue
		}
		if run < 0 {
			run = used
			k++
		}
		used += copy(g.out[used:], b)
		g.slices[k-1] = g.out[run:used]
	}
	return g.slices[:k]
}

// checkLent finds an engine that says Write and has nothing to write, which
// its driver would ask for ever.
func checkLent(v [][]byte) {
	for _, b := range v {
		if len(b) > 0 {
			return
		}
	}
	panic("loop: bug: NextWrite of the engine is Write, and lends no octets")
}

// forget lets go of the slices that the last vector had.
func (g *gatherer) forget(v [][]byte) { clear(v) }

// gatherers are shared by the goroutines that write.
var gatherers struct {
	mu   sync.Mutex
	kept []*gatherer
}

// gatherersMax is how many are kept.
const gatherersMax = 64

// getGatherer takes one.
func getGatherer() *gatherer {
	gatherers.mu.Lock()
	defer gatherers.mu.Unlock()
	k := len(gatherers.kept) - 1
	if k < 0 {
		return new(gatherer)
	}
	g := gatherers.kept[k]
	gatherers.kept = gatherers.kept[:k]
	return g
}

// putGatherer gives one back.
func putGatherer(g *gatherer) {
	gatherers.mu.Lock()
	defer gatherers.mu.Unlock()
	if len(gatherers.kept) < gatherersMax {
		gatherers.kept = append(gatherers.kept, g)
	}
}
