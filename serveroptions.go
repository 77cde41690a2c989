package specht

import (
	"errors"
	"fmt"
	"log"
	"net/netip"
	"runtime/debug"
	"time"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// ServerOptions are what a Server can be told. The zero value is good, and its
// limits are on.
type ServerOptions struct {
	// Handler answers the exchanges of each Service that has no Handler of its
	// own. It runs on a goroutine, unless it is message.Inline.
	Handler message.Handler
	// HTTP1 are limits, times and callbacks of HTTP/1.1 and HTTP/1.0. Its
	// Handler, Executor and Scheme are the Server's to fill in. OnPanic, if it
	// is nil, tells the standard logger.
	HTTP1 h1.Options
	// HTTP2 are those of HTTP/2, which is spoken where ALPN agrees on it, and on
	// clear flows that begin with its preface. The same of its fields are the
	// Server's.
	HTTP2 h2.Options
	// NoHTTP1 and NoHTTP2 are that one of them isn't spoken.
	NoHTTP1, NoHTTP2 bool
	// H2CUpgrade lets a request of HTTP/1.1 on a clear flow turn its connection into
	// one of HTTP/2, by `Upgrade: h2c` and HTTP2-Settings (RFC 7540, Section 3.2),
	// if it has no content; any other is answered over HTTP/1.1. RFC 9113,
	// Section 3.1, has made that obsolete, and it is off by default for what it does
	// behind a proxy: one that passes Upgrade on, as none should, doesn't see the
	// requests of HTTP/2 that follow, which thereby come past what it checks. Turn it
	// on where clients need it, and no proxy stands between. Clients that know of
	// HTTP/2 beforehand don't need it: what begins with its preface is HTTP/2.
	H2CUpgrade bool
	// HandlersMax is how many handlers may run on goroutines at once; above
	// that, the answer is 503. 0 for 10,000.
	HandlersMax int

	// Driver is what moves the octets.
	Driver Driver
	// Loops is how many goroutines DriverPoll has, among which connections are
	// dealt out; 0 for one for each processor that Go uses.
	Loops int
	// Loop are limits, times and buffers of the drivers; each of the Loops has
	// its own count of what is limited. Its OnOpenError is the
	// Server's to fill in: it tells OnError.
	Loop loop.Options

	// Grace is how long Serve lets what is under way finish when its context is
	// done; 0 for 10 s, negative for as long as it takes.
	Grace time.Duration
	// OnError is told what went wrong with a connection before it had an
	// engine: a handshake that failed, a protocol that nobody speaks here
	// (*alpn.ProtocolError). The connection is closed then. It may be nil. A
	// driver waits for it. What goes wrong later, HTTP1.ErrorHandler is told,
	// whose exchange knows the peer: see ConnOf.
	OnError func(peer netip.AddrPort, err error)
}

// Driver is one of the two drivers of package loop.
type Driver string

const (
	// DriverAuto is DriverPoll where the platform has it, and DriverGoroutine
	// elsewhere.
	DriverAuto Driver = ""
	// DriverPoll is a few goroutines, each of which polls for thousands of
	// connections (loop.Loops).
	DriverPoll Driver = "poll"
	// DriverGoroutine is a goroutine for each connection (loop.Group).
	DriverGoroutine Driver = "goroutine"
)

const graceDefault = 10 * time.Second

// check says what is wrong with o, and fills in what is left out.
func (o *ServerOptions) check() error {
	switch o.Driver {
	case DriverAuto, DriverPoll, DriverGoroutine:
	default:
		return fmt.Errorf("specht: ServerOptions.Driver is %q: it is %q, %q, or empty", o.Driver, DriverPoll, DriverGoroutine)
	}
	if o.NoHTTP1 && o.NoHTTP2 {
		return errors.New("specht: ServerOptions.NoHTTP1 and NoHTTP2 leave nothing to speak: set one of them")
	}
	if o.H2CUpgrade && (o.NoHTTP1 || o.NoHTTP2) {
		return errors.New("specht: ServerOptions.H2CUpgrade is from HTTP/1.1 to HTTP/2, and NoHTTP1 or NoHTTP2 turns one of them off: leave one of the two out")
	}
	if o.Loop.OnOpenError != nil {
		return errors.New("specht: ServerOptions.Loop.OnOpenError is the server's: leave it nil, and give OnError")
	}
	if o.OnError == nil {
		o.OnError = func(netip.AddrPort, error) {}
	}
	if o.Grace == 0 {
		o.Grace = graceDefault
	}
	return errors.Join(checkHTTP1(&o.HTTP1, "ServerOptions.HTTP1"), checkHTTP2(&o.HTTP2, "ServerOptions.HTTP2"))
}

// checkHTTP1 and checkHTTP2 say what is wrong with o, which is in a field of that
// name.
func checkHTTP1(o *h1.Options, name string) error {
	return checkOwn(name, o.Handler != nil, o.Executor != nil, o.Scheme != "")
}

func checkHTTP2(o *h2.Options, name string) error {
	return checkOwn(name, o.Handler != nil, o.Executor != nil, o.Scheme != "")
}

// checkOwn says which of the server's own options somebody has set.
func checkOwn(name string, hasHandler, hasExecutor, hasScheme bool) error {
	wrong := func(field, why string) error {
		return fmt.Errorf("specht: %s.%s is the server's: %s", name, field, why)
	}
	switch {
	case hasHandler:
		return wrong("Handler", "give ServerOptions.Handler or Service.Handler")
	case hasExecutor:
		return wrong("Executor", "HandlersMax says how many handlers it runs")
	case hasScheme:
		return wrong("Scheme", "it is https on encrypted flows")
	}
	return nil
}

// logPanic is what OnPanic is if nobody says otherwise. It runs where the panic
// was.
func logPanic(v any) {
	log.Printf("specht: a handler panicked: %v\n%s", v, debug.Stack())
}
