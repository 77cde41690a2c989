// Package securetest is what a TLS library has to pass to be an Endpoint of
// package secure: the tests of flow/tls, and of each example that brings
// another library.
//
//	func TestLibrary(t *testing.T) {
//		securetest.Run(t, securetest.Pair{Server: server, Client: client})
//	}
//
// A server has the certificate and the key of PEM; a client trusts that
// certificate and nothing else, and wants it to be for Name. Both are for ALPN
// and no other protocol. Server and Client are such ends by crypto/tls, for
// pairs of two libraries.
package securetest

import (
	cryptotls "crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"sync"
	"testing"

	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop/looptest"
)

const (
	// Name is whom the server's certificate is for.
	Name = "specht.test"
	// ALPN is the protocol that both ends have to agree on.
	ALPN = "http/1.1"
)

// Pair is the two ends of a connection. They may be of different libraries.
type Pair struct {
	Server, Client *secure.Endpoint
}

// Run runs all tests with p.
func Run(t *testing.T, p Pair) {
	t.Run("agreement", p.agreement)
	t.Run("conversation", p.conversation)
	t.Run("half-close", p.halfClose)
	t.Run("truncation", p.truncation)
	t.Run("records", p.records)
	t.Run("written", p.written)
	t.Run("HTTP", p.http)
	t.Run("failing handshakes", p.failing)
	t.Run("distrust", p.distrust)
	t.Run("abandoned handshakes", p.abandoned)
}

var certified = sync.OnceValues(func() (cryptotls.Certificate, *x509.CertPool) { return looptest.Certificate(Name) })

// PEM is the certificate of the server, signed by itself, and its key (PKCS #8).
func PEM() (certificate, key []byte) {
	c, _ := certified()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// Server is the server by crypto/tls. It knows another protocol beside ALPN,
// and prefers it.
func Server() *secure.Endpoint { return server(cryptotls.VersionTLS13) }

// Client is the client by crypto/tls.
func Client() *secure.Endpoint { return client(Name, ALPN, cryptotls.VersionTLS13) }

// CryptoTLS is both by crypto/tls, of versions up to one.
func CryptoTLS(version uint16) Pair {
	return Pair{server(version), client(Name, ALPN, version)}
}

func server(version uint16) *secure.Endpoint {
	c, _ := certified()
	return tls.NewServer(&cryptotls.Config{
		Certificates: []cryptotls.Certificate{c}, NextProtos: []string{"another", ALPN}, MaxVersion: version,
	}, tls.Options{Slots: 1})
}

func client(name, protocol string, version uint16) *secure.Endpoint {
	_, pool := certified()
	return tls.NewClient(&cryptotls.Config{
		RootCAs: pool, ServerName: name, NextProtos: []string{protocol}, MaxVersion: version,
	}, tls.Options{})
}
