package specht_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/loop/looptest"
)

// Certificates are replaced while handshakes and requests go on, and none of
// them fails: new connections are shown either, and open ones don't notice.
func TestCertificatesUnderLoad(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		first, pool := looptest.Certificate("a.example")
		second, _ := looptest.Certificate("a.example")
		pool.AddCert(second.Leaf)
		var certificates specht.Certificates
		certificates.Set(&first)
		s := newServer(t, specht.ServerOptions{Driver: d})
		e := start(t, s, specht.Service{TLS: &tls.Config{GetCertificate: certificates.Get}})
		of := &tls.Config{RootCAs: pool, ServerName: "a.example"}
		kept := mustDialTLS(t, e, of)
		var done atomic.Bool
		var shown sync.Map // serial numbers are equal: by signature
		var clients sync.WaitGroup
		for range 4 {
			clients.Go(func() {
				for range 40 {
					below, err := net.Dial("tcp", e.Addr())
					if err != nil {
						t.Error(err)
						return
					}
					c := &client{t, tls.Client(below, of), nil}
					c.r = bufio.NewReader(c)
					c.want("/", 200, "hello /")
					shown.Store(string(c.Conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Signature), true)
					c.Close()
				}
			})
		}
		go func() {
			clients.Wait()
			done.Store(true)
		}()
		for i := 0; !done.Load(); i++ {
			certificates.Set([]*tls.Certificate{&second, &first}[i%2])
			kept.want("/kept", 200, "hello /kept")
		}
		for _, c := range []*x509.Certificate{first.Leaf, second.Leaf} {
			if _, ok := shown.Load(string(c.Signature)); !ok {
				t.Error("one of the certificates was never shown")
			}
		}
		if n := s.Stats().OpenErrors; n != 0 {
			t.Errorf("%d handshakes failed", n)
		}
	})
}

// Clients whose handshake stands still, before and within it, delay nobody
// else, and are gone when the server is.
func TestStalledHandshakes(t *testing.T) {
	eachDriver(t, func(t *testing.T, d specht.Driver) {
		s := newServer(t, specht.ServerOptions{Driver: d})
		config, pool := serverTLS()
		e := start(t, s, specht.Service{TLS: config})
		for i := range 100 {
			c := dial(t, e)
			if i%2 == 0 {
				c.send("\x16\x03\x01\x02\x00\x01") // what a hello begins with
			}
		}
		mustDialTLS(t, e, &tls.Config{RootCAs: pool, ServerName: "a.example"}).want("/", 200, "hello /")
		looptest.Eventually(t, "all are there", func() bool { return s.Stats().Connections == 101 })
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if n := s.Stats().Connections; n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
}
