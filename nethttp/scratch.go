package nethttp

import (
	"sync"

	"github.com/specht-http/specht/message"
)

// bufferOctets is how much content is kept until the handler has returned or
// written more: what fits is sent with its length. It is what net/http has.
const bufferOctets = 2048

// copyOctets is how much ReadFrom reads at once.
const copyOctets = 32 << 10

// scratch is memory that responses share, one after the other. It never leaves
// this package.
type scratch struct {
	content []byte // written, and not given to the engine yet
	fields  []message.Field
	names   []string
}

var (
	scratches = sync.Pool{New: func() any { return &scratch{content: make([]byte, 0, bufferOctets)} }}
	copies    = sync.Pool{New: func() any { return new([copyOctets]byte) }}
)

// giveBack makes s another response's.
func (s *scratch) giveBack() {
	clear(s.fields[:cap(s.fields)])
	clear(s.names[:cap(s.names)])
	s.content, s.fields, s.names = s.content[:0], s.fields[:0], s.names[:0]
	scratches.Put(s)
}
