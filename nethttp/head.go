package nethttp

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/specht-http/specht/message"
)

// decide settles status and fields. What the handler does to its fields
// afterwards concerns the trailer section alone.
func (w *response) decide(status int) {
	w.status = status
	w.scratch = scratches.Get().(*scratch)
	s := w.scratch
	for name := range w.header {
		s.names = append(s.names, name)
	}
	slices.Sort(s.names)
	hasClose, isHTTP2 := false, w.exchange.request.ProtoMajor == 2
	for _, name := range s.names {
		values := w.header[name]
		switch {
		case strings.HasPrefix(name, http.TrailerPrefix):
			w.hasTrailers = true
			continue
		case name == "Content-Length":
			w.declare(values)
			continue
		case name == "Transfer-Encoding":
			w.hasTransfer = len(values) > 0 && values[0] != ""
			continue
		case isHTTP2 && isOfHTTP1(name):
			continue
		case name == "Connection":
			hasClose = slices.ContainsFunc(values, isClose)
			continue
		case name == "Content-Type":
			w.hasType = true
			if status == http.StatusNotModified {
				continue
			}
		case name == "Content-Encoding":
			w.hasCoding = len(values) > 0 && values[0] != ""
		case name == "Trailer":
			w.announce(values)
		}
		for _, value := range values {
			s.fields = append(s.fields, message.Field{Name: name, Value: fieldValue(value)})
		}
	}
	if hasClose {
		s.fields = append(s.fields, message.Field{Name: "Connection", Value: "close"})
	}
	if w.hasTransfer && w.declared >= 0 {
		w.complain("WriteHeader with both a Transfer-Encoding and a Content-Length, which is left out,")
		w.declared = -1
	}
}

// isOfHTTP1 says whether a field is about a connection of HTTP/1.1. Over HTTP/2 it
// is left out, as net/http does (RFC 9113, Section 8.2.2).
func isOfHTTP1(name string) bool {
	switch name {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade":
		return true
	}
	return false
}

// isClose says whether a value of Connection has the option close.
func isClose(value string) bool {
	for option := range elements(value) {
		if strings.EqualFold(option, "close") {
			return true
		}
	}
	return false
}

// declare takes the length that the handler declares.
func (w *response) declare(values []string) {
	if len(values) == 0 || values[0] == "" {
		return
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || n < 0 {
		w.complain(fmt.Sprintf("invalid Content-Length of %q", values[0]))
		delete(w.header, "Content-Length")
		return
	}
	w.declared = n
}

// announce takes the names that the handler announces for the trailer section.
func (w *response) announce(values []string) {
	w.hasTrailers = true
	for _, value := range values {
		for name := range elements(value) {
			if name = http.CanonicalHeaderKey(name); isTrailer(name) {
				w.trailers = append(w.trailers, name)
			}
		}
	}
}

// fieldValue is a value as net/http sends it: without white space around it,
// and in one line.
func fieldValue(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		value = newlineToSpace.Replace(value)
	}
	return textproto.TrimString(value)
}

var newlineToSpace = strings.NewReplacer("\n", " ", "\r", " ")

// isWhole says whether the content is all in the buffer, and can be sent with
// its length: the handler has returned, and the head isn't out.
func (w *response) isWhole() bool {
	n := int64(len(w.scratch.content))
	switch {
	case !mayHaveContent(w.status):
		return true
	case w.declared >= 0:
		return w.declared == n
	}
	// Whether a GET would get nothing, or the handler has looked for HEAD,
	// isn't known.
	return !w.hasTrailers && !w.hasTransfer && (n > 0 || !w.isHead())
}

// respond sends the whole response.
func (w *response) respond(x message.Exchange) error {
	w.detect(w.scratch.content)
	return w.headErr(w.sendable(&w.scratch.fields, func(fields []message.Field) error {
		return x.Respond(message.Status(w.status), fields, w.scratch.content)
	}))
}

// commit begins the response. p is what its content begins with.
func (w *response) commit(x message.Exchange, p []byte) error {
	w.isBegun.Store(true)
	w.detect(p)
	length := w.declared
	if !mayHaveContent(w.status) {
		length = -1
	}
	return w.headErr(w.sendable(&w.scratch.fields, func(fields []message.Field) error {
		return x.Start(message.Status(w.status), fields, length)
	}))
}

// headErr tells of a status that can't be sent so, such as 101 without Hijack:
// the engine answers 500.
func (w *response) headErr(err error) error {
	if refused, isRefused := errors.AsType[*message.StatusError](err); isRefused {
		w.complain(refused.Error() + ";")
	}
	return err
}

// detect adds a Content-Type for content that begins with p, if the handler has
// said nothing of it.
func (w *response) detect(p []byte) {
	if len(p) > 0 && !w.hasType && !w.hasCoding && !w.hasTransfer && mayHaveContent(w.status) {
		w.scratch.fields = append(w.scratch.fields, message.Field{Name: "Content-Type", Value: http.DetectContentType(p)})
	}
}

// sendable sends fields, without those that the engine refuses.
func (w *response) sendable(fields *[]message.Field, send func([]message.Field) error) error {
	for {
		err := send(*fields)
		refused, isRefused := errors.AsType[*message.FieldError](err)
		if !isRefused {
			return err
		}
		w.complain(refused.Error() + ", and is left out;")
		*fields = slices.Delete(*fields, refused.Index, refused.Index+1)
	}
}

// interim sends an interim response with the fields that the handler has set so
// far. A peer that can't have one gets none.
func (w *response) interim(x message.Exchange, status int) {
	var fields []message.Field
	for name, values := range w.header {
		switch name {
		case "Content-Length", "Transfer-Encoding", "Connection":
			continue
		}
		for _, value := range values {
			fields = append(fields, message.Field{Name: name, Value: fieldValue(value)})
		}
	}
	slices.SortStableFunc(fields, func(a, b message.Field) int { return strings.Compare(a.Name, b.Name) })
	_ = w.sendable(&fields, func(fields []message.Field) error { return x.Interim(message.Status(status), fields) })
}

// end ends the response with its trailer section: the fields that were announced,
// and those whose names have http.TrailerPrefix.
func (w *response) end(x message.Exchange) error {
	var fields []message.Field
	add := func(name string, values []string) {
		for _, value := range values {
			fields = append(fields, message.Field{Name: name, Value: fieldValue(value)})
		}
	}
	for _, name := range w.trailers {
		add(name, w.header[name])
	}
	for name, values := range w.header {
		if name, ok := strings.CutPrefix(name, http.TrailerPrefix); ok {
			add(name, values)
		}
	}
	err := w.sendable(&fields, func(fields []message.Field) error { return x.End(fields...) })
	if err == message.ErrNoTrailers { // a peer that can't have them does without
		return x.End()
	}
	return err
}

// complain tells of a mistake of the handler, once for each response, and where
// it was made.
func (w *response) complain(what string) {
	if w.hasComplained {
		return
	}
	w.hasComplained = true
	at := caller()
	w.exchange.bridge.log.Printf("nethttp: %s from %s (%s:%d)", what, at.Function, path.Base(at.File), at.Line)
}

// caller is the innermost function that may have made a mistake.
func caller() (frame runtime.Frame) {
	var counters [16]uintptr
	frames := runtime.CallersFrames(counters[:runtime.Callers(2, counters[:])])
	for isMore := true; isMore; {
		frame, isMore = frames.Next()
		isBetween := func(prefix string) bool { return strings.HasPrefix(frame.Function, prefix) }
		if !slices.ContainsFunc(between, isBetween) {
			break
		}
	}
	return frame
}

// between are what stands between a handler and a complaint.
var between = []string{"github.com/specht-http/specht/nethttp.", "net/http.", "io."}
