package nethttp

import (
	"time"
)

// What an http.ResponseController asks for, besides Flush and Hijack.

// SetReadDeadline makes reads of the request's content fail after t.
func (w *response) SetReadDeadline(t time.Time) error { return w.exchange.body.setDeadline(t) }

// SetWriteDeadline cuts the response at t, if it isn't with the engine by then:
// writes fail, and the connection is closed. No later deadline mends that.
func (w *response) SetWriteDeadline(t time.Time) error {
	if w.deadline != nil {
		w.deadline.Stop()
		w.deadline = nil
	}
	switch d := time.Until(t); {
	case t.IsZero():
	case d <= 0:
		w.expire()
	default:
		w.deadline = time.AfterFunc(d, w.expire)
	}
	return nil
}

func (w *response) expire() {
	w.isExpired.Store(true)
	w.cut()
}

// EnableFullDuplex has nothing to do: content can always be read while the
// response is written.
func (w *response) EnableFullDuplex() error { return nil }

// CloseNotify implements http.CloseNotifier, for what still asks for it instead
// of the request's context.
func (w *response) CloseNotify() <-chan bool {
	gone := make(chan bool, 1)
	w.exchange.context.AfterFunc(func() { gone <- true })
	return gone
}
