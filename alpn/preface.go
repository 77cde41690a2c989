package alpn

import (
	"errors"

	"github.com/specht-http/specht/engine"
)

// preface is what a client of HTTP/2 sends first (RFC 9113, Section 3.4): what
// HTTP/1 would read as a head, and what it would refuse behind it.
const (
	prefaceHead = "PRI * HTTP/2.0\r\n\r\n"
	preface     = prefaceHead + "SM\r\n\r\n"
)

// prefaced is the engine of a clear connection that may turn out to be one of
// HTTP/2. It is the engine of HTTP/1, whose deadlines and answers hold, until
// the whole preface has come; that engine is shown the first octet meanwhile, so
// that its time for a head runs, and consumes nothing.
//
//	"G"                  HTTP/1, decided
//	"P", "PR", "PRI *"   undecided
//	"PRI / "             HTTP/1, decided
//	the whole preface    HTTP/2, decided, with all octets
//
// The end of input, a deadline that passes and Shutdown decide for HTTP/1.
// Afterwards each call is one of the engine's, and one indirection more.
type prefaced struct {
	engine.Engine
	server  *Server // nil once it is decided
	host    engine.Host
	flow    any
	isShown bool // HTTP/1 has the first octet
}

var _ engine.Upgrader = (*prefaced)(nil)

// errOther is what the engine of HTTP/1 is told when it isn't used.
var errOther = errors.New("alpn: the connection is one of HTTP/2")

// newPrefaced is the engine for f, or nil if there is none for HTTP/1.
func newPrefaced(s *Server, f any) engine.Engine {
	e := s.HTTP1(f)
	if e == nil {
		return nil
	}
	if s.Upgrade != nil {
		e = newUpgradable(s, f, e)
	}
	return &prefaced{Engine: e, server: s, flow: f}
}

// Attach implements engine.Engine.
func (p *prefaced) Attach(h engine.Host) {
	p.host = h
	p.Engine.Attach(h)
}

// Read implements engine.Engine.
func (p *prefaced) Read(b []byte) (n int) {
	if p.server == nil {
		return p.Engine.Read(b)
	}
	switch n := prefix(b); {
	case n == len(preface):
		return p.begin2(b)
	case n < len(b):
		p.decide()
		return p.Engine.Read(b)
	}
	if p.isShown {
		return 0
	}
	p.isShown = true
	n = p.Engine.Read(b[:1])
	if n > 0 || p.Engine.NextRead() != engine.Read {
		p.decide()
	}
	return n
}

// prefix is how many octets of b are those of the preface.
func prefix(b []byte) int {
	n := 0
	for n < len(b) && n < len(preface) && b[n] == preface[n] {
		n++
	}
	return n
}

// decide is that the engine stays.
func (p *prefaced) decide() { p.server, p.host, p.flow = nil, nil, nil }

// begin2 makes the connection one of HTTP/2.
func (p *prefaced) begin2(b []byte) (n int) {
	e, h, before := p.server.HTTP2(p.flow), p.host, p.Engine
	p.decide()
	before.ReportError(errOther)
	if e == nil {
		return len(b) // that engine is closed, and so will be the flow
	}
	p.Engine = e
	e.Attach(h)
	if e.NextRead() != engine.Read {
		return 0
	}
	return e.Read(b)
}

// ReadEOF implements engine.Engine.
func (p *prefaced) ReadEOF(b []byte) (n int) {
	if p.server != nil {
		shown := 0
		if p.isShown {
			shown = 1
		}
		p.decide()
		if len(b) > shown {
			n = p.Engine.Read(b)
		}
		if p.Engine.NextRead() != engine.Read {
			return len(b)
		}
	}
	return n + p.Engine.ReadEOF(b[n:])
}

// Expire implements engine.Engine.
func (p *prefaced) Expire() {
	p.decide()
	p.Engine.Expire()
}

// ReportError implements engine.Engine.
func (p *prefaced) ReportError(err error) {
	p.decide()
	p.Engine.ReportError(err)
}

// Shutdown implements engine.Engine.
func (p *prefaced) Shutdown() {
	p.decide()
	p.Engine.Shutdown()
}

// Upgraded implements engine.Upgrader.
func (p *prefaced) Upgraded() func(s engine.Stream, rest []byte) {
	return upgraded(p.Engine)
}
