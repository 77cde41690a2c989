//go:build !wasip1

package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/specht-http/specht/loop/looptest"
)

// The commands of scripts that are about certificates, and about octets that
// are no HTTP.

// trusting is for servers whose certificate nobody has signed.
var trusting = &tls.Config{InsecureSkipVerify: true}

func hangUp(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	ts.Check(s.cmd.Process.Signal(hangup))
	line, err := s.output.ReadString('\n')
	ts.Check(err)
	_, _ = io.WriteString(ts.Stdout(), line)
}

func writeCertificate(ts *testscript.TestScript, neg bool, args []string) {
	certificate, _ := looptest.Certificate(args[0])
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{
		args[1]: {Type: "CERTIFICATE", Bytes: certificate.Certificate[0]},
		args[2]: {Type: "PRIVATE KEY", Bytes: key},
	} {
		ts.Check(os.WriteFile(ts.MkAbs(name), pem.EncodeToMemory(block), 0o600))
	}
}

// dialURL connects to the server of a script.
func dialURL(ts *testscript.TestScript) net.Conn {
	u, err := url.Parse(ts.Getenv("URL"))
	ts.Check(err)
	c, err := net.Dial("tcp", u.Host)
	ts.Check(err)
	return c
}

func showCertificate(ts *testscript.TestScript, neg bool, args []string) {
	c := tls.Client(dialURL(ts), trusting)
	defer c.Close()
	ts.Check(c.Handshake())
	shown := c.ConnectionState().PeerCertificates[0]
	var addresses []string
	for _, ip := range shown.IPAddresses {
		addresses = append(addresses, ip.String())
	}
	_, _ = io.WriteString(ts.Stdout(), strings.Join(append(shown.DNSNames, addresses...), " ")+"\n"+fingerprintOf(shown.Raw)+"\n")
}

func speak(ts *testscript.TestScript, neg bool, args []string) {
	c := dialURL(ts)
	defer c.Close()
	_, err := io.WriteString(c, strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(args[0]))
	ts.Check(err)
	b, _ := io.ReadAll(c) // the connection may be reset
	_, _ = ts.Stdout().Write(b)
}
