//go:build !wasip1

package main

import (
	"crypto/tls"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/specht-http/specht"
)

// overTLS starts a service over TLS beside the demonstration's, and is its
// address.
func (s *served) overTLS(t *testing.T) string {
	t.Helper()
	certificate, err := makeCertificate(nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	e, err := s.app.server.Start(specht.Service{Address: "127.0.0.1:0", TLS: &tls.Config{Certificates: []tls.Certificate{*certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	return e.Addr()
}

// TestOffers has curl and openssl offer whatever they can in ALPN: what is
// agreed on, the application is told.
func TestOffers(t *testing.T) {
	tests := []struct {
		program, args string // ADDR stands for the server's address
		in            string // stdin; openssl sends it
		want          string // in what is printed
	}{
		{"curl", "-v --http1.1", "", "alpn=http/1.1\n"},
		{"curl", "-v --http1.0", "", "version=HTTP/1.0\n"},
		{"curl", "-v --http2", "", "alpn=h2\n"},
		{"curl", "-v --no-alpn", "", "alpn=\n"},
		{"curl", "-v --tls-max 1.2", "", "security=TLS 1.2\n"},
		{"curl", "-v --tlsv1.3", "", "security=TLS 1.3\n"},
		{"openssl", "", "GET", "No ALPN negotiated\n…alpn=\n"},
		{"openssl", "-alpn http/1.1", "GET", "ALPN protocol: http/1.1\n…alpn=http/1.1\n"},
		{"openssl", "-alpn h2,http/1.1", "GET", "ALPN protocol: h2\n"}, // which GET isn't
		{"openssl", "-alpn http/1.1,h2", "GET", "ALPN protocol: h2\n"},
		{"openssl", "-alpn h2", "GET", "ALPN protocol: h2\n"},
		{"openssl", "-alpn h3,spdy/3", "", "no application protocol"},
		{"openssl", "-alpn http/1.1 -tls1_2", "GET", "security=TLS 1.2\n"},
		{"openssl", "-servername a.example", "GET", "server_name=a.example\n"},
	}
	drivers(t, 0, func(t *testing.T, s *served) {
		address := s.overTLS(t)
		for _, test := range tests {
			t.Run(test.program+" "+test.args, func(t *testing.T) {
				path := program(t, test.program)
				args := append([]string{"s_client", "-ign_eof", "-connect", address}, strings.Fields(test.args)...)
				if test.program == "curl" {
					args = append([]string{"-sSk", "--max-time", "20", "https://" + address + "/connection"}, strings.Fields(test.args)...)
				}
				cmd := exec.Command(path, args...)
				if test.in == "GET" {
					cmd.Stdin = strings.NewReader("GET /connection HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
				}
				out, _ := cmd.CombinedOutput() // what it says counts
				rest := string(out)
				for want := range strings.SplitSeq(test.want, "…") {
					var ok bool
					if _, rest, ok = strings.Cut(rest, want); !ok {
						t.Fatalf("%s %q: no %q in\n%s", test.program, args, want, out)
					}
				}
			})
		}
	})
}
