//go:build openssl && cgo

package main

import (
	"bufio"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/specht-http/specht/flow/mem"
	"github.com/specht-http/specht/flow/secure"
	"github.com/specht-http/specht/flow/secure/securetest"
	"github.com/specht-http/specht/flow/tcp"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/loop/looptest"
)

func pair(t testing.TB) (server, client *secure.Endpoint) {
	certificate, key := securetest.PEM()
	server, err := newServer(certificate, key, "another", securetest.ALPN)
	if err != nil {
		t.Fatal(err)
	}
	client, err = newClient(securetest.Name, certificate, securetest.ALPN)
	if err != nil {
		t.Fatal(err)
	}
	return server, client
}

// allFree says whether every session is.
func allFree(t *testing.T) {
	t.Helper()
	looptest.Eventually(t, "every session is free", func() bool { return sessions.Load() == 0 })
}

// What every TLS library passes, alone and against crypto/tls.
func TestLibrary(t *testing.T) {
	server, client := pair(t)
	for name, p := range map[string]securetest.Pair{
		"both":                             {Server: server, Client: client},
		"a client for crypto/tls":          {Server: securetest.Server(), Client: client},
		"a server for crypto/tls":          {Server: server, Client: securetest.Client()},
		"a client for crypto/tls, TLS 1.2": {Server: securetest.CryptoTLS(0x303).Server, Client: client},
		"a server for crypto/tls, TLS 1.2": {Server: server, Client: securetest.CryptoTLS(0x303).Client},
	} {
		t.Run(name, func(t *testing.T) {
			securetest.Run(t, p)
			allFree(t)
		})
	}
}

// A flow may be closed while others read and write it.
func TestCloseUnderway(t *testing.T) {
	server, client := pair(t)
	for range 200 {
		a, b := mem.Pipe(mem.Options{BufferOctets: 1000})
		s, c := server.Flow(a), client.Flow(b)
		ended := make(chan struct{}, 3)
		go func() { _, _ = io.Copy(s, endless{}); ended <- struct{}{} }()
		go func() { _, _ = io.Copy(io.Discard, s); ended <- struct{}{} }()
		go func() { _, _ = io.Copy(c, endless{}); ended <- struct{}{} }()
		if _, err := io.ReadFull(c, make([]byte, 50_000)); err != nil {
			t.Fatal(err)
		}
		s.Close()
		c.Close()
		for range 3 {
			<-ended
		}
	}
	allFree(t)
}

// A flow may be closed at any time of its handshake, while OpenSSL computes or
// waits: nothing is used that has been freed, and everything is.
func TestCloseInHandshake(t *testing.T) {
	server, client := pair(t)
	for k := range 400 {
		a, b := mem.Pipe(mem.Options{})
		s, c := server.Flow(a), client.Flow(b)
		closing, other := s, c
		if k%2 == 0 {
			closing, other = c, s
		}
		opened := make(chan error, 2)
		go func() { opened <- s.Open() }()
		go func() { opened <- c.Open() }()
		for range k { // at another time in each round
			runtime.Gosched()
		}
		switch k % 3 {
		case 0:
			closing.Close()
		case 1:
			closing.Reset()
		default:
			go closing.Reset()
			closing.Close()
		}
		<-opened
		<-opened
		_ = closing.Security()
		other.Close()

		x, y := mem.MixedPipe(mem.Options{})
		p, q := server.Poll(y), client.Flow(x)
		go func() { opened <- q.Open() }()
		for range k {
			_ = p.Open() // what fails, fails again
			runtime.Gosched()
		}
		p.Close()
		<-opened
		q.Close()
	}
	allFree(t)
}

// endless has octets for ever.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// What can't be used is refused when the endpoint is made.
func TestRefused(t *testing.T) {
	certificate, key := securetest.PEM()
	for name, try := range map[string]func() error{
		"no certificate": func() error { _, err := newServer(nil, key); return err },
		"no key":         func() error { _, err := newServer(certificate, nil); return err },
		"nobody trusted": func() error { _, err := newClient(securetest.Name, key); return err },
		"no name of a protocol": func() error {
			_, err := newServer(certificate, key, "")
			return err
		},
		"too many protocols": func() error {
			_, err := newServer(certificate, key, strings.Repeat("a", 200), strings.Repeat("b", 55))
			return err
		},
	} {
		if err := try(); err == nil || !strings.HasPrefix(err.Error(), "openssl: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestServe(t *testing.T) {
	server, client := pair(t)
	listener, err := tcp.ListenPoll("127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	l, err := loop.New(loop.Options{})
	if err != nil {
		t.Skip(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- serve(l, server, listener) }()
	below, err := tcp.Dial(t.Context(), listener.Addr())
	if err != nil {
		t.Fatal(err)
	}
	f := client.Flow(below)
	if _, err := io.WriteString(f, "GET / HTTP/1.1\r\nHost: specht.test\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(f), nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(response.Body)
	if string(content) != "Hello over TLS 1.3!\n" || err != nil {
		t.Errorf("%q, %v", content, err)
	}
	f.Close()
	l.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	allFree(t)
}
