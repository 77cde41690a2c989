package secure

import "sync"

// bufferOctets is the size of a buffer: what one operation on the flow below
// moves, and room for what encryption adds to it.
const (
	bufferOctets = 64<<10 + 2048
	recordOctets = 16 << 10 // the most that is encrypted together
	batchOctets  = 64 << 10 // the most that is encrypted before it is written
)

// buffers are shared by all flows: they have one while octets wait, or move.
var buffers = sync.Pool{New: func() any { return new(buffer) }}

// buffer is octets, and a vector to hand them on with.
type buffer struct {
	octets [bufferOctets]byte
	vector [1][]byte
}

// getBuffer takes one.
func getBuffer() *buffer { return buffers.Get().(*buffer) }

// putBuffer gives one back.
func putBuffer(b *buffer) { buffers.Put(b) }

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

// room is where more of them go, of one octet at least unless the buffer is
// full; see extend.
func (b *backlog) room() []byte {
	if b.buffer == nil {
		b.buffer, b.start, b.end = getBuffer(), 0, 0
	}
	return b.buffer.octets[b.end:]
}

// extend takes in the first n octets of room.
func (b *backlog) extend(n int) {
	b.end += int32(n)
	b.tidy()
}

// put appends as much of p as there is room for.
func (b *backlog) put(p []byte) int {
	n := copy(b.room(), p)
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
