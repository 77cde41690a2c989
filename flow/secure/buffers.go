package secure

import "sync"

const (
	bufferOctets = 64<<10 + 2048 // what one operation on the flow below moves, and room for what encryption adds to it
	recordOctets = 16 << 10      // the most that is encrypted together
	cipherOctets = 18 << 10      // what a record is at most, encrypted
	batchOctets  = 64 << 10      // the most that is encrypted before it is written
)

// sizes are how large buffers are: the largest for octets that move, and all of
// them for octets that wait.
var sizes = [...]int{1 << 10, 4 << 10, cipherOctets, bufferOctets}

// buffers are shared by all flows: they have one while octets wait, or move.
var buffers [len(sizes)]sync.Pool

// buffer is octets, and a vector to hand them on with.
type buffer struct {
	octets []byte
	size   int // its place in sizes
	vector [1][]byte
}

// sizeOf is the place of the smallest size for n octets, or of the largest.
func sizeOf(n int) int {
	for size, octets := range sizes {
		if n <= octets {
			return size
		}
	}
	return len(sizes) - 1
}

// getBuffer takes one for n octets, or one of the largest.
func getBuffer(n int) *buffer {
	size := sizeOf(n)
	if b, ok := buffers[size].Get().(*buffer); ok {
		return b
	}
	return &buffer{octets: make([]byte, sizes[size]), size: size}
}

// putBuffer gives one back.
func putBuffer(b *buffer) {
	b.vector[0] = nil
	buffers[b.size].Put(b)
}

// backlog is octets that wait, in a buffer that is there while they do.
type backlog struct {
	buffer     *buffer
	start, end int32
}

// octets are those that wait.
func (b *backlog) octets() []byte {
	if b.buffer == nil {
		return nil
	}
	return b.buffer.octets[b.start:b.end]
}

// vector is those that wait as TryWrite takes them, or nil.
func (b *backlog) vector() [][]byte {
	if b.buffer == nil {
		return nil
	}
	b.buffer.vector[0] = b.octets()
	return b.buffer.vector[:]
}

// isEmpty says whether none wait.
func (b *backlog) isEmpty() bool { return b.start == b.end }

// held is how many octets the buffer has.
func (b *backlog) held() int {
	if b.buffer == nil {
		return 0
	}
	return len(b.buffer.octets)
}

// room is where n more of them go, or as many as the largest buffer has room for;
// see extend.
func (b *backlog) room(n int) []byte {
	switch {
	case b.buffer == nil:
		b.buffer = getBuffer(n)
	case n > len(b.buffer.octets)-int(b.end):
		b.move(len(b.octets()) + n)
	}
	rest := b.buffer.octets[b.end:]
	return rest[:min(n, len(rest))]
}

// move puts what waits into a buffer for n octets, at its front.
func (b *backlog) move(n int) {
	old := b.buffer
	if sizeOf(n) == old.size {
		b.start, b.end = 0, int32(copy(old.octets, b.octets()))
		return
	}
	b.buffer = getBuffer(n)
	b.start, b.end = 0, int32(copy(b.buffer.octets, old.octets[b.start:b.end]))
	putBuffer(old)
}

// rest is that what waits may wait for long: it has a buffer that is not much
// larger from here on.
func (b *backlog) rest() {
	if b.buffer != nil && sizeOf(len(b.octets())) < b.buffer.size {
		b.move(len(b.octets()))
	}
}

// extend takes in the first n octets of room.
func (b *backlog) extend(n int) {
	b.end += int32(n)
	b.tidy()
}

// put appends as much of p as there is room for.
func (b *backlog) put(p []byte) int {
	n := copy(b.room(len(p)), p)
	b.extend(n)
	return n
}

// take moves octets from the front to p.
func (b *backlog) take(p []byte) int {
	n := copy(p, b.octets())
	b.consume(n)
	return n
}

// consume drops n octets from the front.
func (b *backlog) consume(n int) {
	b.start += int32(n)
	b.tidy()
}

// tidy gives the buffer back when nothing is in it.
func (b *backlog) tidy() {
	if b.start == b.end {
		b.drop()
	}
}

// drop lets everything go.
func (b *backlog) drop() {
	if b.buffer != nil {
		putBuffer(b.buffer)
	}
	*b = backlog{}
}
