package h2

import "github.com/specht-http/specht/message"

// sectionKind says what a field section is (RFC 9113, Section 8.1).
type sectionKind = Section

const (
	sectionRequest  = SectionRequest
	sectionResponse = SectionResponse // final or interim
	sectionTrailers = SectionTrailers
	sectionPromise  = SectionPromise // the request of a PUSH_PROMISE
)

// FieldSection is a field section that was received: decoded, checked and copied
// (RFC 9113, Section 8.2). It belongs to its connection, and is valid until the
// next one begins.
//
//	Arena  hostGETexample.org/accepttext/html…
//	Lines  [ 0:4 7:18 ][ 19:25 25:34 ][ … ]
//
// Names are in lower case. A request has one Host line, the first one, which is
// what :authority says: so fields are alike over every version of HTTP. Cookie
// lines are one (RFC 9113, Section 8.2.3). A line is sensitive if it came as a
// literal that is never indexed; that of Host, if any pseudo-header field did.
type FieldSection struct {
	Arena []byte
	Lines []message.FieldLine

	// Of a request. Target is :path, and empty for CONNECT without :protocol.
	// Protocol is empty but for extended CONNECT (RFC 8441).
	Method, Target, Scheme, Authority, Protocol message.Span
	MethodID                                    message.Method
	// IsExpecting is Expect: 100-continue, WantsTrailers is TE: trailers.
	IsExpecting, WantsTrailers bool
	// Of a response.
	Status message.Status
	// Of both: content-length in octets, -1 for none.
	ContentLength int64
	// Priority is what the field priority says, or the default.
	Priority    Priority
	HasPriority bool

	kind       sectionKind
	limits     sectionLimits
	octets     int // as SETTINGS_MAX_HEADER_LIST_SIZE counts
	count      int // fields
	cookies    int // Cookie lines
	fault      *message.Fault
	isTooLarge bool // the section is well-formed as far as it was read, and can be answered by the fault's status

	// What the fields come to.
	names         SectionNameValue
	value         SectionValueValue
	values        FieldSectionValues
	authorityForm message.AuthorityFormValue
}

// sectionLimits are octets of names and values and 32 for each field (RFC 9113,
// Section 6.5.2), and a number of fields. What goes on the wire is counted by
// whoever reads frames.
type sectionLimits struct {
	octets, lines   int
	connectProtocol ConnectProtocol
}

// init gives the section its limits, before the first begin.
func (s *FieldSection) init(limits sectionLimits) { s.limits = limits }

// arenaOctetsKept is how long an arena may be that a connection keeps for the next
// section: one that was large isn't held by everybody who once sent one.
const arenaOctetsKept = 4096

// trim lets go of what a large section took. Nobody uses the section any more.
func (s *FieldSection) trim() {
	if cap(s.Arena) > arenaOctetsKept {
		s.Arena = nil
	}
	if cap(s.Lines) > arenaOctetsKept/64 {
		s.Lines = nil
	}
}

// begin makes it ready for another field section.
func (s *FieldSection) begin(kind sectionKind) {
	s.trim()
	*s = FieldSection{
		Arena: s.Arena[:0], Lines: s.Lines[:0], kind: kind, limits: s.limits,
		ContentLength: -1, Priority: DefaultPriority,
	}
	if kind == sectionRequest || kind == sectionPromise {
		s.Lines = append(s.Lines, message.FieldLine{Name: s.copy("host"), NameID: message.FieldNameHost})
	}
}

// copy copies into the arena: what is decoded belongs to a table, or to nobody.
func (s *FieldSection) copy(text string) message.Span {
	start := len(s.Arena)
	s.Arena = append(s.Arena, text...)
	return message.Span{Start: uint32(start), End: uint32(len(s.Arena))}
}

// add takes a field in, which is sensitive if it came as a literal that is never
// indexed. It is false when nothing more needs to be added, for the
// section is refused: then it is neither copied nor checked.
func (s *FieldSection) add(name, value string, isSensitive bool) bool {
	s.count++
	s.octets += len(name) + len(value) + 32
	switch {
	case s.fault != nil:
		return false
	case s.octets > s.limits.octets:
		s.refuseLimit("field section too large", "FieldSectionOctets", s.limits.octets)
		return false
	case s.count > s.limits.lines:
		s.refuseLimit("too many fields", "FieldLines", s.limits.lines)
		return false
	}
	at := s.copy(name)
	s.names.Consume(at.Of(s.Arena))
	if _, r := DecideNames(s.names.Outcome); r != RefusalNone {
		s.refuse("names", r, &s.names)
	} else if name[0] == ':' {
		s.Arena = s.Arena[:at.Start]
		s.addPseudo(name, s.copy(value))
		if isSensitive && len(s.Lines) > 0 { // those of a request are told by its Host line
			s.Lines[0].IsSensitive = true
		}
	} else {
		s.addRegular(at, s.copy(value), isSensitive)
	}
	return s.fault == nil
}

// addPseudo takes a pseudo-header field in (RFC 9113, Section 8.3).
func (s *FieldSection) addPseudo(name string, at message.Span) {
	id := lookupPseudoHeader(name)
	if _, r := DecidePseudoHeaderPlace(s.kind, id); r != RefusalNone {
		s.refuse("pseudo-header-place", r, nil)
		return
	}
	s.values.FeedPseudoHeader(id, s.Arena, at)
	if id == PseudoHeaderMethod {
		s.MethodID = message.LookupMethod(at.Of(s.Arena))
	}
}

// lookupPseudoHeader is the id of a name.
func lookupPseudoHeader(name string) PseudoHeader {
	var b [16]byte
	if len(name) > len(b) {
		return PseudoHeaderOther
	}
	return LookupPseudoHeader(b[:copy(b[:], name)])
}

// addRegular takes a field in that is none of these, and feeds the machines with
// it that act on its value.
func (s *FieldSection) addRegular(name, at message.Span, isSensitive bool) {
	value := at.Of(s.Arena)
	id := message.LookupFieldName(name.Of(s.Arena))
	specific := ConnectionSpecificNo
	if id.IsConnectionSpecific() {
		specific = ConnectionSpecificYes
	}
	if _, r := DecideRegularFieldPlace(s.kind, specific); r != RefusalNone {
		s.refuse("regular-field-place", r, nil)
		return
	}
	if !s.value.Consume(value) {
		f := s.value.Fault()
		f.Source = "RFC 9113, Section 8.2.1"
		s.refuseBy(f, "field "+string(name.Of(s.Arena)))
		return
	}
	s.values.FeedFieldName(id, s.Arena, at)
	switch {
	case id == message.FieldNameHost && (s.kind == sectionRequest || s.kind == sectionPromise):
		s.Lines[0].IsSensitive = s.Lines[0].IsSensitive || isSensitive // whose line stands already
		return
	case id == message.FieldNameCookie && s.kind != sectionTrailers:
		s.cookies++
	}
	s.Lines = append(s.Lines, message.FieldLine{Name: name, NameID: id, IsSensitive: isSensitive, Value: at})
}
