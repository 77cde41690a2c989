package alpn

import (
	"net/netip"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// Server chooses the engines of a server's connections. Its fields aren't
// changed once it is used, and at least one of HTTP1 and HTTP2 isn't nil.
type Server struct {
	// HTTP1 makes the engine of a connection that speaks HTTP/1.1 or HTTP/1.0;
	// nil if there are none.
	HTTP1 loop.NewEngine
	// HTTP2 makes the engine of a connection that speaks HTTP/2; nil if there
	// are none: then no connection is searched for the preface.
	HTTP2 loop.NewEngine
	// Upgrade makes the engine of HTTP/2 for a clear connection, f, that x asks to
	// go on as such: a request of HTTP/1.1 that offers another protocol, which may
	// be h2c (RFC 7540, Section 3.2; see h2.Service.NewUpgraded). That engine
	// answers x, too, and writes 101 (Switching Protocols) first; nil leaves x to
	// HTTP/1. x is valid during the call. RFC 9113, Section 3.1, has made h2c
	// obsolete, and a proxy before the server that passes Upgrade on no longer
	// sees what is asked behind it: leave the field nil, which turns all of this
	// off, unless clients need it and no proxy stands between. With it, HTTP1
	// makes engines that are h1.Servers, and HTTP2 isn't nil.
	Upgrade func(f any, x message.Exchange) engine.Engine
	// Preference is the protocols that are offered, the most wanted first; nil
	// for h2, http/1.1 and http/1.0, as far as there are engines. A client that
	// offers something and nothing of this is refused by its TLS library: so is
	// curl --http1.0, which offers http/1.0 alone, where that isn't offered.
	Preference []string
	// OnRefuse is told why a connection is closed that no engine is made for:
	// a *ProtocolError. It may be nil. The driver waits for it.
	OnRefuse func(peer netip.AddrPort, err error)
}

// Protocols is what a TLS library is to offer in ALPN, in this order (which
// crypto/tls calls NextProtos).
func (s *Server) Protocols() []string {
	return protocols(s.Preference, s.HTTP1 != nil, s.HTTP2 != nil, HTTP11, HTTP10)
}

// Check says what is wrong with the fields: there are no engines at all, or
// some that are missing for what Preference offers, or for Upgrade.
func (s *Server) Check() error {
	if s.HTTP1 == nil && s.HTTP2 == nil {
		return errNoEngines
	}
	if s.Upgrade != nil && (s.HTTP1 == nil || s.HTTP2 == nil) {
		return errNoUpgrade
	}
	return check(s.Protocols(), s.HTTP1 != nil, s.HTTP2 != nil)
}

// NewEngine is a loop.NewEngine: the engine for f, a flow that is open. It is
// nil, for which the driver closes f, if there is none.
func (s *Server) NewEngine(f any) engine.Engine {
	protocol := agreed(f)
	v := versionOf(protocol)
	isClear := v == versionNone && !isSecured(f)
	switch {
	case isClear && s.HTTP1 != nil && s.HTTP2 != nil:
		return newPrefaced(s, f)
	case (v == versionOne || v == versionNone) && s.HTTP1 != nil:
		return s.HTTP1(f)
	case (v == versionTwo || isClear) && s.HTTP2 != nil:
		return s.HTTP2(f)
	}
	if s.OnRefuse != nil {
		s.OnRefuse(peerOf(f), &ProtocolError{protocol, s.refusal(v)})
	}
	return nil
}

// refusal is why there is no engine for a version.
func (s *Server) refusal(v version) string {
	switch v {
	case versionOther:
		return "no engine of HTTP speaks it, so the connection is closed; offer only what Protocols gives"
	case versionTwo:
		return "Server.HTTP2, which makes its engines, is nil; offer only what Protocols gives"
	case versionOne:
		return "Server.HTTP1, which makes its engines, is nil; offer only what Protocols gives"
	}
	return "that means HTTP/1.1, and Server.HTTP1, which makes its engines, is nil; the client has to offer h2"
}

// peerOf is the address of the peer of f, or the zero AddrPort.
func peerOf(f any) netip.AddrPort {
	if a, ok := f.(flow.Addressed); ok {
		return a.Peer()
	}
	return netip.AddrPort{}
}
