package nethttp

import (
	"context"
	"log"
	"net"
	"net/http"
	"net/url"

	"github.com/specht-http/specht/message"
)

// Options are what a Handler can be told. The zero value is good.
type Options struct {
	// BaseContext is what the contexts of requests are made of; nil for
	// context.Background. When it is done, so are they.
	BaseContext context.Context
	// ErrorLog is told of mistakes of handlers that there is no error for, such
	// as a second WriteHeader; nil for the log package's standard logger.
	ErrorLog *log.Logger
	// LocalAddr is what contexts say under http.LocalAddrContextKey; nil for
	// nothing.
	LocalAddr net.Addr
}

// Handler answers exchanges by h. A request's RemoteAddr is what its
// Exchange.About is, if that is a string or a fmt.Stringer (a netip.AddrPort,
// a net.Addr), and empty if not: a string costs nothing for each request. Its TLS
// is set if that has a method Security, as a specht.Conn has.
func Handler(h http.Handler, o Options) message.Handler {
	if h == nil {
		panic("nethttp: bug: Handler without an http.Handler")
	}
	if o.ErrorLog == nil {
		o.ErrorLog = log.Default()
	}
	ctx := o.BaseContext
	if ctx == nil {
		ctx = context.Background()
	}
	ctx = context.WithValue(ctx, http.ServerContextKey, &http.Server{Handler: h, ErrorLog: o.ErrorLog})
	if o.LocalAddr != nil {
		ctx = context.WithValue(ctx, http.LocalAddrContextKey, o.LocalAddr)
	}
	return &bridge{h, ctx, o.ErrorLog}
}

// plainText is the type of an answer that repeats what the peer has sent: no
// browser is to guess that it is HTML.
var plainText = []message.Field{{Name: "Content-Type", Value: "text/plain; charset=utf-8"}}

// bridge is an http.Handler as a message.Handler.
type bridge struct {
	handler http.Handler
	base    context.Context
	log     *log.Logger
}

// Serve implements message.Handler.
func (b *bridge) Serve(x message.Exchange) {
	e := newExchange(b, x)
	if err := e.read(x); err != nil {
		_ = x.Respond(message.StatusBadRequest, plainText, []byte("400 Bad Request\n\n"+err.Error()+"\n")) // the peer may have gone
		return
	}
	defer e.over()
	if e.request.RequestURI == "*" && e.request.Method == http.MethodOptions {
		e.response.Header().Set("Content-Length", "0") // about the server: no application's to answer
	} else {
		b.handler.ServeHTTP(&e.response, &e.request)
	}
	e.isReturned = true
}

// exchange is one exchange as net/http sees it. It is a single piece of memory,
// and not used again: a handler may keep any part of it.
type exchange struct {
	gate
	bridge     *bridge
	request    http.Request
	url        url.URL
	context    requestContext
	body       body
	response   response
	isReturned bool // the handler has, and didn't panic
}

func newExchange(b *bridge, x message.Exchange) *exchange {
	e := &exchange{bridge: b}
	e.gate.x = x
	e.context.Context, e.context.gate = b.base, &e.gate
	e.response.begin(e)
	return e
}

// over is deferred: the handler has returned, or panicked, or ended its
// goroutine.
func (e *exchange) over() {
	if e.isReturned {
		e.response.finish()
		e.end()
		return
	}
	v := recover()
	if v == nil || v == http.ErrAbortHandler {
		e.response.cut()
		e.end()
		return
	}
	e.end()
	panic(v) // the frames of the handler are still below this one
}

// end takes everything from whoever may have kept a part of the exchange.
func (e *exchange) end() {
	e.gate.close()
	e.context.cancel(context.Canceled)
	e.body.end()
	e.response.release()
	if form := e.request.MultipartForm; form != nil {
		_ = form.RemoveAll() // temporary files: nobody is left to be told
	}
}
