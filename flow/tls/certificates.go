package tls

import (
	"crypto/tls"
	"errors"
	"sync/atomic"
)

// Certificates is a certificate that can be replaced while it is in use: each
// handshake takes the one that is there then.
//
//	var certificates tls.Certificates
//	certificates.Set(&certificate)
//	config := &cryptotls.Config{GetCertificate: certificates.Get}
//
// Any goroutine may use it.
type Certificates struct {
	current atomic.Pointer[tls.Certificate]
}

// Set makes c the certificate of all handshakes from now on. Nothing of it may
// be changed any more.
func (s *Certificates) Set(c *tls.Certificate) { s.current.Store(c) }

// Get is the certificate, as tls.Config.GetCertificate.
func (s *Certificates) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	if c := s.current.Load(); c != nil {
		return c, nil
	}
	return nil, errors.New("tls: there is no certificate yet (Certificates.Set)")
}
