package h2

import (
	"github.com/specht-http/specht/internal/transit"
	"github.com/specht-http/specht/message"
)

// sending is the content of a message on its way out, and what ends it. Content
// that no window has room for stays in the queue; what has room is framed at
// once, and is the connection's from then on.
type sending struct {
	owner    sender
	stream   *Stream // nil while it waits for a place, and once it is of no use
	queue    transit.Queue
	declared int64  // octets, -1 if unknown
	written  int64  // octets that the application has written
	framedAt uint64 // where in the output of the connection the last frame ends
	trailers []message.Field

	isEnding   bool // the message ends behind the queue
	isMeasured bool // content is counted, and not sent: to HEAD, or with 304
	isBare     bool // the status has no content
	isWaiting  bool // content waits for 100 (Continue)

	isReady   bool
	readyIn   uint8
	nextReady *sending
}

// outgoing implements sender.
func (x *sending) outgoing() *sending { return x }

// isSending says whether something is left to be framed.
func (x *sending) isSending() bool { return x.queue.Size() > 0 || x.isEnding }

// count is that n octets of content are to be sent. It fails if that is more
// than was declared.
func (x *sending) count(n int) error {
	if x.declared >= 0 && x.written+int64(n) > x.declared {
		return &message.LengthError{Declared: x.declared, Written: x.written + int64(n)}
	}
	x.written += int64(n)
	return nil
}

// checkEnd fails if less was written than was declared.
func (x *sending) checkEnd() error {
	if x.declared >= 0 && x.written != x.declared {
		return &message.LengthError{Declared: x.declared, Written: x.written}
	}
	return nil
}

// fieldsOctets is what fields take, names and values, without what stands
// between.
func fieldsOctets(fields []message.Field) int {
	n := 0
	for i := range fields {
		n += len(fields[i].Name) + len(fields[i].Value)
	}
	return n
}
