package nethttp

import (
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/specht-http/specht/message"
)

// body is the content of a request. The engine calls take in its turns, which
// copies into what somebody reads into. What doesn't fit there, or comes while
// nobody reads, is kept by the engine, until that is too much.
type body struct {
	exchange *exchange
	reader   sync.Mutex // one Read at a time

	mu        sync.Mutex // taken inside of the engine's lock, not around it
	arrived   sync.Cond
	into      []byte // what is left to be filled for the reader
	n         int    // how many octets have been
	err       error  // why no more comes
	trailer   http.Header
	deadline  *time.Timer
	isWaited  bool // the client waits for 100 (Continue), or has waited
	isBegun   bool // the engine calls take
	isPaused  bool // it won't before Resume
	isExpired bool // the deadline has passed
	isClosed  bool
}

func (b *body) begin(e *exchange, isWaited bool) {
	b.exchange, b.isWaited = e, isWaited
	b.arrived.L = &b.mu
}

// Read implements io.Reader. The first one makes a client send that waits for
// 100 (Continue).
func (b *body) Read(p []byte) (n int, err error) {
	b.reader.Lock()
	defer b.reader.Unlock()
	if err := b.offer(p); err != nil || len(p) == 0 {
		return 0, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.n == 0 && b.reason() == nil {
		b.arrived.Wait()
	}
	n, b.n, b.into = b.n, 0, nil
	if n > 0 {
		return n, nil
	}
	return 0, b.reason()
}

// offer has the engine fill p. An error is why it doesn't.
func (b *body) offer(p []byte) error {
	b.mu.Lock()
	if err := b.reason(); err != nil || len(p) == 0 {
		b.mu.Unlock()
		return err
	}
	isBegun, isPaused := b.isBegun, b.isPaused
	b.into, b.isBegun, b.isPaused = p, true, false
	b.mu.Unlock()
	if isBegun && !isPaused {
		return nil
	}
	x := b.exchange.enter()
	if x == nil {
		return http.ErrBodyReadAfterClose
	}
	defer b.exchange.leave()
	switch {
	case isBegun:
		x.Resume()
	case b.isWaited && b.exchange.response.isBegun.Load():
		b.fail(http.ErrBodyReadAfterClose) // who waited may never send
	default:
		if err := x.OnContent(b.take); err != nil {
			b.fail(contentErr(err))
		}
	}
	return nil
}

// take is a message.ContentFunc.
func (b *body) take(x message.Exchange, p []byte, err error) (n int) {
	if err != nil {
		b.mu.Lock()
		b.trailer = readTrailer(x)
		b.mu.Unlock()
		b.fail(contentErr(err))
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	n = copy(b.into, p)
	b.into = b.into[n:]
	b.n += n
	b.isPaused = n < len(p)
	b.arrived.Broadcast()
	return n
}

// readTrailer is the trailer section of x, in a turn of its engine.
func readTrailer(x message.Exchange) http.Header {
	fields := x.Trailers()
	if fields.Len() == 0 {
		return nil
	}
	trailer := make(http.Header)
	for name, value := range fields.All() {
		trailer.Add(string(name), string(value))
	}
	return trailer
}

// fail is that nothing more comes.
func (b *body) fail(err error) {
	b.mu.Lock()
	b.err = err
	b.arrived.Broadcast()
	b.mu.Unlock()
}

// reason is why there is nothing to read any more; nil if there may be. The end
// of the content brings the trailer section.
func (b *body) reason() error {
	switch {
	case b.isClosed:
		return http.ErrBodyReadAfterClose
	case b.err != nil:
		r := &b.exchange.request
		if r.Trailer == nil {
			r.Trailer = b.trailer
		}
		for name, values := range b.trailer {
			r.Trailer[name] = values
		}
		b.trailer = nil
		return b.err
	case b.isExpired:
		return os.ErrDeadlineExceeded
	}
	return nil
}

// Close implements io.Closer. What is left to read is the engine's to discard.
func (b *body) Close() error {
	b.mu.Lock()
	b.isClosed = true
	b.arrived.Broadcast()
	b.mu.Unlock()
	return nil
}

// end is that the handler has returned.
func (b *body) end() {
	if b.exchange == nil { // there is no content
		return
	}
	_ = b.setDeadline(time.Time{})
	_ = b.Close()
}

// setDeadline makes a Read fail that waits at t, and those behind it. The zero
// time is none.
func (b *body) setDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deadline != nil {
		b.deadline.Stop()
	}
	b.deadline, b.isExpired = nil, false
	if t.IsZero() || b.exchange == nil {
		return nil
	}
	var timer *time.Timer
	timer = time.AfterFunc(time.Until(t), func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.deadline == timer {
			b.isExpired = true
			b.arrived.Broadcast()
		}
	})
	b.deadline = timer
	return nil
}

// contentErr is why content ends, as readers in net/http's world know it.
func contentErr(err error) error {
	var fault *message.Fault
	switch {
	case err == message.ErrEnd:
		return io.EOF
	case errors.As(err, &fault) && fault.Limit == "ContentOctets":
		return &http.MaxBytesError{Limit: int64(fault.Value)}
	case errors.As(err, &fault) && (fault.Octet >= 0 || fault.Limit != ""):
		return err
	}
	return &cutError{err}
}

// cutError is content that ends before its end.
type cutError struct{ cause error }

func (e *cutError) Error() string { return "nethttp: the content was cut short: " + e.cause.Error() }

func (e *cutError) Unwrap() []error { return []error{io.ErrUnexpectedEOF, e.cause} }
