package message

import "strconv"

// RequestHead is what a request begins with, as an application sends it. What
// is in it passes the machines that read requests before an octet is sent, so
// that nothing in it can be taken for something else.
type RequestHead struct {
	// Method is the method (RFC 9110, Section 9), GET if this is empty.
	Method string
	// Target is the request-target in the form that the method and the peer
	// want (RFC 9112, Section 3.2): the path and query for an origin server,
	// the host and port for CONNECT. The path / if this is empty.
	Target string
	// Authority is the host, and the port if it isn't the scheme's, that the
	// request is for (RFC 9110, Section 7.2). It becomes Host. If this is
	// empty, it is that of Target, if that names one; another one is refused.
	Authority string
	// Fields are the header section's, sent in this order and case. Host,
	// Content-Length and Transfer-Encoding are the engine's, and so is
	// Connection, but for the option close.
	Fields []Field
	// ContentLength is the length of the content in octets: 0 for none, -1 if
	// it isn't known.
	ContentLength int64
	// Protocol is what an extended CONNECT asks for, such as websocket: over
	// HTTP/2 alone, and the method is CONNECT then and the target a path
	// (RFC 8441, Section 4). Empty for none.
	Protocol string
	// IsSensitive keeps method, target, authority and protocol out of compression,
	// as Field.IsSensitive does a field. Who passes a request on sets it if they
	// were received so: see [Fields.IsTargetSensitive].
	IsSensitive bool
	// About is what ClientExchange.About answers. It isn't sent.
	About any
}

// RequestError is a request that can't be sent, for what its head says besides
// fields. Nothing has been sent.
type RequestError struct {
	Part  string // of the head: method, request-target, authority, protocol, content
	Value string // what it is
	Why   string // what is wrong, and what to do about it
}

// Error implements error.
func (e *RequestError) Error() string {
	return "message: " + e.Part + " " + strconv.Quote(e.Value) + " can't be sent: " + e.Why
}
