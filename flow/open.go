package flow

// Opener is a flow, blocking or not, that has to be opened before it carries
// octets, as by a TLS handshake.
type Opener interface {
	// Open opens the flow. That of a Flow blocks. That of a Poll doesn't: it is
	// ErrWouldBlock until the flow is open, and Readable is announced when it
	// is worth calling again. It is nil from then on. Any other error is why
	// the flow never will be open. Close ends it: one that goes on all the same
	// (in a callback, say) is counted and limited by the flow's own kind.
	Open() error
}

// Negotiated is a flow, blocking or not, whose ends agree on a protocol when it
// is opened.
type Negotiated interface {
	// ALPN is the name of that protocol (RFC 7301, Section 6), or empty if they
	// agreed on none, or the flow isn't open.
	ALPN() string
}

// Secured is a flow, blocking or not, that is encrypted.
type Secured interface {
	// Security is what is known of that once the flow is open.
	Security() Security
}

// Security is what the ends of an encrypted flow have agreed on. It belongs to
// no TLS library.
type Security struct {
	Version     string // such as "TLS 1.3"
	CipherSuite string // such as "TLS_AES_128_GCM_SHA256"
	ServerName  string // that the client asked for; empty if it asked for none
	ALPN        string // the protocol, empty for none
	// PeerCertificates are those that the peer has sent, in DER, its own first.
	// A server's peer sends none unless it is asked for them.
	PeerCertificates [][]byte
	IsResumed        bool // an earlier session goes on
}

// Layer is a Poll over another one, such as TLS over TCP. It announces what
// happens in itself, and whoever watches it watches the one below too, and
// tells it about neither: a change of the one below is a reason to try both
// again.
type Layer interface {
	Poll
	Announcing
	// Below is the Poll that this one is over. It may be a Layer itself.
	Below() Poll
	// IsFull says that octets of the layer wait for the Poll below to be
	// writable. TryWrite, also of nothing, gets on with them, and should be
	// called when it is.
	IsFull() bool
	// Held is how many octets of buffers the layer, and those below it, have for
	// what waits in it: octets that weren't read yet, and such that the Poll
	// below hasn't taken. What a library keeps for itself isn't among them.
	Held() int
}

// ListenerLayer is a PollListener over another one, whose readiness is its own.
type ListenerLayer interface {
	PollListener
	// Below is the listener that this one is over.
	Below() PollListener
}
