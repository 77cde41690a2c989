package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/h2"
)

// client is the client of get.
func (g *getCommand) client() (*specht.Client, error) {
	c := &specht.Client{DialTimeout: g.Timeout, HTTP1: h1.ClientOptions{HeadNs: int64(g.Timeout)}, HTTP2: h2.ClientOptions{HeadNs: int64(g.Timeout)}, TLS: &tls.Config{InsecureSkipVerify: g.Insecure}}
	switch {
	case g.HTTP1:
		c.Version = alpn.WantHTTP1
	case g.HTTP2, g.Prior:
		c.Version = alpn.WantHTTP2
	}
	if g.CACert == "" {
		return c, nil
	}
	pem, err := os.ReadFile(g.CACert)
	if err != nil {
		return nil, fmt.Errorf("--cacert %s can't be read: %w", g.CACert, err)
	}
	c.TLS.RootCAs = x509.NewCertPool()
	if !c.TLS.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--cacert %s has no certificate: it has to be in PEM", g.CACert)
	}
	return c, nil
}

// connectError is a place that can't be connected to.
type connectError struct {
	place string
	err   error
}

func (e *connectError) Error() string {
	cause := e.err
	var op *net.OpError
	var lookup *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(e.err, context.DeadlineExceeded):
		cause = errors.New("it takes too long (--timeout)")
	case errors.As(e.err, &certificate):
		cause = fmt.Errorf("%w (--cacert FILE trusts who has signed it, -k trusts anybody)", certificate)
	case errors.As(e.err, &lookup) && lookup.IsNotFound: // it names the place again, as the next does
		cause = errors.New("there is no host of that name")
	case errors.As(e.err, &op):
		cause = op.Err
	}
	return fmt.Sprintf("can't connect to %s: %v", e.place, cause)
}
func (e *connectError) Unwrap() error { return e.err }

// failure is what people are told of an error of the client, which names the URL
// as well.
func (e *fetching) failure(err error) error {
	var failed *specht.ClientError
	switch {
	case !errors.As(err, &failed):
		return err
	case failed.Stage == specht.StageConnecting:
		return &connectError{e.command.place(e.want), failed.Err}
	}
	return failed.Err
}

// place is where a request is sent.
func (g *getCommand) place(w *want) string {
	if g.Unix != "" {
		return "the Unix socket " + g.Unix
	}
	return w.address
}

// connected tells of the connection that the request goes out on, and what does.
func (e *fetching) connected(c specht.Conn, isKept bool) {
	g := e.command
	if e.isConnected {
		g.say(e.console, "* the connection has been closed: trying again on another one")
	}
	e.isConnected = true
	already := ""
	if isKept {
		already = " already"
	}
	g.say(e.console, "* connected to %s%s", g.place(e.want), already)
	if s, isSecured := c.Security(); isSecured && !isKept {
		g.say(e.console, "* encrypted by %s, %s; the certificate has the SHA-256 %s", s.Version, s.CipherSuite, fingerprintOf(s.PeerCertificates[0]))
	}
	e.isHTTP2 = g.Prior || c.ALPN() == alpn.HTTP2
	g.saySent(e.console, e.want, e.isHTTP2)
}
