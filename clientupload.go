package specht

import (
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/specht-http/specht/message"
)

// upload is the content of a request on its way, which a goroutine reads and
// writes. It copies: a connection is idle only when it has given back what it
// was lent, which may be after its next request is there. What waits for 100
// (Continue) is lent: so it is known whether it has gone out.
type upload struct {
	content  io.Reader
	left     int64 // octets; -1 if nobody knows
	trailers func() []message.Field
	isLent   bool
	sent     atomic.Int64 // octets
	closing  sync.Once
}

// uploadOctets is how much content is read at a time, and emptyReadsMax how often
// in a row a reader may give nothing and no error, as in package bufio.
const (
	uploadOctets  = 32 << 10
	emptyReadsMax = 100
)

func newUpload(content io.Reader, h *message.RequestHead, trailers func() []message.Field) *upload {
	expects := slices.ContainsFunc(h.Fields, func(f message.Field) bool { return strings.EqualFold(f.Name, "Expect") })
	return &upload{content: content, left: h.ContentLength, trailers: trailers, isLent: expects}
}

// close closes the content, if there is any, once.
func (u *upload) close() {
	if u != nil {
		u.closing.Do(func() { closeContent(u.content) })
	}
}

// run sends the content on e. What fails because the exchange is over, others
// tell.
func (u *upload) run(e *exchange) {
	defer u.close()
	err := u.send(e)
	var read *readError
	var field *message.FieldError
	var length *message.LengthError
	if errors.As(err, &read) || errors.As(err, &field) || errors.As(err, &length) {
		e.fail(StageSending, err)
	}
}

// readError is content of a request that can't be read.
type readError struct{ error }

func (e *readError) Error() string { return "reading the content of the request: " + e.error.Error() }
func (e *readError) Unwrap() error { return e.error }

// send reads and writes until the end. Where the length is known, what is behind
// isn't read, and the end is told together with the last octets: otherwise the
// response might be there before, as that to a request which hasn't ended.
func (u *upload) send(e *exchange) error {
	size := int64(uploadOctets)
	if u.left >= 0 {
		size = min(size, u.left)
	}
	p := make([]byte, size)
	for empties := 0; ; {
		n, err := u.content.Read(u.room(p))
		if empties++; n > 0 {
			empties = 0
		}
		if u.left >= 0 {
			u.left -= int64(n)
		}
		if u.left == 0 {
			return u.last(e, p[:n])
		}
		if err := u.write(e, p[:n]); err != nil {
			return err
		}
		switch {
		case err == io.EOF && u.trailers != nil:
			return e.End(u.trailers()...)
		case err == io.EOF:
			return e.End() // which says how much is missing
		case err != nil:
			return &readError{err}
		case empties == emptyReadsMax:
			return &readError{io.ErrNoProgress}
		}
	}
}

// room is as much of p as may be read.
func (u *upload) room(p []byte) []byte {
	if u.left >= 0 && u.left < int64(len(p)) {
		return p[:u.left]
	}
	return p
}

// write writes p, all of it or nothing.
func (u *upload) write(x message.ClientExchange, p []byte) error {
	if u.isLent {
		return x.WriteLent(slices.Clone(p), func(err error) {
			if err == nil {
				u.sent.Add(int64(len(p)))
			}
		})
	}
	_, err := x.Write(p)
	if err == nil {
		u.sent.Add(int64(len(p)))
	}
	return err
}

// last writes p, and ends the content, in one turn.
func (u *upload) last(e *exchange, p []byte) (err error) {
	for {
		e.conn.turn(func() {
			if err = u.write(e.inTurn, p); err == nil {
				err = e.inTurn.End()
			}
		})
		if err != message.ErrWouldBlock {
			return err
		}
		if err := e.Flush(); err != nil {
			return err
		}
	}
}
