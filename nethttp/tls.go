package nethttp

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/specht-http/specht/flow"
)

// connectionState is Request.TLS, by what an exchange is About: as crypto/tls
// says it, if it was crypto/tls, or as far as any library says it. It is nil for
// a connection that isn't encrypted.
func connectionState(about any) *tls.ConnectionState {
	if c, ok := about.(interface {
		ConnectionState() (*tls.ConnectionState, bool)
	}); ok {
		if s, ok := c.ConnectionState(); ok {
			return s
		}
	}
	if c, ok := about.(interface{ Security() (flow.Security, bool) }); ok {
		if s, ok := c.Security(); ok {
			return stateOf(&s)
		}
	}
	return nil
}

// stateOf is what s says, in crypto/tls's words. Versions and suites that it
// doesn't know are 0; chains are not verified here.
func stateOf(s *flow.Security) *tls.ConnectionState {
	state := &tls.ConnectionState{
		HandshakeComplete: true, DidResume: s.IsResumed,
		NegotiatedProtocol: s.ALPN, ServerName: s.ServerName,
	}
	for v := uint16(tls.VersionTLS10); v <= tls.VersionTLS13; v++ {
		if tls.VersionName(v) == s.Version {
			state.Version = v
		}
	}
	for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		if suite.Name == s.CipherSuite {
			state.CipherSuite = suite.ID
		}
	}
	for _, der := range s.PeerCertificates {
		if c, err := x509.ParseCertificate(der); err == nil {
			state.PeerCertificates = append(state.PeerCertificates, c)
		}
	}
	return state
}
