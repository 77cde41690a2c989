package h1

import (
	"strconv"

	"github.com/specht-http/specht/message"
)

// outgoing is how the content of a message is framed that goes out, and how
// much of it has.
type outgoing struct {
	framing  framing
	declared int64 // octets, -1 if unknown
	written  int64 // octets of content
}

// count is that n octets of content are to be sent. It fails if that is more
// than was declared.
func (o *outgoing) count(n int) error {
	if o.declared >= 0 && o.written+int64(n) > o.declared {
		return &message.LengthError{Declared: o.declared, Written: o.written + int64(n)}
	}
	o.written += int64(n)
	return nil
}

// checkEnd fails if less was sent than was declared.
func (o *outgoing) checkEnd() error {
	if o.framing == framingFixed && o.written != o.declared {
		return &message.LengthError{Declared: o.declared, Written: o.written}
	}
	return nil
}

// appendBefore and appendAfter are what stands around n octets of content: the
// line of a chunk, and the CRLF behind it (RFC 9112, Section 7.1).
func (o *outgoing) appendBefore(dst []byte, n int) []byte {
	if o.framing == framingChunked {
		dst = append(strconv.AppendInt(dst, int64(n), 16), "\r\n"...)
	}
	return dst
}

func (o *outgoing) appendAfter(dst []byte) []byte {
	if o.framing == framingChunked {
		dst = append(dst, "\r\n"...)
	}
	return dst
}
