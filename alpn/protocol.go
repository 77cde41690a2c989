package alpn

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/specht-http/specht/flow"
)

// The protocols of HTTP as ALPN names them (RFC 7301, Section 6, and RFC 9113,
// Section 3.1).
const (
	HTTP10 = "http/1.0"
	HTTP11 = "http/1.1"
	HTTP2  = "h2"
)

// version is which engine a protocol is for.
type version uint8

const (
	versionNone version = iota // nothing was agreed on
	versionOne                 // HTTP/1.0 or HTTP/1.1
	versionTwo
	versionOther
)

// versionOf is the version of a protocol.
func versionOf(protocol string) version {
	switch protocol {
	case "":
		return versionNone
	case HTTP10, HTTP11:
		return versionOne
	case HTTP2:
		return versionTwo
	}
	return versionOther
}

// agreed is what the ends of f have agreed on, or nothing.
func agreed(f any) string {
	if n, ok := f.(flow.Negotiated); ok {
		return n.ALPN()
	}
	return ""
}

// isSecured says whether f is encrypted.
func isSecured(f any) bool {
	_, ok := f.(flow.Secured)
	return ok
}

// ProtocolError is a connection that no engine is made for. Protocol is what
// its ends have agreed on, empty for nothing.
type ProtocolError struct {
	Protocol string
	why      string
}

// Error says why, and what to do.
func (e *ProtocolError) Error() string {
	agreed := "on no protocol"
	if e.Protocol != "" {
		agreed = "on " + strconv.Quote(e.Protocol)
	}
	return "alpn: the ends of the connection agreed " + agreed + ": " + e.why
}

// errNoEngines is a Server or Client without a function that makes engines.
var errNoEngines = errors.New("alpn: HTTP1 and HTTP2 are both nil: give a function that makes engines")

// errNoUpgrade is a Server with Upgrade and one version only.
var errNoUpgrade = errors.New("alpn: Upgrade is from HTTP/1.1 to HTTP/2, and HTTP1 or HTTP2, which make their engines, is nil: leave Upgrade nil, too")

// protocols is what is offered: what the user prefers, or else h2 and those of
// HTTP/1, as far as there are engines.
func protocols(preference []string, has1, has2 bool, ofHTTP1 ...string) []string {
	if len(preference) > 0 {
		return append([]string(nil), preference...)
	}
	var p []string
	if has2 {
		p = append(p, HTTP2)
	}
	if has1 {
		p = append(p, ofHTTP1...)
	}
	return p
}

// check says whether what is offered has engines. Protocols that aren't HTTP
// are the business of whoever lists them.
func check(offered []string, has1, has2 bool) error {
	for _, p := range offered {
		switch v := versionOf(p); {
		case p == "":
			return fmt.Errorf("alpn: Preference has an empty name: leave Preference empty to offer what there are engines for")
		case v == versionOne && !has1:
			return fmt.Errorf("alpn: Preference has %s, and HTTP1, which makes its engines, is nil", p)
		case v == versionTwo && !has2:
			return fmt.Errorf("alpn: Preference has %s, and HTTP2, which makes its engines, is nil: leave %s out", p, p)
		}
	}
	return nil
}
