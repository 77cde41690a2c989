package h2

import (
	"encoding/base64"
	"strings"

	"github.com/specht-http/specht/message"
)

// How a connection that began with HTTP/1.1 goes on as one of HTTP/2 (RFC 7540,
// Section 3.2):
//
//	client  GET / HTTP/1.1, Upgrade: h2c, HTTP2-Settings: AAMAAABk
//	server  101 (Switching Protocols), our preface
//	client  its preface: PRI * HTTP/2.0 and SETTINGS
//	server  the response on stream 1, which is half-closed, as if the request had
//	        come on it
//
// HTTP2-Settings is in effect from the beginning, and not acknowledged
// (Section 3.2.1).
//
// choice: the response could go before the client's preface. It waits, so that
// nobody has a request served, or much sent, who doesn't speak HTTP/2; and clients
// have little room for what comes with the 101: curl has 32 KiB.

// switching is the last that is said in HTTP/1.1.
const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"

// NewUpgraded is the engine of a connection that goes on as one of HTTP/2 because
// x, a request of HTTP/1.1, asks for it by `Upgrade: h2c` (RFC 7540, Section 3.2);
// nil if it doesn't, or can't have it, by the table of spec/h2c.md: then x is
// HTTP/1.1's to answer. x is valid during the call, in which what is needed of it
// is copied. Nothing has been said to x.
//
// What is read is what follows the head of x. The exchange begins when the
// client's preface has come, for which it has SettingsNs.
//
// RFC 9113, Section 3.1, has made h2c obsolete. Where a proxy passes Upgrade on to
// this server, as none should, whoever is behind it has a connection whose
// requests the proxy doesn't see: it is for clients that need it, without one.
func (s *Service) NewUpgraded(about any, x message.Exchange) *Server {
	conn := decideUpgrade(&s.conn, x)
	if conn == nil {
		return nil
	}
	server := s.NewServer(about)
	server.conn = conn
	return server
}

// decideUpgrade is the connection that x is to go on over, or nil. What isn't asked
// any more, once an answer is no, is left at what it begins with.
func decideUpgrade(o *ConnOptions, x message.Exchange) *Conn {
	var (
		fields     = x.Fields()
		named      = H2CNamedNo
		content    = RequestContentNone
		given      = HTTP2SettingsAbsent
		values     = SettingsValuesRefused
		translated = RequestTranslatedRefused
		conn       *Conn
		settings   []byte
	)
	if fields.HasElement(message.FieldNameUpgrade, "h2c") {
		named = H2CNamedYes
		given, settings = readHTTP2Settings(fields)
	}
	if x.ContentLength() != 0 {
		content = RequestContentSome
	}
	if given == HTTP2SettingsOne {
		conn = newConn(o, true, new(connWorkspace))
		if conn.onSettings(settings) == EventMore {
			values = SettingsValuesGood
		}
	}
	if values == SettingsValuesGood {
		conn.upgraded = new(FieldSection)
		conn.upgraded.init(o.sectionLimits())
		if conn.upgraded.translate(x) == nil {
			translated = RequestTranslatedGood
		}
	}
	if DecideH2CUpgrade(named, optionsOf(fields), given, values, content, translated) == H2CUpgradeNo {
		return nil
	}
	return conn
}

// optionsOf says what Connection names.
func optionsOf(fields message.Fields) SettingsNamed {
	named := SettingsNamedNo
	for i := range fields.Len() {
		if fields.ID(i) != message.FieldNameConnection {
			continue
		}
		for e, rest := message.CutElement(fields.Value(i)); e != nil; e, rest = message.CutElement(rest) {
			switch strings.ToLower(string(e)) {
			case "http2-settings":
				named = SettingsNamedYes
			case "upgrade", "te", "keep-alive":
			default:
				return SettingsNamedBesideOthers
			}
		}
	}
	return named
}

// readHTTP2Settings reads HTTP2-Settings, all lines of it (RFC 7540,
// Section 3.2.1). If there is one, settings is what a SETTINGS frame would carry.
func readHTTP2Settings(fields message.Fields) (given HTTP2Settings, settings []byte) {
	var m HTTP2SettingsValue
	for value := range fields.Values("HTTP2-Settings") {
		if m.Consume(value) {
			settings, _ = base64.RawURLEncoding.AppendDecode(nil, value) // the machine has read it
		}
	}
	return m.Outcome, settings
}

// translate makes it the field section of x that HTTP/2 would have: control data as
// pseudo-header fields, names in lower case, without what is about a connection
// of HTTP/1.1 (RFC 9113, Section 8.2.2). The fault is why it can't be one.
func (s *FieldSection) translate(x message.Exchange) *message.Fault {
	s.begin(sectionRequest)
	s.add(":method", string(x.Method()), false)
	s.add(":scheme", string(x.Scheme()), false)
	if authority := x.Authority(); len(authority) > 0 {
		s.add(":authority", string(authority), false)
	}
	s.add(":path", string(x.Target()), false)
	if x.WantsTrailers() {
		s.add("te", "trailers", false)
	}
	fields := x.Fields()
	for i := range fields.Len() {
		name := strings.ToLower(string(fields.Name(i)))
		switch id := fields.ID(i); {
		case id == message.FieldNameHost || id == message.FieldNameTE || id.IsConnectionSpecific() || name == "http2-settings":
		default:
			s.add(name, string(fields.Value(i)), false)
		}
	}
	return s.end()
}

// changeProtocol says that the protocol changes. Our preface, which was made with
// the connection, goes to the memory that it has from now on.
func (s *Server) changeProtocol() {
	preface := s.conn.pending
	s.wake()
	s.out.Commit(s.host, append(s.out.Tail(s.host, len(switching)), switching...))
	s.conn.pending = append(s.conn.pending, preface...)
}

// beginUpgraded opens stream 1, as if its request had come on it, with END_STREAM.
func (c *Conn) beginUpgraded() Event {
	c.section = *c.upgraded
	c.upgraded = nil
	c.skip(1)
	s := c.add(1, false)
	c.enter(s)
	c.move(s, StreamStateOnReceivedHeaders)
	c.fieldBlock = fieldBlock{id: s.ID, stream: s, kind: sectionRequest, isEnd: true}
	return c.onHead(s)
}
