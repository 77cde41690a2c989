package secure

import (
	"errors"
	"fmt"

	"github.com/specht-http/specht/flow"
)

// batch is octets that have been encrypted, and of which the flow below hasn't
// taken all. Whoever writes offers them again, for not all of them were said to
// be written.
type batch struct {
	octets, told int32 // how many they are, and how many were said to be written
	cipher, sent int32 // how many they became, and how many of these have left
}

// writable is how many more octets may be said to be written: a share that
// tells progress, and the last when all has left.
func (b *batch) writable(isEmpty bool) int {
	if isEmpty {
		return int(b.octets - b.told)
	}
	if b.cipher == 0 || b.octets == 0 {
		return 0
	}
	return int(min(b.octets-1, int32(int64(b.octets)*int64(b.sent)/int64(b.cipher))) - b.told)
}

// vector is a place in slices.
type vector struct {
	v  [][]byte
	at int // in v[0]
}

// next is what is left of the slice at that place, which has octets, or nil at
// the end.
func (c *vector) next() []byte {
	for len(c.v) > 0 && c.at == len(c.v[0]) {
		c.v, c.at = c.v[1:], 0
	}
	if len(c.v) == 0 {
		return nil
	}
	return c.v[0][c.at:]
}

// skip goes n octets on, or to the end, and returns how many that were.
func (c *vector) skip(n int) (skipped int) {
	for skipped < n {
		b := c.next()
		if b == nil {
			break
		}
		k := min(len(b), n-skipped)
		c.at += k
		skipped += k
	}
	return skipped
}

// size is how many octets come next, most at most.
func (c vector) size(most int) (n int) {
	for i, b := range c.v {
		if n += len(b); i == 0 {
			n -= c.at
		}
		if n >= most {
			return most
		}
	}
	return n
}

// encrypted is what n octets become, about.
func encrypted(n int) int { return n + 64*(n/recordOctets+1) }

// TryWrite implements flow.Poll.
func (p *Poll) TryWrite(v [][]byte) (n int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.ready(); err != nil {
		return 0, err
	}
	n, err = p.write(v)
	p.out.rest()
	return n, err
}

// patient is how many records are encrypted one at a time, each when the one
// before has left, once the flow below was full: what waits then is a record, and
// not a batch.
const patient = 16

// write is TryWrite for an open flow.
func (p *Poll) write(v [][]byte) (n int, err error) {
	rest := vector{v: v}
	for {
		err := p.push()
		if err == flow.ErrWouldBlock {
			p.patience = patient
		}
		k := rest.skip(p.batch.writable(p.out.isEmpty()))
		p.batch.told += int32(k)
		n += k
		if err != nil || rest.next() == nil {
			return n, err
		}
		if p.isClosing {
			return n, errors.New("secure: writing to a flow whose writing direction has been closed")
		}
		if err := p.encrypt(rest); err != nil {
			return n, err
		}
	}
}

// encrypt makes a batch of what is at the place c. What the last one became has
// left.
func (p *Poll) encrypt(c vector) error {
	octets, limit := 0, batchOctets
	if p.patience > 0 {
		p.patience--
		limit = recordOctets
	}
	p.out.room(encrypted(c.size(limit)))
	defer p.out.tidy() // in case that nothing came of it
	var scratch *buffer
	for octets < limit {
		b := c.next()
		if b == nil {
			break
		}
		most := min(recordOctets, limit-octets)
		if len(b) < most && len(c.v) > 1 {
			if scratch == nil {
				scratch = getBuffer(most)
				defer putBuffer(scratch)
			}
			b = c.gather(scratch.octets[:most])
		} else {
			b = b[:min(len(b), most)]
			c.skip(len(b))
		}
		if _, err := p.session.Write(b); err != nil {
			return fmt.Errorf("secure: encrypting: %w", err)
		}
		octets += len(b)
	}
	p.batch = batch{octets: int32(octets), cipher: int32(len(p.out.octets()))}
	return nil
}

// gather fills b with what comes next, and goes on behind it.
func (c *vector) gather(b []byte) []byte {
	n := 0
	for n < len(b) {
		next := c.next()
		if next == nil {
			break
		}
		k := copy(b[n:], next)
		c.at += k
		n += k
	}
	return b[:n]
}

// push writes what waits to the flow below, and what waits there: nil when
// nothing does any more.
func (p *Poll) push() error {
	below, isLayer := p.below.(flow.Layer)
	if !p.out.isEmpty() || isLayer && below.IsFull() {
		n, err := p.below.TryWrite(p.out.vector())
		p.out.consume(n)
		p.batch.sent += int32(n)
		if err != nil {
			return err
		}
	}
	if p.isClosing && !p.isFinished {
		p.isFinished = true
		return p.below.CloseWrite()
	}
	return nil
}
