package specht

import (
	"crypto/tls"
	"net/netip"
	"sync/atomic"

	"github.com/specht-http/specht/flow"
	flowtls "github.com/specht-http/specht/flow/tls"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// Conn is what a Server, or a Client, knows of the connection of an exchange. It
// holds for as long as the exchange does.
type Conn interface {
	// Peer is the address of the peer: the zero AddrPort where it has none, as
	// on a Unix socket.
	Peer() netip.AddrPort
	// ALPN is the protocol that was agreed on, empty for none.
	ALPN() string
	// Security is what is known of the encryption, if there is any.
	Security() (s flow.Security, isSecured bool)
}

// ConnOf is the connection of an exchange that a Server serves. It is nil for
// an exchange of somebody else's.
func ConnOf(x message.Exchange) Conn {
	c, _ := x.About().(Conn)
	return c
}

// serverConn is a Conn: what the flow says of itself.
type serverConn struct {
	flow  any
	state atomic.Pointer[tls.ConnectionState] // once somebody has asked for it
}

// Peer implements Conn.
func (c *serverConn) Peer() netip.AddrPort { return loop.PeerOf(c.flow) }

// ALPN implements Conn.
func (c *serverConn) ALPN() string {
	if f, ok := c.flow.(flow.Negotiated); ok {
		return f.ALPN()
	}
	return ""
}

// Security implements Conn.
func (c *serverConn) Security() (flow.Security, bool) {
	if f, ok := c.flow.(flow.Secured); ok {
		return f.Security(), true
	}
	return flow.Security{}, false
}

// ConnectionState is what net/http's handlers have as Request.TLS, where
// crypto/tls encrypts.
func (c *serverConn) ConnectionState() (*tls.ConnectionState, bool) {
	if s := c.state.Load(); s != nil {
		return s, true
	}
	s, ok := flowtls.State(c.flow)
	if ok {
		c.state.Store(&s)
	}
	return &s, ok
}

// String is the peer's address, or empty: what net/http calls RemoteAddr.
func (c *serverConn) String() string {
	if p := c.Peer(); p.IsValid() {
		return p.String()
	}
	return ""
}
