package specht

import "net/netip"

// Endpoint is a place where a Server listens. Its address is known and takes
// connections from the beginning: that a Start has returned is all there is to
// wait for.
type Endpoint struct {
	server    *Server
	network   string
	scheme    string
	address   string
	listening listening
}

// newEndpoint is where l listens for v.
func newEndpoint(s *Server, v *Service, l listening) *Endpoint {
	e := &Endpoint{server: s, network: v.Network, scheme: "http", address: l.address(), listening: l}
	if v.TLS != nil {
		e.scheme = "https"
	}
	return e
}

// Network is tcp or unix, and empty for a listener of the caller's.
func (e *Endpoint) Network() string { return e.network }

// Addr is where peers reach the endpoint, with the port that it got.
func (e *Endpoint) Addr() string { return e.address }

// URL is the root of what is served, for clients on the same machine: where the
// endpoint takes connections for any of its addresses, it has the loopback one.
// It is empty if the endpoint isn't one of TCP.
func (e *Endpoint) URL() string {
	if e.network != "tcp" {
		return ""
	}
	return e.scheme + "://" + reachable(e.address)
}

// reachable is an address for a client on this machine.
func reachable(address string) string {
	a, err := netip.ParseAddrPort(address)
	if err != nil || !a.Addr().IsUnspecified() {
		return address
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), a.Port()).String()
}

// Close ends the endpoint and nothing else: nobody listens there any more when
// it returns, while its connections go on, as do other endpoints. Under the
// driver that polls, those that have been connected are accepted first. No
// inline handler may call it.
func (e *Endpoint) Close() error {
	e.server.forget(e)
	if e.listening.block != nil {
		return e.listening.block.Close()
	}
	e.server.poll.Unlisten(e.listening.poll...)
	return nil
}
