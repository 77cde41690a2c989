package alpn

import (
	"fmt"

	"github.com/specht-http/specht/engine"
	"github.com/specht-http/specht/message"
)

// upgradable is the engine of a clear connection that may go on as one of HTTP/2
// by a request (RFC 7540, Section 3.2). It is the engine of HTTP/1 until there is
// one for such a request; that one has the connection from the octet behind the
// request's head on, in the same turn.
type upgradable struct {
	engine.Engine
	server *Server
	host   engine.Host
	flow   any
	next   engine.Engine // for the request that is being read; nil for none
}

var _ engine.Upgrader = (*upgradable)(nil)

// offering is what an engine of HTTP/1 has to have: see h1.Server.OnOffer.
type offering interface {
	OnOffer(take func(x message.Exchange) bool)
}

// newUpgradable makes it of an engine of HTTP/1.
func newUpgradable(s *Server, f any, e engine.Engine) engine.Engine {
	o, ok := e.(offering)
	if !ok {
		panic(fmt.Sprintf("alpn: bug: Server.Upgrade is given, and the engine that HTTP1 makes, a %T, has no OnOffer as h1.Server has", e))
	}
	u := &upgradable{Engine: e, server: s, flow: f}
	o.OnOffer(u.take)
	return u
}

// take is asked about a request that offers another protocol.
func (u *upgradable) take(x message.Exchange) bool {
	u.next = u.server.Upgrade(u.flow, x)
	return u.next != nil
}

// Attach implements engine.Engine.
func (u *upgradable) Attach(h engine.Host) {
	u.host = h
	u.Engine.Attach(h)
}

// Read implements engine.Engine.
func (u *upgradable) Read(b []byte) (n int) {
	n = u.Engine.Read(b)
	e, h := u.next, u.host
	if e == nil {
		return n
	}
	*u = upgradable{Engine: e}
	e.Attach(h)
	if n < len(b) && e.NextRead() == engine.Read {
		n += e.Read(b[n:])
	}
	return n
}

// Upgraded implements engine.Upgrader.
func (u *upgradable) Upgraded() func(s engine.Stream, rest []byte) { return upgraded(u.Engine) }

// upgraded is Upgraded of an engine.
func upgraded(e engine.Engine) func(s engine.Stream, rest []byte) {
	u, ok := e.(engine.Upgrader)
	if !ok {
		panic(fmt.Sprintf("alpn: bug: NextRead of a %T is Upgrade, but it is no engine.Upgrader", e))
	}
	return u.Upgraded()
}
