package securetest

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/specht-http/specht/flow"
	"github.com/specht-http/specht/flow/mem"
)

// agreement: both ends know the same of what they have agreed on.
func (p Pair) agreement(t *testing.T) {
	p.each(t, mem.Options{}, func(t *testing.T, c *connection) {
		if s := c.client.Security(); s.ALPN != "" || s.Version != "" {
			t.Errorf("before the handshake the client says %+v", s)
		}
		c.open(t)
		s, d := c.server.Security(), c.client.Security()
		if s.ALPN != ALPN || d.ALPN != ALPN {
			t.Errorf("ALPN is %q at the server and %q at the client, want %q", s.ALPN, d.ALPN, ALPN)
		}
		if s.Version != d.Version || s.Version != "TLS 1.3" && s.Version != "TLS 1.2" {
			t.Errorf("the version is %q at the server and %q at the client", s.Version, d.Version)
		}
		if s.CipherSuite != d.CipherSuite || len(s.CipherSuite) < 4 || s.CipherSuite[:4] != "TLS_" {
			t.Errorf("the cipher suite is %q at the server and %q at the client", s.CipherSuite, d.CipherSuite)
		}
		if s.ServerName != Name || d.ServerName != Name {
			t.Errorf("the server's name is %q at the server and %q at the client, want %q", s.ServerName, d.ServerName, Name)
		}
		certificate, _ := PEM()
		block, _ := pem.Decode(certificate)
		if len(s.PeerCertificates) != 0 || len(d.PeerCertificates) != 1 || !bytes.Equal(d.PeerCertificates[0], block.Bytes) {
			t.Errorf("the client has sent %d certificates, the server %d, want none, and its own", len(s.PeerCertificates), len(d.PeerCertificates))
		}
		if alpn := c.client.(flow.Negotiated).ALPN(); alpn != ALPN {
			t.Errorf("the client's flow says %q", alpn)
		}
		before := c.server.Security()
		c.close()
		if after := c.server.Security(); fmt.Sprint(before) != fmt.Sprint(after) {
			t.Errorf("after Close the server says %+v, and before %+v", after, before)
		}
	})
}

// awkward are the ways of flows in memory, and how many octets suffice.
var awkward = []struct {
	name   string
	flows  mem.Options
	octets int
}{
	{"mem", mem.Options{}, 500_000},
	{"small buffer", mem.Options{BufferOctets: 7}, 20_000},
	{"one octet", mem.Options{BufferOctets: 1000, ReadMax: 1, WriteMax: 1}, 20_000},
	{"would block", mem.Options{BufferOctets: 1000, Hesitate: true}, 5_000},
}

// sizes are of what is written at once.
var sizes = []int{1, 16385, 17, 1000, 2, 16383, 16384, 3, 70_000, 5}

// conversation: both ends write at the same time, and read to the end what the
// other has written.
func (p Pair) conversation(t *testing.T) {
	for _, a := range awkward {
		t.Run(a.name, func(t *testing.T) {
			p.each(t, a.flows, func(t *testing.T, c *connection) {
				text := make([]byte, a.octets)
				for i := range text {
					text[i] = byte(i * i >> 8)
				}
				wrote := make(chan error, 2)
				go func() { wrote <- say(c.client, text) }()
				go func() { wrote <- say(c.server, text[1:]) }()
				heard := make(chan []byte)
				go func() {
					got, err := io.ReadAll(c.server)
					if err != nil {
						t.Errorf("the server reads %d octets, then %v", len(got), err)
					}
					heard <- got
				}()
				got, err := io.ReadAll(c.client)
				if err != nil {
					t.Errorf("the client reads %d octets, then %v", len(got), err)
				}
				if !bytes.Equal(<-heard, text) || !bytes.Equal(got, text[1:]) {
					t.Error("other octets came than were sent")
				}
				for range 2 {
					if err := <-wrote; err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// say writes text in many sizes, some of them in several slices, and ends.
func say(e end, text []byte) error {
	for i := 0; len(text) > 0; i++ {
		n := min(sizes[i%len(sizes)], len(text))
		k, err := e.WriteVector([][]byte{text[:n/3], nil, text[n/3 : n]})
		if err != nil || k != n {
			return fmt.Errorf("writing %d octets: %d, %w", n, k, err)
		}
		text = text[n:]
	}
	return e.CloseWrite()
}

// halfClose: what one end has ended, the other goes on with.
func (p Pair) halfClose(t *testing.T) {
	p.each(t, mem.Options{}, func(t *testing.T, c *connection) {
		c.open(t)
		for _, way := range [][2]end{{c.client, c.server}, {c.server, c.client}} {
			from, to := way[0], way[1]
			if _, err := io.WriteString(from, "the last"); err != nil {
				t.Fatal(err)
			}
			if err := from.CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(to); string(got) != "the last" || err != nil {
				t.Errorf("read %q, %v", got, err)
			}
			if _, err := to.Read(make([]byte, 1)); err != io.EOF {
				t.Errorf("reading again: %v, want %v", err, io.EOF)
			}
			if n, err := io.WriteString(from, "x"); err == nil {
				t.Errorf("%d octets were written behind the end", n)
			}
		}
	})
}

// truncation: an end that the peer hasn't announced is an error, and one that
// it has announced is none, though nothing half-closes the flow below.
func (p Pair) truncation(t *testing.T) {
	for _, byServer := range []bool{false, true} {
		for _, announced := range []bool{false, true} {
			p.each(t, mem.Options{}, func(t *testing.T, c *connection) {
				c.open(t)
				from, to, below := c.client, c.server, c.belowClient
				if byServer {
					from, to, below = c.server, c.client, c.belowServer
				}
				if _, err := io.WriteString(from, "some"); err != nil {
					t.Fatal(err)
				}
				want := io.ErrUnexpectedEOF
				if announced {
					want = nil
					if err := from.Close(); err != nil {
						t.Error(err)
					}
				} else {
					below.Close()
				}
				if got, err := io.ReadAll(to); string(got) != "some" || !errors.Is(err, want) {
					t.Errorf("read %q, %v, want some, and %v", got, err, want)
				}
			})
		}
	}
}
