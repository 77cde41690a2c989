// Package frames reads and appends the frames of HTTP/2 (RFC 9113, Sections 4
// and 6), and knows nothing of connections.
//
// Nouns: a [Header] begins every frame. The fields of fixed length behind it have a
// struct for each type of frames, such as [Headers]; what follows them is as long as
// the rest ([Header.Variable]). A [Frame] is a whole one in memory, for tests and
// tools: an engine takes what is behind the fixed fields as it comes.
//
// All of that but Frame is generated from the layouts and tables of spec/frame.md,
// spec/errorcode.md and spec/settings.md. Nothing here allocates but Frame.String.
package frames

// Scope is what an error concerns.
type Scope uint8

// The scopes.
const (
	ScopeNone       Scope = iota // nothing is wrong
	ScopeStream                  // one stream (RFC 9113, Section 5.4.2)
	ScopeConnection              // the connection (RFC 9113, Section 5.4.1)
	ScopeMisuse                  // our own side, whose peer has done nothing wrong
)

// String is the name of the Scope.
func (s Scope) String() string {
	switch s {
	case ScopeNone:
		return "no error"
	case ScopeStream:
		return "stream error"
	case ScopeConnection:
		return "connection error"
	case ScopeMisuse:
		return "misuse"
	}
	return "an unknown scope"
}

// Has says whether the flags have f.
func (v Flags) Has(f Flags) bool { return v&f != 0 }

type flagName struct {
	flag Flags
	name string
}

// Variable is how long the field is that takes what is left of the payload, behind
// fixed octets of fields and before padLength of padding. It is not ok if there is
// less than nothing, which is an error of the connection of type PROTOCOL_ERROR
// (RFC 9113, Section 6.1).
func (h Header) Variable(fixed int, padLength uint8) (octets uint32, ok bool) {
	n := int64(h.Length) - int64(fixed) - int64(padLength)
	return uint32(max(n, 0)), n >= 0
}

// bit is a flag's one bit.
func bit(b bool) byte {
	if b {
		return 1 << 0
	}
	return 0
}
