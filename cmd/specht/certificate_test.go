package main

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"
)

// Without flags there is one clear address, and one over TLS; with some, those.
func TestDefaultAddresses(t *testing.T) {
	tests := []struct {
		args              []string
		listen, tls, unix []string
	}{
		{nil, []string{"127.0.0.1:8080"}, []string{"127.0.0.1:8443"}, nil},
		{[]string{"--listen", ":1"}, []string{":1"}, nil, nil},
		{[]string{"--tls", ":1"}, nil, []string{":1"}, nil},
		{[]string{"--unix", "s"}, nil, nil, []string{"s"}},
	}
	for _, test := range tests {
		var s serveCommand
		parse(t, &s, test.args...)
		if err := s.check(); err != nil {
			t.Errorf("%q: %v", test.args, err)
		}
		if !slices.Equal(s.Listen, test.listen) || !slices.Equal(s.TLS, test.tls) || !slices.Equal(s.Unix, test.unix) {
			t.Errorf("%q: listens on %q, %q, %q", test.args, s.Listen, s.TLS, s.Unix)
		}
	}
}

// A certificate that is made is good for this machine and what is listened on,
// now, and vouches for itself alone.
func TestMakeCertificate(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	made, err := makeCertificate([]string{"127.0.0.1:0", ":8443", "[::1]:0", "a.example:443", "192.0.2.1:443"}, now)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(made.Leaf)
	for _, name := range []string{"localhost", "127.0.0.1", "::1", "a.example", "192.0.2.1"} {
		if _, err := made.Leaf.Verify(x509.VerifyOptions{DNSName: name, Roots: pool, CurrentTime: now}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(made.Leaf.DNSNames)+len(made.Leaf.IPAddresses) != 5 || made.Leaf.IsCA {
		t.Errorf("it is for %q and %v, and is a CA: %v", made.Leaf.DNSNames, made.Leaf.IPAddresses, made.Leaf.IsCA)
	}
	other, err := makeCertificate(nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if other.Leaf.SerialNumber.Cmp(made.Leaf.SerialNumber) == 0 || fingerprintOf(other.Certificate[0]) == fingerprintOf(made.Certificate[0]) {
		t.Error("two certificates are the same")
	}
}
