package nethttp

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/specht-http/specht/message"
)

// response is the http.ResponseWriter. Its life is that of net/http's:
//
//	decide   WriteHeader, or the first Write: status and fields are settled
//	commit   more is written than the buffer holds, or Flush, or the handler
//	         has returned: what is still open of the head follows from the
//	         content so far, and the head goes to the engine
//	finish   the handler has returned
type response struct {
	exchange *exchange
	header   http.Header // the handler's
	scratch  *scratch    // from decide on
	trailers []string    // names that the head announces

	status   int   // 0 until it is decided
	declared int64 // octets, by Content-Length; -1 if it wasn't
	written  int64 // octets

	// What decide has found among the fields:
	hasType     bool // Content-Type: nothing is to be detected
	hasCoding   bool // Content-Encoding: nothing can be
	hasTransfer bool // Transfer-Encoding: no length is wanted
	hasTrailers bool // there will be a trailer section

	isBegun       atomic.Bool // the head has been given to the engine
	isExpired     atomic.Bool // the write deadline has passed
	isHijacked    bool
	hasComplained bool
	deadline      *time.Timer
}

var _ interface {
	http.ResponseWriter
	http.Flusher
	http.Hijacker
	io.ReaderFrom
	io.StringWriter
} = (*response)(nil)

func (w *response) begin(e *exchange) { w.exchange, w.declared = e, -1 }

// Header implements http.ResponseWriter.
func (w *response) Header() http.Header {
	if w.header == nil {
		w.header = make(http.Header)
	}
	return w.header
}

// WriteHeader implements http.ResponseWriter. A status of 1xx, but for 101, is
// an interim response: it goes out at once, and another one follows.
func (w *response) WriteHeader(status int) {
	x := w.exchange.enter()
	if x == nil {
		return
	}
	defer w.exchange.leave()
	switch {
	case w.isHijacked:
		w.complain("WriteHeader on a hijacked connection")
	case w.status != 0:
		w.complain("superfluous WriteHeader")
	case status < 100 || status > 599:
		panic(fmt.Sprintf("nethttp: invalid WriteHeader code %d: a status is 100 to 599", status))
	case status < 200 && status != http.StatusSwitchingProtocols:
		w.interim(x, status)
	default:
		w.decide(status)
	}
}

// Write implements http.ResponseWriter.
func (w *response) Write(p []byte) (n int, err error) { return write(w, p) }

// WriteString implements io.StringWriter.
func (w *response) WriteString(s string) (n int, err error) { return write(w, s) }

func write[T string | []byte](w *response, p T) (n int, err error) {
	x := w.exchange.enter()
	if x == nil {
		return 0, message.ErrOver
	}
	defer w.exchange.leave()
	if err := w.admit(len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	content := &w.scratch.content
	if room := bufferOctets - len(*content); len(p) > room && room < bufferOctets {
		n = room
		*content = append(*content, p[:n]...) // what is there goes first, filled up
		if err := w.flush(x); err != nil {
			return 0, err
		}
	}
	if len(p)-n > bufferOctets {
		if err := w.give(x, []byte(p[n:])); err != nil {
			return n, err
		}
		return len(p), nil
	}
	*content = append(*content, p[n:]...)
	return len(p), nil
}

// admit says whether n more octets may be written.
func (w *response) admit(n int) error {
	if w.isHijacked {
		return http.ErrHijacked
	}
	if w.status == 0 {
		w.decide(http.StatusOK)
	}
	switch {
	case n == 0:
		return nil
	case !mayHaveContent(w.status):
		return http.ErrBodyNotAllowed
	}
	w.written += int64(n)
	if w.declared >= 0 && w.written > w.declared {
		return http.ErrContentLength
	}
	return nil
}

// mayHaveContent says whether a response of this status may have content
// (RFC 9110, Section 6.4.1).
func mayHaveContent(status int) bool {
	switch status {
	case http.StatusSwitchingProtocols, http.StatusNoContent, http.StatusResetContent, http.StatusNotModified:
		return false
	}
	return true
}

// isHead says whether content is measured and not sent.
func (w *response) isHead() bool { return w.exchange.request.Method == http.MethodHead }

// flush gives what is in the buffer to the engine.
func (w *response) flush(x message.Exchange) error {
	err := w.give(x, w.scratch.content)
	w.scratch.content = w.scratch.content[:0]
	return err
}

// give gives content to the engine, and the head before it.
func (w *response) give(x message.Exchange, p []byte) error {
	if !w.isBegun.Load() {
		if err := w.commit(x, p); err != nil {
			return w.why(err)
		}
	}
	if len(p) == 0 || w.isHead() {
		return nil
	}
	_, err := x.Write(p)
	return w.why(err)
}

// why is err as handlers know it.
func (w *response) why(err error) error {
	if err != nil && w.isExpired.Load() {
		return os.ErrDeadlineExceeded
	}
	return err
}

// ReadFrom implements io.ReaderFrom.
func (w *response) ReadFrom(r io.Reader) (n int64, err error) {
	buffer := copies.Get().(*[copyOctets]byte)
	defer copies.Put(buffer)
	return io.CopyBuffer(struct{ io.Writer }{w}, r, buffer[:])
}

// Flush implements http.Flusher.
func (w *response) Flush() { _ = w.FlushError() }

// FlushError is Flush for an http.ResponseController. It hands over what was
// written; the engine sends it as soon as the peer takes it.
func (w *response) FlushError() error {
	x := w.exchange.enter()
	if x == nil {
		return message.ErrOver
	}
	defer w.exchange.leave()
	if w.isHijacked {
		return http.ErrHijacked
	}
	if w.status == 0 {
		w.decide(http.StatusOK)
	}
	if err := w.flush(x); err != nil {
		return err
	}
	return w.why(x.Err())
}

// finish ends the response: the handler has returned.
func (w *response) finish() {
	x := w.exchange.enter()
	defer w.exchange.leave()
	if w.isHijacked {
		return
	}
	if w.status == 0 {
		w.decide(http.StatusOK)
	}
	if !w.isBegun.Load() && w.isWhole() {
		_ = w.respond(x) // the peer has gone, or has been told by the engine what was wrong
		return
	}
	if w.flush(x) != nil {
		return
	}
	if w.declared >= 0 && w.written < w.declared && mayHaveContent(w.status) && !w.isHead() {
		_ = x.Flush() // what there is goes out, and then the connection is cut
		x.Reset()
		return
	}
	_ = w.end(x)
}

// cut gives the response up.
func (w *response) cut() {
	if x := w.exchange.enter(); x != nil {
		defer w.exchange.leave()
		x.Reset()
	}
}

// release is that nobody can use it any more.
func (w *response) release() {
	if w.deadline != nil {
		w.deadline.Stop()
	}
	if w.scratch != nil {
		w.scratch.giveBack()
		w.scratch = nil
	}
}
