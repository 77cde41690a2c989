package nethttp

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/specht-http/specht/message"
)

// Push implements http.Pusher: target is a path, or an URL of the request's own scheme
// and host. It is http.ErrNotSupported where nothing can be pushed: over HTTP/1, to a
// client that takes nothing, or no more at once.
func (w *response) Push(target string, opts *http.PushOptions) error {
	x := w.exchange.enter()
	if x == nil {
		return message.ErrOver
	}
	defer w.exchange.leave()
	if w.isHijacked {
		return http.ErrHijacked
	}
	h := message.RequestHead{Target: target}
	if !strings.HasPrefix(target, "/") {
		u, err := url.Parse(target)
		if err != nil {
			return err
		}
		if u.Scheme != string(x.Scheme()) {
			return &message.RequestError{Part: "request-target", Value: target, Why: "what is pushed has the scheme of its request: use its path"}
		}
		h.Authority, h.Target = u.Host, u.RequestURI()
	}
	if opts != nil {
		h.Method = opts.Method
		for name, values := range opts.Header {
			for _, value := range values {
				h.Fields = append(h.Fields, message.Field{Name: name, Value: value})
			}
		}
		slices.SortStableFunc(h.Fields, func(a, b message.Field) int { return strings.Compare(a.Name, b.Name) })
	}
	err := x.Push(&h)
	if e := new(message.PushError); errors.As(err, &e) {
		return http.ErrNotSupported
	}
	return err
}
