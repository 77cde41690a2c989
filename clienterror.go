package specht

import (
	"fmt"
	"net/netip"
)

// Stage is how far a request of a Client had come when it failed.
type Stage string

// The stages, in order.
const (
	StagePreparing   Stage = "preparing the request"
	StageWaiting     Stage = "waiting for a connection"
	StageConnecting  Stage = "connecting"
	StageSending     Stage = "sending the request"
	StageAwaiting    Stage = "awaiting the response"
	StageReceiving   Stage = "receiving the content of the response"
	StageRedirecting Stage = "following a redirect"
)

// ClientError is a request of a Client that failed: what, where and at which
// stage. Err is why; if the context ended it, that is the context's cause.
type ClientError struct {
	Method string
	URL    string         // what was asked for, the last one after redirects
	Peer   netip.AddrPort // the zero AddrPort before there is a connection, and where it has none
	Stage  Stage
	Err    error
}

// Error implements error.
func (e *ClientError) Error() string {
	at := ""
	if e.Peer.IsValid() {
		at = " (" + e.Peer.String() + ")"
	}
	return fmt.Sprintf("specht: %s %s%s: %s: %v", e.Method, e.URL, at, e.Stage, e.Err)
}

// Unwrap is the cause.
func (e *ClientError) Unwrap() error { return e.Err }

// LimitError is a limit of a Client that a request would pass.
type LimitError struct {
	Limit string // the field of Client
	Value int    // of that
	what  string
}

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("specht: %s (Client.%s is %d)", e.what, e.Limit, e.Value)
}
