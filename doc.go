// Package specht serves HTTP, and speaks it as a client, over engines whose
// protocol logic is generated from specifications (packages h1 and message).
// It is the composition of the parts that lie below: flows, loops, engines and
// goroutines for handlers. Who needs another composition takes the parts.
//
// Nouns: a [Server] serves each [Service] that it is given: an address, or a
// listener of the caller's; clear or encrypted; and a handler. Start gives an
// [Endpoint] once somebody listens there. A handler finds what is known of its
// connection, a [Conn], by [ConnOf].
//
// A [Client] sends each [Request] over connections that it keeps, and gives its
// [Response]. Whoever wants to see each connection takes h1.Client.
//
// A handler is a message.Handler. One that was written for net/http becomes one
// by nethttp.Handler.
//
// # Safe defaults
//
// Whatever a peer can make grow, or hold, has a limit: heads, content and
// responses under way (h1.Options), connections, handshakes, and peers that
// don't read (loop.Options), handlers (ServerOptions.HandlersMax); a client's
// connections, and requests that wait for one (Client). All of them are on in the
// zero values. A client follows no redirects unless it is told to.
package specht
