package h2

import (
	"github.com/specht-http/specht/message"
)

// sectionKind says what a field section is (RFC 9113, Section 8.1).
type sectionKind uint8

const (
	sectionRequest  sectionKind = iota
	sectionResponse             // final or interim
	sectionTrailers
	sectionPromise // the request of a PUSH_PROMISE
)

// FieldSection is a field section that was received: decoded, checked and copied
// (RFC 9113, Section 8.2). It belongs to its connection, and is valid until the
// next one begins.
//
//	Arena  GETexample.org/hosttext/html…
//	Lines  [ 15:19 3:14 ][ … ]
//
// Names are in lower case. A request for an authority has one Host line, the
// first one, which is what :authority says. Cookie lines are one
// (RFC 9113, Section 8.2.3).
type FieldSection struct {
	Arena []byte
	Lines []message.FieldLine

	// Of a request. Target is :path, or :authority for CONNECT without
	// :protocol. Protocol is empty but for extended CONNECT (RFC 8441).
	Method, Target, Scheme, Authority, Protocol message.Span
	MethodID                                    message.Method
	// IsExpecting is Expect: 100-continue, WantsTrailers is TE: trailers.
	IsExpecting, WantsTrailers bool
	// Of a response.
	Status message.Status
	// Of both: content-length, -1 for none.
	ContentLength int64
	// Priority is what the field priority says, or the default.
	Priority    Priority
	HasPriority bool

	kind         sectionKind
	limits       sectionLimits
	octets       int // as SETTINGS_MAX_HEADER_LIST_SIZE counts
	isTooLarge   bool
	hasProtocols bool // we have sent SETTINGS_ENABLE_CONNECT_PROTOCOL
	fault        *message.Fault
}

// sectionLimits are octets of names and values and 32 for each field (RFC 9113,
// Section 6.5.2), and a number of fields.
type sectionLimits struct{ octets, lines int }

// init gives the section its limits, before the first begin.
func (s *FieldSection) init(limits sectionLimits) { s.limits = limits }

// begin makes it ready for another field section.
func (s *FieldSection) begin(kind sectionKind) {
	*s = FieldSection{
		Arena: s.Arena[:0], Lines: s.Lines[:0], kind: kind, limits: s.limits, hasProtocols: s.hasProtocols,
		ContentLength: -1, Priority: DefaultPriority,
	}
}

// add takes a field in. It is false when nothing more needs to be added, for the
// section is refused.
func (s *FieldSection) add(name, value string) bool {
	if s.octets += len(name) + len(value) + 32; s.octets > s.limits.octets {
		s.isTooLarge = true
		return false
	}
	if len(name) > 0 && name[0] == ':' {
		s.addPseudo(name, s.copy(value))
		return true
	}
	line := message.FieldLine{Name: s.copy(name)}
	line.NameID = message.LookupFieldName(line.Name.Of(s.Arena))
	line.Value = s.copy(value)
	s.Lines = append(s.Lines, line)
	return true
}

// addPseudo takes a pseudo-header field in.
func (s *FieldSection) addPseudo(name string, value message.Span) {
	switch name {
	case ":method":
		s.Method, s.MethodID = value, message.LookupMethod(value.Of(s.Arena))
	case ":scheme":
		s.Scheme = value
	case ":authority":
		s.Authority = value
	case ":path":
		s.Target = value
	case ":protocol":
		s.Protocol = value
	}
}

// copy copies into the arena.
func (s *FieldSection) copy(text string) message.Span {
	start := len(s.Arena)
	s.Arena = append(s.Arena, text...)
	return message.Span{Start: uint32(start), End: uint32(len(s.Arena))}
}

// end is that the section is whole. The fault is why it is malformed, which is a
// stream error (RFC 9113, Section 8.1.1), or too large: then isTooLarge is set.
func (s *FieldSection) end() *message.Fault { return s.fault }
