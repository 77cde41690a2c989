package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/flow"
	flowtls "github.com/specht-http/specht/flow/tls"
)

// encryption is what get knows of a connection over TLS.
type encryption struct {
	Version     string `json:"version"`
	CipherSuite string `json:"cipherSuite"`
	ALPN        string `json:"alpn,omitempty"`
	Fingerprint string `json:"fingerprint"` // SHA-256 of the server's certificate
}

// String is it for people.
func (e *encryption) String() string {
	agreed := "no protocol"
	if e.ALPN != "" {
		agreed = e.ALPN
	}
	return fmt.Sprintf("%s, %s, %s; certificate SHA-256 %s", e.Version, e.CipherSuite, agreed, e.Fingerprint)
}

// chosen says which protocols get speaks.
var chosen = alpn.Client[bool]{HTTP1: func(any) bool { return true }}

// tlsConfig is what the flags say of certificates.
func (g *getCommand) tlsConfig() (*tls.Config, error) {
	config := &tls.Config{InsecureSkipVerify: g.Trust, NextProtos: chosen.Protocols(alpn.WantAny)}
	if g.CACert == "" {
		return config, nil
	}
	text, err := os.ReadFile(g.CACert)
	if err != nil {
		return nil, fmt.Errorf("--cacert can't be read: %w", err)
	}
	config.RootCAs = x509.NewCertPool()
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("--cacert %s has no certificate in PEM", g.CACert)
	}
	return config, nil
}

// secure encrypts the flow of a connection, which is closed if that fails.
func (d *dialer) secure(ctx context.Context, conn *connection, below flow.Flow, o origin) (flow.Flow, error) {
	config := d.tls.Clone()
	host, _, err := net.SplitHostPort(o.address)
	if err != nil {
		return nil, errors.Join(err, below.Close())
	}
	config.ServerName, _, _ = strings.Cut(host, "%") // a zone is this machine's
	f := flowtls.Client(below, config)
	stop := context.AfterFunc(ctx, func() { _ = below.Close() }) // which ends the handshake
	err = f.Open()
	if !stop() {
		err = context.Cause(ctx)
	}
	if err == nil {
		_, err = chosen.NewEngine(f, alpn.WantAny)
	}
	if err != nil {
		_ = f.Close() // nobody is left to be told
		return nil, untrusted(err)
	}
	s := f.Security()
	conn.security = &encryption{s.Version, s.CipherSuite, s.ALPN, fingerprintOf(s.PeerCertificates[0])}
	return f, nil
}

// untrusted says what to do about a certificate that isn't trusted.
func untrusted(err error) error {
	var unverified *tls.CertificateVerificationError
	if !errors.As(err, &unverified) {
		return err
	}
	advice := ""
	if len(unverified.UnverifiedCertificates) > 0 {
		advice = ", whose SHA-256 is " + fingerprintOf(unverified.UnverifiedCertificates[0].Raw)
	}
	return fmt.Errorf("%w; --cacert FILE trusts those that FILE has signed, -k trusts any%s", unverified.Err, advice)
}
