package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	tls "github.com/bogdanfinn/utls"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/secure"
)

// newServer is an endpoint for servers. The configuration isn't changed any
// more.
func newServer(c *tls.Config) *secure.Endpoint {
	c = c.Clone()
	c.DynamicRecordSizingDisabled = true // records have up to 16 KiB from the first
	return secure.New(secure.Options{NewSession: func(below net.Conn) secure.Session {
		return newSession(tls.Server(below, c), nil)
	}})
}

// newClient is an endpoint for clients whose handshake looks like a browser's,
// but for ALPN: it offers http/1.1 alone.
func newClient(c *tls.Config, browser tls.ClientHelloID) *secure.Endpoint {
	return secure.New(secure.Options{IsClient: true, NewSession: func(below net.Conn) secure.Session {
		config := c.Clone() // the fingerprint writes into it
		config.DynamicRecordSizingDisabled = true
		return newClientSession(tls.UClient(below, config, browser, false, true, true))
	}})
}

// newClientSession is a client's. Some browsers renegotiate TLS 1.2; a Poll
// can't, once it is open, and what is sent doesn't tell.
func newClientSession(u *tls.UConn) *session {
	err := u.BuildHandshakeStateWithoutSession()
	for _, extension := range u.Extensions {
		if r, ok := extension.(*tls.RenegotiationInfoExtension); ok {
			r.Renegotiation = tls.RenegotiateNever
		}
	}
	return newSession(u, err)
}

// conn is what a server's *tls.Conn and a client's *tls.UConn have in common.
type conn interface {
	net.Conn
	HandshakeContext(ctx context.Context) error
	CloseWrite() error
	ConnectionState() tls.ConnectionState
}

// session is a secure.Session.
type session struct {
	conn conn
	err  error // why there is no handshake

	ctx    context.Context // of the handshake's callbacks
	cancel context.CancelFunc
}

var (
	_ secure.Session     = (*session)(nil)
	_ secure.Interrupter = (*session)(nil)
)

// newSession is one over c, unless there can be none because of err.
func newSession(c conn, err error) *session {
	s := &session{conn: c, err: err}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Interrupt implements secure.Interrupter.
func (s *session) Interrupt() { s.cancel() }

// Handshake implements secure.Session.
func (s *session) Handshake() error {
	if s.err != nil {
		return fmt.Errorf("utls: this browser's handshake can't be made: %w", s.err)
	}
	return s.conn.HandshakeContext(s.ctx)
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
	if err := s.conn.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
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
