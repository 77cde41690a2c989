// Package h1 speaks HTTP/1.1 and HTTP/1.0 (RFC 9112) without I/O: octets go in
// by calls, octets come out by calls, and no call waits.
//
// Nouns: [Requests] is what arrives at a server, a [Response] what leaves it,
// and [ServerConn] is both of them for one connection, for whoever brings
// handlers and loop of their own. A [Server] is an engine (package engine) on
// top of them, which hands exchanges to a message.Handler; a [Service] makes
// Servers that share their [Options]. The other end has the same parts: a
// [Request] is what leaves a client, [Responses] what arrives there, and
// [ClientConn] both; a [Client] is the engine that begins requests and tells
// what comes of them.
//
// The grammar of messages, their framing and persistence, Host, the forms of the
// request-target, Expect, Upgrade, and the lifecycle of an exchange are decided
// by generated machines and tables: each NOUN_gen.go comes from spec/NOUN.md.
// What is written by hand moves octets, keeps limits and times, and asks the
// tables.
//
// # Strictness
//
// A request is read in one way or refused: a line ends with CRLF, names are
// tokens up to the colon, there is one Content-Length or one
// Transfer-Encoding, and it says chunked. Whatever a peer can make grow has a
// limit, and each refusal is a *message.Fault that names offset, rule and
// section, answered by its status; then the connection closes in stages
// (RFC 9112, Section 9.6). What an application sends passes the machine that
// reads field lines, so it can't split a response; and a head of a request
// passes the whole of what reads requests, before an octet of it goes out.
//
// # What an attacker may try
//
// To make two recipients see different requests: framing of requests is
// decided in one table, and what is ambiguous is refused. To hold memory:
// heads, content and responses under way are counted, and reading stops at the
// limits. To hold connections: heads have a deadline, content a minimum rate,
// closing a time. To give a client a response that it didn't ask for: octets
// that answer no request end the connection. To hold a driver: a turn ends,
// whatever callbacks ask for.
package h1
