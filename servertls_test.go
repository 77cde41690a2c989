package specht_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/flow/tcp"
	flowtls "github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
	"github.com/specht-http/specht/nethttp"
)

// facts answers by what is known of the connection.
var facts = message.HandlerFunc(func(x message.Exchange) {
	c := specht.ConnOf(x)
	s, isSecured := c.Security()
	_ = x.Respond(message.StatusOK, nil, fmt.Appendf(nil, "%s %v %q %v %q %q %q", // the peer may have gone
		x.Scheme(), c.Peer(), c.ALPN(), isSecured, s.Version, s.ServerName, s.ALPN))
})

// serverTLS is a configuration with a certificate for a.example, and the pool
// that knows it.
func serverTLS(protocols ...string) (*tls.Config, *x509.CertPool) {
	certificate, pool := looptest.Certificate("a.example")
	return &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: protocols}, pool
}

// dialTLS opens an encrypted connection, which is closed when the test is over.
func dialTLS(t *testing.T, e *specht.Endpoint, config *tls.Config) (*client, error) {
	t.Helper()
	below, err := net.Dial(e.Network(), e.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { below.Close() })
	c := tls.Client(below, config)
	return &client{t, c, bufio.NewReader(c)}, c.Handshake()
}

// mustDialTLS is dialTLS where it works.
func mustDialTLS(t *testing.T, e *specht.Endpoint, config *tls.Config) *client {
	t.Helper()
	c, err := dialTLS(t, e, config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A handler finds what its connection has agreed on; on TCP and Unix sockets,
// with protocols and without.
func TestServerTLS(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d, Handler: facts})
		config, pool := serverTLS()
		e := start(t, s, specht.Service{TLS: config})
		if !strings.HasPrefix(e.URL(), "https://127.0.0.1:") {
			t.Errorf("the URL is %s", e.URL())
		}
		of := &tls.Config{RootCAs: pool, ServerName: "a.example"}
		c := mustDialTLS(t, e, of)
		c.want("/", 200, fmt.Sprintf(`https %v "" true "TLS 1.3" "a.example" ""`, c.LocalAddr()))
		c.want("/", 200, fmt.Sprintf(`https %v "" true "TLS 1.3" "a.example" ""`, c.LocalAddr()))
		of.NextProtos, of.MaxVersion = []string{"spdy/3", "http/1.1"}, tls.VersionTLS12
		c = mustDialTLS(t, e, of)
		c.want("/", 200, fmt.Sprintf(`https %v "http/1.1" true "TLS 1.2" "a.example" "http/1.1"`, c.LocalAddr()))

		overUnix := start(t, s, specht.Service{Network: "unix", Address: filepath.Join(t.TempDir(), "s"), TLS: config})
		mustDialTLS(t, overUnix, of).want("/", 200, `https invalid AddrPort "http/1.1" true "TLS 1.2" "a.example" "http/1.1"`)
		c = dial(t, start(t, s, specht.Service{}))
		c.want("/", 200, fmt.Sprintf(`http %v "" false "" "" ""`, c.LocalAddr()))
		if len(config.NextProtos) != 0 {
			t.Error("the configuration of the caller has changed")
		}
	})
}

// The order of protocols is the server's.
func TestServerPrefers(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d, Handler: facts})
		for _, order := range [][]string{{"http/1.0", "http/1.1"}, {"http/1.1", "http/1.0"}} {
			config, pool := serverTLS(order...)
			e := start(t, s, specht.Service{TLS: config})
			c := mustDialTLS(t, e, &tls.Config{RootCAs: pool, ServerName: "a.example", NextProtos: []string{"http/1.1", "http/1.0"}})
			if got := c.Conn.(*tls.Conn).ConnectionState().NegotiatedProtocol; got != order[0] {
				t.Errorf("the server prefers %s, and got %s", order[0], got)
			}
			if _, content := c.get("/"); !strings.Contains(content, `"`+order[0]+`"`) {
				t.Errorf("the handler is told %s", content)
			}
		}
	})
}

// refusal is what OnError is told.
type refusal struct {
	peer netip.AddrPort
	err  error
}

// What fails before there is an engine is told with the peer, closes the
// connection, and hurts nobody else.
func TestServerTellsErrors(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		told := make(chan refusal, 1)
		s := newServer(t, specht.ServerOptions{Driver: d, OnError: func(peer netip.AddrPort, err error) { told <- refusal{peer, err} }})
		config, pool := serverTLS("x", "http/1.1")
		e := start(t, s, specht.Service{TLS: config})
		of := func(protocols ...string) *tls.Config {
			return &tls.Config{RootCAs: pool, ServerName: "a.example", NextProtos: protocols, MaxVersion: tls.VersionTLS12}
		}
		var wrong *alpn.ProtocolError
		tests := []struct {
			name string
			open func() *client
			is   func(error) bool
		}{
			{"clear octets", func() *client {
				c := dial(t, e)
				c.send("GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
				return c
			}, func(err error) bool { return strings.Contains(err.Error(), "TLS") }},
			{"an end", func() *client {
				c := dial(t, e)
				_ = c.Conn.(*net.TCPConn).CloseWrite()
				return c
			}, func(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }},
			{"no protocol in common", func() *client {
				c, err := dialTLS(t, e, of("h2"))
				if err == nil || !strings.Contains(err.Error(), "no application protocol") {
					t.Errorf("the handshake ends with %v", err)
				}
				return c
			}, func(err error) bool { return strings.Contains(err.Error(), "h2") }},
			{"a protocol that nobody speaks", func() *client { return mustDialTLS(t, e, of("x")) }, func(err error) bool {
				return errors.As(err, &wrong) && wrong.Protocol == "x"
			}},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				c := test.open()
				got := <-told
				if got.peer.String() != c.LocalAddr().String() || !test.is(got.err) {
					t.Errorf("told %v of %v, and the peer is %v", got.err, got.peer, c.LocalAddr())
				}
				if _, err := io.Copy(io.Discard, c.r); err != nil && test.name == "a protocol that nobody speaks" {
					t.Errorf("the connection ends with %v", err)
				}
			})
		}
		mustDialTLS(t, e, of("http/1.1")).want("/after", 200, "hello /after")
		looptest.Eventually(t, "nothing is left", func() bool { return s.Stats().Connections == 1 })
	})
}

// What can't be done about TLS is said by Start.
func TestServerTLSMisuse(t *testing.T) {
	s := newServer(t, specht.ServerOptions{Driver: specht.DriverGoroutine, NoHTTP2: true})
	for want, protocols := range map[string][]string{"has h2, and HTTP2": {"h2"}, "empty name": {""}} {
		config, _ := serverTLS(protocols...)
		if _, err := s.Start(specht.Service{Address: "127.0.0.1:0", TLS: config}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := s.Start(specht.Service{Address: "127.0.0.1:0", TLS: new(tls.Config)}); err == nil || !strings.Contains(err.Error(), "no certificate") {
		t.Errorf("got %v", err)
	}
}

// shown is the certificate that a new connection is shown, by its name.
func shown(t *testing.T, e *specht.Endpoint) string {
	t.Helper()
	c := mustDialTLS(t, e, &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12})
	return c.Conn.(*tls.Conn).ConnectionState().PeerCertificates[0].DNSNames[0]
}

// writePEM writes a certificate for name and its key.
func writePEM(t *testing.T, name, certFile, keyFile string) {
	t.Helper()
	certificate, _ := looptest.Certificate(name)
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: certificate.Certificate[0]},
		keyFile:  {Type: "PRIVATE KEY", Bytes: key},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// A certificate is replaced while the server runs: handshakes show the new one,
// and connections that are open go on. What can't be read replaces nothing.
func TestCertificatesAreReplaced(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		dir := t.TempDir()
		certFile, keyFile := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
		writePEM(t, "first.example", certFile, keyFile)
		certificates, err := specht.LoadCertificates(certFile, keyFile)
		if err != nil {
			t.Fatal(err)
		}
		s := newServer(t, specht.ServerOptions{Driver: d})
		e := start(t, s, specht.Service{TLS: &tls.Config{GetCertificate: certificates.Get}})
		c := mustDialTLS(t, e, &tls.Config{InsecureSkipVerify: true})
		c.want("/a", 200, "hello /a")
		if got := shown(t, e); got != "first.example" {
			t.Errorf("shown %s", got)
		}

		writePEM(t, "second.example", certFile, keyFile)
		if got := shown(t, e); got != "first.example" {
			t.Errorf("before Reload: shown %s", got)
		}
		if err := certificates.Reload(); err != nil {
			t.Fatal(err)
		}
		if got := shown(t, e); got != "second.example" {
			t.Errorf("after Reload: shown %s", got)
		}
		if err := os.WriteFile(keyFile, []byte("no key"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := certificates.Reload(); err == nil || !strings.Contains(err.Error(), certFile) {
			t.Errorf("Reload of no key: %v", err)
		}
		if got := shown(t, e); got != "second.example" {
			t.Errorf("after a Reload that failed: shown %s", got)
		}
		third, _ := looptest.Certificate("third.example")
		certificates.Set(&third)
		if got := shown(t, e); got != "third.example" {
			t.Errorf("after Set: shown %s", got)
		}
		c.want("/b", 200, "hello /b")
	})
}

func TestCertificatesMisuse(t *testing.T) {
	if _, err := specht.LoadCertificates(filepath.Join(t.TempDir(), "none"), ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	var c specht.Certificates
	if err := c.Reload(); err == nil || !strings.Contains(err.Error(), "use Set") {
		t.Errorf("got %v", err)
	}
	if _, err := c.Get(nil); err == nil {
		t.Error("a certificate, and none was set")
	}
}

// A handler of net/http sees that the connection is encrypted.
func TestNetHTTPHandlerOverTLS(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "%s %v", r.TLS.ServerName, len(r.TLS.VerifiedChains))
		})
		s := newServer(t, specht.ServerOptions{Driver: d, Handler: nethttp.Handler(handler, nethttp.Options{})})
		config, pool := serverTLS()
		ofClient, poolOfClients := looptest.Certificate("client.example")
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, poolOfClients
		e := start(t, s, specht.Service{TLS: config})
		of := &tls.Config{RootCAs: pool, ServerName: "a.example", Certificates: []tls.Certificate{ofClient}}
		mustDialTLS(t, e, of).want("/", 200, "a.example 1")
	})
}

// Flows of the caller's may be encrypted by whatever it likes: here by an
// endpoint of its own.
func TestEncryptedListenerOfTheCaller(t *testing.T) {
	s := newServer(t, specht.ServerOptions{Handler: facts})
	config, pool := serverTLS("http/1.1")
	l, err := tcp.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	start(t, s, specht.Service{Listener: flowtls.NewServer(config, flowtls.Options{}).Listen(l)})
	c, err := tls.Dial("tcp", l.Addr(), &tls.Config{RootCAs: pool, ServerName: "a.example", NextProtos: []string{"http/1.1"}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	over := &client{t, c, bufio.NewReader(c)}
	over.want("/", 200, fmt.Sprintf(`https %v "http/1.1" true "TLS 1.3" "a.example" "http/1.1"`, c.LocalAddr()))
}

// An address may be shared, by several loops and by several servers: what the
// program that takes over from another needs.
func TestSharedAddress(t *testing.T) {
	options := specht.ServerOptions{Driver: specht.DriverPoll, Loops: 3}
	old := newServer(t, options)
	e, err := old.Start(specht.Service{Address: "127.0.0.1:0", Shared: true})
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	successor := newServer(t, options)
	start(t, successor, specht.Service{Address: e.Addr(), Shared: true})
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		dial(t, e).want("/", 200, "hello /")
	}
	if n := successor.Stats().Accepted; n != 20 {
		t.Errorf("the successor has accepted %d", n)
	}
}
