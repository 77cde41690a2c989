package tls

import (
	"crypto/tls"
	"crypto/x509"
)

// clone is c for the flows of this package, whose callbacks are called by wait:
// they may take long.
func clone(c *tls.Config, wait func(func())) *tls.Config {
	c = c.Clone()
	c.DynamicRecordSizingDisabled = true
	c.Renegotiation = tls.RenegotiateNever
	if f := c.GetCertificate; f != nil {
		c.GetCertificate = func(h *tls.ClientHelloInfo) (out *tls.Certificate, err error) {
			wait(func() { out, err = f(h) })
			return out, err
		}
	}
	if f := c.GetClientCertificate; f != nil {
		c.GetClientCertificate = func(r *tls.CertificateRequestInfo) (out *tls.Certificate, err error) {
			wait(func() { out, err = f(r) })
			return out, err
		}
	}
	if f := c.GetConfigForClient; f != nil {
		c.GetConfigForClient = func(h *tls.ClientHelloInfo) (out *tls.Config, err error) {
			wait(func() { out, err = f(h) })
			if out != nil {
				out = clone(out, wait)
			}
			return out, err
		}
	}
	if f := c.VerifyPeerCertificate; f != nil {
		c.VerifyPeerCertificate = func(raw [][]byte, chains [][]*x509.Certificate) (err error) {
			wait(func() { err = f(raw, chains) })
			return err
		}
	}
	if f := c.VerifyConnection; f != nil {
		c.VerifyConnection = func(s tls.ConnectionState) (err error) {
			wait(func() { err = f(s) })
			return err
		}
	}
	if f := c.EncryptedClientHelloRejectionVerify; f != nil {
		c.EncryptedClientHelloRejectionVerify = func(s tls.ConnectionState) (err error) {
			wait(func() { err = f(s) })
			return err
		}
	}
	if cache := c.ClientSessionCache; cache != nil {
		c.ClientSessionCache = waitingCache{cache, wait}
	}
	wrapTickets(c, wait)
	return c
}

// waitingCache is a cache whose Get may take long. Put may not: in TLS 1.3 it is
// called by reading, when the handshake is long over.
type waitingCache struct {
	tls.ClientSessionCache
	wait func(func())
}

// Get implements tls.ClientSessionCache.
func (c waitingCache) Get(key string) (s *tls.ClientSessionState, ok bool) {
	c.wait(func() { s, ok = c.ClientSessionCache.Get(key) })
	return s, ok
}

// wrapTickets is the part of clone for what knows earlier sessions.
func wrapTickets(c *tls.Config, wait func(func())) {
	if f := c.WrapSession; f != nil {
		c.WrapSession = func(s tls.ConnectionState, state *tls.SessionState) (out []byte, err error) {
			wait(func() { out, err = f(s, state) })
			return out, err
		}
	}
	if f := c.UnwrapSession; f != nil {
		c.UnwrapSession = func(identity []byte, s tls.ConnectionState) (out *tls.SessionState, err error) {
			wait(func() { out, err = f(identity, s) })
			return out, err
		}
	}
	if f := c.GetEncryptedClientHelloKeys; f != nil {
		c.GetEncryptedClientHelloKeys = func(h *tls.ClientHelloInfo) (out []tls.EncryptedClientHelloKey, err error) {
			wait(func() { out, err = f(h) })
			return out, err
		}
	}
}
