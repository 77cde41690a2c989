package main

import (
	"bytes"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// demo is the application that serve serves. Its root is answered in the turn
// of the engine; all other routes may block, so they are handed to workers.
//
// An engine has one handler, which is inline or isn't. This one is, and what
// isn't leaves the turn with a detached exchange: see job.
type demo struct {
	workers *loop.Workers
	pool    *loop.Pool
	server  *specht.Server // which serves it
	stderr  io.Writer      // for panics

	requests atomic.Int64 // exchanges that were begun
	running  atomic.Int64 // handlers on goroutines
	failed   atomic.Int64 // responses that couldn't be sent, or not to their end
	refused  atomic.Int64 // responses that the engine made on its own
}

func newDemo(workers *loop.Workers, pool *loop.Pool, stderr io.Writer) *demo {
	return &demo{workers: workers, pool: pool, stderr: stderr}
}

// options are those of the engines that serve the application, inline.
func (d *demo) options() h1.Options {
	return h1.Options{
		ErrorHandler: func(message.Exchange, *h1.ErrorResponse) { d.refused.Add(1) },
		OnPanic:      d.panicked,
	}
}

// options2 are those of the engines of HTTP/2.
func (d *demo) options2() h2.Options {
	return h2.Options{
		ErrorHandler: func(message.Exchange, *message.ErrorResponse) { d.refused.Add(1) },
		OnPanic:      d.panicked,
	}
}

// panicked tells of a panic, on the goroutine where it was.
func (d *demo) panicked(v any) {
	fmt.Fprintf(d.stderr, "specht: a handler panicked: %v\n%s", v, debug.Stack())
}

var (
	plainText   = []message.Field{{Name: "Content-Type", Value: "text/plain"}}
	octetStream = []message.Field{{Name: "Content-Type", Value: "application/octet-stream"}}
	helloWorld  = []byte("Hello, World!")
)

// Serve implements message.Handler, inside a turn.
func (d *demo) Serve(x message.Exchange) {
	d.requests.Add(1)
	path, query := splitTarget(x.Target())
	if string(path) == "/" && isGet(x) {
		d.count(x.Respond(message.StatusOK, plainText, helloWorld))
		return
	}
	r, parameter := findRoute(path)
	switch {
	case string(path) == "*":
		d.count(x.Respond(message.StatusNoContent, allow("GET", "HEAD", "POST", "OPTIONS"), nil))
	case r == nil:
		d.count(x.Respond(message.StatusNotFound, plainText, []byte("404 Not Found\n\nThe routes are: "+routeNames()+"\n")))
	case !r.allows(x.Method()):
		d.count(x.Respond(message.StatusMethodNotAllowed, append(allow(r.methods...), plainText...),
			[]byte("405 Method Not Allowed\n\n"+r.name+" is for "+strings.Join(r.methods, " and ")+"\n")))
	default:
		d.start(x, r, parameter, string(query))
	}
}

// count counts failures: a peer that has gone is no news for anybody else.
func (d *demo) count(err error) {
	if err != nil {
		d.failed.Add(1)
	}
}

// isGet says whether x asks for content, or would but for the content.
func isGet(x message.Exchange) bool {
	return x.MethodID() == message.MethodGet || x.MethodID() == message.MethodHead
}

// splitTarget is the path of a request-target, and the query without its "?".
// In absolute-form scheme and authority come before them (RFC 9112,
// Section 3.2.2).
func splitTarget(target []byte) (path, query []byte) {
	if len(target) > 0 && target[0] != '/' {
		if _, rest, ok := bytes.Cut(target, []byte("://")); ok {
			target = []byte("/")
			if at := bytes.IndexAny(rest, "/?"); at >= 0 && rest[at] == '/' {
				target = rest[at:]
			} else if at >= 0 {
				target = append(target, rest[at:]...)
			}
		}
	}
	path, query, _ = bytes.Cut(target, []byte("?"))
	return path, query
}

// allow is the field Allow (RFC 9110, Section 10.2.1).
func allow(methods ...string) []message.Field {
	return []message.Field{{Name: "Allow", Value: strings.Join(methods, ", ")}}
}
