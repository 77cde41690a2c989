// Package tls is TLS over any flow, in both roles, by crypto/tls: over TCP and
// Unix sockets, in memory, and over TLS.
//
//	server := tls.NewServer(&cryptotls.Config{Certificates: …, NextProtos: alpn.Protocols()}, tls.Options{})
//	err := l.Serve(server.ListenPoll(listener), newEngine) // l is a loop.Loop
//
// What the flows promise, and how a library that blocks is driven by a loop
// that doesn't, is said in package secure, which these endpoints are of.
//
// A configuration is cloned, and from then on never changes; its callbacks
// choose what is to change: GetCertificate and GetConfigForClient are called
// for each handshake, may wait, and may panic. [Certificates] is a GetCertificate whose
// certificate can be replaced. In the clone, DynamicRecordSizingDisabled is set:
// records have up to 16 KiB from the first; and there is no renegotiation.
//
// A TLS 1.3 session can't be renegotiated, and crypto/tls doesn't offer to ask
// for a KeyUpdate; it answers those of peers.
package tls

import (
	"crypto/tls"
	"errors"
	"io"
	"net"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/secure"
)

// Options are what an endpoint can be told. The zero value is good.
type Options struct {
	// Slots is how many handshakes compute at a time in polling flows; 0 for
	// half of the processors, but one at least.
	Slots int
}

// NewServer is an endpoint for servers. It panics without a certificate, or a
// callback that chooses one.
func NewServer(c *tls.Config, o Options) *secure.Endpoint {
	if len(c.Certificates) == 0 && c.GetCertificate == nil && c.GetConfigForClient == nil {
		panic("tls: bug: a server's configuration without Certificates, GetCertificate and GetConfigForClient")
	}
	return newEndpoint(c, o, false)
}

// NewClient is an endpoint for clients: c has the ServerName that the server's
// certificate must be for, unless it has InsecureSkipVerify.
func NewClient(c *tls.Config, o Options) *secure.Endpoint {
	if c.ServerName == "" && !c.InsecureSkipVerify {
		panic("tls: bug: a client's configuration without ServerName: nothing would say whom it talks to")
	}
	return newEndpoint(c, o, true)
}

// Server is TLS over f, which it owns from now on. For many connections,
// NewServer is cheaper.
func Server(f flow.Flow, c *tls.Config) *secure.Flow { return NewServer(c, Options{}).Flow(f) }

// Client is TLS over f, which it owns from now on: see NewClient.
func Client(f flow.Flow, c *tls.Config) *secure.Flow { return NewClient(c, Options{}).Flow(f) }

// State is what crypto/tls says of an open flow of this package, or false.
func State(f any) (tls.ConnectionState, bool) {
	if s, ok := f.(interface{ Session() secure.Session }); ok {
		if s, ok := s.Session().(session); ok {
			return s.conn.ConnectionState(), true
		}
	}
	return tls.ConnectionState{}, false
}

// newEndpoint makes an endpoint.
func newEndpoint(c *tls.Config, o Options, isClient bool) *secure.Endpoint {
	newConn := tls.Server
	if isClient {
		newConn = tls.Client
	}
	var e *secure.Endpoint
	blocking, polling := clone(c, func(f func()) { f() }), clone(c, func(f func()) { e.Wait(f) })
	e = secure.New(secure.Options{
		IsClient:       isClient,
		NewSession:     func(c net.Conn) secure.Session { return session{newConn(c, blocking)} },
		NewPollSession: func(c net.Conn) secure.Session { return session{newConn(c, polling)} },
		Slots:          o.Slots,
	})
	return e
}

// session is a secure.Session.
type session struct{ conn *tls.Conn }

func (s session) Handshake() error            { return s.conn.Handshake() }
func (s session) Write(p []byte) (int, error) { return s.conn.Write(p) }
func (s session) CloseWrite() error           { return s.conn.CloseWrite() }

// Read implements secure.Session.
func (s session) Read(p []byte) (int, error) {
	n, err := s.conn.Read(p)
	if err == io.EOF && n > 0 {
		err = nil // it is said again
	}
	return n, err
}

// Close implements secure.Session.
func (s session) Close() error {
	err := s.conn.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Security implements secure.Session.
func (s session) Security() flow.Security {
	c := s.conn.ConnectionState()
	out := flow.Security{
		Version:     tls.VersionName(c.Version),
		CipherSuite: tls.CipherSuiteName(c.CipherSuite),
		ServerName:  c.ServerName,
		ALPN:        c.NegotiatedProtocol,
		IsResumed:   c.DidResume,
	}
	for _, certificate := range c.PeerCertificates {
		out.PeerCertificates = append(out.PeerCertificates, certificate.Raw)
	}
	return out
}
