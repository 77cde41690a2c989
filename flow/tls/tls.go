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
// for each handshake, may wait, and may panic. Whoever waits long heeds
// ClientHelloInfo.Context, which ends when the flow is closed, as by its time to
// open: nobody waits for the callback any more then, but it goes on, and many
// that do keep others from beginning (Options.AbandonedMax). [Certificates] is a GetCertificate whose
// certificate can be replaced. In the clone, DynamicRecordSizingDisabled is set:
// records have up to 16 KiB from the first; and there is no renegotiation.
//
// What isn't called by handshakes alone must not wait in a polling flow: Time,
// Rand, and Put of a ClientSessionCache, which a loop calls itself in TLS 1.3. The
// KeyLogWriter shouldn't either: crypto/tls lets one write at a time in all of the
// program, and the others hold their slots meanwhile.
//
// SetSessionTicketKeys comes before a configuration is given to an endpoint: a
// call behind that changes the original alone. Keys that rotate are those of the
// configuration that GetConfigForClient returns.
//
// A TLS 1.3 session can't be renegotiated, and crypto/tls doesn't offer to ask
// for a KeyUpdate; it answers those of peers.
package tls

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync/atomic"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/secure"
)

// Options are what an endpoint can be told. The zero value is good.
type Options struct {
	// Slots is how many handshakes compute at a time in polling flows; 0 for
	// half of the processors, but one at least.
	Slots int
	// AbandonedMax is how many handshakes may go on in a callback though their
	// flows have been closed, before no other begins; 0 for 4,096, negative for
	// no limit: see secure.Options.
	AbandonedMax int
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
		if s, ok := s.Session().(*session); ok {
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
		NewSession:     func(c net.Conn) secure.Session { return &session{conn: newConn(c, blocking)} },
		NewPollSession: func(c net.Conn) secure.Session { return &session{conn: newConn(c, polling)} },
		Slots:          o.Slots,
		AbandonedMax:   o.AbandonedMax,
	})
	return e
}

// session is a secure.Session.
type session struct {
	conn    *tls.Conn
	shaking atomic.Pointer[interruption] // nil but in a handshake
}

// interruption is a handshake that can be interrupted.
type interruption struct {
	ctx    context.Context
	cancel context.CancelFunc
}

// isInterrupted is that of a handshake that mustn't begin any more.
var isInterrupted = new(interruption)

var _ secure.Interrupter = (*session)(nil)

// Handshake implements secure.Session. Callbacks find in ClientHelloInfo.Context
// and CertificateRequestInfo.Context when they are waited for no longer.
func (s *session) Handshake() error {
	var i interruption
	i.ctx, i.cancel = context.WithCancel(context.Background())
	defer i.cancel()
	if !s.shaking.CompareAndSwap(nil, &i) {
		return net.ErrClosed
	}
	defer s.shaking.CompareAndSwap(&i, nil)
	return s.conn.HandshakeContext(i.ctx)
}

// Interrupt implements secure.Interrupter.
func (s *session) Interrupt() {
	if i := s.shaking.Swap(isInterrupted); i != nil && i != isInterrupted {
		i.cancel()
	}
}

func (s *session) Write(p []byte) (int, error) { return s.conn.Write(p) }
func (s *session) CloseWrite() error           { return s.conn.CloseWrite() }

// Read implements secure.Session.
func (s *session) Read(p []byte) (int, error) {
	n, err := s.conn.Read(p)
	if err == io.EOF && n > 0 {
		err = nil // it is said again
	}
	return n, err
}

// Close implements secure.Session.
func (s *session) Close() error {
	err := s.conn.Close()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// Security implements secure.Session.
func (s *session) Security() flow.Security {
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
