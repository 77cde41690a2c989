// Package transit is what an engine has on the way between an application and
// the octets of a connection, whatever the version of HTTP.
//
//	Handler ──> Queue ──> Outbound ──> NextWrite
//	Read ──> Incoming, Store ──> Handler
//	at the end of a turn: Callbacks
//
// An exchange is a [Party] to the one and a [Recipient] to the other. All of it
// belongs to one connection, and is used in its turns only.
package transit
