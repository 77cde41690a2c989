// Package h2 speaks HTTP/2 (RFC 9113) without I/O: octets go in by calls, octets
// come out by calls, and no call waits.
//
// Nouns: a [Conn] is one connection of either role, for whoever brings handlers,
// buffers and loop of their own: octets are fed to it, it answers with events,
// and frames are appended to a buffer. A [Stream] is one of its streams. A
// [Server] is an engine (package engine) on top of it, which hands exchanges to a
// message.Handler; a [Service] makes Servers that share their [Options]. A
// [Client] is the engine of the other end: many requests at once, each a
// message.ClientExchange.
//
// What may arrive when, what each frame does to its stream and to the connection,
// which fields a message has, and what pays for the work that a frame makes, are
// decided by generated tables and machines: each NOUN_gen.go comes from
// spec/NOUN.md. Frames are read and written by package frames, fields compressed
// by golang.org/x/net/http2/hpack. What is written by hand moves octets, keeps
// windows, limits and times, and asks the tables.
//
// # Errors
//
// What a peer does wrong concerns one stream, which is reset, or the connection,
// which is closed behind a GOAWAY: an [Error] names which, the code, the rule and
// where. What a request says wrongly in words of HTTP is answered by a status
// where one fits.
//
// # What an attacker may try
//
// To make us work, send or remember without paying for it: each row of the tables
// that costs something names what pays for it, a window, a place among the
// concurrent streams, or a [Credit] that time and honest work refill. To hold
// memory: field sections, content and output are counted, and reading stops at
// the limits. To hold connections: field sections, settings and content have
// deadlines. To smuggle: what is accepted, written as HTTP/1.1, is the same
// request.
package h2
