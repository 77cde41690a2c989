// Package message has the words of RFC 9110 that every version of HTTP shares,
// and what an application sees of a request and its response.
//
// Nouns: a [Method], a [Status], a [Version], a [Field] that is sent and
// [Fields] that were received. An [Exchange] is one request and its response.
// A [Handler] answers exchanges.
//
// Verbs are the Exchange's: it is asked about the request, its content is read,
// and it is answered: by Respond in one call, or by Start, Write and End.
//
// # Where a handler runs
//
// A handler runs on a goroutine of its own, where it may block. One that is
// made by [Inline] promises not to: it runs inside the turn of the engine,
// without a lock and without a switch of goroutines, and whatever would have to
// wait is [ErrWouldBlock] instead. An inline handler that has to wait registers
// for what it waits for (OnContent, OnFlushed), or takes a handle by Detach,
// which any goroutine may use at any later time.
//
// # Strictness
//
// What an application sends passes the same machines as what a peer sends, so
// a field value with a line break in it is an error of the call that brought
// it, and never a second response on the wire. Framing is the engine's:
// Content-Length, Transfer-Encoding and Connection are not an application's to
// set.
//
// # Lifetime
//
// Octets of a request are lent. Fields, the request-target and all else that
// an Exchange answers by slices is valid until the exchange ends: for a handler
// on a goroutine, not before it returns. Content is valid while the callback
// runs that brings it.
package message
