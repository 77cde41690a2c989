// Package alpn says which engine a connection has: by the protocol that its
// ends have agreed on (ALPN, RFC 7301), or by the octets that it begins with.
//
// Nouns: a [Server] has a function for each version of HTTP that makes engines,
// and its NewEngine, a loop.NewEngine, calls the one that a flow is for. A
// [Client] does the same for a flow that was dialed and a version that is
// [Wanted]. Both have Protocols: what is to be offered in ALPN, the most wanted
// first.
//
// No TLS library is known here. A flow that agrees on a protocol says so by
// flow.Negotiated, one that is encrypted by flow.Secured; every other flow is
// clear.
//
// # Servers
//
//	agreed on            engine
//	http/1.1, http/1.0   HTTP1
//	h2                   HTTP2
//	nothing, encrypted   HTTP1
//	nothing, clear       HTTP2 if the connection begins with the preface of
//	                     HTTP/2 (RFC 9113, Section 3.4), HTTP1 otherwise
//	another protocol     none: the flow is closed, and OnRefuse is told
//
// So is the flow if there is no function for the engine. A clear connection is
// an HTTP/1 one, with the deadlines of that engine, until the last octet of the
// preface; the first octet that differs settles that it stays one. HTTP/2
// inside of TLS is never guessed from octets (RFC 9113, Section 3.2).
//
// With Upgrade, which is nil by default, a clear connection that speaks HTTP/1.1
// goes on as one of HTTP/2 if a request asks for that by `Upgrade: h2c` (RFC 7540,
// Section 3.2): obsolete, and for clients that can't do otherwise.
//
// # What an attacker may try
//
// To keep the choice open: the HTTP/1 engine's time for a head runs from the
// first octet on. To be taken for another version than a proxy before the
// server took it for: what was agreed on holds, whatever the octets are. To have
// requests of HTTP/2 carried past a proxy that takes them for what follows any
// Upgrade: that is why h2c is off.
package alpn
