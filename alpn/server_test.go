package alpn_test

import (
	"fmt"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/specht-http/specht/alpn"
	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/flow"
)

// clearFlow is a flow as alpn sees it that has agreed on nothing. It carries no
// octets.
type clearFlow struct{}

func (clearFlow) Peer() netip.AddrPort { return peer }

// agreeingFlow is one on which a protocol was agreed, without encryption.
type agreeingFlow struct {
	clearFlow
	protocol string
}

func (f agreeingFlow) ALPN() string { return f.protocol }

// securedFlow is one that is encrypted, as well.
type securedFlow struct{ agreeingFlow }

func (f securedFlow) Security() flow.Security { return flow.Security{ALPN: f.protocol} }

var (
	peer = netip.MustParseAddrPort("192.0.2.1:4711")

	_ flow.Negotiated = agreeingFlow{}
	_ flow.Secured    = securedFlow{}
)

// named is an engine that is only there to be chosen.
type named struct {
	engine.Engine
	name string
}

// maker is a function that makes such engines, or nil.
func maker(name string, exists bool) func(any) engine.Engine {
	if !exists {
		return nil
	}
	return func(any) engine.Engine { return named{nil, name} }
}

// The whole table of servers: what is agreed on, how, and which engines exist.
func TestServerTable(t *testing.T) {
	const (
		h1, h2, sniffed = "HTTP/1", "HTTP/2", "preface"
		other           = "no engine of HTTP speaks it"
		no1, no2        = "Server.HTTP1, which", "Server.HTTP2, which"
	)
	tests := []struct {
		protocol            string
		isSecured           bool
		both, only1, only2s string // with both engines, with one only
	}{
		{"", false, sniffed, h1, h2},
		{"", true, h1, h1, no1},
		{"http/1.0", false, h1, h1, no1},
		{"http/1.0", true, h1, h1, no1},
		{"http/1.1", false, h1, h1, no1},
		{"http/1.1", true, h1, h1, no1},
		{"h2", false, h2, no2, h2},
		{"h2", true, h2, no2, h2},
		{"h3", false, other, other, other},
		{"h3", true, other, other, other},
		{"HTTP/1.1", true, other, other, other},
		{"h2c", true, other, other, other},
		{"acme-tls/1", true, other, other, other},
	}
	for _, test := range tests {
		var f any = agreeingFlow{protocol: test.protocol}
		if test.isSecured {
			f = securedFlow{agreeingFlow{protocol: test.protocol}}
		}
		for i, want := range []string{test.both, test.only1, test.only2s} {
			t.Run(fmt.Sprintf("%q secured %v, %d", test.protocol, test.isSecured, i), func(t *testing.T) {
				var told []string
				s := &alpn.Server{
					HTTP1: maker(h1, i != 2), HTTP2: maker(h2, i != 1),
					OnRefuse: func(at netip.AddrPort, err error) {
						if at != peer {
							t.Errorf("the peer is %v", at)
						}
						if e, ok := err.(*alpn.ProtocolError); !ok || e.Protocol != test.protocol {
							t.Errorf("told %#v", err)
						}
						told = append(told, err.Error())
					},
				}
				switch e := s.NewEngine(f).(type) {
				case nil:
					if len(told) != 1 || !strings.Contains(told[0], want) {
						t.Errorf("told %q, want %q", told, want)
					}
					if s.OnRefuse = nil; s.NewEngine(f) != nil {
						t.Error("an engine, when nobody is to be told that there is none")
					}
				case named:
					if e.name != want || told != nil {
						t.Errorf("an engine of %s, told %q; want %s", e.name, told, want)
					}
				default:
					if want != sniffed || told != nil {
						t.Errorf("a %T, told %q; want %s", e, told, want)
					}
				}
			})
		}
	}
}

// A flow that agrees on nothing because it can't is clear, too.
func TestServerOfPlainFlow(t *testing.T) {
	s := &alpn.Server{HTTP1: maker("HTTP/1", true)}
	if e, ok := s.NewEngine(clearFlow{}).(named); !ok || e.name != "HTTP/1" {
		t.Errorf("got %v", e)
	}
}

func TestServerProtocols(t *testing.T) {
	tests := []struct {
		name       string
		has1, has2 bool
		preference []string
		want       []string
		err        string
	}{
		{"both", true, true, nil, []string{"h2", "http/1.1", "http/1.0"}, ""},
		{"one", true, false, nil, []string{"http/1.1", "http/1.0"}, ""},
		{"two", false, true, nil, []string{"h2"}, ""},
		{"none", false, false, nil, nil, "HTTP1 and HTTP2 are both nil"},
		{"the user's order", true, true, []string{"http/1.1", "h2"}, []string{"http/1.1", "h2"}, ""},
		{"another protocol", true, false, []string{"acme-tls/1", "http/1.1"}, []string{"acme-tls/1", "http/1.1"}, ""},
		{"an engine that isn't there", true, false, []string{"h2", "http/1.1"}, []string{"h2", "http/1.1"}, "Preference has h2, and HTTP2"},
		{"the other one", false, true, []string{"http/1.0"}, []string{"http/1.0"}, "Preference has http/1.0, and HTTP1"},
		{"an empty name", true, true, []string{""}, []string{""}, "empty name"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &alpn.Server{HTTP1: maker("HTTP/1", test.has1), HTTP2: maker("HTTP/2", test.has2), Preference: test.preference}
			if got := s.Protocols(); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
			c := &alpn.Client[engine.Engine]{HTTP1: maker("HTTP/1", test.has1), HTTP2: maker("HTTP/2", test.has2), Preference: test.preference}
			ofClient := test.want
			if test.preference == nil { // a client speaks HTTP/1.1
				ofClient = slices.DeleteFunc(slices.Clone(test.want), func(p string) bool { return p == "http/1.0" })
			}
			if got := c.Protocols(alpn.WantAny); !slices.Equal(got, ofClient) {
				t.Errorf("client: got %q, want %q", got, ofClient)
			}
			for _, err := range []error{s.Check(), c.Check()} {
				if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
					t.Errorf("error %v, want %q", err, test.err)
				}
			}
		})
	}
}

// What a caller does with the protocols isn't seen by the next.
func TestProtocolsAreACopy(t *testing.T) {
	s := &alpn.Server{HTTP1: maker("HTTP/1", true), Preference: []string{"http/1.1", "http/1.0"}}
	s.Protocols()[0] = "x"
	if got := s.Protocols()[0]; got != "http/1.1" {
		t.Errorf("got %s", got)
	}
}

// No TLS library is reached over however many imports.
func TestNoTLS(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Skipf("there is no go command: %v", err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, "github.com/specht-http/specht/loop") {
		t.Fatalf("the list isn't that of alpn: %q", deps)
	}
	if slices.Contains(deps, "crypto/tls") {
		t.Error("alpn reaches crypto/tls")
	}
}
