package main

import (
	"bufio"
	"crypto/x509"
	"io"
	"net/http"
	"testing"

	tls "github.com/bogdanfinn/utls"

	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/secure/securetest"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/loop"
)

func server(t testing.TB, version uint16) *secure.Endpoint {
	certificate, err := tls.X509KeyPair(securetest.PEM())
	if err != nil {
		t.Fatal(err)
	}
	return newServer(&tls.Config{
		Certificates: []tls.Certificate{certificate}, NextProtos: []string{"another", securetest.ALPN}, MaxVersion: version,
	})
}

func client(browser tls.ClientHelloID) *secure.Endpoint {
	pool := x509.NewCertPool()
	certificate, _ := securetest.PEM()
	pool.AppendCertsFromPEM(certificate)
	return newClient(&tls.Config{RootCAs: pool, ServerName: securetest.Name}, browser)
}

// What every TLS library passes, alone and against crypto/tls.
func TestLibrary(t *testing.T) {
	for name, pair := range map[string]securetest.Pair{
		"both":                       {Server: server(t, tls.VersionTLS13), Client: client(tls.HelloChrome_Auto)},
		"TLS 1.2":                    {Server: server(t, tls.VersionTLS12), Client: client(tls.HelloChrome_Auto)},
		"a client for crypto/tls":    {Server: securetest.Server(), Client: client(tls.HelloFirefox_Auto)},
		"a server for crypto/tls":    {Server: server(t, tls.VersionTLS13), Client: securetest.Client()},
		"a client like crypto/tls's": {Server: securetest.Server(), Client: client(tls.HelloSafari_Auto)},
	} {
		t.Run(name, func(t *testing.T) { securetest.Run(t, pair) })
	}
}

// A client's first octets are a browser's, and not those of crypto/tls: they
// have GREASE (RFC 8701) among the cipher suites.
func TestFingerprint(t *testing.T) {
	a, b := mem.Pipe(mem.Options{})
	f := client(tls.HelloChrome_Auto).Flow(a)
	opened := make(chan error, 1)
	go func() { opened <- f.Open() }()
	hello := make([]byte, 5+4+2+32+1+32+2+2)
	if _, err := io.ReadFull(b, hello); err != nil {
		t.Fatal(err)
	}
	suite := hello[len(hello)-2:]
	if hello[5+4+2+32] != 32 || suite[0] != suite[1] || suite[0]&0xf != 0xa {
		t.Errorf("the first cipher suite is %x, want GREASE, such as 2a2a", suite)
	}
	b.Close()
	if err := <-opened; err == nil {
		t.Error("a handshake without a peer succeeds")
	}
}

func TestServe(t *testing.T) {
	listener, err := tcp.ListenPoll("127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	l, err := loop.New(loop.Options{})
	if err != nil {
		t.Skip(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(l, server(t, tls.VersionTLS13), listener) }()
	below, err := tcp.Dial(t.Context(), listener.Addr())
	if err != nil {
		t.Fatal(err)
	}
	f := client(tls.HelloChrome_Auto).Flow(below)
	defer f.Close()
	if _, err := io.WriteString(f, "GET / HTTP/1.1\r\nHost: specht.test\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(f), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if string(content) != "Hello over TLS 1.3!\n" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	l.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
