package message

// Version is the version of HTTP that an exchange is carried by: the one whose
// rules hold, not the digits that a peer sent (RFC 9110, Section 2.5).
type Version uint8

// The versions there are.
const (
	HTTP10 Version = iota + 1
	HTTP11
	HTTP2
)

// String is the name of the version, as RFC 9110 spells it.
func (v Version) String() string {
	switch v {
	case HTTP10:
		return "HTTP/1.0"
	case HTTP11:
		return "HTTP/1.1"
	case HTTP2:
		return "HTTP/2"
	}
	return "an unknown version"
}
