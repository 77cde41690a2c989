package specht

import (
	"crypto/tls"
	"errors"
	"fmt"
	"sync"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/flow/secure"
	flowtls "github.com/specht-http/specht/flow/tls"
)

// secure is what encrypts the connections of v, or nil if nothing does. The
// protocols that it offers are those that engines has.
func (v *Service) secure(engines *alpn.Server) (*secure.Endpoint, error) {
	if v.TLS == nil {
		return nil, nil
	}
	if len(v.TLS.Certificates) == 0 && v.TLS.GetCertificate == nil && v.TLS.GetConfigForClient == nil {
		return nil, errors.New("specht: Service.TLS has no certificate: give Certificates, or GetCertificate, such as Certificates.Get")
	}
	engines.Preference = v.TLS.NextProtos
	if err := engines.Check(); err != nil {
		return nil, fmt.Errorf("specht: Service.TLS.NextProtos: %w", err)
	}
	config := v.TLS.Clone()
	config.NextProtos = engines.Protocols()
	return flowtls.NewServer(config, flowtls.Options{}), nil
}

// Certificates is a certificate that can be replaced while it is in use: each
// handshake takes the one that is there then, and connections that are open keep
// theirs.
//
//	certificates, err := specht.LoadCertificates("cert.pem", "key.pem")
//	service := specht.Service{Address: ":443", TLS: &tls.Config{GetCertificate: certificates.Get}}
//	err = certificates.Reload() // later, when the files have changed
//
// The zero value has none until Set is called. Any goroutine may use it.
type Certificates struct {
	flowtls.Certificates
	certFile, keyFile string

	mu sync.Mutex // one Reload at a time, so that the last one wins
}

// LoadCertificates reads a certificate, with those that it is signed by, and
// its key, in PEM.
func LoadCertificates(certFile, keyFile string) (*Certificates, error) {
	c := &Certificates{certFile: certFile, keyFile: keyFile}
	if err := c.Reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// Reload reads the files of LoadCertificates again. With an error, the
// certificate is the one that it was.
func (c *Certificates) Reload() error {
	if c.certFile == "" {
		return errors.New("specht: Reload of certificates that don't come from files: use Set")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	read, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return fmt.Errorf("specht: the certificate of %s can't be used: %w", c.certFile, err)
	}
	c.Set(&read)
	return nil
}
