package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	integer "math/big"
	"net"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/specht-http/specht"
)

// certificates is the certificate that serve shows.
type certificates struct{ *specht.Certificates }

// certificates reads the certificate, or makes one.
func (s *serveCommand) certificates() (*certificates, error) {
	if s.Cert != "" {
		c, err := specht.LoadCertificates(s.Cert, s.Key)
		if err != nil {
			return nil, err
		}
		return &certificates{c}, nil
	}
	c := &certificates{new(specht.Certificates)}
	if len(s.TLS) == 0 {
		return c, nil
	}
	made, err := makeCertificate(s.TLS, time.Now())
	if err != nil {
		return nil, fmt.Errorf("a certificate can't be made: %w", err)
	}
	c.Set(made)
	return c, nil
}

// fingerprint is the SHA-256 of the certificate, as browsers show it.
func (c *certificates) fingerprint() string {
	shown, err := c.Get(nil)
	if err != nil {
		return ""
	}
	return fingerprintOf(shown.Certificate[0])
}

// fingerprintOf is the SHA-256 of a certificate in DER.
func fingerprintOf(der []byte) string {
	sum := sha256.Sum256(der)
	return strings.ReplaceAll(fmt.Sprintf("% X", sum[:]), " ", ":")
}

// madeFor is how long a certificate is good that is made in memory.
const madeFor = 90 * 24 * time.Hour

// makeCertificate makes a certificate that is signed by itself, for this machine
// and the hosts of some addresses. It is for trying things out: whoever connects
// knows it by its fingerprint, or not at all.
func makeCertificate(addresses []string, now time.Time) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	serial, err := rand.Int(rand.Reader, new(integer.Int).Lsh(integer.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "specht serve"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(madeFor),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	for _, address := range addresses {
		host, _, _ := net.SplitHostPort(address)
		switch ip := net.ParseIP(host); {
		case host == "", host == "localhost", ip != nil && (ip.IsLoopback() || ip.IsUnspecified()):
		case ip != nil:
			template.IPAddresses = append(template.IPAddresses, ip)
		default:
			template.DNSNames = append(template.DNSNames, host)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(der)
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// reloaded is that a certificate was read again, or couldn't be.
type reloaded struct {
	Event       string `json:"event"`
	Fingerprint string `json:"fingerprint"`
	Error       string `json:"error,omitempty"`
}

// reloading reads the certificate again at each hangup, until end is called.
func (s *serveCommand) reloading(out *output, c *certificates) (end func()) {
	if s.Cert == "" || hangup == nil {
		return func() {}
	}
	hangups, over := make(chan os.Signal, 1), make(chan struct{})
	signal.Notify(hangups, hangup)
	go func() {
		for {
			select {
			case <-hangups:
			case <-over:
				return
			}
			r, text := reloaded{Event: "reloaded"}, "read the certificate again: SHA-256 "
			if err := c.Reload(); err != nil {
				r.Error, text = err.Error(), err.Error()+"; it stays the one with SHA-256 "
			}
			r.Fingerprint = c.fingerprint()
			s.say(out, r, text+r.Fingerprint)
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(over)
	}
}
