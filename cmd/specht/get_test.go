//go:build !wasip1

package main

import (
	"crypto/tls"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/specht-http/specht"
	"github.com/specht-http/specht/loop/looptest"
	"github.com/specht-http/specht/message"
)

// With --cacert, who has signed with it is trusted, for the name that it says.
func TestGetTrusts(t *testing.T) {
	certificate, _ := looptest.Certificate("localhost")
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := specht.NewServer(specht.ServerOptions{Handler: message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, []byte("hello"))
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	e, err := s.Start(specht.Service{Address: "127.0.0.1:0", TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	url := strings.Replace(e.URL(), "127.0.0.1", "localhost", 1)
	if got, _, err := fetchBy(t, &getCommand{URLs: []string{url, url}, CACert: file}, ""); err != nil || got != "hellohello" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, _, err := fetchBy(t, &getCommand{URLs: []string{e.URL()}, CACert: file}, ""); exitCode(err) != exitNoConnect {
		t.Errorf("another name: %v", err)
	}
}

// The zone of an IPv6 address is for whoever connects: no server is told it.
func TestZone(t *testing.T) {
	for url, want := range map[string][2]string{
		"http://[fe80::1%25eth0]:8080/": {"[fe80::1%eth0]:8080", "[fe80::1]:8080"},
		"http://[fe80::1%25eth0]/a%25]": {"[fe80::1%eth0]:80", "[fe80::1]"},
		"http://[::1]:8080/":            {"[::1]:8080", "[::1]:8080"},
		"http://a:8080/%25":             {"a:8080", "a:8080"},
	} {
		w, err := new(getCommand).want(url)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]string{w.address, w.head.Authority}; got != want {
			t.Errorf("%s: got %q, want %q", url, got, want)
		}
	}
}

// HTTP/2 is spoken where both have it, without asking where that is said, and
// not at all where that is.
func TestGetHTTP2(t *testing.T) {
	certificate, _ := looptest.Certificate("localhost")
	s, err := specht.NewServer(specht.ServerOptions{Handler: message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, []message.Field{{Name: "X-A", Value: "b"}}, []byte(x.Version().String()))
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	secure, err := s.Start(specht.Service{Address: "127.0.0.1:0", TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	clear, err := s.Start(specht.Service{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		get  getCommand
		want string
	}{
		{getCommand{URLs: []string{secure.URL()}}, "HTTP/2"},
		{getCommand{URLs: []string{secure.URL()}, HTTP2: true}, "HTTP/2"},
		{getCommand{URLs: []string{secure.URL()}, HTTP1: true}, "HTTP/1.1"},
		{getCommand{URLs: []string{clear.URL()}}, "HTTP/1.1"},
		{getCommand{URLs: []string{clear.URL()}, Prior: true}, "HTTP/2"},
	} {
		test.get.Insecure, test.get.Verbose = true, true
		got, log, err := fetchBy(t, &test.get, "")
		if got != test.want || err != nil || !strings.Contains(log, "< "+test.want+" 200 OK\n") {
			t.Errorf("%+v: got %q, %v; told was\n%s", test.get, got, err, log)
		}
		if sent := strings.Contains(log, "> :path: /\n"); sent != (test.want == "HTTP/2") {
			t.Errorf("%+v: told was\n%s", test.get, log)
		}
	}
	if _, _, err := fetchBy(t, &getCommand{URLs: []string{clear.URL()}, HTTP2: true}, ""); exitCode(err) != exitUsage || !strings.Contains(err.Error(), "--http2-prior-knowledge") {
		t.Errorf("HTTP/2 in clear without prior knowledge: %v", err)
	}
}
