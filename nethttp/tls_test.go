package nethttp

import (
	"crypto/tls"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/loop/looptest"
)

// elsewhere is what an exchange is about whose connection a TLS library of
// others' encrypts, or none.
type elsewhere struct{ security *flow.Security }

func (e elsewhere) Security() (flow.Security, bool) {
	if e.security == nil {
		return flow.Security{}, false
	}
	return *e.security, true
}

// here is the same by crypto/tls, or by none.
type here struct {
	elsewhere
	state *tls.ConnectionState
}

func (h here) ConnectionState() (*tls.ConnectionState, bool) { return h.state, h.state != nil }

func TestConnectionState(t *testing.T) {
	certificate, _ := looptest.Certificate("a.example")
	security := flow.Security{
		Version: "TLS 1.2", CipherSuite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", ServerName: "a.example", ALPN: "http/1.1",
		PeerCertificates: [][]byte{certificate.Certificate[0], []byte("no certificate")}, IsResumed: true,
	}
	for _, about := range []any{nil, "192.0.2.1:1", elsewhere{}, here{}} {
		if s := connectionState(about); s != nil {
			t.Errorf("%T: got %+v", about, s)
		}
	}
	for _, about := range []any{elsewhere{&security}, here{elsewhere{&security}, nil}} {
		s := connectionState(about)
		if s == nil {
			t.Fatalf("%T: nothing", about)
		}
		if s.Version != tls.VersionTLS12 || s.CipherSuite != tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 || !s.HandshakeComplete ||
			!s.DidResume || s.ServerName != "a.example" || s.NegotiatedProtocol != "http/1.1" ||
			len(s.PeerCertificates) != 1 || !s.PeerCertificates[0].Equal(certificate.Leaf) {
			t.Errorf("%T: got %+v", about, s)
		}
	}
	state := new(tls.ConnectionState)
	if s := connectionState(here{elsewhere{&security}, state}); s != state {
		t.Error("crypto/tls knows better, and isn't asked")
	}
	if s := connectionState(elsewhere{&flow.Security{Version: "TLS 9"}}); s == nil || s.Version != 0 {
		t.Errorf("got %+v", s)
	}
}
