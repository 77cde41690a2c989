package loop

import (
	"fmt"
	"math/bits"
	"sync"
)

// Pool keeps buffers for reuse, in classes whose sizes are powers of two from
// 512 octets to 1 MiB. What it keeps is bounded. Any goroutine may use it.
// Getting a buffer that is kept, and giving it back, don't allocate.
//
// In builds tagged invariants a buffer given back is overwritten with 0xDB,
// and one written to after that is reported by a panic when it is got again.
type Pool struct {
	mu        sync.Mutex
	kept      [poolClasses][][]byte
	octets    int
	octetsMax int
	spares    map[any][]any // what engines gave to Keep, by its key
}

// sparesMax is how many are kept of a key.
const sparesMax = 256

const (
	poolClasses          = 12
	poolSmallestLog      = 9
	poolOctetsMaxDefault = 32 << 20
)

// NewPool is a pool that keeps octetsMax octets at most; 0 for 32 MiB.
func NewPool(octetsMax int) *Pool {
	if octetsMax <= 0 {
		octetsMax = poolOctetsMaxDefault
	}
	return &Pool{octetsMax: octetsMax}
}

// Get is a buffer of n octets or more of capacity, of length 0. Its octets
// are anything.
func (p *Pool) Get(n int) []byte {
	class := poolClass(n)
	if class >= poolClasses {
		return make([]byte, 0, n)
	}
	p.mu.Lock()
	k := len(p.kept[class]) - 1
	if k < 0 {
		p.mu.Unlock()
		return make([]byte, 0, 1<<(poolSmallestLog+class))
	}
	b := p.kept[class][k]
	p.kept[class][k] = nil
	p.kept[class] = p.kept[class][:k]
	p.octets -= cap(b)
	p.mu.Unlock()
	if invariants && !isPoisoned(b[:cap(b)]) {
		panic("loop: bug: a buffer was written to after it had been given back to the pool")
	}
	return b
}

// Put gives back a buffer that Get gave. The caller keeps no slice of it.
func (p *Pool) Put(b []byte) {
	class := poolClass(cap(b))
	if class >= poolClasses {
		return
	}
	if cap(b) != 1<<(poolSmallestLog+class) {
		if invariants && cap(b) > 0 {
			panic(fmt.Sprintf("loop: bug: a buffer of %d octets was given to the pool, which has none of that size: give back what Get gave, from its first octet", cap(b)))
		}
		return
	}
	if invariants {
		poison(b[:cap(b)])
	}
	p.mu.Lock()
	if p.octets+cap(b) <= p.octetsMax {
		p.kept[class] = append(p.kept[class], b[:0])
		p.octets += cap(b)
	}
	p.mu.Unlock()
}

// Keep keeps v for whoever Takes with an equal key: see engine.Host. What is too
// much is left to the garbage collector.
func (p *Pool) Keep(key, v any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if kept := p.spares[key]; len(kept) < sparesMax {
		if p.spares == nil {
			p.spares = make(map[any][]any)
		}
		p.spares[key] = append(kept, v)
	}
}

// Take is a value that Keep was given, the latest, or nil.
func (p *Pool) Take(key any) any {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.spares[key]
	k := len(kept) - 1
	if k < 0 {
		return nil
	}
	v := kept[k]
	kept[k] = nil
	p.spares[key] = kept[:k]
	return v
}

// Retained is how many octets are kept for reuse.
func (p *Pool) Retained() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.octets
}

// poolClass is the smallest class whose buffers hold n octets.
func poolClass(n int) int {
	if n <= 1<<poolSmallestLog {
		return 0
	}
	return bits.Len(uint(n-1)) - poolSmallestLog
}
