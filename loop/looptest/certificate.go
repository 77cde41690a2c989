package looptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	cryptotls "crypto/tls"
	"crypto/x509"
	"math/big"
	"sync"
	"time"

	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tls"
)

// Certificate is one for name, signed by itself, and the pool that knows it.
func Certificate(name string) (cryptotls.Certificate, *x509.CertPool) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		DNSNames:     []string{name},
		NotBefore:    time.Unix(0, 0), // bubbles of testing/synctest begin in 2000
		NotAfter:     time.Unix(1<<32, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(certificate)
	return cryptotls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: certificate}, pool
}

// certified is what the Setups with TLS share.
var certified = sync.OnceValues(func() (cryptotls.Certificate, *x509.CertPool) { return Certificate("specht.test") })

func serverTLS() *secure.Endpoint {
	certificate, _ := certified()
	return tls.NewServer(&cryptotls.Config{Certificates: []cryptotls.Certificate{certificate}}, tls.Options{})
}

func clientTLS() *secure.Endpoint {
	_, pool := certified()
	return tls.NewClient(&cryptotls.Config{RootCAs: pool, ServerName: "specht.test"}, tls.Options{})
}
